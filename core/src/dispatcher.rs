//! The sealed core: finds an event's pipeline by its slot and runs it.

mod immediate;
mod lane;
mod pipeline;
mod roll;
mod sealed;
mod spans;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    pin::pin,
    sync::{Arc, Weak},
};

pub(crate) use self::{
    lane::Lane,
    pipeline::{CopyOutput, Pipeline, Standing},
    roll::Condition,
};
#[cfg(feature = "inventory")]
use crate::builder::Discovered;
use crate::{
    builder::{AnyRegistration, CoreBuilder, Expected, Verification},
    compensation::Compensations,
    completion::{Completion, Pending, Spawner, When},
    context::Context,
    defect::BuildError,
    depth::{self, AtLevel},
    describe::{Description, EventDescription, Place},
    error::{Error, Result},
    event::{Event, Process, Saga, Step},
    future::OutOfLine,
    monitor::Monitors,
    scope::Scope,
    service::Services,
    unit_of_work::UnitOfWorkProvider,
};

/// The sealed wiring of an application: every event with its default action and its listeners.
///
/// It comes out of [`CoreBuilder::build`] and never changes after that. Cloning is cheap, it is `Send + Sync`,
/// and dispatching takes no lock and counts no reference, so any number of threads may share it.
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

/// What all clones of a core share.
pub(crate) struct Inner {
    /// Indexed by an event's slot; each entry is a `Pipeline<E>`, or `()` where this core has no such event.
    pub(crate) table: Vec<Box<dyn Any + Send + Sync>>,
    pub(crate) events: Vec<Arc<EventDescription>>,
    /// What was registered to each event, for an overlay.
    pub(crate) registrations: Vec<Box<dyn AnyRegistration>>,
    /// The linked listeners among them.
    #[cfg(feature = "inventory")]
    pub(crate) discovered: Discovered,
    pub(crate) modules: Vec<(&'static str, Place)>,
    pub(crate) services: Services,
    pub(crate) provided: HashMap<TypeId, Place>,
    pub(crate) units_of_work: Option<(Arc<dyn UnitOfWorkProvider>, Place)>,
    pub(crate) max_depth: usize,
    pub(crate) monitors: Monitors,
    /// Finishes what its caller left.
    pub(crate) spawner: Option<Arc<dyn Spawner>>,
    /// What the spawner has not finished; an overlay shares it.
    pub(crate) pending: Arc<Pending>,
    /// The core itself, for a listener that needs one to own.
    pub(crate) itself: Weak<Inner>,
    /// Where services come from that an overlay may ask for.
    pub(crate) expected: Expected,
    /// Checks of services against each other, which an overlay passes too.
    pub(crate) verifications: Vec<Verification>,
}

impl Core {
    /// Begins to wire a core.
    pub fn builder() -> CoreBuilder {
        CoreBuilder::new()
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
    /// It grows as that of [`dispatch`](Self::dispatch) does. A saga of which a listener is async, or waits for the
    /// outcome, costs a box, so that the future of whoever runs it stays small.
    ///
    /// # Errors
    ///
    /// Whatever error ended the saga.
    pub async fn run_in<S: Saga>(&self, context: &Context, saga: S) -> Result<S::Output> {
        self.inner.run(context, None, saga).await
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
        self.inner.dispatch(context, None, process).await
    }

    /// Dispatches a step from outside: in a test, or for an event that asks rather than changes.
    ///
    /// # Cost
    ///
    /// It grows with the listeners of this event, each by the same amount, and not with how many events the core
    /// has: they are found by an index. A plain event allocates nothing as long as its listeners, its default
    /// action among them, are sync; an async one costs a box. A process costs a box and its unit of work.
    ///
    /// Inside of a listener `ev.dispatch(..)` is the one to use. This one, given `ev.context()`, shares the
    /// context and its unit of work too, but begins anew otherwise: with a chain and a trace of its own, and outside
    /// of any saga. It is as deep as a dispatch by the handle.
    ///
    /// # Errors
    ///
    /// Whatever error ended the step.
    #[inline]
    pub async fn dispatch<S: Step>(&self, context: &Context, step: S) -> Result<S::Output> {
        let core = &*self.inner;
        match core.immediate(context, None) {
            Some(pipeline) => pipeline.run_immediate(core, context, None, step),
            None => OutOfLine(pin!(core.dispatch(context, None, step))).await,
        }
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
    ///     north.event::<Greet>().after(0, |mut ev: After<'_, Greet>| {
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
        f.debug_struct("Core").field("events", &self.inner.events.len()).finish_non_exhaustive()
    }
}

impl Inner {
    /// A core to own.
    pub(crate) fn to_core(&self) -> Core {
        let inner =
            self.itself.upgrade().expect("a dispatch borrows its core, which is still there");
        Core { inner }
    }

    pub(crate) fn pipeline<E: Event>(&self) -> Option<&Pipeline<E>> {
        self.table.get(E::slot().get())?.downcast_ref()
    }

    /// The pipeline of an event that runs without a state machine, and that nobody watches.
    #[inline]
    pub(crate) fn immediate<E: Event>(
        &self,
        context: &Context,
        parent: Option<&Scope<'_>>,
    ) -> Option<&Pipeline<E>> {
        let is_deep = parent.is_some_and(|parent| {
            parent.level + depth::DISPATCH > self.max_depth * depth::DISPATCH
        });
        self.pipeline::<E>().filter(|pipeline| {
            pipeline.is_immediate() && !context.is_watched() && !spans::enabled() && !is_deep
        })
    }

    /// Runs the pipeline of a saga.
    #[inline]
    pub(crate) async fn run<S: Saga>(
        &self,
        context: &Context,
        parent: Option<&Scope<'_>>,
        saga: S,
    ) -> Result<S::Output> {
        let Some(pipeline) = self.immediate(context, parent) else {
            if parent.is_none() && self.spawner.is_some() && context.work().is_none() {
                return self.run_by_itself(context, saga).await;
            }
            // In a box: the future of whoever runs a saga, such as a handler, would be larger by a kilobyte or two.
            return Box::pin(self.dispatch(context, parent, saga)).await;
        };
        let own = Compensations::default();
        let compensations = Some(&own);
        let scope = Scope { compensations, ..self.scope(pipeline, context, parent) };
        let result = pipeline.run_plain(&scope, saga);
        if own.is_needed() {
            match &result {
                Ok(_) => own.pass_on(&scope),
                Err(_) => Box::pin(own.run(&scope)).await,
            }
        }
        result
    }

    /// Runs a saga from outside, whose caller may leave while it is being completed.
    fn run_by_itself<S: Saga>(&self, context: &Context, saga: S) -> Completion<Result<S::Output>> {
        let (core, context, watched) = (self.to_core(), context.same(), context.same());
        let when = When::If(Box::new(move || watched.is_completing()));
        let run = async move { core.inner.dispatch(&context, None, saga).await };
        Completion::new(self.to_core(), S::NAME, when, run)
    }

    /// Runs the pipeline of an event; a process joins the unit of work around it, if there is one.
    pub(crate) async fn dispatch<E: Event>(
        &self,
        context: &Context,
        parent: Option<&Scope<'_>>,
        event: E,
    ) -> Result<E::Output> {
        let pipeline = self.pipeline::<E>().ok_or_else(not_declared::<E>)?;
        let scope = self.scope(pipeline, context, parent).checked()?;
        if pipeline.direct && context.trace_log().is_none() && !spans::enabled() {
            let direct = pin!(pipeline.run_direct(&scope, event));
            return AtLevel { level: scope.level + depth::DISPATCH, future: direct }.await;
        }
        let standing = Standing::of::<E>(context);
        pipeline.run_in_span(&scope, standing, event).await
    }

    /// Runs the pipeline of a process in a savepoint of the unit of work around it, if there is one.
    pub(crate) async fn dispatch_in_savepoint<P: Process>(
        &self,
        context: &Context,
        parent: &Scope<'_>,
        process: P,
    ) -> Result<P::Output> {
        let pipeline = self.pipeline::<P>().ok_or_else(not_declared::<P>)?;
        let scope = self.scope(pipeline, context, Some(parent)).checked()?;
        let standing = match context.work() {
            Some(work) => Standing::Savepoint(work),
            None => Standing::Owner,
        };
        pipeline.run_in_span(&scope, standing, process).await
    }

    /// Where a new dispatch stands.
    #[inline]
    pub(crate) fn scope<'a, E: Event>(
        &'a self,
        pipeline: &'a Pipeline<E>,
        context: &'a Context,
        parent: Option<&'a Scope<'a>>,
    ) -> Scope<'a> {
        Scope {
            core: self,
            context,
            description: pipeline.description(),
            parent,
            ancestors: &[],
            depth: parent.map_or(0, |parent| parent.depth + 1),
            level: parent.map_or(0, |parent| parent.level + depth::DISPATCH),
            compensations: None,
            trace: None,
            span: None,
            end_of: None,
        }
    }
}

impl Scope<'_> {
    /// Fails past the deadline and beyond the greatest depth.
    fn checked(mut self) -> Result<Self> {
        self.level = self.level.max(depth::current());
        self.check_depth(self.level)?;
        self.context.check_deadline()?;
        Ok(self)
    }

    /// Fails where so many levels are too many.
    pub(crate) fn check_depth(&self, level: usize) -> Result<()> {
        let deepest = self.core.max_depth * depth::DISPATCH;
        if level > deepest { Err(too_deep(self)) } else { Ok(()) }
    }
}

#[cold]
pub(crate) fn not_declared<E: Event>() -> Error {
    Error::internal(NotDeclared { event: E::NAME, type_name: std::any::type_name::<E>() })
}

#[cold]
fn too_deep(scope: &Scope<'_>) -> Error {
    let chain = scope.chain();
    let shown = 8.min(chain.len());
    Error::internal(TooDeep {
        max_depth: scope.core.max_depth,
        innermost: chain[chain.len() - shown..].join(" > "),
    })
}

/// An event was dispatched that no module of this core declares.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{event}` ({type_name}) was dispatched, but no module of this core declares it; \
     add `core.declare::<{event}>()` to the module that owns it, or add that module to the builder"
)]
struct NotDeclared {
    event: &'static str,
    type_name: &'static str,
}

/// Events dispatched one another without end.
#[derive(Debug, thiserror::Error)]
#[error(
    "events are nested deeper than {max_depth}, where four wraps count as one event; the innermost are .. > {innermost}; \
     a listener that dispatches its own event needs a condition that ends it"
)]
struct TooDeep {
    max_depth: usize,
    innermost: String,
}
