//! What follows the end of a process or a saga, and runs to its end though its caller goes away.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{self, Poll, Waker},
};

use parking_lot::Mutex;
use tracing::{Instrument, Span};

use super::Core;
use crate::future::{BoxFuture, catch};

/// Runs futures by themselves: a runtime, as the core sees it.
///
/// What follows a commit (the answer to `COMMIT`, observers, committed listeners) runs in the future of the caller,
/// as everything does. If the caller drops that future meanwhile, because a client has left or a time limit was
/// reached, the core hands the rest to its spawner.
///
/// Most applications type nothing for it: a [provider of units of work](crate::unit_of_work::UnitOfWorkProvider::spawner) that knows
/// the runtime brings a spawner along, as the stores of `dullahan-core-bridge-sqlx` do. Another one is given with
/// [`CoreBuilder::spawner`](crate::CoreBuilder::spawner); for tokio it is `Handle::current()` in a struct:
///
/// ```
/// use dullahan_core::{unit_of_work::Spawner, BoxFuture};
///
/// struct OnTokio(tokio::runtime::Handle);
///
/// impl Spawner for OnTokio {
///     fn spawn(&self, future: BoxFuture<'static, ()>) {
///         self.0.spawn(future);
///     }
/// }
/// ```
pub trait Spawner: Send + Sync + 'static {
    /// Runs the future to its end, beside everything else. Returns at once.
    fn spawn(&self, future: BoxFuture<'static, ()>);
}

/// How many futures were handed to a spawner and have not ended.
#[derive(Default)]
pub(crate) struct Pending {
    state: Mutex<PendingState>,
}

#[derive(Default)]
struct PendingState {
    count: usize,
    waiting: Vec<Waker>,
}

impl Pending {
    pub(crate) fn count(&self) -> usize {
        self.state.lock().count
    }

    /// Waits until there are none.
    pub(crate) async fn finished(&self) {
        poll_fn(|context| {
            let mut state = self.state.lock();
            if state.count == 0 {
                return Poll::Ready(());
            }
            if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                state.waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn began(&self) {
        self.state.lock().count += 1;
    }

    fn ended(&self) {
        let mut state = self.state.lock();
        state.count -= 1;
        if state.count == 0 {
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

/// A future that is polled by its caller as long as that waits, and handed to the spawner when it leaves.
pub(crate) struct Completion<T: Send + 'static> {
    future: Option<BoxFuture<'static, T>>,
    core: Core,
    event: &'static str,
    span: Span,
    when: When,
}

/// When a future is handed over that its caller has dropped.
pub(crate) enum When {
    /// Always; the flag tells it then that its caller has left. Without a spawner something is lost where anybody waits
    /// for it.
    Always { left: Arc<AtomicBool>, is_awaited: bool },
    /// If this says so; else it ends where it is.
    If(Box<dyn Fn() -> bool + Send>),
}

impl<T: Send + 'static> Completion<T> {
    pub(crate) fn new(
        core: Core,
        event: &'static str,
        when: When,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Self {
        Self { future: Some(Box::pin(future)), core, event, span: Span::current(), when }
    }
}

impl<T: Send + 'static> Future for Completion<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<T> {
        // A future that panics is not put back, so nobody polls it again.
        let Some(mut future) = self.future.take() else { return Poll::Pending };
        let poll = future.as_mut().poll(context);
        if poll.is_pending() {
            self.future = Some(future);
        }
        poll
    }
}

impl<T: Send + 'static> Drop for Completion<T> {
    fn drop(&mut self) {
        let Some(future) = self.future.take() else { return };
        match &self.when {
            When::Always { left, .. } => left.store(true, Ordering::Release),
            When::If(is_needed) if is_needed() => {}
            When::If(_) => return,
        }
        let Some(spawner) = &self.core.inner().spawner else {
            if matches!(self.when, When::Always { is_awaited: true, .. }) {
                tracing::error!(
                    event = self.event,
                    "a caller left before everything that follows the end of its process was done, and the core has \
                     no spawner to finish it: the remaining observers and listeners are not called"
                );
            }
            return;
        };
        let handed_over = HandedOver::new(&self.core, self.event);
        let span = std::mem::replace(&mut self.span, Span::none());
        let rest = async move {
            future.await;
            handed_over.finish();
        };
        if let Err(error) = catch(|| spawner.spawn(Box::pin(rest.instrument(span)))) {
            tracing::error!(event = self.event, %error, "the spawner panicked");
        }
    }
}

/// A future with a spawner, counted until it has ended.
struct HandedOver {
    pending: Arc<Pending>,
    event: &'static str,
    is_done: bool,
}

impl HandedOver {
    fn new(core: &Core, event: &'static str) -> Self {
        let pending = Arc::clone(&core.inner().pending);
        pending.began();
        Self { pending, event, is_done: false }
    }

    fn finish(mut self) {
        self.is_done = true;
    }
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        if !self.is_done {
            tracing::error!(
                event = self.event,
                "the runtime ended before everything that follows the end of a process was done: the remaining \
                 observers and listeners are not called"
            );
        }
        self.pending.ended();
    }
}
