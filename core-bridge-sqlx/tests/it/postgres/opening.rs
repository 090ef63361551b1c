//! How a PostgreSQL database is opened, and what is said of one that is not.

use std::time::{Duration, Instant};

use dullahan_core::Context;
use dullahan_core_bridge_sqlx::PostgresSettings;
use tokio::net::TcpListener;

use super::{Database, Store};

async fn refusal(url: &str) -> String {
    let error = Store::open(url).await.unwrap_err();
    // What a `main` that returns it prints is the same.
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(!error.to_string().contains("canary"), "{error}");
    error.to_string()
}

#[tokio::test]
async fn new_01_a_database_that_cannot_be_opened_is_named_with_the_reason_and_what_to_do() {
    // A port that is free, as what had it is gone.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let began = Instant::now();
    let said = refusal(&format!("postgres://ada:canary@127.0.0.1:{port}/users")).await;
    assert!(began.elapsed() < Duration::from_secs(8), "it does not wait for the server");
    assert_eq!(
        said,
        format!(
            "PostgreSQL at 127.0.0.1:{port}, database `users`, as user `ada`, cannot be opened: the connection was \
             refused; start the server, or correct host and port"
        )
    );
    let said = refusal("postgres:///users?user=ada&password=canary&host=/no/such/folder").await;
    assert!(said.contains("/no/such/folder/.s.PGSQL.5432") && said.contains("socket"), "{said}");
    let said = refusal("mysql://ada:canary@host/users").await;
    assert!(said.contains("begins with `mysql:`") && said.contains("postgres://"), "{said}");
    let said = refusal("users.sqlite").await;
    assert!(said.contains("without a scheme"), "{said}");
    let said = refusal("postgres://ada:canary@host:canary/users").await;
    assert!(said.contains("port"), "{said}");

    let database = Database::new().await;
    let said = refusal(&database.url.replace("dullahan_test", "no_such_database")).await;
    assert!(said.contains("does not exist; create it"), "{said}");
}

async fn setting(store: &Store, name: &str) -> String {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let current = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
    current.fetch_one(&mut *connection).await.unwrap()
}

#[tokio::test]
async fn ops_06_locks_and_statements_have_a_time_limit_unless_there_is_one_already() {
    let database = Database::new().await;
    let (lock, statement) = ("lock_timeout", "statement_timeout");
    let store = database.open().await;
    assert_eq!(setting(&store, lock).await, "3s");
    assert_eq!(setting(&store, statement).await, "30s");
    assert_eq!(setting(&store, "default_transaction_read_only").await, "on");

    let settings = PostgresSettings {
        lock_timeout: Some(Duration::from_millis(1500)),
        statement_timeout: None,
    };
    let store = Store::open_with(&database.url, &settings).await.unwrap();
    assert_eq!(setting(&store, lock).await, "1500ms");
    assert_eq!(setting(&store, statement).await, "0");

    let url = format!("{}&options[lock_timeout]=7s", database.url);
    assert_eq!(setting(&Store::open(&url).await.unwrap(), lock).await, "7s");
    let name = database.url.split(['/', '?']).find(|part| part.starts_with("dullahan_test"));
    let of_database = format!("ALTER DATABASE {} SET statement_timeout = '8s'", name.unwrap());
    let mut connection = database.connect().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(of_database)).execute(&mut connection).await.unwrap();
    assert_eq!(setting(&database.open().await, statement).await, "8s");
}
