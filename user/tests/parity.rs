//! The table of requests asks everything of every route.

use dullahan_user::{
    infrastructure::MemoryStores,
    testing::parity::{Stage, Transcript},
};

#[tokio::test]
async fn every_route_succeeds_for_everybody_who_may_use_it() {
    let stage = Stage::new(MemoryStores::new()).unwrap();
    let transcript = Transcript::of_function(&stage).await;
    transcript.assert_complete(stage.users());
    assert_eq!(transcript.count(500..600), 0);
}
