//! A folder with everything that outlives a process of the program.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::{mailbox::Mailbox, server::Server, server_of_postgres::create_database};

/// How long anything may take before it counts as never happening.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer.
///
/// # Panics
///
/// After the deadline, with what was waited for.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}: not within {DEADLINE:?}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// A folder with everything that outlives a process of the program: the database and the mails.
pub(crate) struct Home {
    folder: TempDir,
    /// The address of a database on a server, where it is not a file in the folder.
    on_server: Option<String>,
}

/// Does the same with a connection to either database; the program may be running or not.
macro_rules! with_connection {
    ($home:expr, |$connection:ident| $work:expr) => {
        if let Some(url) = &$home.on_server {
            let mut $connection = PgConnection::connect(url).await.unwrap();
            let done = $work;
            $connection.close().await.unwrap();
            done
        } else {
            let url = format!("{}?mode=rw", $home.database_url());
            let mut $connection = SqliteConnection::connect(&url).await.unwrap();
            let done = $work;
            $connection.close().await.unwrap();
            done
        }
    };
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), on_server: None }
    }

    /// With a database on a server of PostgreSQL.
    pub(crate) async fn on_server() -> Self {
        Self { on_server: Some(create_database().await), ..Self::new() }
    }

    pub(crate) fn is_on_server(&self) -> bool {
        self.on_server.is_some()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the program wrote to its standard error, all of its processes together.
    pub(crate) fn log_path(&self) -> PathBuf {
        self.path().join("log")
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap()
    }

    pub(crate) fn database_url(&self) -> String {
        let file = || format!("sqlite://{}", self.path().join("users.sqlite").display());
        self.on_server.clone().unwrap_or_else(file)
    }

    pub(crate) fn mailbox(&self) -> Mailbox {
        Mailbox::at(self.path().join("mails"))
    }

    pub(crate) fn start(&self) -> Server {
        Server::start(self)
    }

    /// Asks the database for numbers; the program may be running or not.
    pub(crate) async fn numbers(&self, sql: &'static str) -> Vec<i64> {
        with_connection!(self, |connection| {
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        })
    }

    /// Asks the database for one number.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.numbers(sql).await[0]
    }

    /// Asks the database for texts.
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        with_connection!(self, |connection| {
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        })
    }

    /// Lets pass, for the mails that are owed, the time for which they are put off or claimed.
    pub(crate) async fn let_mails_become_due(&self) {
        let due = "UPDATE dullahan_owed_mails SET due_at = created_at WHERE sent_at IS NULL";
        with_connection!(self, |connection| {
            sqlx::query(due).execute(&mut connection).await.unwrap();
        });
    }

    /// Lets eight days pass for what Bob has registered.
    pub(crate) async fn let_registration_of_bob_grow_old(&self) {
        let days = if self.is_on_server() { "interval '8 days'" } else { "691200000" };
        for (table, column, id) in [
            ("dullahan_users", "created_at", "id"),
            ("dullahan_one_time_tokens", "expires_at", "user_id"),
        ] {
            let sql = format!(
                "UPDATE {table} SET {column} = {column} - {days} WHERE {id} = (\
                 SELECT id FROM dullahan_users WHERE email = 'bob@example.org')"
            );
            with_connection!(self, |connection| {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
            });
        }
    }

    /// Waits until no mail is owed any more.
    pub(crate) async fn wait_until_all_mails_are_sent(&self) {
        eventually("all mails are sent", async || {
            let owed = "SELECT (SELECT count(*) FROM dullahan_mail_requests) + \
                        (SELECT count(*) FROM dullahan_owed_mails WHERE sent_at IS NULL)";
            (self.number(owed).await == 0).then_some(())
        })
        .await;
    }

    /// Whether the bytes are anywhere in the files of the database, the write-ahead log included.
    pub(crate) fn database_holds(&self, bytes: &[u8]) -> bool {
        let files = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut seen = 0;
        let found = files
            .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("users.sqlite"))
            .any(|path| {
                let content = fs::read(path).unwrap();
                seen += content.len();
                content.windows(bytes.len()).any(|window| window == bytes)
            });
        assert!(found || seen > 0, "there is no database to look into");
        found
    }
}
