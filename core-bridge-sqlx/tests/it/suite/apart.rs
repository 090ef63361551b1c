//! What fails alone in a process, and what waits for its turn there.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use dullahan_core::{
    Context, Core, DefaultAction, Error, Listener, Observe, Process, Result, Wrap,
};

use super::{
    Database,
    play::{Counters, Pause, Play, Stage, Step, Step::*},
};

/// Plays, around and beside other things.
#[derive(Process)]
#[event(output = (), preventable)]
struct Outer;

/// A default action that writes, and reads before it has let its guard go.
#[derive(Clone)]
struct ReadWhileWriting(Counters);

impl Listener<DefaultAction<'_, Outer>> for ReadWhileWriting {
    async fn call(&self, ev: DefaultAction<'_, Outer>) -> Result<()> {
        self.0.add(ev.context(), "a").await?;
        let _written = self.0.0.write(ev.context()).await?;
        self.0.read(ev.context(), "a").await.map(drop)
    }
}

#[tokio::test]
async fn core_05_a_repository_that_asks_while_it_holds_fails_within_the_limit_and_frees_the_store()
{
    let database = Database::new().await;
    drop(Stage::in_new(&database).await);
    let store = database.open_with_patience(Duration::from_millis(500)).await;
    let stage = Stage::over(store.clone());
    let mut builder = Core::builder();
    builder.units_of_work(Arc::new(store));
    builder.declare::<Outer>().default(ReadWhileWriting(stage.counters.clone()));
    let core = builder.build().unwrap();

    let context = Context::new();
    let run = core.dispatch(&context, Outer);
    let error = tokio::time::timeout(Duration::from_secs(60), run).await.unwrap().unwrap_err();

    let said = error.to_string();
    assert!(said.contains("`Outer`") && said.contains("drop its guard"), "{said}");
    assert_eq!(stage.committed("a").await, 0);
    stage.play([Add("a")]).await.unwrap();
    assert_eq!(stage.committed("a").await, 1);
}

/// Plays two lists of steps side by side, and writes meanwhile.
#[derive(Clone)]
struct Beside {
    core: Arc<OnceLock<Core>>,
    counters: Counters,
    steps: [Vec<Step>; 2],
}

impl Listener<DefaultAction<'_, Outer>> for Beside {
    async fn call(&self, ev: DefaultAction<'_, Outer>) -> Result<()> {
        let (core, context) = (self.core.get().unwrap(), ev.context());
        let [one, two] = self.steps.clone();
        let (one, two, written) = tokio::join!(
            core.dispatch(context, Play(one)),
            core.dispatch(context, Play(two)),
            async {
                for _ in 0..5 {
                    self.counters.add(context, "beside").await?;
                }
                Ok::<_, Error>(())
            },
        );
        one.and(two).and(written)
    }
}

#[tokio::test]
async fn pub_02_savepoints_at_the_same_time_leave_the_process_unharmed() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let alone = |name, fails: bool| {
        let mut steps = vec![Add(name), Read(name), Alone(vec![Add(name)]), Read(name)];
        steps.extend(fails.then_some(Fail));
        vec![Tolerate(Box::new(Alone(steps.clone()))), Tolerate(Box::new(Alone(steps)))]
    };
    for (round, fails) in (1..).zip([[false, false], [true, false], [false, true], [true, true]]) {
        let beside = Beside {
            core: Arc::default(),
            counters: stage.counters.clone(),
            steps: [alone("one", fails[0]), alone("two", fails[1])],
        };
        let mut builder = Core::builder();
        builder.units_of_work(Arc::new(stage.counters.0.clone()));
        builder.declare::<Play>().default(stage.counters.clone());
        builder.declare::<Outer>().default(beside.clone());
        let core = builder.build().unwrap();
        beside.core.set(core.clone()).ok().unwrap();
        let before = [stage.committed("one").await, stage.committed("two").await];

        core.dispatch(&Context::new(), Outer).await.unwrap();

        assert_eq!(stage.committed("beside").await, 5 * round, "nothing beside them is undone");
        for (index, name) in ["one", "two"].into_iter().enumerate() {
            let added = if fails[index] { 0 } else { 4 };
            assert_eq!(stage.committed(name).await - before[index], added, "{name} {fails:?}");
        }
    }
}

/// Plays a process, and writes once more.
struct PlayAndAdd(Counters);

impl Listener<DefaultAction<'_, Outer>> for PlayAndAdd {
    async fn call(&self, mut ev: DefaultAction<'_, Outer>) -> Result<()> {
        ev.dispatch(Play(vec![Make("a")])).await?;
        self.0.add(ev.context(), "b").await
    }
}

/// An observer that touches the database.
#[derive(Clone)]
struct Look {
    counters: Counters,
    how: Looks,
}

#[derive(Clone, Copy, Debug)]
enum Looks {
    WritesWell,
    LetsTheErrorThrough,
    SwallowsTheError,
    Panics,
    Dispatches,
}

impl Listener<Observe<'_, Play>> for Look {
    async fn call(&self, mut ev: Observe<'_, Play>) -> Result<()> {
        if ev.context().unit_of_work().await?.is_none() || ev.chain().len() > 2 {
            return Ok(());
        }
        match self.how {
            Looks::WritesWell => self.counters.add(ev.context(), "observed").await,
            Looks::LetsTheErrorThrough => {
                self.counters.add(ev.context(), "half").await?;
                self.counters.make(ev.context(), "a").await
            }
            Looks::SwallowsTheError => {
                assert!(self.counters.make(ev.context(), "a").await.is_err());
                Ok(())
            }
            Looks::Panics => {
                self.counters.add(ev.context(), "half").await?;
                panic!("told to")
            }
            Looks::Dispatches => {
                let steps = vec![Add("half"), Make("a")];
                assert!(ev.dispatch(Play(steps)).await.is_err());
                Ok(())
            }
        }
    }
}

#[tokio::test]
async fn core_07_a_statement_that_fails_in_an_observer_does_not_fail_the_process() {
    for how in [
        Looks::WritesWell,
        Looks::LetsTheErrorThrough,
        Looks::SwallowsTheError,
        Looks::Panics,
        Looks::Dispatches,
    ] {
        let database = Database::new().await;
        let stage = Stage::in_new(&database).await;
        let counters = &stage.counters;
        let mut builder = Core::builder();
        builder.units_of_work(Arc::new(counters.0.clone()));
        builder.declare::<Outer>().default(PlayAndAdd(counters.clone()));
        builder
            .declare::<Play>()
            .default(counters.clone())
            .observe(Look { counters: counters.clone(), how })
            .observe(Look { counters: counters.clone(), how: Looks::WritesWell });
        let core = builder.build().unwrap();

        core.dispatch(&Context::new(), Outer)
            .await
            .unwrap_or_else(|error| panic!("{how:?}: {error}"));

        let observed = if matches!(how, Looks::WritesWell) { 2 } else { 1 };
        assert_eq!(stage.committed("b").await, 1, "{how:?}");
        assert_eq!(stage.committed("observed").await, observed, "{how:?}");
        assert_eq!(stage.committed("half").await, 0, "{how:?}");
    }
}

/// Answers in place of what it surrounds, within a time.
struct Answer(Counters);

impl Listener<Wrap<'_, Play>> for Answer {
    async fn call(&self, mut ev: Wrap<'_, Play>) -> Result<Vec<i64>> {
        let next = tokio::time::timeout(Duration::from_millis(300), ev.next()).await;
        if let Ok(Ok(output)) = next {
            return Ok(output);
        }
        self.0.add(ev.context(), "answered").await?;
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn core_20_a_wrap_that_swallows_an_error_or_a_time_out_commits_nothing_half_done() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let mut builder = Core::builder();
    builder.units_of_work(Arc::new(stage.counters.0.clone()));
    builder.declare::<Play>().default(stage.counters.clone()).wrap(Answer(stage.counters.clone()));
    let core = builder.build().unwrap();
    let ends: [fn() -> Step; 4] = [
        || Fail,
        || Panic,
        // On PostgreSQL nothing more could be done in this transaction.
        || Make("half"),
        || Pause(Arc::new(Pause::default())),
    ];
    for (number, end) in (1..).zip(ends) {
        core.dispatch(&Context::new(), Play(vec![Add("half"), end()])).await.unwrap();
        assert_eq!(stage.committed("half").await, 0, "{number}");
        assert_eq!(stage.committed("answered").await, number);
    }
    stage.play([Add("half")]).await.unwrap();
    assert_eq!(stage.committed("half").await, 1);
}
