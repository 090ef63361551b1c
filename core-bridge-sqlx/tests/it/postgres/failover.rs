//! A failover: the address leads to a standby for a while, and then to a primary again.

use dullahan_core::{Context, ErrorKind};
use tokio::task::JoinSet;

use super::{
    Store,
    address::{Address, start, start_standby},
    suite::play::{Stage, Step::*, TABLES},
};

/// Whether what is read comes from a standby.
async fn reads_from_standby(store: &Store) -> bool {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let asked = sqlx::query_scalar("SELECT pg_is_in_recovery()");
    let answer = asked.fetch_one(&mut *connection).await.unwrap();
    connection.done();
    answer
}

async fn play_ten_at_once(stage: &Stage) -> Vec<dullahan_core::Error> {
    let mut playing = JoinSet::new();
    for _ in 0..10 {
        let stage = stage.clone();
        playing.spawn(async move { stage.play([Add("a")]).await });
    }
    playing.join_all().await.into_iter().filter_map(Result::err).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_01_connections_to_a_standby_do_not_outlive_a_failover() {
    let primary = start().await;
    let address = Address::leading_to(&primary);
    let store = Store::open(&address.url()).await.unwrap();
    store.migrate("test", &[TABLES]).await.unwrap();
    let standby = start_standby(&primary).await;
    let stage = Stage::over(store.clone());
    assert!(play_ten_at_once(&stage).await.is_empty());

    // The primary is gone, and its address leads to the standby.
    address.lead_to(&standby);
    address.cut();
    let mut refused_by_standby = 0;
    for _ in 0..5 {
        for error in play_ten_at_once(&stage).await {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
            refused_by_standby += usize::from(error.to_string().contains("is a standby"));
        }
    }
    assert!(refused_by_standby > 10);
    // As many readers as can be at once, so that all connections of the store lead to the standby.
    let mut readers = JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        readers.spawn(async move { reads_from_standby(&store).await });
    }
    assert!(readers.join_all().await.into_iter().all(|from_standby| from_standby));

    // It leads to a primary again. Those connections are alive, and of no use.
    address.lead_to(&primary);
    let first = stage.play([Add("a")]).await;
    if let Err(error) = &first {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    for _ in 0..3 {
        assert!(play_ten_at_once(&stage).await.is_empty());
    }
    for _ in 0..50 {
        assert!(!reads_from_standby(&store).await);
    }
}
