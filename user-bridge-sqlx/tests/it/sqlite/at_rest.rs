//! What lies in the file.

use std::fs;

use dullahan_core::{Context, ErrorKind};
use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::{
    domain::{MailKind, NewMail},
    testing::Stores,
};
use dullahan_user_bridge_sqlx::{migrate, module};
use expect_test::expect;
use sqlx::AssertSqlSafe;

use super::open;
use crate::{
    flow,
    known::{ALICE, store_one_of_each},
};

#[tokio::test]
async fn ses_02_no_token_and_no_password_lies_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    migrate(&store).await.unwrap();
    let secrets = flow::run(module(store.clone())).await;
    let (mut bytes, mut files) = (Vec::new(), 0);
    for file in fs::read_dir(folder.path()).unwrap() {
        bytes.extend(fs::read(file.unwrap().path()).unwrap());
        files += 1;
    }
    assert_eq!(files, 3, "the database, its log and the log's index");
    let holds = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    // That it would be seen.
    assert!(holds(b"alice@x.test") && holds(b"$argon2id$"));
    for secret in secrets {
        assert!(!holds(&secret), "{}", String::from_utf8_lossy(&secret));
    }
}

/// The row of a table as SQL values, one in a line.
async fn row(store: &SqliteStore, columns: &str, table: &str) -> String {
    let columns: Vec<_> = columns.split(' ').map(|column| format!("quote({column})")).collect();
    let select = format!("SELECT {} FROM {table}", columns.join(" || char(10) || "));
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(select)).fetch_one(&mut *connection).await.unwrap()
}

#[tokio::test]
async fn every_value_has_the_form_that_later_versions_expect() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    migrate(&store).await.unwrap();
    store_one_of_each(&Stores::new(module(store.clone())).unwrap()).await;

    let user =
        "id email email_key display_name locale password_hash status created_at activated_at";
    expect![[r#"
        X'000000000000000000000000000A11CE'
        'Alice.Zoë@xn--bcher-kva.example'
        'alice.zoë@xn--bcher-kva.example'
        'O''Brien 🦆'
        'pt-BR'
        '$argon2id$v=19$m=1$c2FsdA$aGFzaA'
        'active'
        1767323045678
        1767409445678"#]]
    .assert_eq(&row(&store, user, "dullahan_users").await);
    expect![[r#"
        X'000000000000000000000000000A11CE'
        'admin'"#]]
    .assert_eq(&row(&store, "user_id role", "dullahan_user_roles").await);
    let session = "id token_digest user_id transport created_at authenticated_at last_seen_at expires_at user_agent address";
    expect![[r#"
        X'000000000000000000000000005E5510'
        X'D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1D1'
        X'000000000000000000000000000A11CE'
        'bearer'
        1767323045678
        1767323045678
        1767323045678
        253402300799999
        'Mozilla/5.0'
        '2001:db8::7'"#]]
    .assert_eq(&row(&store, session, "dullahan_sessions").await);
    let token = "digest purpose user_id email_change_id expires_at";
    expect![[r#"
        X'D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2'
        'email_change_new'
        X'000000000000000000000000000A11CE'
        X'00000000000000000000000000C4A46E'
        1767323045678"#]]
    .assert_eq(&row(&store, token, "dullahan_one_time_tokens").await);
    let mail = "length(id) user_id kind recipient recipient_key email_change_id created_at due_at attempts asked_again given_up sent_at";
    expect![[r#"
        16
        X'000000000000000000000000000A11CE'
        'email_change_new'
        'Alice@new.example'
        'alice@new.example'
        X'00000000000000000000000000C4A46E'
        1767323045678
        1767323045678
        0
        0
        0
        NULL"#]]
    .assert_eq(&row(&store, mail, "dullahan_owed_mails").await);
    let change = "id user_id email confirmed_by_current confirmed_by_new created_at expires_at";
    expect![[r#"
        X'00000000000000000000000000C4A46E'
        X'000000000000000000000000000A11CE'
        'Alice@new.example'
        0
        1
        1767323045678
        1767323045678"#]]
    .assert_eq(&row(&store, change, "dullahan_email_changes").await);
    let request = "email email_key kind requested_at";
    expect![[r#"
        'Somebody@x.test'
        'somebody@x.test'
        'password_reset'
        1767323045678"#]]
    .assert_eq(&row(&store, request, "dullahan_mail_requests").await);
    let attempts = "digest attempts over_at";
    expect![[r#"
        X'6A35A889C99619F296EA60D80CBB7FE49460169A13B6FA6318AC01751DD85F24'
        1
        1767323945678"#]]
    .assert_eq(&row(&store, attempts, "dullahan_attempts").await);
}

#[tokio::test]
async fn a_value_of_a_later_version_is_told_by_its_column_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    migrate(&store).await.unwrap();
    let stores = Stores::new(module(store)).unwrap();
    store_one_of_each(&stores).await;
    let url = format!("sqlite://{}/users.sqlite", folder.path().display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query("UPDATE dullahan_users SET status = 'canary'").execute(&pool).await.unwrap();
    let error = stores.users.find(&Context::new(), ALICE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    let said = error.to_string();
    assert!(said.contains("`status`") && !said.contains("canary"), "{said}");
}

#[tokio::test]
async fn reg_01_a_mail_that_is_not_owed_again_is_written_down_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    migrate(&store).await.unwrap();
    let stores = Stores::new(module(store.clone())).unwrap();
    store_one_of_each(&stores).await;
    let now = time::OffsetDateTime::UNIX_EPOCH;
    let change = stores.email_changes.find_of_user(&Context::new(), ALICE).await.unwrap().unwrap();
    let (recipient, email_change_id) = (Some(change.email), Some(change.id));
    let owed = stores.process(move |stores, context| {
        Box::pin(async move {
            let mail = NewMail::new(ALICE, MailKind::EmailChangeNew);
            let mail = NewMail { recipient, email_change_id, ..mail };
            stores.mails.owe(context, &mail, now).await
        })
    });
    assert!(!owed.await.unwrap());
    assert_eq!(row(&store, "asked_again", "dullahan_owed_mails").await, "1");
}
