//! The derives and the attribute of `dullahan-core`, which re-exports them.
//!
//! Sugar only: whatever they write can be written by hand, and each says how. All mistakes of one use are
//! reported together, each at the word that it is about.

mod attr;
mod errors;
mod expand;
mod validate;

use proc_macro::TokenStream;

use self::expand::{Kind, expand_event, expand_listener};

/// Makes a struct an event: a hook inside a saga or a process.
///
/// ```
/// use dullahan_core::{event::{Kind, Preventable, Step}, Event};
///
/// #[derive(Event)]
/// #[event(output = String, preventable)]
/// struct HashPassword {
///     password: String,
/// }
///
/// fn is_preventable<E: Step + Preventable>() -> (&'static str, Kind) {
///     (E::NAME, Kind::of::<E>())
/// }
/// assert_eq!(is_preventable::<HashPassword>(), ("HashPassword", Kind::Event));
/// ```
///
/// # Options
///
/// All of them are optional, in `#[event(..)]`; [`Process`](macro@Process) and [`Saga`](macro@Saga) have the same.
///
/// | option | meaning | else |
/// | --- | --- | --- |
/// | `output = Type` | what the event produces | `()` |
/// | `preventable` | a listener may prevent the default action | it may not |
/// | `gathers` | the default action checks, and still runs to add its findings after a listener has rejected | it does not run then |
/// | `skippable` | preventable, and a listener that prevents it needs to give no output: it is `Default::default()` then | to prevent without an output is an error |
/// | `repeatable` | a process whose unit of work lost against another one, in a deadlock, for example, is run again; three attempts at most, unless it says `repeatable(attempts = 20, first_pause_ms = 5, longest_pause_ms = 200)`; it has to be `Clone` | the caller gets the error at once |
/// | `name = ".."` | the name in dumps, traces and errors | the name of the struct |
/// | `crate = ".."` | where the items of `dullahan_core` are found, if a crate of yours re-exports them | `::dullahan_core` |
///
/// # By hand
///
/// The derive above writes:
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
///     const GATHERS: bool = false;
/// }
/// ```
///
/// # Rule
///
/// An event is a struct that owns its data, so it has no lifetime parameters. It may have type and const parameters: each
/// instance is an event of its own. The derive asks of each type parameter that it is `Send + Sync + 'static`.
#[proc_macro_derive(Event, attributes(event))]
pub fn event(input: TokenStream) -> TokenStream {
    expand_event(input.into(), Kind::Event).into()
}

/// Makes a struct a process: a top-level event that runs as a unit of work.
///
/// ```
/// use dullahan_core::{event::Kind, Event, Process};
///
/// struct User {
///     name: String,
/// }
///
/// #[derive(Process)]
/// #[event(output = User, preventable)]
/// struct CreateUserProcess {
///     name: String,
/// }
///
/// fn is_process<P: Process<Output = User>>() -> Kind {
///     Kind::of::<P>()
/// }
/// assert_eq!(is_process::<CreateUserProcess>(), Kind::Process);
/// ```
///
/// The options are those of [`Event`](macro@Event#options).
///
/// # By hand
///
/// The derive above writes:
///
/// ```
/// use dullahan_core::{event::{CanPrevent, ProcessKind}, Event};
///
/// # struct User {
/// #     name: String,
/// # }
/// struct CreateUserProcess {
///     name: String,
/// }
///
/// impl Event for CreateUserProcess {
///     type Output = User;
///     type Kind = ProcessKind<CanPrevent>;
///     const NAME: &'static str = "CreateUserProcess";
///     const GATHERS: bool = false;
/// }
/// ```
#[proc_macro_derive(Process, attributes(event))]
pub fn process(input: TokenStream) -> TokenStream {
    expand_event(input.into(), Kind::Process).into()
}

/// Makes a struct a saga: what one outside request asks for.
///
/// ```
/// use dullahan_core::{event::Kind, Event, Saga};
///
/// #[derive(Saga)]
/// #[event(output = u64)]
/// struct RegisterUserSaga {
///     name: String,
/// }
///
/// fn is_saga<S: Saga<Output = u64>>() -> Kind {
///     Kind::of::<S>()
/// }
/// assert_eq!(is_saga::<RegisterUserSaga>(), Kind::Saga);
/// ```
///
/// The options are those of [`Event`](macro@Event#options).
///
/// # By hand
///
/// The derive above writes:
///
/// ```
/// use dullahan_core::{event::{CannotPrevent, SagaKind}, Event};
///
/// struct RegisterUserSaga {
///     name: String,
/// }
///
/// impl Event for RegisterUserSaga {
///     type Output = u64;
///     type Kind = SagaKind<CannotPrevent>;
///     const NAME: &'static str = "RegisterUserSaga";
///     const GATHERS: bool = false;
/// }
/// ```
#[proc_macro_derive(Saga, attributes(event))]
pub fn saga(input: TokenStream) -> TokenStream {
    expand_event(input.into(), Kind::Saga).into()
}

/// Makes a free function a listener that is found at link time, without a word where the core is wired.
///
/// The first parameter says what it listens to, as with every listener: `Before<'_, E>`, `Wrap<'_, E>`,
/// `After<'_, E>`, `Observe<'_, E>`, `Committed<'_, E>` or `RolledBack<'_, E>`. A core has it once its builder
/// was told to `discover` linked listeners, `discover_in` a crate or module, or `discover_from` a link anchor.
///
/// ```
/// use dullahan_core::{listener, Before, Core, CoreBuilder, DefaultAction, Event, Result};
///
/// #[derive(Event)]
/// #[event(output = String, preventable)]
/// struct Greet {
///     name: String,
/// }
///
/// fn greetings(core: &mut CoreBuilder) {
///     core.declare::<Greet>()
///         .default(|ev: DefaultAction<'_, Greet>| Ok(format!("Hello, {}!", ev.name)));
/// }
///
/// #[listener(priority = 10)]
/// async fn trim(mut ev: Before<'_, Greet>) -> Result<()> {
///     ev.name = ev.name.trim().to_owned();
///     Ok(())
/// }
///
/// # fn main() -> Result<()> {
/// let core = Core::builder().module(greetings).discover().build()?;
/// assert!(core.describe().to_string().contains("trim"));
/// # Ok(())
/// # }
/// ```
///
/// # Options
///
/// | option | meaning |
/// | --- | --- |
/// | `priority = 10`, `priority = Priority::FIRST` | before, around and after the default; higher runs first |
/// | `name = ".."` | the name in dumps and errors; else the path of the function |
/// | `before = ".."`, `before = ["..", ".."]` | runs before these listeners of its phase, whatever the priorities |
/// | `after = ".."`, `after = ["..", ".."]` | runs after them |
/// | `optional` | is dropped in silence when no module declares the event |
/// | `check` | its signature is checked, and it is not collected: register it by hand |
/// | `crate = ".."` | where the items of `dullahan_core` are found, if a crate of yours re-exports them |
///
/// # By hand
///
/// The function stays what it is, and the attribute on `trim` comes to the same as
///
/// ```
/// # use dullahan_core::{Before, Core, Event, ListenerOptions as _, Result};
/// # #[derive(Event)]
/// # struct Greet;
/// # async fn trim(_: Before<'_, Greet>) -> Result<()> { Ok(()) }
/// # let mut core = Core::builder();
/// core.event::<Greet>().before(trim.priority(10));
/// ```
///
/// in the place where the builder discovers it. So it is checked in the same way when the core is sealed: an
/// event that nobody declares, a service that nobody provides, a name that is there twice.
///
/// The compiler names the piece of the signature that is wrong, where registering a function by hand can only say
/// that some piece is. So `#[listener(check)]` helps to find out why a function does not do for a listener, a default action
/// too, as `debug_handler` of axum does. It needs no feature; without `check` the feature `inventory` of `dullahan-core` is
/// needed, which is on unless told otherwise.
#[proc_macro_attribute]
pub fn listener(options: TokenStream, item: TokenStream) -> TokenStream {
    expand_listener(options.into(), item.into()).into()
}
