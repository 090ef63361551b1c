//! What lies in the tables.

use std::fmt::Write as _;

use dullahan_core::Context;
use dullahan_core_bridge_sqlx::PostgresStore;
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::module;
use expect_test::expect;
use sqlx::AssertSqlSafe;

use super::migrated;
use crate::{flow, known::store_one_of_each};

async fn texts(store: &PostgresStore, select: String) -> Vec<String> {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(select)).fetch_all(&mut *connection).await.unwrap()
}

const TABLES: [&str; 4] =
    ["dullahan_users", "dullahan_sessions", "dullahan_one_time_tokens", "dullahan_owed_mails"];

#[tokio::test]
async fn log_07_a_new_database_has_no_user() {
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
async fn row(store: &PostgresStore, columns: &str, table: &str) -> String {
    let columns: Vec<_> =
        columns.split(' ').map(|column| format!("coalesce({column}::text, 'NULL')")).collect();
    let select = format!("SELECT concat_ws(E'\\n', {}) FROM {table}", columns.join(", "));
    texts(store, select).await.concat()
}

#[tokio::test]
async fn every_value_has_the_form_that_later_versions_expect() {
    let store = migrated().await;
    store_one_of_each(&Stores::new(module(store.clone())).unwrap()).await;

    let user = "id email email_key display_name password_hash status created_at activated_at";
    expect![[r#"
        00000000-0000-0000-0000-0000000a11ce
        Alice.Zoë@xn--bcher-kva.example
        alice.zoë@xn--bcher-kva.example
        O'Brien 🦆
        $argon2id$v=19$m=1$c2FsdA$aGFzaA
        active
        2026-01-02 03:04:05.678+00
        2026-01-03 03:04:05.678+00"#]]
    .assert_eq(&row(&store, user, "dullahan_users").await);
    let session =
        "id token_digest user_id transport created_at authenticated_at last_seen_at expires_at";
    expect![[r#"
        00000000-0000-0000-0000-0000005e5510
        \xd1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1
        00000000-0000-0000-0000-0000000a11ce
        bearer
        2026-01-02 03:04:05.678+00
        2026-01-02 03:04:05.678+00
        2026-01-02 03:04:05.678+00
        9999-12-31 23:59:59.999+00"#]]
    .assert_eq(&row(&store, session, "dullahan_sessions").await);
    let token = "digest purpose user_id expires_at";
    expect![[r#"
        \xd2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2
        activation
        00000000-0000-0000-0000-0000000a11ce
        2026-01-02 03:04:05.678+00"#]]
    .assert_eq(&row(&store, token, "dullahan_one_time_tokens").await);
    let mail = "user_id kind created_at due_at attempts sent_at";
    expect![[r#"
        00000000-0000-0000-0000-0000000a11ce
        already_registered
        2026-01-02 03:04:05.678+00
        2026-01-02 03:04:05.678+00
        0
        NULL"#]]
    .assert_eq(&row(&store, mail, "dullahan_owed_mails").await);
}
