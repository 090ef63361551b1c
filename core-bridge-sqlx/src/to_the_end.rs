//! A future that runs to its end, whether somebody waits for it or not.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use dullahan_core::{BoxFuture, Result};

/// Makes a future that runs to its end, whether somebody waits for it or not.
///
/// As long as somebody does it runs in place, which costs no task; when they drop it, a task of the runtime
/// takes over where they left. What is half said to a database, such as `COMMIT`, is thus always said whole
/// and its answer always heard.
pub(crate) fn to_the_end<T: Send + 'static>(
    future: impl Future<Output = Result<T>> + Send + 'static,
) -> ToTheEnd<T> {
    ToTheEnd(Some(Box::pin(future)))
}

/// See [`to_the_end`].
pub(crate) struct ToTheEnd<T: Send + 'static>(Option<BoxFuture<'static, Result<T>>>);

impl<T: Send + 'static> Future for ToTheEnd<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        let poll = future.as_mut().poll(context);
        if poll.is_ready() {
            self.0 = None;
        }
        poll
    }
}

impl<T: Send + 'static> Drop for ToTheEnd<T> {
    fn drop(&mut self) {
        let Some(future) = self.0.take() else { return };
        // Without a runtime there is nothing left to talk to the database with.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async {
                if let Err(error) = future.await {
                    tracing::warn!(%error, "what nobody waited for any more failed in the database");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};

    use tokio::sync::Notify;

    use super::to_the_end;

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_runs_to_its_end() {
        let (go_on, finished) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let future = to_the_end({
            let (go_on, finished) = (Arc::clone(&go_on), Arc::clone(&finished));
            async move {
                go_on.notified().await;
                finished.notify_one();
                Ok(())
            }
        });
        {
            let mut future = pin!(future);
            poll_fn(|context| {
                assert!(future.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        go_on.notify_one();
        finished.notified().await;
    }

    #[tokio::test]
    async fn what_was_never_polled_runs_to_its_end_too() {
        let finished = Arc::new(Notify::new());
        drop(to_the_end({
            let finished = Arc::clone(&finished);
            async move {
                finished.notify_one();
                Ok(())
            }
        }));
        finished.notified().await;
    }

    #[test]
    fn without_a_runtime_it_is_dropped() {
        drop(to_the_end(async { Ok(()) }));
    }
}
