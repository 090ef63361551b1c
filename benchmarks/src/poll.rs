//! A future that is ready at once, without a runtime.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// The output of a future that waits for nothing.
///
/// # Panics
///
/// When it does wait.
#[inline(always)]
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}
