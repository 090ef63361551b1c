//! What SQLite does that others do not.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use dullahan_core::ErrorKind;
use dullahan_core_bridge_sqlx::Migration;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

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

/// SQLite rolls a whole transaction back by itself for a conflict, a trigger and a full disk.
#[tokio::test]
async fn pub_01_nothing_is_stored_after_sqlite_ended_the_transaction_itself() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let breaking = Migration::new(
        2,
        "breaking",
        "CREATE TRIGGER breaking BEFORE INSERT ON counters WHEN NEW.name = 'break'
         BEGIN SELECT RAISE(ROLLBACK, 'broken'); END",
    );
    stage.counters.0.migrate("test", &[TABLES, breaking]).await.unwrap();
    for end in [
        "INSERT OR ROLLBACK INTO counters (name, value) VALUES ('b', 1), ('b', 2)",
        "INSERT INTO counters (name, value) VALUES ('break', 1)",
        "PRAGMA max_page_count = 1; INSERT INTO parts VALUES (hex(zeroblob(1000000)))",
    ] {
        // The error is let through,
        let error = stage.play([Add("a"), Say(end), Add("b")]).await.unwrap_err().to_string();
        assert!(
            ["UNIQUE", "broken", "full"].iter().any(|reason| error.contains(reason)),
            "{error}"
        );
        // and dropped: by one repository, or by one listener of several.
        let steps = [Add("a"), SayInTurn(vec![end, INSERT])];
        let error = stage.play(steps).await.unwrap_err().to_string();
        assert!(error.contains("transaction of this process"), "{error}");
        let tolerated = |step| Tolerate(Box::new(step));
        let steps = [Add("a"), tolerated(Say(end)), tolerated(Add("b")), tolerated(Read("a"))];
        let error = stage.play(steps).await.unwrap_err().to_string();
        assert!(error.contains("transaction of this process"), "{error}");
        let inner = Alone(vec![Add("a"), tolerated(Say(end)), tolerated(Add("b"))]);
        stage.play([Add("a"), tolerated(inner), Add("b")]).await.unwrap_err();
        for name in ["a", "b", "break"] {
            assert_eq!(stage.committed(name).await, 0, "{name} after {end}");
        }
        stage.play([Say("PRAGMA max_page_count = 1000000"), Add("c")]).await.unwrap();
    }
    assert_eq!(stage.committed("c").await, 3);
}

const INSERT: &str = "INSERT INTO counters (name, value) VALUES ('b', 1)";

#[tokio::test]
async fn whoever_waits_for_the_turn_in_vain_is_told_why() {
    let database = Database::new().await;
    database.open().await.migrate("test", &[TABLES]).await.unwrap();
    let store = Store::from_pool(SqlitePool::connect(&database.url()).await.unwrap());
    let stage = Stage::over(store);
    let pause = Arc::new(Pause::default());
    let (held, refused) = tokio::join!(stage.play([Add("a"), Pause(Arc::clone(&pause))]), async {
        pause.reached.notified().await;
        // There is nothing but the turn to wait for, so the whole limit passes at once, however busy the machine is.
        tokio::time::pause();
        let refused = stage.play([Add("b")]).await;
        tokio::time::resume();
        pause.go_on.notify_one();
        refused
    });
    held.unwrap();
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
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
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unavailable);
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
