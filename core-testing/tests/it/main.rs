//! The testing kit: that it sees, fakes and finds what it says, and that its assertions fail when they should.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod each_step;
mod everything;
mod fakes;
mod memory_store;
mod page;
mod recorder;
#[path = "../../../core/tests/shared/support.rs"]
#[expect(dead_code, unused_imports, reason = "the other test binaries use the rest")]
mod support;
mod undoing;

use std::{panic::AssertUnwindSafe, task::Poll};

/// What a call said when it panicked, as it must.
fn panic_of<T>(call: impl FnOnce() -> T) -> String {
    match std::panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => *payload.downcast::<String>().unwrap(),
    }
}

/// What a future said when it panicked, as it must.
async fn panic_of_future(future: impl Future) -> String {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(_)) => panic!("it did not panic"),
            Err(payload) => Poll::Ready(*payload.downcast::<String>().unwrap()),
        }
    })
    .await
}
