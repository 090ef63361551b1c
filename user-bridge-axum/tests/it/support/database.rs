//! The database, seen past the module.

use std::{fs, sync::Arc};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::server_of_postgres::create_database;

/// A database of a test's own, seen past the module.
#[derive(Clone)]
pub(crate) struct Database {
    place: Place,
}

#[derive(Clone)]
enum Place {
    /// A file of SQLite.
    File(Arc<TempDir>),
    /// A database on a server of PostgreSQL, once somebody has asked for its address.
    Server(Arc<OnceCell<String>>),
}

/// Does the same with a connection, whichever database it is one to.
macro_rules! with_connection {
    ($database:expr, |$connection:ident| $work:expr) => {
        match &$database.place {
            Place::File(_) => {
                let url = format!("{}?mode=rw", $database.url().await);
                let mut $connection = SqliteConnection::connect(&url).await.unwrap();
                let done = $work;
                $connection.close().await.unwrap();
                done
            }
            Place::Server(_) => {
                let mut $connection = PgConnection::connect(&$database.url().await).await.unwrap();
                let done = $work;
                $connection.close().await.unwrap();
                done
            }
        }
    };
}

impl Database {
    /// A file of SQLite.
    pub(crate) fn in_file() -> Self {
        Self { place: Place::File(Arc::new(tempfile::tempdir().unwrap())) }
    }

    /// A database on a server of PostgreSQL.
    pub(crate) fn on_server() -> Self {
        Self { place: Place::Server(Arc::default()) }
    }

    /// What is at this address of PostgreSQL.
    pub(crate) fn at(url: String) -> Self {
        Self { place: Place::Server(Arc::new(OnceCell::new_with(Some(url)))) }
    }

    /// Another one of the same kind.
    pub(crate) fn like_it(&self) -> Self {
        if self.is_on_server() { Self::on_server() } else { Self::in_file() }
    }

    pub(crate) fn is_on_server(&self) -> bool {
        matches!(self.place, Place::Server(_))
    }

    pub(crate) async fn url(&self) -> String {
        match &self.place {
            Place::File(folder) => {
                format!("sqlite://{}", folder.path().join("users.sqlite").display())
            }
            Place::Server(url) => url.get_or_init(create_database).await.clone(),
        }
    }

    /// Changes something past the module.
    pub(crate) async fn execute(&self, sql: &str) {
        with_connection!(self, |connection| {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        });
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        with_connection!(self, |connection| {
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap()
        })
    }

    /// The texts that a query gives.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        with_connection!(self, |connection| {
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap()
        })
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}")).await
    }

    /// The hash of the password of a user.
    pub(crate) async fn password_hash(&self, email: &str) -> String {
        let select = format!("SELECT password_hash FROM dullahan_users WHERE email = '{email}'");
        self.texts(&select).await.remove(0)
    }

    /// Every row of every table, as text: equal if and only if nothing has changed.
    pub(crate) async fn dump(&self) -> String {
        match &self.place {
            Place::File(_) => self.dump_of_file().await,
            Place::Server(_) => self.dump_of_server().await,
        }
    }

    /// The same without the counts of tries, which a request that is refused may raise.
    pub(crate) async fn dump_without_attempts(&self) -> String {
        let dump = self.dump().await;
        let of_others = dump.lines().filter(|line| !line.starts_with("dullahan_attempts"));
        of_others.map(|line| format!("{line}\n")).collect()
    }

    async fn dump_of_file(&self) -> String {
        let url = format!("{}?mode=rw", self.url().await);
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let tables: Vec<String> =
            sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
        let mut dump = String::new();
        for table in tables {
            let columns = "SELECT group_concat('quote(' || name || ')', '||'',''||') FROM pragma_table_info($1)";
            let columns: String =
                sqlx::query_scalar(columns).bind(&table).fetch_one(&mut connection).await.unwrap();
            let rows = AssertSqlSafe(format!("SELECT {columns} FROM {table} ORDER BY 1"));
            for row in sqlx::query(rows).fetch_all(&mut connection).await.unwrap() {
                dump.push_str(&format!("{table}: {}\n", row.get::<String, _>(0)));
            }
        }
        connection.close().await.unwrap();
        dump
    }

    async fn dump_of_server(&self) -> String {
        let mut connection = PgConnection::connect(&self.url().await).await.unwrap();
        let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
        let tables: Vec<String> =
            sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
        let mut dump = String::new();
        for table in tables {
            let rows = AssertSqlSafe(format!("SELECT t::text FROM {table} t ORDER BY 1"));
            for row in sqlx::query(rows).fetch_all(&mut connection).await.unwrap() {
                dump.push_str(&format!("{table}: {}\n", row.get::<String, _>(0)));
            }
        }
        connection.close().await.unwrap();
        dump
    }

    /// Whether somebody has written something just now that is not committed.
    pub(crate) async fn is_being_written(&self) -> bool {
        match &self.place {
            Place::File(_) => {
                let url = format!("{}?mode=rw", self.url().await);
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                sqlx::query("PRAGMA busy_timeout = 0").execute(&mut connection).await.unwrap();
                let begun = sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await;
                connection.close().await.unwrap();
                begun.is_err()
            }
            Place::Server(_) => {
                let writers = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                               AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL";
                self.number(writers).await > 0
            }
        }
    }

    /// Whether the bytes are anywhere in the database: in a file, the write-ahead log included, or in a row.
    pub(crate) async fn holds(&self, bytes: &[u8]) -> bool {
        match &self.place {
            Place::File(folder) => {
                let files = fs::read_dir(folder.path()).unwrap();
                files
                    .map(|file| fs::read(file.unwrap().path()).unwrap())
                    .any(|content| content.windows(bytes.len()).any(|window| window == bytes))
            }
            Place::Server(_) => {
                let dump = self.dump().await;
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                let text = str::from_utf8(bytes);
                dump.contains(&hex) || text.is_ok_and(|text| dump.contains(text))
            }
        }
    }
}
