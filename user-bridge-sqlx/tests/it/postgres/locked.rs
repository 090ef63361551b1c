//! A table that somebody else has locked.

use std::time::Duration;

use dullahan_core::{Context, ErrorKind};
use dullahan_core_bridge_sqlx::{PostgresSettings, PostgresStore as Store};
use dullahan_user::{
    domain::SessionTransport,
    port::{UserPersistManager as _, UserSessionManager as _},
};
use dullahan_user_bridge_sqlx::{migrate, module};
use sqlx::{Connection as _, PgConnection};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::server;
use crate::flow;

/// Registrations wait for the table of requests for mails; look-ups and logins have nothing to do with it.
#[tokio::test(flavor = "multi_thread")]
async fn ops_06_a_locked_table_of_requests_for_mails_stops_neither_lookups_nor_logins() {
    let url = server::create_database().await;
    let lock_timeout = Some(Duration::from_secs(6));
    let settings = PostgresSettings { lock_timeout, ..PostgresSettings::default() };
    let store = Store::open_with(&url, &settings).await.unwrap();
    migrate(&store).await.unwrap();
    let mailbox = Default::default();
    let users = flow::users(module(store), &Default::default(), &mailbox);
    flow::sign_up(&users, &mailbox).await;
    let token = flow::log_in(&users).await.unwrap();

    let mut other = PgConnection::connect(&url).await.unwrap();
    let lock = "BEGIN; LOCK TABLE dullahan_mail_requests IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
    let mut registering = JoinSet::new();
    for number in 0..12 {
        let users = users.clone();
        registering.spawn(async move {
            let request = flow::registration(&format!("user-{number}@x.test"));
            users.register(&Context::new(), request).await.map(drop)
        });
    }
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND \
                   relation = 'dullahan_mail_requests'::regclass";
    let all_wait = async {
        let mut count = 0_i64;
        while count < 8 {
            // Passwords are hashed in the time that nobody else wants.
            sleep(Duration::from_millis(10)).await;
            count = sqlx::query_scalar(waiting).fetch_one(&mut other).await.unwrap();
        }
    };
    timeout(Duration::from_secs(6), all_wait).await.expect("every writer waits for the table");
    let found = async {
        for _ in 0..50 {
            let (context, transport) = (Context::new(), SessionTransport::Cookie);
            users.resolve(&context, token.digest(), transport).await.unwrap().unwrap();
        }
    };
    timeout(Duration::from_secs(2), found).await.expect("look-ups do not wait");
    flow::log_in(&users).await.unwrap();
    for refused in registering.join_all().await {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    users.register(&Context::new(), flow::registration("user-0@x.test")).await.unwrap();
}
