//! Registering listeners to one event.

use std::{any::Any, marker::PhantomData};

use super::registration::{Registration, Removal, Settings};
use crate::{
    dispatch::AnyOutput,
    event::Event,
    listener::{Candidate, IntoListener},
    phase::{
        AfterPhase, BeforePhase, CommittedPhase, DefaultActionPhase, ObservePhase, RolledBackPhase,
        WrapPhase,
    },
    place::Place,
};

/// Registers listeners to one event, and its default action.
///
/// ```
/// use dullahan_core::{After, Before, Core, CoreBuilder, DefaultAction, Event, ListenerOptions as _, Priority, Result};
///
/// #[derive(Event)]
/// #[event(output = String, preventable)]
/// struct Greet {
///     name: String,
/// }
///
/// fn trim(mut ev: Before<'_, Greet>) -> Result<()> {
///     ev.name = ev.name.trim().to_owned();
///     Ok(())
/// }
///
/// async fn shout(mut ev: After<'_, Greet>) -> Result<()> {
///     ev.output_mut().make_ascii_uppercase();
///     Ok(())
/// }
///
/// let mut core = Core::builder();
/// core.declare::<Greet>()
///     .before(trim.priority(Priority::FIRST))
///     .default(|ev: DefaultAction<'_, Greet>| Ok(format!("Hello, {}!", ev.name)))
///     .after(shout.when(|context| context.principal().is_none()));
/// assert!(core.build().is_ok());
/// ```
///
/// Listeners of one phase run in the order in which they are registered, unless their
/// [options](crate::ListenerOptions) say otherwise.
pub struct EventBuilder<'b, E: Event> {
    registration: &'b mut Registration,
    module: &'static str,
    event: PhantomData<fn() -> E>,
}

impl<'b, E: Event> EventBuilder<'b, E> {
    pub(super) fn new(registration: &'b mut Registration, module: &'static str) -> Self {
        Self { registration, module, event: PhantomData }
    }

    /// Listens before the default action.
    #[track_caller]
    pub fn before<M>(self, listener: impl IntoListener<BeforePhase<E>, M>) -> Self {
        self.add(listener.into_candidate())
    }

    /// Surrounds the default action; high priorities are outside.
    #[track_caller]
    pub fn wrap<M>(self, listener: impl IntoListener<WrapPhase<E>, M>) -> Self {
        self.add(listener.into_candidate())
    }

    /// Gives the event its default action. There is one; a second one is a build error.
    #[track_caller]
    pub fn default<M>(self, action: impl IntoListener<DefaultActionPhase<E>, M>) -> Self {
        self.add(action.into_candidate())
    }

    /// Puts another default action into the place of the module's: an application's way to replace a step for
    /// good. It is shown in the dump; a second override is a build error.
    #[track_caller]
    pub fn override_default<M>(
        mut self,
        action: impl IntoListener<DefaultActionPhase<E>, M>,
    ) -> Self {
        self.register(action.into_candidate()).is_override = true;
        self
    }

    /// Listens after the default action.
    #[track_caller]
    pub fn after<M>(self, listener: impl IntoListener<AfterPhase<E>, M>) -> Self {
        self.add(listener.into_candidate())
    }

    /// Looks at whatever came of the event.
    #[track_caller]
    pub fn observe<M>(self, listener: impl IntoListener<ObservePhase<E>, M>) -> Self {
        self.add(listener.into_candidate())
    }

    /// Acts once the event is really stored.
    ///
    /// The output has to be `Clone`, since an event inside of a process gives it back to its caller before
    /// the commit.
    #[track_caller]
    pub fn committed<M>(self, listener: impl IntoListener<CommittedPhase<E>, M>) -> Self
    where
        E::Output: Clone,
    {
        self.registration.copy_output = Some(copy_output::<E>);
        self.add(listener.into_candidate())
    }

    /// Acts once the event is undone.
    #[track_caller]
    pub fn rolled_back<M>(self, listener: impl IntoListener<RolledBackPhase<E>, M>) -> Self {
        self.add(listener.into_candidate())
    }

    /// Takes a listener away that somebody else registered, in whatever phase it is. The dump shows who did it and where.
    ///
    /// By its name, else by the last parts of its path. A name that no listener of the event has is a build error, and a
    /// default action is not taken away but [overridden](Self::override_default).
    ///
    /// ```
    /// # use dullahan_core::{After, Context, Core, DefaultAction, Event, Result};
    /// # #[derive(Event)]
    /// # struct CreateUser;
    /// fn send_welcome(_: After<'_, CreateUser>) -> Result<()> {
    ///     panic!("it is not wanted here")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let mut core = Core::builder();
    /// core.declare::<CreateUser>().after(send_welcome); // in a module
    /// core.event::<CreateUser>().remove("send_welcome"); // in the application
    /// let core = core.build()?;
    ///
    /// core.dispatch(&dullahan_core::Context::new(), CreateUser).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn remove(self, name: impl Into<String>) -> Self {
        let (name, module, place) = (name.into(), self.module, Place::of_caller());
        self.registration.removals.push(Removal { name, module, place });
        self
    }

    #[track_caller]
    fn add(mut self, candidate: Candidate) -> Self {
        self.register(candidate);
        self
    }

    #[track_caller]
    fn register(&mut self, candidate: Candidate) -> &mut Settings {
        self.registration.add(self.module, Place::of_caller(), candidate)
    }
}

/// Copies an output for a listener that waits for a commit.
fn copy_output<E: Event>(output: &dyn AnyOutput) -> Box<dyn AnyOutput>
where
    E::Output: Clone,
{
    let output: &dyn Any = output;
    Box::new(output.downcast_ref::<Option<E::Output>>().cloned().flatten())
}

impl<E: Event> std::fmt::Debug for EventBuilder<'_, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EventBuilder<{}>", E::name())
    }
}
