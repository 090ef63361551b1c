//! The tables.

use dullahan_core::Context;
use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::{migrate, module};
use expect_test::expect;
use tempfile::TempDir;

use super::open;
use crate::known::{OF_A_USER, TABLES, store_one_of_each};

async fn counts(store: &SqliteStore, tables: &[&str]) -> Vec<i64> {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let mut counts = Vec::new();
    for table in tables {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        counts.push(sqlx::query_scalar(count).fetch_one(&mut *connection).await.unwrap());
    }
    counts
}

async fn migrated(folder: &TempDir) -> SqliteStore {
    let store = open(folder).await;
    migrate(&store).await.unwrap();
    store
}

#[tokio::test]
async fn log_07_a_new_database_has_no_user_and_no_role_holder() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(counts(&migrated(&folder).await, &TABLES).await, [0; 8]);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_may_start_at_once_and_again() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let starting: Vec<_> = (0..8)
        .map(|_| {
            let folder = std::sync::Arc::clone(&folder);
            tokio::spawn(async move { counts(&migrated(&folder).await, &TABLES).await })
        })
        .collect();
    for started in starting {
        assert_eq!(started.await.unwrap(), [0; 8]);
    }
}

#[tokio::test]
async fn what_belongs_to_a_user_goes_with_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let store = migrated(&folder).await;
    store_one_of_each(&Stores::new(module(store.clone())).unwrap()).await;
    assert_eq!(counts(&store, &TABLES).await, [1; 8]);
    let url = format!("sqlite://{}/users.sqlite", folder.path().display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query("DELETE FROM dullahan_users").execute(&pool).await.unwrap();
    assert_eq!(counts(&store, &OF_A_USER).await, [0; 6]);
}

#[tokio::test]
async fn the_tables_are_those_that_are_documented() {
    let folder = tempfile::tempdir().unwrap();
    let store = migrated(&folder).await;
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let columns = "SELECT t.name || ' (' || (SELECT group_concat(c.name || ' ' || c.type || \
        iif(c.\"notnull\", '', ' NULL'), ', ') FROM pragma_table_info(t.name) c) || ')' \
        FROM sqlite_schema t WHERE t.type = 'table' AND t.name LIKE 'dullahan\\_%' ESCAPE '\\' \
        UNION ALL SELECT i.name || ' on ' || i.tbl_name || ' (' || \
        (SELECT group_concat(c.name, ', ') FROM pragma_index_info(i.name) c) || ')' || \
        coalesce(substr(i.sql, nullif(instr(i.sql, ' WHERE'), 0)), '') \
        FROM sqlite_schema i WHERE i.type = 'index' AND i.name LIKE 'dullahan\\_%' ESCAPE '\\' ORDER BY 1";
    let lines: Vec<String> = sqlx::query_scalar(columns).fetch_all(&mut *connection).await.unwrap();
    expect![[r#"
        dullahan_attempts (digest BLOB, attempts INTEGER, over_at INTEGER)
        dullahan_attempts_ending on dullahan_attempts (over_at)
        dullahan_email_changes (id BLOB, user_id BLOB, email TEXT, confirmed_by_current INTEGER, confirmed_by_new INTEGER, created_at INTEGER, expires_at INTEGER)
        dullahan_email_changes_ending on dullahan_email_changes (expires_at)
        dullahan_mail_requests (id INTEGER, email TEXT, email_key TEXT, kind TEXT, requested_at INTEGER)
        dullahan_mail_requests_in_order on dullahan_mail_requests (requested_at, id)
        dullahan_migrations (component TEXT, version INTEGER, name TEXT, sql TEXT, applied_at TEXT)
        dullahan_one_time_tokens (digest BLOB, purpose TEXT, user_id BLOB, expires_at INTEGER, email_change_id BLOB NULL)
        dullahan_one_time_tokens_ending on dullahan_one_time_tokens (expires_at)
        dullahan_one_time_tokens_of_email_change on dullahan_one_time_tokens (email_change_id) WHERE email_change_id IS NOT NULL
        dullahan_one_time_tokens_of_user on dullahan_one_time_tokens (user_id, purpose)
        dullahan_owed_mails (id BLOB, user_id BLOB NULL, former_user_id BLOB NULL, locale TEXT NULL, kind TEXT, created_at INTEGER, due_at INTEGER, attempts INTEGER, asked_again INTEGER, sent_at INTEGER NULL, recipient TEXT NULL, recipient_key TEXT NULL, email_change_id BLOB NULL, given_up INTEGER, admitted INTEGER)
        dullahan_owed_mails_due on dullahan_owed_mails (due_at) WHERE sent_at IS NULL
        dullahan_owed_mails_of_email_change on dullahan_owed_mails (email_change_id) WHERE email_change_id IS NOT NULL
        dullahan_owed_mails_of_user on dullahan_owed_mails (user_id, kind, sent_at)
        dullahan_owed_mails_sent on dullahan_owed_mails (sent_at) WHERE sent_at IS NOT NULL
        dullahan_owed_mails_unsent on dullahan_owed_mails (user_id, kind) WHERE sent_at IS NULL
        dullahan_sessions (id BLOB, token_digest BLOB, user_id BLOB, transport TEXT, created_at INTEGER, authenticated_at INTEGER, last_seen_at INTEGER, expires_at INTEGER, user_agent TEXT NULL, address TEXT NULL)
        dullahan_sessions_ending on dullahan_sessions (expires_at)
        dullahan_sessions_of_user on dullahan_sessions (user_id)
        dullahan_sessions_seen on dullahan_sessions (last_seen_at)
        dullahan_user_roles (user_id BLOB, role TEXT)
        dullahan_users (id BLOB, email TEXT, email_key TEXT, display_name TEXT NULL, password_hash TEXT NULL, status TEXT, created_at INTEGER, registered_from TEXT NULL, activated_at INTEGER NULL, locale TEXT NULL, closed_until INTEGER NULL)
        dullahan_users_by_address on dullahan_users (email_key)
        dullahan_users_closed on dullahan_users (closed_until) WHERE closed_until IS NOT NULL
        dullahan_users_holding on dullahan_users (email_key) WHERE status <> 'pending'
        dullahan_users_pending on dullahan_users (created_at) WHERE status = 'pending'"#]].assert_eq(&lines.join("\n"));
}
