//! What an event is: plain data, an output, and what kind of hook it stands for.

mod kind;
mod name;
mod repeat;
mod views;

pub use self::{
    kind::{
        AnyKind, CanPrevent, CannotPrevent, EventKind, IsPreventable, IsProcess, IsSaga, IsStep,
        Kind, ProcessKind, SagaKind,
    },
    repeat::Repeat,
    views::Views,
};
pub(crate) use self::{repeat::RepeatPolicy, views::AnyViews};

/// A hook: something that is about to happen.
///
/// The struct that implements it is plain data, the request of one step. Who listens, what was prevented and
/// the output live in the dispatch, so nothing of one dispatch leaks into the next.
///
/// Derive it with [`Event`](derive@crate::Event), [`Process`](derive@crate::Process) or
/// [`Saga`](derive@crate::Saga), or write by hand what a derive writes:
///
/// ```
/// use dullahan_core::{event::{CanPrevent, EventKind}, Event};
///
/// struct HashPassword {
///     password: String,
/// }
///
/// impl Event for HashPassword {
///     type Output = String;
///     type Kind = EventKind<CanPrevent>;
///     const NAME: &'static str = "HashPassword";
/// }
/// ```
///
/// An event may have type parameters. Each instance is an event of its own, which a module declares and to which others
/// listen, and one generic listener may serve them all:
///
/// ```
/// use std::marker::PhantomData;
///
/// use dullahan_core::{Context, Core, DefaultAction, Event, Result};
///
/// #[derive(Event)]
/// #[event(output = Option<T>)]
/// struct Find<T> {
///     id: u64,
///     of: PhantomData<T>,
/// }
///
/// #[derive(Default)]
/// struct Book;
///
/// async fn find<T: Default + Send + Sync + 'static>(ev: DefaultAction<'_, Find<T>>) -> Result<Option<T>> {
///     Ok((ev.id == 1).then(T::default))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let mut core = Core::builder();
/// core.declare::<Find<Book>>().default(find::<Book>);
/// let core = core.build()?;
///
/// assert_eq!(core.describe().events[0].name, "Find<Book>");
/// let book = core.dispatch(&Context::new(), Find::<Book> { id: 1, of: PhantomData }).await?;
/// assert!(book.is_some());
/// # Ok(())
/// # }
/// ```
///
/// The traits [`Step`], [`Process`], [`Saga`] and [`Preventable`] follow from the [`Kind`](Self::Kind), and cannot be
/// implemented by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    note = "add `#[derive(Event)]` (a hook), `#[derive(Process)]` (a unit of work) or `#[derive(Saga)]` (what an \
            outside request asks for) to it"
)]
pub trait Event: Send + Sync + Sized + 'static {
    /// What the step produces; `()` where it only does something.
    type Output: Send + Sync + 'static;

    /// Whether this is a plain event, a process or a saga, and whether a listener may prevent the default:
    /// [`EventKind`], [`ProcessKind`] or [`SagaKind`], each with [`CanPrevent`] or without.
    type Kind: AnyKind;

    /// The name of the event, without its type parameters.
    const NAME: &'static str;

    /// Whether the default still runs, its result discarded, after a listener has rejected the request, so
    /// that one answer names everything that is wrong. For events that only check, never for ones that act.
    const GATHERS: bool = false;

    /// How to run a process again whose unit of work lost against another one, in a deadlock, for example. `None` where
    /// the caller gets the error at once, and for everything but processes.
    const REPEAT: Option<Repeat<Self>> = None;

    /// The output of a step that was skipped: its default was prevented, and no listener responded. `None` where that is
    /// an error, [`step_unhandled`](crate::Error::not_handled).
    const SKIP: Option<fn() -> Self::Output> = None;

    /// The name in dumps, traces and errors: that of the event, with its type parameters if it has any, as in
    /// `GetRepository<Book>`.
    fn name() -> &'static str {
        name::of::<Self>()
    }

    /// Offers the views through which listeners see it that do not know its type; none, unless an event says otherwise,
    /// as with `#[event(views(dyn EntityEvent))]`.
    fn offer_views(views: &mut Views<Self>) {
        _ = views;
    }
}

/// An event whose default action a listener may prevent.
#[diagnostic::on_unimplemented(
    message = "the default action of `{Self}` cannot be prevented",
    label = "`{Self}` is not preventable",
    note = "if you own the event, add `#[event(preventable)]` to it; otherwise listen after it and change its output, \
            or return an error, which ends the dispatch and rolls back"
)]
pub trait Preventable: Event {}

#[diagnostic::do_not_recommend]
impl<E: Event> Preventable for E where E::Kind: IsPreventable {}

/// What a saga is made of: plain events and processes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be dispatched as a step",
    note = "a saga is what an outside request asks for: start it with `core.run(..)`, or `run(..)` inside a listener",
    note = "anything else needs `#[derive(Event)]` or `#[derive(Process)]`"
)]
pub trait Step: Event {}

#[diagnostic::do_not_recommend]
impl<E: Event> Step for E where E::Kind: IsStep {}

/// A top-level event that runs as a unit of work.
///
/// What its default action and its listeners do through the unit of work is committed after the last
/// after-listener, or rolled back when any of them fails, panics, or is dropped.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a process",
    note = "derive `Process` in the place of `Event` for a step that needs a unit of work"
)]
pub trait Process: Step {}

#[diagnostic::do_not_recommend]
impl<E: Event> Process for E where E::Kind: IsProcess {}

/// What one outside request asks for: a mutable request and response, made of events.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga",
    note = "`run` starts a saga (`#[derive(Saga)]`); `dispatch` takes processes and plain events"
)]
pub trait Saga: Event {}

#[diagnostic::do_not_recommend]
impl<E: Event> Saga for E where E::Kind: IsSaga {}
