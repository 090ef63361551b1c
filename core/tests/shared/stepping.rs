//! Futures polled by hand, one step at a time.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// Gives way once: one more place at which a future can be dropped.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future at most so many times and drops it then: a time-out without a clock.
pub(crate) async fn give_up_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        let Some(fewer) = left.checked_sub(1) else { return Poll::Ready(None) };
        left = fewer;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A future whose every poll is a call.
pub(crate) struct Stepper<F> {
    future: Pin<Box<F>>,
    woken: Arc<Woken>,
}

/// Whether the future asked to be polled again.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl<F: Future> Stepper<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Box::pin(future), woken: Arc::default() }
    }

    /// Polls once. A future that waits without anybody to wake it would hang, so that is refused.
    pub(crate) fn step(&mut self) -> Option<F::Output> {
        self.woken.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&self.woken));
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => {
                assert!(
                    self.woken.0.load(Ordering::SeqCst),
                    "the future waits and nobody wakes it"
                );
                None
            }
        }
    }

    /// Polls to the end.
    pub(crate) fn finish(mut self) -> F::Output {
        loop {
            if let Some(output) = self.step() {
                return output;
            }
        }
    }
}
