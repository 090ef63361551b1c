//! A graceful stop.

use std::time::Duration;

use dullahan_core::Core;

async fn stop(core: &Core) {
    if tokio::time::timeout(Duration::from_secs(10), core.finish_pending()).await.is_err() {
        eprintln!("stopped before {} processes were finished", core.pending());
    }
}

#[tokio::test]
async fn a_core_without_pending_work_stops_at_once() {
    let core = Core::builder().build().unwrap();
    stop(&core).await;
    assert_eq!(core.pending(), 0);
}
