//! Behind PgBouncer, by the mode in which it pools.

use std::process::Command;

use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};

use super::{
    Database, Store,
    suite::play::{Stage, Step::*, TABLES},
};

/// Starts a PgBouncer before the server of a database, and gives the address of the database through it.
async fn behind_pgbouncer(database: &Database, mode: &'static str) -> String {
    let server: PgConnectOptions = database.url.parse().unwrap();
    let host = match server.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => server.get_host().to_owned(),
    };
    let (port, user) = (server.get_port(), server.get_username());
    let to = format!("host={host} port={port} user={user}");
    let started = tokio::task::spawn_blocking(move || {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/pgbouncer");
        Command::new(script)
            .args(["start", &to, mode, &std::process::id().to_string()])
            .output()
            .unwrap()
    });
    let started = started.await.unwrap();
    let said = String::from_utf8_lossy(&started.stderr);
    assert!(started.status.success(), "no PgBouncer could be started: {said}");
    let folder = String::from_utf8(started.stdout).unwrap();
    let behind = server.socket(folder.trim()).port(6432).username("postgres");
    let database = behind.get_database().unwrap();
    let folder = folder.trim();
    format!("postgres:///{database}?user=postgres&host={folder}&port=6432")
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_07_a_pgbouncer_that_pools_by_session_is_like_the_server_itself() {
    let database = Database::new().await;
    let store = Store::open(&behind_pgbouncer(&database, "session").await).await.unwrap();
    store.migrate("test", &[TABLES]).await.unwrap();
    let stage = Stage::over(store);
    let playing: Vec<_> = (0..30)
        .map(|_| {
            let stage = stage.clone();
            tokio::spawn(async move {
                stage.play([Add("a"), Read("a")]).await.unwrap();
                stage.committed("a").await
            })
        })
        .collect();
    for played in playing {
        assert!(played.await.unwrap() > 0);
    }
    assert_eq!(stage.committed("a").await, 30);
    // A connection that was given to read does not write.
    let context = dullahan_core::Context::new();
    let mut connection = stage.counters.0.read(&context).await.unwrap();
    let insert = sqlx::query("INSERT INTO counters (name, value) VALUES ('b', 1)");
    let error = insert.execute(&mut *connection).await.unwrap_err().to_string();
    assert!(error.contains("read-only"), "{error}");
}

#[tokio::test]
async fn pub_30_a_pgbouncer_that_pools_by_transaction_is_refused_with_the_settings_that_work() {
    let database = Database::new().await;
    let url = behind_pgbouncer(&database, "transaction").await;
    for _ in 0..3 {
        let said = Store::open(&url).await.unwrap_err().to_string();
        assert!(said.contains("cannot be opened: a pooler, such as PgBouncer, mixes up"), "{said}");
        for setting in [
            "prepared statements",
            "pool_mode = session",
            "PgBouncer 1.21",
            "max_prepared_statements = 100",
            "default_transaction_read_only",
        ] {
            assert!(said.contains(setting), "{said}");
        }
    }
    // Nothing is left behind for other clients of the pooler.
    let mut other =
        url.parse::<PgConnectOptions>().unwrap().extra_float_digits(None).connect().await.unwrap();
    let left =
        "SELECT current_setting('default_transaction_read_only'), current_setting('lock_timeout')";
    let left: (String, String) = sqlx::query_as(left).fetch_one(&mut other).await.unwrap();
    assert_eq!(left, ("off".to_owned(), "0".to_owned()));
}
