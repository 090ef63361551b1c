//! What lies in the tables.

use std::fmt::Write as _;

use dullahan_core::Context;
use dullahan_core_bridge_sqlx::PostgresStore as Store;
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::module;
use expect_test::expect;
use sqlx::AssertSqlSafe;

use super::migrated;
use crate::{
    flow,
    known::{TABLES, store_one_of_each},
};

async fn texts(store: &Store, select: String) -> Vec<String> {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(select)).fetch_all(&mut *connection).await.unwrap()
}

#[tokio::test]
async fn log_07_a_new_database_has_no_user_and_no_role_holder() {
    let store = migrated().await;
    for table in TABLES {
        let rows = texts(&store, format!("SELECT t::text FROM {table} t")).await;
        assert!(rows.is_empty(), "{table}: {rows:?}");
    }
}

#[tokio::test]
async fn ses_02_no_token_and_no_password_lies_in_any_column() {
    let store = migrated().await;
    let secrets = flow::run(module(store.clone())).await;
    let mut all = String::new();
    for table in TABLES {
        let rows = texts(&store, format!("SELECT t::text FROM {table} t")).await;
        all.extend(rows);
    }
    // That it would be seen.
    assert!(all.contains("alice@x.test") && all.contains("$argon2id$"));
    for secret in secrets {
        let hex = secret.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        let text = String::from_utf8_lossy(&secret);
        assert!(!all.contains(&hex) && !all.contains(&*text), "{text}");
    }
}

/// The row of a table as texts, one in a line.
async fn row(store: &Store, columns: &str, table: &str) -> String {
    let columns: Vec<_> =
        columns.split(' ').map(|column| format!("coalesce({column}::text, 'NULL')")).collect();
    let select = format!("SELECT concat_ws(E'\\n', {}) FROM {table}", columns.join(", "));
    texts(store, select).await.concat()
}

#[tokio::test]
async fn every_value_has_the_form_that_later_versions_expect() {
    let store = migrated().await;
    store_one_of_each(&Stores::new(module(store.clone())).unwrap()).await;

    let user =
        "id email email_key display_name locale password_hash status created_at activated_at";
    expect![[r#"
        00000000-0000-0000-0000-0000000a11ce
        Alice.Zoë@xn--bcher-kva.example
        alice.zoë@xn--bcher-kva.example
        O'Brien 🦆
        pt-BR
        $argon2id$v=19$m=1$c2FsdA$aGFzaA
        active
        2026-01-02 03:04:05.678+00
        2026-01-03 03:04:05.678+00"#]]
    .assert_eq(&row(&store, user, "dullahan_users").await);
    expect![[r#"
        00000000-0000-0000-0000-0000000a11ce
        admin"#]]
    .assert_eq(&row(&store, "user_id role", "dullahan_user_roles").await);
    let session = "id token_digest user_id transport created_at authenticated_at last_seen_at expires_at user_agent address";
    expect![[r#"
        00000000-0000-0000-0000-0000005e5510
        \xd1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1
        00000000-0000-0000-0000-0000000a11ce
        bearer
        2026-01-02 03:04:05.678+00
        2026-01-02 03:04:05.678+00
        2026-01-02 03:04:05.678+00
        9999-12-31 23:59:59.999+00
        Mozilla/5.0
        2001:db8::7"#]]
    .assert_eq(&row(&store, session, "dullahan_sessions").await);
    let token = "digest purpose user_id email_change_id expires_at";
    expect![[r#"
        \xd2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2
        email_change_new
        00000000-0000-0000-0000-0000000a11ce
        00000000-0000-0000-0000-000000c4a46e
        2026-01-02 03:04:05.678+00"#]]
    .assert_eq(&row(&store, token, "dullahan_one_time_tokens").await);
    let mail = "user_id kind recipient recipient_key email_change_id created_at due_at attempts asked_again given_up sent_at";
    expect![[r#"
        00000000-0000-0000-0000-0000000a11ce
        email_change_new
        Alice@new.example
        alice@new.example
        00000000-0000-0000-0000-000000c4a46e
        2026-01-02 03:04:05.678+00
        2026-01-02 03:04:05.678+00
        0
        0
        false
        NULL"#]]
    .assert_eq(&row(&store, mail, "dullahan_owed_mails").await);
    let change = "id user_id email confirmed_by_current confirmed_by_new created_at expires_at";
    expect![[r#"
        00000000-0000-0000-0000-000000c4a46e
        00000000-0000-0000-0000-0000000a11ce
        Alice@new.example
        false
        true
        2026-01-02 03:04:05.678+00
        2026-01-02 03:04:05.678+00"#]]
    .assert_eq(&row(&store, change, "dullahan_email_changes").await);
    let request = "email email_key kind requested_at";
    expect![[r#"
        Somebody@x.test
        somebody@x.test
        password_reset
        2026-01-02 03:04:05.678+00"#]]
    .assert_eq(&row(&store, request, "dullahan_mail_requests").await);
    let attempts = "digest attempts over_at";
    expect![[r#"
        \x6a35a889c99619f296ea60d80cbb7fe49460169a13b6fa6318ac01751dd85f24
        1
        2026-01-02 03:19:05.678+00"#]]
    .assert_eq(&row(&store, attempts, "dullahan_attempts").await);
}

#[tokio::test]
async fn the_tables_are_those_that_are_documented() {
    let store = migrated().await;
    let columns = "SELECT table_name || ' (' || string_agg(column_name || ' ' || data_type || \
        CASE is_nullable WHEN 'YES' THEN ' NULL' ELSE '' END, ', ' ORDER BY ordinal_position) || ')' \
        FROM information_schema.columns WHERE table_name LIKE 'dullahan\\_%' \
        GROUP BY table_name ORDER BY table_name";
    let mut lines = texts(&store, columns.to_owned()).await;
    let indexes = "SELECT replace(indexdef, 'public.', '') FROM pg_indexes \
        WHERE tablename LIKE 'dullahan\\_%' ORDER BY indexname";
    lines.extend(texts(&store, indexes.to_owned()).await);
    expect![[r#"
        dullahan_attempts (digest bytea, attempts bigint, over_at timestamp with time zone)
        dullahan_email_changes (id uuid, user_id uuid, email text, confirmed_by_current boolean, confirmed_by_new boolean, created_at timestamp with time zone, expires_at timestamp with time zone)
        dullahan_mail_requests (id bigint, email text, email_key text, kind text, requested_at timestamp with time zone)
        dullahan_migrations (component text, version bigint, name text, sql text, applied_at timestamp with time zone)
        dullahan_one_time_tokens (digest bytea, purpose text, user_id uuid, expires_at timestamp with time zone, email_change_id uuid NULL)
        dullahan_owed_mails (id uuid, user_id uuid NULL, former_user_id uuid NULL, locale text NULL, kind text, created_at timestamp with time zone, due_at timestamp with time zone, attempts bigint, asked_again bigint, sent_at timestamp with time zone NULL, recipient text NULL, recipient_key text NULL, email_change_id uuid NULL, given_up boolean, admitted boolean)
        dullahan_sessions (id uuid, token_digest bytea, user_id uuid, transport text, created_at timestamp with time zone, authenticated_at timestamp with time zone, last_seen_at timestamp with time zone, expires_at timestamp with time zone, user_agent text NULL, address text NULL)
        dullahan_user_roles (user_id uuid, role text)
        dullahan_users (id uuid, email text, email_key text, display_name text NULL, password_hash text NULL, status text, created_at timestamp with time zone, registered_from text NULL, activated_at timestamp with time zone NULL, locale text NULL, closed_until timestamp with time zone NULL)
        CREATE INDEX dullahan_attempts_ending ON dullahan_attempts USING btree (over_at)
        CREATE UNIQUE INDEX dullahan_attempts_pkey ON dullahan_attempts USING btree (digest)
        CREATE INDEX dullahan_email_changes_ending ON dullahan_email_changes USING btree (expires_at)
        CREATE UNIQUE INDEX dullahan_email_changes_pkey ON dullahan_email_changes USING btree (id)
        CREATE UNIQUE INDEX dullahan_email_changes_user_id_key ON dullahan_email_changes USING btree (user_id)
        CREATE UNIQUE INDEX dullahan_mail_requests_email_key_kind_key ON dullahan_mail_requests USING btree (email_key, kind)
        CREATE INDEX dullahan_mail_requests_in_order ON dullahan_mail_requests USING btree (requested_at, id)
        CREATE UNIQUE INDEX dullahan_mail_requests_pkey ON dullahan_mail_requests USING btree (id)
        CREATE UNIQUE INDEX dullahan_migrations_pkey ON dullahan_migrations USING btree (component, version)
        CREATE INDEX dullahan_one_time_tokens_ending ON dullahan_one_time_tokens USING btree (expires_at)
        CREATE INDEX dullahan_one_time_tokens_of_email_change ON dullahan_one_time_tokens USING btree (email_change_id) WHERE (email_change_id IS NOT NULL)
        CREATE INDEX dullahan_one_time_tokens_of_user ON dullahan_one_time_tokens USING btree (user_id, purpose)
        CREATE UNIQUE INDEX dullahan_one_time_tokens_pkey ON dullahan_one_time_tokens USING btree (digest)
        CREATE INDEX dullahan_owed_mails_due ON dullahan_owed_mails USING btree (due_at) WHERE (sent_at IS NULL)
        CREATE INDEX dullahan_owed_mails_of_email_change ON dullahan_owed_mails USING btree (email_change_id) WHERE (email_change_id IS NOT NULL)
        CREATE INDEX dullahan_owed_mails_of_user ON dullahan_owed_mails USING btree (user_id, kind, sent_at)
        CREATE UNIQUE INDEX dullahan_owed_mails_pkey ON dullahan_owed_mails USING btree (id)
        CREATE INDEX dullahan_owed_mails_sent ON dullahan_owed_mails USING btree (sent_at) WHERE (sent_at IS NOT NULL)
        CREATE UNIQUE INDEX dullahan_owed_mails_unsent ON dullahan_owed_mails USING btree (user_id, kind) WHERE (sent_at IS NULL)
        CREATE INDEX dullahan_sessions_ending ON dullahan_sessions USING btree (expires_at)
        CREATE INDEX dullahan_sessions_of_user ON dullahan_sessions USING btree (user_id)
        CREATE UNIQUE INDEX dullahan_sessions_pkey ON dullahan_sessions USING btree (id)
        CREATE INDEX dullahan_sessions_seen ON dullahan_sessions USING btree (last_seen_at)
        CREATE UNIQUE INDEX dullahan_sessions_token_digest_key ON dullahan_sessions USING btree (token_digest)
        CREATE UNIQUE INDEX dullahan_user_roles_pkey ON dullahan_user_roles USING btree (user_id, role)
        CREATE INDEX dullahan_users_by_address ON dullahan_users USING btree (email_key)
        CREATE INDEX dullahan_users_closed ON dullahan_users USING btree (closed_until) WHERE (closed_until IS NOT NULL)
        CREATE UNIQUE INDEX dullahan_users_holding ON dullahan_users USING btree (email_key) WHERE (status <> 'pending'::text)
        CREATE INDEX dullahan_users_pending ON dullahan_users USING btree (created_at) WHERE (status = 'pending'::text)
        CREATE UNIQUE INDEX dullahan_users_pkey ON dullahan_users USING btree (id)"#]].assert_eq(&lines.join("\n"));
}
