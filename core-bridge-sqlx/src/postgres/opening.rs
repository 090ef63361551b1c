//! How a PostgreSQL database is opened.

use std::{fmt::Write as _, io, num::NonZero, sync::Arc, thread, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Postgres,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use super::pooler;
use crate::{
    cached_pool::CachedPool,
    open_error::{OpenError, scheme},
    store::Store,
};

/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many connections writers leave to readers.
const FOR_READERS: u32 = 2;

/// What an application decides about its connections to PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresSettings {
    /// How long a statement waits for a lock: three seconds unless set, which is less than a connection is waited for. So
    /// a table that somebody has locked holds up what needs it, and nothing else for long.
    ///
    /// It holds where the server, the role or the address sets none. `None` leaves it to them.
    pub lock_timeout: Option<Duration>,
    /// How long a statement may take: thirty seconds unless set. Migrations may take longer.
    ///
    /// It holds where the server, the role or the address sets none. `None` leaves it to them.
    pub statement_timeout: Option<Duration>,
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self {
            lock_timeout: Some(Duration::from_secs(3)),
            statement_timeout: Some(Duration::from_secs(30)),
        }
    }
}

impl PostgresSettings {
    /// What is said to each new connection. Said while it connects, poolers would refuse it.
    fn session(&self) -> String {
        let mut sql =
            "SET default_transaction_read_only = on; SET extra_float_digits = 2".to_owned();
        let limits =
            [("lock_timeout", self.lock_timeout), ("statement_timeout", self.statement_timeout)];
        for (name, limit) in limits {
            if let Some(limit) = limit {
                let limit = limit.as_millis();
                let set = format!("set_config('{name}', '{limit}', false)");
                let _ = write!(sql, "; SELECT {set} WHERE current_setting('{name}') = '0'");
            }
        }
        sql
    }
}

impl Store<Postgres> {
    /// Opens a database: `postgres://user:password@host/database`, with the parameters that libpq knows.
    ///
    /// - Transactions are `READ COMMITTED` and can write; everything outside of one can only read.
    /// - The pool has twice as many connections as there are processors, at least ten, and is waited for
    ///   for up to ten seconds. Writers leave two of them to readers.
    /// - A connection that lay idle is asked whether it is alive before it is used again.
    /// - Locks are waited for and statements run for a limited time: see [`PostgresSettings`].
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or refuses, and when a pooler is in between that mixes up what belongs to a
    /// connection.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_with(url, &PostgresSettings::default()).await
    }

    /// The same, with settings of the application's own.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_with(url: &str, settings: &PostgresSettings) -> Result<Self, OpenError> {
        let options = parse(url)?;
        let refused = |error| refused(&options, error);
        let mut connection = connect(&options).await.map_err(refused)?;
        let outcome = pooler::check(&options, &mut connection).await.map_err(refused)?;
        outcome.map_err(|mixes_up| OpenError::new(name(&options), mixes_up.to_string()))?;
        let session = settings.session();
        say(&mut connection, &session).await.map_err(refused)?;
        drop(connection.close().await);

        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let connections = u32::try_from(processors).unwrap_or(u32::MAX).saturating_mul(2).max(10);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                let session = session.clone();
                Box::pin(async move { say(connection, &session).await })
            })
            .before_acquire(|connection, usage| {
                Box::pin(async move {
                    if usage.idle_for > Duration::from_secs(1) {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        let own = CachedPool::of_own(pool);
        let writers = usize::try_from(connections - FOR_READERS).unwrap_or(usize::MAX);
        Ok(Self::new(Arc::clone(&own), own, Some(writers)))
    }
}

fn parse(url: &str) -> Result<PgConnectOptions, OpenError> {
    if !matches!(scheme(url), Some("postgres" | "postgresql")) {
        let what = match scheme(url) {
            Some(other) => format!("an address that begins with `{other}:`"),
            None => "an address without a scheme".to_owned(),
        };
        let reason = "an address of PostgreSQL begins with `postgres://`, as \
                      `postgres://user:password@host/database` does";
        return Err(OpenError::new(what, reason));
    }
    let options: PgConnectOptions = url.parse().map_err(|error| {
        let reason = match error {
            sqlx::Error::Configuration(reason) => reason.to_string(),
            error => error.to_string(),
        };
        OpenError::new("the address of PostgreSQL", reason)
    })?;
    Ok(options.extra_float_digits(None))
}

async fn say(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

/// Connects without sqlx's pool, which waits for a server that refuses and then says that it waited.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let connecting = timeout(PATIENCE, options.connect()).await;
    connecting.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

/// Which server it is.
fn name(options: &PgConnectOptions) -> String {
    let user = options.get_username();
    let database = options.get_database().unwrap_or(user);
    let port = options.get_port();
    let at = match options.get_socket() {
        Some(folder) => format!("{}/.s.PGSQL.{port}", folder.display()),
        None => format!("{}:{port}", options.get_host()),
    };
    format!("PostgreSQL at {at}, database `{database}`, as user `{user}`,")
}

#[cold]
fn refused(options: &PgConnectOptions, error: sqlx::Error) -> OpenError {
    let reason = match &error {
        sqlx::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                "the connection was refused; start the server, or correct host and port".to_owned()
            }
            io::ErrorKind::NotFound if options.get_socket().is_some() => {
                "there is no such socket; start the server, or correct its folder and port"
                    .to_owned()
            }
            io::ErrorKind::TimedOut => {
                let seconds = PATIENCE.as_secs();
                format!(
                    "no answer within {seconds} s; correct the host, or let it through a firewall"
                )
            }
            _ => error.to_string(),
        },
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            Some("3D000") => format!("{}; create it", refused.message()),
            Some("28000" | "28P01") => {
                format!("{}; correct user and password", refused.message())
            }
            _ => refused.message().to_owned(),
        },
        error => error.to_string(),
    };
    OpenError::new(name(options), reason)
}
