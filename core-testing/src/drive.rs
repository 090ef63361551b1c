//! Polls a run, and drops it where it is to be dropped.

use std::task::Poll;

use dullahan_core::{
    Error, Result,
    private::{catch_unwind, said},
};

use super::attempt::LocalFuture;

/// How a run ended.
#[derive(Debug)]
pub(super) enum Ended {
    Succeeded,
    Failed(Error),
    /// A panic came out of it, and this is what it said.
    Panicked(String),
    /// Its future was dropped.
    Dropped,
}

/// Polls a future to its end, or drops it the n-th time it waits.
pub(super) async fn drive(future: LocalFuture<Result<()>>, drop_at: Option<usize>) -> Ended {
    let mut future = Some(future);
    let mut waited = 0;
    let ended = std::future::poll_fn(|context| {
        let Some(run) = &mut future else { return Poll::Ready(Ended::Dropped) };
        match catch_unwind(|| run.as_mut().poll(context)) {
            Ok(Poll::Ready(Ok(()))) => Poll::Ready(Ended::Succeeded),
            Ok(Poll::Ready(Err(error))) => Poll::Ready(Ended::Failed(error)),
            Err(payload) => Poll::Ready(Ended::Panicked(said(&*payload))),
            Ok(Poll::Pending) => {
                waited += 1;
                if Some(waited) != drop_at {
                    return Poll::Pending;
                }
                future = None;
                Poll::Ready(Ended::Dropped)
            }
        }
    })
    .await;
    drop(future);
    ended
}

/// Runs a check; what it said if it panicked.
pub(super) async fn checked(check: LocalFuture<()>) -> Option<String> {
    let mut check = check;
    std::future::poll_fn(|context| match catch_unwind(|| check.as_mut().poll(context)) {
        Ok(poll) => poll.map(|()| None),
        Err(payload) => Poll::Ready(Some(said(&*payload))),
    })
    .await
}
