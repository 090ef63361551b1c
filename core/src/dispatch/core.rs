//! The sealed wiring of an application, as it is used from outside.

use std::sync::Arc;

use super::{context::Context, propagation::Propagation, run::Inner};
use crate::{
    describe::Description,
    error::Result,
    event::{Event, Saga, Step},
    service::Services,
};

/// The sealed wiring of an application: every event with its default action and its listeners.
///
/// It comes out of [`CoreBuilder::build`](crate::CoreBuilder::build) and never changes after that. Cloning is cheap, it is `Send + Sync`,
/// and finding the listeners of an event takes no lock and counts no reference, so any number of threads may share it.
///
/// | to start | from outside | inside of a listener |
/// | --- | --- | --- |
/// | a saga | [`run`](Self::run), [`run_in`](Self::run_in) | `ev.run(..)` |
/// | a process or an event | [`dispatch`](Self::dispatch) | `ev.dispatch(..)` |
///
/// The cost of a dispatch grows with the listeners of that event and with nothing else.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Inner>,
}

impl Core {
    pub(super) fn of(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    pub(crate) fn seal(inner: Inner) -> Self {
        Self { inner: Arc::new_cyclic(|itself| Inner { itself: itself.clone(), ..inner }) }
    }

    /// Runs a saga from outside, with a context of its own.
    ///
    /// # Errors
    ///
    /// Whatever error ended the saga.
    pub async fn run<S: Saga>(&self, saga: S) -> Result<S::Output> {
        self.run_in(&Context::new(), saga).await
    }

    /// Runs a saga from outside, in a context that holds a request, for example.
    ///
    /// # Cost
    ///
    /// It grows as that of [`dispatch`](Self::dispatch) does, and costs two boxes more.
    ///
    /// # Errors
    ///
    /// Whatever error ended the saga.
    pub async fn run_in<S: Saga>(&self, context: &Context, saga: S) -> Result<S::Output> {
        self.inner.dispatch(context, None, Propagation::Whole, saga).await
    }

    /// Dispatches a step from outside: a process from a job or a test, or an event that only asks.
    ///
    /// `core.dispatch(&Context::new(), step)` gives it a context of its own.
    ///
    /// # Cost
    ///
    /// It grows with the listeners of this event, each by the same amount, and not with how many events the core
    /// has: they are found by the type of the event. A plain event allocates nothing as long as its listeners, its default
    /// action among them, are sync. Any other dispatch costs two boxes, and one for each async listener; a process costs
    /// two more, and its unit of work.
    ///
    /// Inside of a listener `ev.dispatch(..)` is the one to use. This one, given `ev.context()`, shares the
    /// context and its unit of work too, but begins anew otherwise: with a chain and a trace of its own, and outside
    /// of any saga. It is as deep as a dispatch by the handle.
    ///
    /// # Errors
    ///
    /// Whatever error ended the step.
    pub async fn dispatch<S: Step>(&self, context: &Context, step: S) -> Result<S::Output> {
        self.inner.dispatch(context, None, Propagation::Whole, step).await
    }

    /// Whether a module of this core declares an event: by its type, since two modules may use one name.
    pub fn declares<E: Event>(&self) -> bool {
        self.inner.declares::<E>()
    }

    /// The whole wiring, as data.
    pub fn describe(&self) -> Description {
        self.inner.description()
    }

    /// Waits until everything is done that callers left to the [spawner](crate::unit_of_work::Spawner): the end of processes whose
    /// commit was under way, observers, committed listeners.
    ///
    /// For a graceful stop: once the server has ended, wait for it within a limit, such as that of
    /// `tokio::time::timeout`, before the runtime ends. Overlays of this core count as this core.
    pub async fn finish_pending(&self) {
        self.inner.pending.finished().await;
    }

    /// How many processes and sagas callers have left to the spawner that are not done.
    pub fn pending(&self) -> usize {
        self.inner.pending.count()
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The services that listeners were given.
    pub fn services(&self) -> &Services {
        &self.inner.services
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("events", &self.inner.entries.len()).finish_non_exhaustive()
    }
}
