//! Processes that do as they are told, on counters.

use std::sync::Arc;

use dullahan_core::{
    Context, Core, DefaultAction, Error, Listener, Process, Result,
    unit_of_work::UnitOfWorkProvider,
};
use dullahan_core_bridge_sqlx::{Migration, store_error};
use tokio::sync::Notify;

use super::{Database, Store};

/// The tables that processes play with, in SQL that all databases take.
pub(crate) const TABLES: Migration = Migration::new(
    1,
    "counters",
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
     CREATE TABLE parts (
         counter TEXT NOT NULL REFERENCES counters (name) DEFERRABLE INITIALLY DEFERRED
     );",
);

/// What a process does, step by step.
#[derive(Clone)]
pub(crate) enum Step {
    /// Adds one to a counter.
    Add(&'static str),
    /// Makes a counter, unless there is one: then the statement fails.
    Make(&'static str),
    /// Violates a constraint that is checked at the commit.
    AddPartOfNothing,
    /// Puts the value of a counter into the output.
    Read(&'static str),
    /// Says that it is here, and waits until it may go on.
    Pause(Arc<Pause>),
    Fail,
    Panic,
    /// Says something to the database.
    Say(&'static str),
    /// Says one after the other to one connection, and goes on when one of them fails.
    SayInTurn(Vec<&'static str>),
    /// A process that shares the fate of this one.
    Joined(Vec<Step>),
    /// A process that may fail alone.
    Alone(Vec<Step>),
    /// Goes on when a step fails.
    Tolerate(Box<Step>),
}

/// A place at which a process waits for a test.
#[derive(Default)]
pub(crate) struct Pause {
    pub(crate) reached: Notify,
    pub(crate) go_on: Notify,
}

#[derive(Process)]
#[event(output = Vec<i64>, preventable)]
pub(crate) struct Play(pub(crate) Vec<Step>);

/// The same, and again if it lost against another one.
#[derive(Clone, Process)]
#[event(output = Vec<i64>, repeatable)]
pub(crate) struct PlayAgain(pub(crate) Vec<Step>);

async fn play_again(mut ev: DefaultAction<'_, PlayAgain>) -> Result<Vec<i64>> {
    let steps = ev.0.clone();
    ev.dispatch(Play(steps)).await
}

/// The repository of counters.
#[derive(Clone)]
pub(crate) struct Counters(pub(crate) Store);

impl Counters {
    pub(crate) async fn add(&self, context: &Context, name: &str) -> Result<()> {
        let mut connection = self.0.write(context).await?;
        let upsert = "INSERT INTO counters (name, value) VALUES ($1, 1)
                      ON CONFLICT (name) DO UPDATE SET value = counters.value + 1";
        let upsert = sqlx::query(upsert).bind(name);
        upsert.execute(&mut *connection).await.map_err(store_error)?;
        Ok(())
    }

    pub(crate) async fn make(&self, context: &Context, name: &str) -> Result<()> {
        let mut connection = self.0.write(context).await?;
        let insert = sqlx::query("INSERT INTO counters (name, value) VALUES ($1, 0)").bind(name);
        insert.execute(&mut *connection).await.map_err(store_error)?;
        Ok(())
    }

    async fn add_part(&self, context: &Context, of: &str) -> Result<()> {
        let mut connection = self.0.write(context).await?;
        let insert = sqlx::query("INSERT INTO parts (counter) VALUES ($1)").bind(of);
        insert.execute(&mut *connection).await.map_err(store_error)?;
        Ok(())
    }

    /// The value of a counter; zero when there is none.
    pub(crate) async fn read(&self, context: &Context, name: &str) -> Result<i64> {
        let mut connection = self.0.read(context).await?;
        let select = sqlx::query_scalar("SELECT value FROM counters WHERE name = $1").bind(name);
        let value = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
        Ok(value.unwrap_or(0))
    }
}

impl Listener<DefaultAction<'_, Play>> for Counters {
    async fn call(&self, mut ev: DefaultAction<'_, Play>) -> Result<Vec<i64>> {
        let mut output = Vec::new();
        for step in ev.0.clone() {
            match step {
                Step::Tolerate(step) => {
                    let _ = self.step(&mut ev, *step, &mut output).await;
                }
                step => self.step(&mut ev, step, &mut output).await?,
            }
        }
        Ok(output)
    }
}

impl Counters {
    async fn step(
        &self,
        ev: &mut DefaultAction<'_, Play>,
        step: Step,
        output: &mut Vec<i64>,
    ) -> Result<()> {
        match step {
            Step::Add(name) => self.add(ev.context(), name).await?,
            Step::Make(name) => self.make(ev.context(), name).await?,
            Step::AddPartOfNothing => self.add_part(ev.context(), "nothing").await?,
            Step::Read(name) => output.push(self.read(ev.context(), name).await?),
            Step::Pause(pause) => {
                pause.reached.notify_one();
                pause.go_on.notified().await;
            }
            Step::Fail => return Err(Error::internal("told to")),
            Step::Panic => panic!("told to"),
            Step::Say(sql) => {
                let mut connection = self.0.write(ev.context()).await?;
                sqlx::raw_sql(sql).execute(&mut *connection).await.map_err(store_error)?;
            }
            Step::SayInTurn(statements) => {
                let mut connection = self.0.write(ev.context()).await?;
                for sql in statements {
                    let _ = sqlx::raw_sql(sql).execute(&mut *connection).await;
                }
            }
            Step::Joined(steps) => output.extend(ev.dispatch(Play(steps)).await?),
            Step::Alone(steps) => output.extend(ev.dispatch_in_savepoint(Play(steps)).await?),
            Step::Tolerate(_) => unreachable!("it is handled by the caller"),
        }
        Ok(())
    }
}

/// A core whose processes play, over a store.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) core: Core,
    pub(crate) counters: Counters,
}

impl Stage {
    /// A stage over a store that has the tables already.
    pub(crate) fn over(store: Store) -> Self {
        let counters = Counters(store.clone());
        Self { core: core_with(Arc::new(store), counters.clone()), counters }
    }

    pub(crate) async fn in_new(database: &Database) -> Self {
        let store = database.open().await;
        store.migrate("test", &[TABLES]).await.unwrap();
        Self::over(store)
    }

    pub(crate) async fn play(&self, steps: impl Into<Vec<Step>>) -> Result<Vec<i64>> {
        self.core.dispatch(&Context::new(), Play(steps.into())).await
    }

    /// The committed value of a counter.
    pub(crate) async fn committed(&self, name: &str) -> i64 {
        self.counters.read(&Context::new(), name).await.unwrap()
    }
}

pub(crate) fn core_with(units_of_work: Arc<dyn UnitOfWorkProvider>, counters: Counters) -> Core {
    let mut builder = Core::builder();
    builder.units_of_work(units_of_work);
    builder.declare::<Play>().default(counters);
    builder.declare::<PlayAgain>().default(play_again);
    builder.build().unwrap()
}
