//! Futures that run at once.

use std::{future::poll_fn, task::Poll};

use dullahan_core::BoxFuture;

/// Runs futures at once and gives what came of each, in their order.
///
/// On one thread: what races are the statements in the store.
pub(super) async fn all_at_once<'a, T>(
    futures: impl IntoIterator<Item = BoxFuture<'a, T>>,
) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (future, None)).collect();
    poll_fn(|context| {
        let mut ready = true;
        for (future, output) in &mut running {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *output = Some(value),
                    Poll::Pending => ready = false,
                }
            }
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}
