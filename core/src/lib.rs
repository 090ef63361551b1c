//! Every step of a module as an event with a preventable default.
//!
//! A module, your own or one from a crate, declares each of its steps as an *event*: something that is about to happen,
//! as plain data. One *default action* is what happens unless somebody says otherwise. An application bends a step with
//! a listener of a few lines, and the module never knows.
//!
//! ```
//! use dullahan_core::{Before, Committed, Context, Core, CoreBuilder, DefaultAction, ListenerOptions as _, Process, Result};
//!
//! // A module: one step, and what it does by default.
//! #[derive(Process)]
//! #[event(output = String, preventable)]
//! pub struct CreateUserProcess {
//!     pub name: String,
//! }
//!
//! async fn create_user(ev: DefaultAction<'_, CreateUserProcess>) -> Result<String> {
//!     Ok(format!("{} in the database", ev.name))
//! }
//!
//! fn users(core: &mut CoreBuilder) {
//!     core.declare::<CreateUserProcess>().default(create_user);
//! }
//!
//! // The application: it changes the step, does it otherwise, and goes on once it is really stored.
//! fn trim_name(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
//!     ev.name = ev.name.trim().to_owned();
//!     Ok(())
//! }
//!
//! async fn staff_goes_to_ldap(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
//!     if ev.name.ends_with("@staff") {
//!         let entry = format!("{} in LDAP", ev.name);
//!         ev.respond(entry); // in the place of the default
//!     }
//!     Ok(())
//! }
//!
//! async fn welcome(ev: Committed<'_, CreateUserProcess>) -> Result<()> {
//!     println!("after the commit: {}", ev.output());
//!     Ok(())
//! }
//!
//! fn extensions(core: &mut CoreBuilder) {
//!     let create_user = core.event::<CreateUserProcess>();
//!     create_user.before(trim_name.priority(10)).before(staff_goes_to_ldap).committed(welcome);
//! }
//!
//! # mod memory_store { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/memory_store.rs")); }
//! # use memory_store::MemoryStore;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! # let database = std::sync::Arc::new(MemoryStore::default());
//! // Seals the wiring, or says everything that is wrong with it.
//! let core = Core::builder().module(users).module(extensions).units_of_work(database).build()?;
//!
//! let ada = core.dispatch(&Context::new(), CreateUserProcess { name: " ada ".to_owned() }).await?;
//! assert_eq!(ada, "ada in the database");
//! let bob = core.dispatch(&Context::new(), CreateUserProcess { name: "bob@staff".to_owned() }).await?;
//! assert_eq!(bob, "bob@staff in LDAP");
//! # Ok(())
//! # }
//! ```
//!
//! What a phase may not do does not compile: there is no `prevent_default` after the default. What a wiring may not
//! contain [`build`](CoreBuilder::build) refuses, with every mistake at once, each with its file and line. After that
//! nothing changes any more, and finding what to call takes no lock.
//!
//! # Which one do I write?
//!
//! ## An event, a process or a saga
//!
//! | what is about to happen | derive | started from outside with | inside of a listener with |
//! | --- | --- | --- | --- |
//! | one step: look something up, hash, render, send | [`Event`](derive@Event) | [`Core::dispatch`] | `ev.dispatch(..)` |
//! | one or more writes that have to hold together | [`Process`](derive@Process) | [`Core::dispatch`] | `ev.dispatch(..)` |
//! | all that one outside request asks for | [`Saga`](derive@Saga) | [`Core::run`] | `ev.run(..)` |
//!
//! A saga is made of events and processes, each of which can be bent on its own. Getting and setting are events of
//! their own. An event is a struct that owns its data; what it produces is its `output`. It may have type parameters, and
//! [one listener may serve all of its instances](trait@Event).
//!
//! ## Which phase
//!
//! | I want to | register with | the handle | outputs |
//! | --- | --- | --- | --- |
//! | change or check what goes in | [`before`](builder::EventBuilder::before) | [`Before`] | `()` |
//! | refuse what goes in, with everything that is wrong in one answer | [`before`](builder::EventBuilder::before) and [`reject`](Before::reject) | [`Before`] | `()` |
//! | do it otherwise in **some** cases | [`before`](builder::EventBuilder::before) and [`respond`](Before::respond) | [`Before`] | `()` |
//! | do it otherwise **always** | [`override_default`](builder::EventBuilder::override_default) | [`DefaultAction`] | the output |
//! | cache, retry, time or decorate it | [`wrap`](builder::EventBuilder::wrap) and [`next`](Wrap::next) | [`Wrap`] | the output |
//! | add to it, in the same unit of work; change what comes out | [`after`](builder::EventBuilder::after) | [`After`] | `()` |
//! | look at what came of it, an error too | [`observe`](builder::EventBuilder::observe) | [`Observe`] | `()` |
//! | do something outside of the database, once it is stored: mail, index, notify | [`committed`](builder::EventBuilder::committed) | [`Committed`] | `()` |
//! | do something once it is undone | [`rolled_back`](builder::EventBuilder::rolled_back) | [`RolledBack`] | `()` |
//! | look at **all** events | [`CoreBuilder::monitor`] | [`Monitor`](monitor::Monitor) | |
//! | do any of this for **every** saga, process or event of a module | [`every_saga`](CoreBuilder::every_saga), [`every_process`](CoreBuilder::every_process), [`every_event`](CoreBuilder::every_event) | [`BeforeAny`], [`WrapAny`], [`ObserveAny`] | `()` |
//! | take a module's listener away, or put another one in its place | [`remove`](builder::EventBuilder::remove), [`in_place_of`](ListenerOptions::in_place_of) | | |
//! | have any of this for one tenant only, or in some requests only | [`Core::overlay`], [`when`](ListenerOptions::when) | | |
//!
//! The first parameter of a listener is its handle, by value, and says which phase of which event it listens to.
//! What must not be lost though it runs late, a mail, for example, is [a row in an
//! outbox](docs::units_of_work#what-runs-late-and-must-not-be-lost), and not a committed listener.
//!
//! ## A function, a closure or a functor
//!
//! | it | write | registered as |
//! | --- | --- | --- |
//! | needs nothing, or up to six services and values of the request: `mailer: Inject<'_, dyn Mailer>`, `Tenant(name): Tenant` ([`Extract`]) | a function, sync or async | `.before(captcha)` |
//! | is a line or two | a closure, sync; async only if it captures nothing | `.before(\|mut ev: Before<'_, E>\| ..)` |
//! | has settings or state, or is the default action of a module | a *functor*: a struct with its ports as fields that implements [`Listener`] | `.default(CreateUser::new)` |
//! | is to register itself from any linked crate | a function with [`#[listener]`](macro@listener) | [`.discover()`](CoreBuilder::discover) |
//!
//! # Where to read on
//!
//! - [Ordering](docs::ordering): what runs when, who stops whom, and what an error ends.
//! - [Units of work](docs::units_of_work): what a process promises, and how to connect a database of your own.
//! - [Write a module](docs::write_a_module): from nothing to a crate that others can bend.
//! - [Wiring defects](docs::wiring_defects): what `build` says, why, and what to do.
//! - [Compiler messages](docs::compiler_messages): what the compiler says, and what to write instead.
//! - [Seeing it](docs::seeing): the wiring as text, traces, spans, monitors.
//! - [Testing](https://docs.rs/dullahan-core-testing), a crate of its own: a recorder, fakes for single steps, a store in
//!   memory, and every step failing in its turn.
//! - [Coming from](docs::coming_from) Symfony, WordPress, Laravel, Spring, tapable, Bevy, pluggy or the DOM.
//!
//! Among the types, [`CoreBuilder`] wires, [`Core`] runs, [`Context`] flows through everything, and [`Error`] says what
//! went wrong, apart for clients and for the log.

pub mod builder;
pub mod command;
pub mod defect;
mod depth;
pub mod describe;
mod dispatch;
pub mod docs;
mod error;
pub mod event;
mod future;
pub mod listener;
mod near;
mod outcome;
mod path;
pub mod phase;
mod phase_name;
mod place;
mod priority;
#[doc(hidden)]
pub mod private;
pub mod service;
pub mod trace;

pub use dullahan_core_macros::{Event, Process, Saga, listener};

pub use self::{
    builder::{CoreBuilder, Module},
    defect::BuildError,
    dispatch::{
        Core,
        context::{self, Context, Principal},
        monitor, unit_of_work,
    },
    error::{Error, ErrorKind, Result, Violation},
    event::{Event, Process, Saga},
    future::BoxFuture,
    listener::{Extract, Listener, ListenerOptions, SyncListener},
    outcome::Outcome,
    phase::{
        After, Before, BeforeAny, Committed, DefaultAction, Observe, ObserveAny, RolledBack, Wrap,
        WrapAny,
    },
    priority::Priority,
    service::Inject,
};
