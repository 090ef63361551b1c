//! The sealed core: finds an event's entry by its type and runs it.

use std::{
    any::{Any, TypeId},
    pin::pin,
    sync::{Arc, Weak},
};

use tracing::Instrument;

use super::{
    compensation::Compensations,
    completion::{Completion, Pending, Spawner, When},
    context::Context,
    core::Core,
    entry::Entry,
    exchange::{Answer, AnyExchange, Exchange, Frame},
    monitor::Monitors,
    notify::Observed,
    propagation::{Enclosing, Propagation},
    scope::Scope,
    spans,
    table::Table,
    unit_of_work::UnitOfWorkProvider,
};
use crate::{
    depth::{self, AtLevel},
    describe::OverriddenService,
    error::{Error, Result},
    event::{Event, Kind},
    future::BoxFuture,
    outcome::Dispatched,
    place::Place,
    service::Services,
};

/// What all clones of a core share.
pub(crate) struct Inner {
    pub(crate) entries: Vec<Entry>,
    /// Where the entry of each event stands.
    pub(crate) by_type: Table,
    /// What was registered, as the builder keeps it for an overlay.
    pub(crate) wiring: Box<dyn Any + Send + Sync>,
    /// The modules, in the order in which they were added.
    pub(crate) modules: Vec<(&'static str, Place)>,
    pub(crate) services: Services,
    /// Which of them stand in the place of others.
    pub(crate) overridden: Vec<OverriddenService>,
    pub(crate) units_of_work: Option<(Arc<dyn UnitOfWorkProvider>, Place)>,
    pub(crate) max_depth: usize,
    pub(crate) monitors: Monitors,
    /// Finishes what its caller left.
    pub(crate) spawner: Option<Arc<dyn Spawner>>,
    /// What the spawner has not finished; an overlay shares it.
    pub(crate) pending: Arc<Pending>,
    /// The core itself, for a listener that needs one to own.
    pub(crate) itself: Weak<Inner>,
}

impl Inner {
    /// A core to own.
    pub(crate) fn to_core(&self) -> Core {
        let inner =
            self.itself.upgrade().expect("a dispatch borrows its core, which is still there");
        Core::of(inner)
    }

    /// Runs an event, a process or a saga.
    pub(crate) async fn dispatch<E: Event>(
        &self,
        context: &Context,
        parent: Option<&Scope<'_>>,
        propagation: Propagation,
        event: E,
    ) -> Result<E::Output> {
        let entry = self.entry::<E>()?;
        if entry.is_immediate && self.is_unwatched(context, parent) {
            let mut exchange = Exchange::new(event);
            self.run_sync(entry, context, parent, &mut exchange)?;
            return exchange.output.ok_or_else(|| Error::not_handled(E::name()));
        }
        let exchange = Box::new(Exchange::new(event));
        self.run(entry, context, parent, propagation, exchange).await?.output::<E>()
    }

    /// The same, and how the output came about.
    pub(crate) async fn dispatch_with_outcome<E: Event>(
        &self,
        context: &Context,
        parent: Option<&Scope<'_>>,
        propagation: Propagation,
        event: E,
    ) -> Result<Dispatched<E::Output>> {
        let entry = self.entry::<E>()?;
        let exchange = Box::new(Exchange::new(event));
        let answer = self.run(entry, context, parent, propagation, exchange).await?;
        let prevented_by = answer.prevented_by.map(|by| entry.before.name_in(by, entry).to_owned());
        Ok(Dispatched::new(answer.output::<E>()?, prevented_by))
    }

    /// Whether a module declares an event.
    pub(crate) fn declares<E: Event>(&self) -> bool {
        self.by_type.contains_key(&TypeId::of::<E>())
    }

    /// The entry of an event.
    pub(crate) fn entry<E: Event>(&self) -> Result<&Entry> {
        self.by_type.get(&TypeId::of::<E>()).map_or_else(
            || {
                let (event, type_name) = (E::name(), std::any::type_name::<E>());
                Err(not_declared(event, type_name))
            },
            |index| Ok(&self.entries[*index]),
        )
    }

    /// Whether nobody looks at a dispatch, and nothing could keep it from running.
    fn is_unwatched(&self, context: &Context, parent: Option<&Scope<'_>>) -> bool {
        let level = parent.map_or(0, |parent| parent.level + depth::DISPATCH);
        !context.is_watched() && !spans::enabled() && level <= self.max_depth * depth::DISPATCH
    }

    /// Runs an event without a state machine.
    fn run_sync(
        &self,
        entry: &Entry,
        context: &Context,
        parent: Option<&Scope<'_>>,
        exchange: &mut dyn AnyExchange,
    ) -> Result<()> {
        entry.phases_sync(exchange, &self.scope(entry, context, parent))
    }

    /// Runs anything. In a box, so that the future of whoever waits for it stays small.
    pub(crate) fn run<'a>(
        &'a self,
        entry: &'a Entry,
        context: &'a Context,
        parent: Option<&'a Scope<'a>>,
        propagation: Propagation,
        exchange: Box<dyn AnyExchange>,
    ) -> BoxFuture<'a, Result<Answer>> {
        let is_left_alone = entry.kind() == Kind::Saga
            && parent.is_none()
            && self.spawner.is_some()
            && context.work().is_none();
        if is_left_alone {
            return Box::pin(self.run_by_itself(entry, context, exchange));
        }
        Box::pin(self.run_here(entry, context, parent, propagation, exchange))
    }

    /// Runs a saga from outside, whose caller may leave while it is being completed.
    fn run_by_itself(
        &self,
        entry: &Entry,
        context: &Context,
        exchange: Box<dyn AnyExchange>,
    ) -> Completion<Result<Answer>> {
        let (core, context, watched) = (self.to_core(), context.same(), context.same());
        let (name, index) = (entry.name(), entry.index);
        let when = When::If(Box::new(move || watched.is_completing()));
        let run = async move {
            let core = core.inner();
            core.run_here(&core.entries[index], &context, None, Propagation::Whole, exchange).await
        };
        Completion::new(self.to_core(), name, when, run)
    }

    async fn run_here(
        &self,
        entry: &Entry,
        context: &Context,
        parent: Option<&Scope<'_>>,
        propagation: Propagation,
        exchange: Box<dyn AnyExchange>,
    ) -> Result<Answer> {
        let scope = self.scope(entry, context, parent).checked()?;
        let trace = context.trace_log().map(|log| {
            let parent = parent.and_then(|parent| parent.trace);
            log.begin(parent, &entry.description)
        });
        let own = Compensations::default();
        let compensations = (entry.kind() == Kind::Saga).then_some(&own);
        let span =
            spans::enabled().then(|| spans::of_dispatch(entry.name(), entry.kind().as_str()));
        let scope = &Scope { trace, compensations, span: span.as_ref(), ..scope };
        let enclosing = Enclosing::of(context, propagation);
        let run = pin!(entry.run(scope, enclosing, exchange));
        let run = AtLevel { level: scope.level + depth::DISPATCH, future: run };
        let result = match &span {
            Some(span) => run.instrument(span.clone()).await,
            None => run.await,
        };
        if result.is_ok() {
            own.pass_on(scope);
        }
        result
    }

    /// Where a new dispatch stands.
    #[inline]
    fn scope<'a>(
        &'a self,
        entry: &'a Entry,
        context: &'a Context,
        parent: Option<&'a Scope<'a>>,
    ) -> Scope<'a> {
        Scope {
            core: self,
            context,
            entry,
            parent,
            ancestors: &[],
            depth: parent.map_or(0, |parent| parent.depth + 1),
            level: parent.map_or(0, |parent| parent.level + depth::DISPATCH),
            compensations: None,
            trace: None,
            span: None,
            part_of: None,
        }
    }
}

impl Entry {
    /// Runs it, and tells everybody what came of it.
    async fn run(
        &self,
        scope: &Scope<'_>,
        enclosing: Enclosing<'_>,
        exchange: Box<dyn AnyExchange>,
    ) -> Result<Answer> {
        scope.core.monitors.entered(scope);
        if self.kind() == Kind::Process {
            return Box::pin(self.run_process(scope, enclosing, exchange)).await;
        }
        let mut frame = Frame::new(exchange);
        let result = self.phases(frame.parts(), scope).await;
        let _completing = (self.kind() == Kind::Saga).then(|| scope.context.completing());
        if let (Err(_), Some(compensations)) = (&result, scope.compensations) {
            compensations.run(scope).await;
        }
        match enclosing {
            Enclosing::Inside(work) | Enclosing::Savepoint(work) => {
                Observed::new(self, work, scope, frame, result).look().await
            }
            Enclosing::Outside => {
                self.observe(&mut frame, &result, scope).await;
                let ended = result.as_ref().copied();
                let untimed = scope.context.deadline().map(|_| scope.context.untimed());
                let scope = &Scope { context: untimed.as_ref().unwrap_or(scope.context), ..*scope };
                self.settle(frame.parts(), ended, scope).await;
                result.map(|()| frame.answer())
            }
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
    pub(super) fn check_depth(&self, level: usize) -> Result<()> {
        let deepest = self.core.max_depth * depth::DISPATCH;
        if level > deepest { Err(too_deep(self)) } else { Ok(()) }
    }
}

#[cold]
fn not_declared(event: &'static str, type_name: &'static str) -> Error {
    Error::internal(NotDeclared { event, type_name })
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
