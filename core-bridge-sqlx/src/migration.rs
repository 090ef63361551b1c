//! Creating and changing tables, once for each database.

use dullahan_core::{Context, Error, Result};

use crate::{
    backend::Backend,
    error::{is_transient, store_error},
    store::Store,
    to_the_end::to_the_end,
    transaction::Transaction,
};

/// How often migrations are run that lose against programs that run already.
const MOST_RUNS: u32 = 3;

/// One step from an older form of the tables to a newer one.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    version: u32,
    name: &'static str,
    sql: &'static str,
}

impl Migration {
    /// A step, from its text: `Migration::new(1, "users", include_str!("../migrations/0001_users.sql"))`.
    ///
    /// The text may be several statements. Once a version is released its text never changes.
    pub const fn new(version: u32, name: &'static str, sql: &'static str) -> Self {
        Self { version, name, sql }
    }

    /// The text with the line ends of no particular machine.
    fn text(&self) -> String {
        self.sql.replace("\r\n", "\n")
    }
}

impl<DB: Backend> Store<DB> {
    /// Applies the migrations of a component that were not applied yet, in the order given, all or none.
    ///
    /// For the start of an application. Any number of instances may start at once: one migrates, the others
    /// wait and find it done. What was applied is kept in the table `dullahan_migrations`, apart for each
    /// component and apart from sqlx's own, so it goes together with migrations of the application's.
    ///
    /// A version that the database has and this program does not know was applied by a newer program, and is
    /// left alone: an older one can be started again beside it, and one that runs already goes on. That holds
    /// as long as a migration only adds; what is to be dropped or renamed goes one release after the last
    /// program that names it.
    ///
    /// # Errors
    ///
    /// When a statement fails, and when the text of an applied migration was changed since; nothing is
    /// applied then. Where the database ended it for the sake of a program that runs, for a deadlock say, it is tried again
    /// first, three times at most.
    pub async fn migrate(&self, component: &'static str, migrations: &[Migration]) -> Result<()> {
        let mut runs = 1;
        loop {
            match self.migrate_once(component, migrations).await {
                Err(error) if error.is_retryable() && runs < MOST_RUNS => runs += 1,
                result => {
                    result?;
                    self.note_migrated(component);
                    return Ok(());
                }
            }
        }
    }

    /// Checks that the migrations of a component were applied, and changes nothing.
    ///
    /// For the start of an application whose tables another program migrates, with more rights, for example.
    ///
    /// # Errors
    ///
    /// When a migration was not applied, and when the text of an applied one was changed since.
    pub async fn check_migrated(
        &self,
        component: &'static str,
        migrations: &[Migration],
    ) -> Result<()> {
        let applied = {
            let context = Context::new();
            let mut connection = self.read(&context).await?;
            match DB::applied_migrations(&mut connection, component).await {
                Err(error) if is_missing_table(&error) => Vec::new(),
                applied => applied.map_err(store_error)?,
            }
        };
        let (mut missing, database) = (Vec::new(), DB::NAME);
        for migration in migrations {
            match applied.iter().find(|(version, _)| *version == i64::from(migration.version)) {
                Some((_, applied)) if *applied == migration.text() => {}
                Some(_) => return Err(Error::internal(failed(component, migration, Why::Changed))),
                None => missing.push(format!("{} `{}`", migration.version, migration.name)),
            }
        }
        if !missing.is_empty() {
            let missing = missing.join(", ");
            return Err(Error::internal(NotMigrated { component, missing, database }));
        }
        self.note_migrated(component);
        Ok(())
    }

    async fn migrate_once(&self, component: &'static str, migrations: &[Migration]) -> Result<()> {
        let mut transaction = self.begin().await?;
        match apply(&mut transaction, component, migrations).await {
            Ok(()) => to_the_end(async move { transaction.commit().await }).await,
            Err(error) => {
                // The error that led here tells more than one of the rollback would.
                let _ = transaction.roll_back().await;
                Err(error)
            }
        }
    }
}

async fn apply<DB: Backend>(
    transaction: &mut Transaction<DB>,
    component: &'static str,
    migrations: &[Migration],
) -> Result<()> {
    DB::begin_migrating(transaction).await.map_err(store_error)?;
    let applied = DB::applied_migrations(transaction, component).await.map_err(store_error)?;
    for migration in migrations {
        let version = i64::from(migration.version);
        let text = migration.text();
        match applied.iter().find(|(applied, _)| *applied == version) {
            Some((_, applied)) if *applied == text => {}
            Some(_) => return Err(Error::internal(failed(component, migration, Why::Changed))),
            None => {
                DB::execute(transaction, text.clone()).await.map_err(|error| {
                    let again = is_transient(&error);
                    let failed = failed(component, migration, Why::Refused(error));
                    if again { Error::transient(failed) } else { Error::internal(failed) }
                })?;
                DB::note_migration(transaction, component, version, migration.name, &text)
                    .await
                    .map_err(store_error)?;
                tracing::info!(component, version, name = migration.name, "applied a migration");
            }
        }
    }
    Ok(())
}

/// Whether the database knows no table of the name.
fn is_missing_table(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(refused) = error else { return false };
    refused.code().as_deref() == Some("42P01") || refused.message().starts_with("no such table")
}

/// Migrations were not applied.
#[derive(Debug, thiserror::Error)]
#[error(
    "the tables of `{component}` are missing or of an older form: {database} lacks the migrations {missing}; \
     run them before the program starts, or let it run them with `migrate`"
)]
struct NotMigrated {
    component: &'static str,
    missing: String,
    database: &'static str,
}

fn failed(component: &'static str, migration: &Migration, why: Why) -> Failed {
    Failed { component, version: migration.version, name: migration.name, why }
}

/// A migration could not be applied.
#[derive(Debug, thiserror::Error)]
#[error("migration {version} `{name}` of `{component}` {why}")]
struct Failed {
    component: &'static str,
    version: u32,
    name: &'static str,
    why: Why,
}

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error("was changed after it had been applied; give it back its text and add a new one")]
    Changed,
    #[error("failed: {0}")]
    Refused(sqlx::Error),
}
