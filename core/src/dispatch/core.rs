//! The sealed wiring of an application, as it is used from outside.

use std::sync::Arc;

use super::{run::Inner, standing::Joining};
use crate::{
    builder::CoreBuilder,
    context::Context,
    defect::BuildError,
    describe::Description,
    error::Result,
    event::{Process, Saga, Step},
    service::Services,
};

/// The sealed wiring of an application: every event with its default action and its listeners.
///
/// It comes out of [`CoreBuilder::build`] and never changes after that. Cloning is cheap, it is `Send + Sync`,
/// and finding the listeners of an event takes no lock and counts no reference, so any number of threads may share it.
///
/// | to start | from outside | inside of a listener |
/// | --- | --- | --- |
/// | a saga | [`run`](Self::run), [`run_in`](Self::run_in) | `ev.run(..)` |
/// | a process | [`run_process`](Self::run_process), [`run_process_in`](Self::run_process_in) | `ev.dispatch(..)` |
/// | an event | [`dispatch`](Self::dispatch) | `ev.dispatch(..)` |
///
/// The cost of a dispatch grows with the listeners of that event and with nothing else.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Inner>,
}

impl Core {
    /// Begins to wire a core.
    pub fn builder() -> CoreBuilder {
        CoreBuilder::new()
    }

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

    /// Runs a saga from outside, in a context that holds a request, say.
    ///
    /// # Cost
    ///
    /// It grows as that of [`dispatch`](Self::dispatch) does, and costs two boxes more.
    ///
    /// # Errors
    ///
    /// Whatever error ended the saga.
    pub async fn run_in<S: Saga>(&self, context: &Context, saga: S) -> Result<S::Output> {
        self.inner.dispatch(context, None, Joining::Whole, saga).await
    }

    /// Runs a process from a job or a test, with a context of its own.
    ///
    /// # Errors
    ///
    /// Whatever error ended the process; nothing of it is stored then.
    pub async fn run_process<P: Process>(&self, process: P) -> Result<P::Output> {
        self.run_process_in(&Context::new(), process).await
    }

    /// Runs a process from a job or a test, in a context of the caller's.
    ///
    /// # Errors
    ///
    /// Whatever error ended the process; nothing of it is stored then.
    pub async fn run_process_in<P: Process>(
        &self,
        context: &Context,
        process: P,
    ) -> Result<P::Output> {
        self.inner.dispatch(context, None, Joining::Whole, process).await
    }

    /// Dispatches a step from outside: in a test, or for an event that asks rather than changes.
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
        self.inner.dispatch(context, None, Joining::Whole, step).await
    }

    /// A core of its own with more listeners laid over this one: for a tenant, say, or for a test.
    ///
    /// This core stays as it is. The listeners are the same ones, with the services they were given; those of
    /// the overlay come after them where priorities are equal. It may declare events, add modules and provide
    /// services as well. Building one costs what building this one did, so make it once and keep it.
    ///
    /// ```
    /// # use dullahan_core::{After, Context, Core, Event, Perform};
    /// #[derive(Event)]
    /// #[event(output = String)]
    /// struct Greet;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut core = Core::builder();
    /// core.declare::<Greet>().default(|_: Perform<'_, Greet>| Ok("Hello".to_owned()));
    /// let core = core.build()?;
    ///
    /// let north = core.overlay(|north| {
    ///     north.event::<Greet>().after(|mut ev: After<'_, Greet>| {
    ///         ev.output_mut().push_str(" from the north");
    ///         Ok(())
    ///     });
    /// })?;
    ///
    /// assert_eq!(north.dispatch(&Context::new(), Greet).await?, "Hello from the north");
    /// assert_eq!(core.dispatch(&Context::new(), Greet).await?, "Hello");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// With every defect of the wiring that results, as [`CoreBuilder::build`] does.
    pub fn overlay(&self, change: impl FnOnce(&mut CoreBuilder)) -> Result<Self, BuildError> {
        let mut builder = CoreBuilder::over(&self.inner);
        change(&mut builder);
        builder.build()
    }

    /// The whole wiring, as data.
    pub fn describe(&self) -> Description {
        Description::new(&self.inner)
    }

    /// Waits until everything is done that callers left to the [spawner](crate::Spawner): the end of processes whose
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
