//! The stores in memory do what those in a database do.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use dullahan_user::{infrastructure::MemoryStores, testing::Stores};

async fn stores() -> Stores {
    Stores::new(MemoryStores::new()).unwrap()
}

dullahan_user::test_stores!(
    #[tokio::test]
    stores()
);

#[test]
fn what_is_kept_is_not_shown() {
    assert_eq!(format!("{:?}", MemoryStores::new()), "MemoryStores { .. }");
}
