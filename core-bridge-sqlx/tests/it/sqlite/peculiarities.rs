//! What SQLite does that others do not.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use dullahan_core::{Core, Fault, Listener, Perform, Process, Result};
use dullahan_core_bridge_sqlx::{Migration, store_error};
use sqlx::sqlite::SqlitePoolOptions;

use super::{
    Database, Store,
    suite::play::{Pause, Stage, Step::*, TABLES},
};

#[tokio::test]
async fn a_statement_that_failed_and_was_tolerated_is_undone_alone() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    stage.play([Make("a"), Tolerate(Box::new(Make("a"))), Add("b")]).await.unwrap();
    assert_eq!(stage.committed("b").await, 1);
}

/// Runs a statement that makes SQLite roll the whole transaction back by itself.
#[derive(Clone)]
struct RollBackInside(Store);

#[derive(Process)]
#[event(output = (), preventable)]
struct Break;

impl Listener<Perform<'_, Break>> for RollBackInside {
    async fn call(&self, ev: Perform<'_, Break>) -> Result<()> {
        let mut connection = self.0.write(ev.context()).await?;
        let insert = "INSERT OR ROLLBACK INTO counters (name, value) VALUES ('a', 1), ('a', 2)";
        sqlx::query(insert).execute(&mut *connection).await.map_err(store_error)?;
        Ok(())
    }
}

#[tokio::test]
async fn a_transaction_that_the_database_rolled_back_itself_leaves_the_store_in_order() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let store = &stage.counters.0;
    let mut builder = Core::builder();
    builder.units_of_work(Arc::new(store.clone()));
    builder.declare::<Break>().default(RollBackInside(store.clone()));
    let core = builder.build().unwrap();
    for _ in 0..10 {
        let error = core.run_process(Break).await.unwrap_err().to_string();
        assert!(error.contains("UNIQUE"), "{error}");
        stage.play([Add("b")]).await.unwrap();
    }
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (0, 10));
}

#[tokio::test]
async fn whoever_waits_for_the_turn_in_vain_is_told_why() {
    let database = Database::new().await;
    database.open().await.migrate("test", &[TABLES]).await.unwrap();
    let options = SqlitePoolOptions::new().acquire_timeout(Duration::from_millis(50));
    let store = Store::from_pool(options.connect(&database.url()).await.unwrap());
    let stage = Stage::over(store);
    let pause = Arc::new(Pause::default());
    let (held, refused) = tokio::join!(stage.play([Add("a"), Pause(Arc::clone(&pause))]), async {
        pause.reached.notified().await;
        let refused = stage.play([Add("b")]).await;
        pause.go_on.notify_one();
        refused
    });
    held.unwrap();
    let error = refused.unwrap_err();
    assert_eq!(error.fault(), Fault::Unavailable);
    assert!(error.to_string().contains("with a context of its own"), "{error}");
    stage.play([Add("b")]).await.unwrap();
}

#[tokio::test]
async fn a_lock_that_another_program_holds_for_too_long_is_unavailable() {
    let database = Database::new().await;
    let holder = Stage::in_new(&database).await;
    let options: sqlx::sqlite::SqliteConnectOptions = database.url().parse().unwrap();
    let options = options.busy_timeout(Duration::from_millis(50));
    let pool = SqlitePoolOptions::new().connect_with(options).await.unwrap();
    let stage = Stage::over(Store::from_pool(pool));
    let pause = Arc::new(Pause::default());
    let (held, refused) = tokio::join!(holder.play([Add("a"), Pause(Arc::clone(&pause))]), async {
        pause.reached.notified().await;
        let refused = stage.play([Add("b")]).await;
        pause.go_on.notify_one();
        refused
    });
    held.unwrap();
    assert_eq!(refused.unwrap_err().fault(), Fault::Unavailable);
}

/// The name under which this program is told, by a test, to write until it is killed.
const WRITE_UNTIL_KILLED: &str = "DULLAHAN_WRITE_UNTIL_KILLED";

#[tokio::test]
async fn write_until_killed() {
    let Ok(url) = std::env::var(WRITE_UNTIL_KILLED) else { return };
    let store = Store::open(&url).await.unwrap();
    store.migrate("test", &[TABLES]).await.unwrap();
    let stage = Stage::over(store);
    loop {
        stage.play([Add("a"), Add("b")]).await.unwrap();
        eprintln!("committed");
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let database = Database::new().await;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sqlite::peculiarities::write_until_killed", "--nocapture"])
        .env(WRITE_UNTIL_KILLED, database.url())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let acknowledged = lines.map_while(|line| line.ok()).take(50).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(acknowledged, 50);

    let stage = Stage::over(database.open().await);
    let (a, b) = (stage.committed("a").await, stage.committed("b").await);
    assert!(a >= 50 && a == b, "{a} {b}");
}

#[tokio::test]
async fn a_pool_of_the_applications_own_is_used_as_it_is() {
    let database = Database::new().await;
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect(&format!("{}?mode=rwc", database.url()))
        .await
        .unwrap();
    let store = Store::from_pool(pool);
    store.migrate("test", &[TABLES]).await.unwrap();
    let index = Migration::new(2, "index", "CREATE INDEX parts_by_counter ON parts (counter)");
    store.migrate("test", &[TABLES, index]).await.unwrap();
    let stage = Stage::over(store);
    stage.play([Add("a")]).await.unwrap();
    assert_eq!(stage.committed("a").await, 1);
}
