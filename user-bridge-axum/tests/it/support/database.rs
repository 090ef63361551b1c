//! The database, seen past the module.

use std::{fs, sync::Arc};

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
use tempfile::TempDir;

/// A file of a test's own, seen past the module.
#[derive(Clone)]
pub(crate) struct Database {
    folder: Arc<TempDir>,
}

impl Database {
    pub(crate) fn new() -> Self {
        Self { folder: Arc::new(tempfile::tempdir().unwrap()) }
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("users.sqlite").display())
    }

    async fn connect(&self) -> SqliteConnection {
        SqliteConnection::connect(&format!("{}?mode=rw", self.url())).await.unwrap()
    }

    /// Changes something past the module.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut connection = self.connect().await;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let mut connection = self.connect().await;
        let query = sqlx::query_scalar(AssertSqlSafe(sql));
        let number = query.fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        number
    }

    /// The texts that a query gives.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let mut connection = self.connect().await;
        let query = sqlx::query_scalar(AssertSqlSafe(sql));
        let texts = query.fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        texts
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}")).await
    }

    /// The hash of the password of a user.
    pub(crate) async fn password_hash(&self, email: &str) -> String {
        let sql = format!("SELECT password_hash FROM dullahan_users WHERE email = '{email}'");
        self.texts(&sql).await.swap_remove(0)
    }

    /// Every row of every table, as text: equal if and only if nothing has changed.
    pub(crate) async fn dump(&self) -> String {
        let mut connection = self.connect().await;
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

    /// Whether somebody holds the lock for writing just now.
    pub(crate) async fn is_being_written(&self) -> bool {
        let mut connection = self.connect().await;
        sqlx::query("PRAGMA busy_timeout = 0").execute(&mut connection).await.unwrap();
        let begun = sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await;
        connection.close().await.unwrap();
        begun.is_err()
    }

    /// Whether the bytes are anywhere in the files of the database, the write-ahead log included.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let files = fs::read_dir(self.folder.path()).unwrap();
        files
            .map(|file| fs::read(file.unwrap().path()).unwrap())
            .any(|content| content.windows(bytes.len()).any(|window| window == bytes))
    }
}
