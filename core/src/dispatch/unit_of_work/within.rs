//! A time limit without a runtime.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use futures_timer::Delay;

/// Waits for a future no longer than this. Its timer starts when the future has to wait, and not before.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut delay = None;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => {
            let delay = delay.get_or_insert_with(|| Delay::new(limit));
            pin!(delay).poll(context).map(|()| None)
        }
    })
    .await
}
