//! Transactions that somebody else than the process ends.

use dullahan_core::{Context, ErrorKind};

use super::{
    Database,
    play::{Stage, Step::*},
};

/// Nothing is stored of a process in which a listener ended the transaction, before or after that.
#[tokio::test]
async fn pub_01_a_listener_that_ends_the_transaction_stores_nothing() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    for end in ["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "ROLLBACK; BEGIN"] {
        for goes_on in [vec![], vec![Tolerate(Box::new(Add("b"))), Tolerate(Box::new(Add("c")))]] {
            let steps = [vec![Add("a"), Tolerate(Box::new(Say(end)))], goes_on].concat();
            let error = stage.play(steps).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Internal, "{end}: {error}");
            assert!(error.to_string().contains("of this process"), "{end}: {error}");
            for name in ["a", "b", "c"] {
                assert_eq!(stage.committed(name).await, 0, "{end} stored {name}");
            }
        }
    }
    // The same, and all with the one connection that a repository was given.
    for end in ["COMMIT", "ROLLBACK"] {
        let error = stage.play([Add("a"), SayInTurn(vec![end, INSERT])]).await.unwrap_err();
        assert!(error.to_string().contains("transaction of this process"), "{end}: {error}");
        assert_eq!(stage.committed("b").await, 0, "stored after {end}");
    }
    database.expect_no_open_transaction(&stage).await;
    stage.play([Add("a")]).await.unwrap();
    assert_eq!(stage.committed("a").await, 1);
    assert!(stage.counters.0.read(&Context::new()).await.is_ok());
}

const INSERT: &str = "INSERT INTO counters (name, value) VALUES ('b', 1)";
