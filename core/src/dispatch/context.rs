//! What flows down unbroken from a saga to its last nested event.

mod completing;
mod not_cloned;
mod principal;
mod response_head;
mod scoped;
mod values;
mod writing;

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use self::{completing::Completing, values::Values};
pub use self::{
    principal::Principal, response_head::ResponseHead, scoped::ScopedContext,
    writing::write_outside_of_a_process,
};
pub(crate) use self::{
    response_head::{Changing, Draft},
    values::ScopedValue,
};
use super::unit_of_work::{UnitOfWorkGuard, UnitOfWorkId, Work};
use crate::{
    error::{Error, ErrorKind, Result},
    trace::{Trace, TraceLog},
};

/// What flows down unbroken from a saga to its last nested event.
///
/// It carries what every step may need and none should have to pass on: the head of the request, the head of
/// the response in the making, who is signed in, a deadline, and typed extensions of the application's own.
/// A child sees what its parent set, and the parent sees afterwards what a child set.
///
/// Repositories take it as their first argument: it leads them to the unit of work of the process they run in.
///
/// ```
/// use dullahan_core::Context;
///
/// #[derive(Clone, PartialEq, Debug)]
/// struct Tenant(&'static str);
///
/// let context = Context::new();
/// context.insert(Tenant("north"));
/// assert_eq!(context.get::<Tenant>(), Some(Tenant("north")));
/// ```
///
/// A value that is meant for one dispatch, and for what is dispatched below it, does not belong here: dispatch with
/// it, `ev.with(Tenant("south")).dispatch(..)`.
pub struct Context {
    shared: Arc<Shared>,
    work: Option<Arc<Work>>,
    /// The values of this dispatch and of those around it, the innermost first.
    scoped: Option<Arc<ScopedValue>>,
    deadline: Option<Instant>,
    trace: Option<Arc<TraceLog>>,
    /// Whether a dispatch has to look at the clock or to note anything.
    is_watched: bool,
    /// Which attempt of a repeatable process acts here.
    attempt: u32,
    /// Whether an observer, which may only look, acts here.
    is_observing: bool,
}

/// The part that all contexts of one saga have in common.
#[derive(Default)]
struct Shared {
    request: Option<http::request::Parts>,
    client_address: Option<IpAddr>,
    principal: Mutex<Option<Principal>>,
    response: Changing<ResponseHead>,
    values: Values,
    /// How many processes and sagas are being completed.
    completing: AtomicUsize,
}

impl Context {
    /// An empty context, for a job or a test.
    pub fn new() -> Self {
        Self::around(Arc::default())
    }

    /// The context of a request that came over HTTP; the body is the saga's business.
    pub fn of_request(head: http::request::Parts, client_address: Option<IpAddr>) -> Self {
        let shared = Shared { request: Some(head), client_address, ..Shared::default() };
        Self::around(Arc::new(shared))
    }

    fn around(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            work: None,
            scoped: None,
            deadline: None,
            trace: None,
            is_watched: false,
            attempt: 1,
            is_observing: false,
        }
    }

    /// Sets how long the whole saga may take, from now.
    ///
    /// Past it no further step is dispatched: the dispatch fails with [`ErrorKind::Unavailable`] and the unit of
    /// work rolls back. A step under way is not interrupted.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.deadline = Instant::now().checked_add(limit);
        self.is_watched = true;
        self
    }

    /// Asks for a [`Trace`] of everything that is dispatched in this context.
    #[must_use]
    pub fn with_trace(mut self) -> Self {
        self.trace = Some(Arc::default());
        self.is_watched = true;
        self
    }

    /// The course of everything that was dispatched so far, if [`with_trace`](Self::with_trace) asked for it.
    pub fn trace(&self) -> Option<Trace> {
        self.trace_log().map(TraceLog::collect)
    }

    /// Method, path and headers of the request, if the saga came over HTTP.
    pub fn request(&self) -> Option<&http::request::Parts> {
        self.shared.request.as_ref()
    }

    /// The client's address, as the bridge made it out through the proxies that it was told to trust.
    pub fn client_address(&self) -> Option<IpAddr> {
        self.shared.client_address
    }

    /// The moment past which no further step is dispatched.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Who is signed in, if anybody is.
    pub fn principal(&self) -> Option<Principal> {
        self.shared.principal.lock().clone()
    }

    /// Says who is signed in, or that nobody is.
    pub fn set_principal(&self, principal: Option<Principal>) {
        *self.shared.principal.lock() = principal;
    }

    /// Changes the head of the response: status, headers, cookies.
    ///
    /// Inside of a process the change is a part of its unit of work, or of its savepoint: it is undone with it. A header
    /// that belongs to a refusal is put there by a rolled-back listener, or outside of the process. An observer sees the
    /// head, and what it changes has no effect.
    ///
    /// # Panics
    ///
    /// When it is called by a `change` that is under way: there would be two exclusive references to one head.
    pub fn response<T>(&self, change: impl FnOnce(&mut ResponseHead) -> T) -> T {
        match &self.work {
            _ if self.is_observing => self.look_at_response(change),
            Some(work) => work.response(change),
            None => self.shared.response.change(change),
        }
    }

    /// The head of the response as it is seen here.
    pub(crate) fn response_now(&self) -> ResponseHead {
        match &self.work {
            Some(work) => work.response_now(),
            None => self.shared.response.change(|head| head.clone()),
        }
    }

    fn look_at_response<T>(&self, look: impl FnOnce(&mut ResponseHead) -> T) -> T {
        let mut head = self.response_now();
        let before = head.clone();
        let seen = look(&mut head);
        if head != before {
            tracing::error!("an observer changed the head of the response, which has no effect");
        }
        seen
    }

    /// Puts a value of the application's own into the context and returns the one of the same type before it.
    ///
    /// Everything that is dispatched in this context sees it from then on, also what is dispatched elsewhere at
    /// the same time. In a dispatch that was given a value of this type, it replaces that one.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) -> Option<T> {
        match self.scoped_value::<T>() {
            Some(scoped) => scoped.insert(value),
            None => self.shared.values.insert(value),
        }
    }

    /// A copy of the value of this type.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        match self.scoped_value::<T>() {
            Some(scoped) => scoped.get(),
            None => self.shared.values.get(),
        }
    }

    /// Takes the value of this type out.
    pub fn remove<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        match self.scoped_value::<T>() {
            Some(scoped) => scoped.remove(),
            None => self.shared.values.remove(),
        }
    }

    /// The same context with a value for what is dispatched in it, and for nothing else.
    ///
    /// It is seen by that dispatch and by everything below it, later by their committed and rolled-back listeners
    /// and by the compensations that they keep. Inside of a listener, `ev.with(..)` dispatches so in one go.
    ///
    /// ```
    /// # use dullahan_core::{Context, Core, DefaultAction, Event};
    /// #[derive(Clone)]
    /// struct Tenant(&'static str);
    ///
    /// #[derive(Event)]
    /// #[event(output = &'static str)]
    /// struct WhoseTurn;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> dullahan_core::Result<()> {
    /// let mut core = Core::builder();
    /// core.declare::<WhoseTurn>().default(|ev: DefaultAction<'_, WhoseTurn>| {
    ///     Ok(ev.context().get().map_or("nobody's", |Tenant(name)| name))
    /// });
    /// let core = core.build()?;
    ///
    /// let context = Context::new();
    /// assert_eq!(core.dispatch(&context.with(Tenant("north")), WhoseTurn).await?, "north");
    /// assert_eq!(core.dispatch(&context, WhoseTurn).await?, "nobody's");
    /// # Ok(())
    /// # }
    /// ```
    pub fn with<T: Clone + Send + Sync + 'static>(&self, value: T) -> ScopedContext<'_> {
        ScopedContext::new(self.narrowed(value))
    }

    fn narrowed<T: Clone + Send + Sync + 'static>(&self, value: T) -> Self {
        let scoped = ScopedValue::new(value, self.scoped.clone());
        Self { scoped: Some(Arc::new(scoped)), ..self.same() }
    }

    fn scoped_value<T: 'static>(&self) -> Option<&ScopedValue> {
        self.scoped.as_ref()?.find::<T>()
    }

    /// Whether a process or a saga is being completed in this context: a commit or a rollback is under way, or what
    /// follows it.
    ///
    /// For edges that limit the time of a request: what is being stored is worth waiting for a little longer.
    pub fn is_completing(&self) -> bool {
        self.shared.completing.load(Ordering::Acquire) > 0
    }

    /// Notes that a process or a saga is being completed, as long as the guard lives.
    pub(crate) fn completing(&self) -> Completing<'_> {
        self.shared.completing.fetch_add(1, Ordering::AcqRel);
        Completing(self)
    }

    /// The unit of work of the process that this runs in; `None` outside of a process.
    ///
    /// For adapters: the first call in a process begins the unit of work, and as long as the guard lives no
    /// other repository has it. Outside of a process an adapter reads straight from its pool, and refuses to
    /// write with [`write_outside_of_a_process`].
    ///
    /// # Errors
    ///
    /// When the unit of work cannot be begun, is over already, or stays in use beyond the
    /// [limit](crate::unit_of_work::UnitOfWorkProvider::wait_limit): the guard of a caller further up was not dropped before this
    /// was called.
    pub async fn unit_of_work(&self) -> Result<Option<UnitOfWorkGuard<'_>>> {
        match &self.work {
            Some(work) => work.lock().await.map(Some),
            None => Ok(None),
        }
    }

    /// What tells the unit of work of the process that this runs in from every other one of this program; `None` outside
    /// of a process. Its savepoints have the same one, each attempt of a repeatable process has another.
    pub fn unit_of_work_id(&self) -> Option<UnitOfWorkId> {
        self.work.as_ref().map(|work| work.id())
    }

    /// Which attempt of the repeatable process acts here: 1 for the first one, and wherever nothing is run again.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The same request outside of any unit of work, with its values, its deadline and its trace: what reads in it sees
    /// what is committed, and neither waits for the writer of a process nor makes it one.
    ///
    /// A process that is dispatched in it has a unit of work of its own. With a store that has one writer, such as SQLite,
    /// it would wait for the process that waits for it, and fails at the store's limit.
    pub fn outside_of_unit_of_work(&self) -> ScopedContext<'_> {
        ScopedContext::new(self.outside())
    }

    pub(crate) fn work(&self) -> Option<&Arc<Work>> {
        self.work.as_ref()
    }

    /// Whether a dispatch has to look at the clock or to note anything.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.is_watched
    }

    #[inline]
    pub(crate) fn trace_log(&self) -> Option<&TraceLog> {
        self.trace.as_deref()
    }

    /// The values of this dispatch and of those around it.
    pub(crate) fn scoped(&self) -> Option<&Arc<ScopedValue>> {
        self.scoped.as_ref()
    }

    /// The same context, with the values of another dispatch.
    pub(crate) fn seeing(&self, scoped: Option<Arc<ScopedValue>>) -> Self {
        Self { scoped, ..self.same() }
    }

    /// A context that shares the values and outlives the dispatch: outside of any unit of work, without a deadline
    /// and without a trace.
    pub(crate) fn detached(&self) -> Self {
        let (scoped, is_observing) = (self.scoped.clone(), self.is_observing);
        Self { scoped, is_observing, ..Self::around(Arc::clone(&self.shared)) }
    }

    /// The same context, inside of a unit of work.
    pub(crate) fn inside(&self, work: Arc<Work>) -> Self {
        Self { work: Some(work), ..self.same() }
    }

    /// The same context, outside of any unit of work.
    pub(crate) fn outside(&self) -> Self {
        Self { work: None, ..self.same() }
    }

    /// The same context, in this attempt of a process.
    pub(crate) fn attempted(&self, attempt: u32) -> Self {
        Self { attempt, ..self.same() }
    }

    /// The same context, without a deadline.
    pub(crate) fn untimed(&self) -> Self {
        Self { deadline: None, ..self.same() }
    }

    /// The same context, for observers: without a deadline, as they look at what came of it, however late it is.
    pub(crate) fn observing(&self) -> Self {
        Self { is_observing: true, deadline: None, ..self.same() }
    }

    /// The same context.
    pub(crate) fn same(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            work: self.work.clone(),
            scoped: self.scoped.clone(),
            trace: self.trace.clone(),
            ..*self
        }
    }

    /// Fails once the deadline has passed.
    pub(crate) fn check_deadline(&self) -> Result<()> {
        match self.deadline() {
            Some(deadline) if Instant::now() >= deadline => {
                Err(Error::new(ErrorKind::Unavailable).with_code("deadline_exceeded"))
            }
            _ => Ok(()),
        }
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows no header and no extension: they may hold secrets.
impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let request = self.request().map(|head| (&head.method, head.uri.path()));
        f.debug_struct("Context")
            .field("request", &request)
            .field("in_unit_of_work", &self.work.is_some())
            .finish_non_exhaustive()
    }
}
