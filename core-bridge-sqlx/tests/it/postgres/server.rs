//! The server that tests run on: the one they are told of, or one that they start themselves.

use std::{
    path::Path,
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

/// The server's address. One that is started here ends with this program.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| {
        if let Ok(url) = std::env::var("DATABASE_URL_POSTGRES") {
            return url;
        }
        let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let mut scripts = folders.map(|folder| folder.join(".ci/postgres"));
        let script =
            scripts.find(|script| script.exists()).expect("the script is in the repository");
        let started = Command::new(&script)
            .args(["start", &std::process::id().to_string()])
            .output()
            .unwrap_or_else(|error| panic!("{} could not be run: {error}", script.display()));
        assert!(
            started.status.success(),
            "no PostgreSQL server could be started: {}",
            String::from_utf8_lossy(&started.stderr)
        );
        String::from_utf8(started.stdout).unwrap().trim().to_owned()
    })
}

/// Creates a database that nobody else uses, and gives its address.
pub(super) async fn create_database() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("dullahan_test_{}_{number}", std::process::id());
    // Other tests wait for the server on threads of their own.
    let server = tokio::task::spawn_blocking(server).await.unwrap();
    let mut connection = PgConnection::connect(server).await.unwrap();
    let create = format!("DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}");
    for statement in create.split("; ") {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let options: PgConnectOptions = server.parse().unwrap();
    sqlx::ConnectOptions::to_url_lossy(&options.database(&name)).to_string()
}
