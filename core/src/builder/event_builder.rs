//! Registering listeners to one event.

use std::{any::Any, marker::PhantomData, sync::Arc};

use super::registration::{OrderedBy, Registration, Removal, Settings};
use crate::{
    context::Context,
    describe::Place,
    dispatch::AnyOutput,
    event::Event,
    listener::{Candidate, IntoListener},
    phase::{
        AfterPhase, BeforePhase, CommittedPhase, ObservePhase, PerformPhase, RolledBackPhase,
        WrapPhase,
    },
    priority::Priority,
};

/// Registers listeners to one event, and its default action.
///
/// ```
/// use dullahan_core::{After, Before, Core, CoreBuilder, Event, Perform, Priority, Result};
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
///     .before(Priority::FIRST, trim)
///     .default(|ev: Perform<'_, Greet>| Ok(format!("Hello, {}!", ev.name)))
///     .after(0, shout)
///     .when(|context| context.principal().is_none());
/// assert!(core.build().is_ok());
/// ```
///
/// `Last` says whether a listener was registered to which [`named`](Self::named) and the like could apply.
pub struct EventBuilder<'b, E: Event, Last = NotListening> {
    registration: &'b mut Registration,
    module: &'static str,
    types: PhantomData<fn() -> (E, Last)>,
}

/// No listener has been registered yet.
#[derive(Debug)]
pub struct NotListening;

/// A listener has been registered; [`named`](EventBuilder::named) and the like apply to it.
#[derive(Debug)]
pub struct Listening;

/// Whether a listener has been registered to which [`named`](EventBuilder::named) and the like can apply.
///
/// Sealed: only [`Listening`] is.
#[diagnostic::on_unimplemented(
    message = "there is no listener yet to which this could apply",
    label = "no listener has been registered before this call",
    note = "it applies to the listener that was registered last: `core.event::<E>().before(0, listener).named(\"captcha\")`"
)]
pub trait HasListener: sealed::Sealed {}

impl HasListener for Listening {}

mod sealed {
    #[expect(unnameable_types, reason = "that nobody can name it is what it is for")]
    /// Keeps [`HasListener`](super::HasListener) to this crate.
    pub trait Sealed {}

    impl Sealed for super::Listening {}
}

impl<'b, E: Event> EventBuilder<'b, E> {
    pub(super) fn new(registration: &'b mut Registration, module: &'static str) -> Self {
        Self { registration, module, types: PhantomData }
    }
}

impl<'b, E: Event, Last> EventBuilder<'b, E, Last> {
    /// Listens before the default action.
    #[track_caller]
    pub fn before<M>(
        self,
        priority: impl Into<Priority>,
        listener: impl IntoListener<BeforePhase<E>, M>,
    ) -> EventBuilder<'b, E, Listening> {
        self.add(priority.into(), listener.into_candidate())
    }

    /// Surrounds the default action; high priorities are outside.
    #[track_caller]
    pub fn wrap<M>(
        self,
        priority: impl Into<Priority>,
        listener: impl IntoListener<WrapPhase<E>, M>,
    ) -> EventBuilder<'b, E, Listening> {
        self.add(priority.into(), listener.into_candidate())
    }

    /// Gives the event its default action. There is one; a second one is a build error.
    #[track_caller]
    pub fn default<M>(
        self,
        action: impl IntoListener<PerformPhase<E>, M>,
    ) -> EventBuilder<'b, E, Listening> {
        self.add(Priority::NORMAL, action.into_candidate())
    }

    /// Puts another default action into the place of the module's: an application's way to replace a step for
    /// good. It is shown in the dump; a second override is a build error.
    #[track_caller]
    pub fn override_default<M>(
        self,
        action: impl IntoListener<PerformPhase<E>, M>,
    ) -> EventBuilder<'b, E, Listening> {
        let builder = self.add(Priority::NORMAL, action.into_candidate());
        builder.registration.last().is_override = true;
        builder
    }

    /// Listens after the default action.
    #[track_caller]
    pub fn after<M>(
        self,
        priority: impl Into<Priority>,
        listener: impl IntoListener<AfterPhase<E>, M>,
    ) -> EventBuilder<'b, E, Listening> {
        self.add(priority.into(), listener.into_candidate())
    }

    /// Looks at whatever came of the event.
    #[track_caller]
    pub fn observe<M>(
        self,
        listener: impl IntoListener<ObservePhase<E>, M>,
    ) -> EventBuilder<'b, E, Listening> {
        self.add(Priority::NORMAL, listener.into_candidate())
    }

    /// Acts once the event is really stored.
    ///
    /// The output has to be `Clone`, since an event inside of a process gives it back to its caller before
    /// the commit.
    #[track_caller]
    pub fn committed<M>(
        self,
        listener: impl IntoListener<CommittedPhase<E>, M>,
    ) -> EventBuilder<'b, E, Listening>
    where
        E::Output: Clone,
    {
        self.registration.copy_output = Some(copy_output::<E>);
        self.add(Priority::NORMAL, listener.into_candidate())
    }

    /// Acts once the event is undone.
    #[track_caller]
    pub fn rolled_back<M>(
        self,
        listener: impl IntoListener<RolledBackPhase<E>, M>,
    ) -> EventBuilder<'b, E, Listening> {
        self.add(Priority::NORMAL, listener.into_candidate())
    }

    /// Takes a listener away that somebody else registered, in whatever phase it is. The dump shows who did it and where.
    ///
    /// By its name, else by the last parts of its path. A name that no listener of the event has is a build error, and a
    /// default action is not taken away but [overridden](Self::override_default).
    ///
    /// ```
    /// # use dullahan_core::{Core, Event, After, Perform, Result};
    /// # #[derive(Event)]
    /// # struct CreateUser;
    /// fn send_welcome(_: After<'_, CreateUser>) -> Result<()> {
    ///     panic!("it is not wanted here")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let mut core = Core::builder();
    /// core.declare::<CreateUser>().after(0, send_welcome); // in a module
    /// core.event::<CreateUser>().remove("send_welcome"); // in the application
    /// let core = core.build()?;
    ///
    /// core.dispatch(&dullahan_core::Context::new(), CreateUser).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn remove(self, name: impl Into<String>) -> EventBuilder<'b, E> {
        let (name, module, place) = (name.into(), self.module, Place::of_caller());
        self.registration.removals.push(Removal { name, module, place });
        EventBuilder::new(self.registration, self.module)
    }

    #[track_caller]
    fn add(self, priority: Priority, candidate: Candidate) -> EventBuilder<'b, E, Listening> {
        let Self { registration, module, .. } = self;
        registration.add(Settings::new(module, priority, Place::of_caller()), candidate);
        EventBuilder { registration, module, types: PhantomData }
    }
}

impl<E: Event, Last> EventBuilder<'_, E, Last> {
    /// Names the listener that was registered last; by default it has the path of its function or functor.
    pub fn named(self, name: impl Into<String>) -> Self
    where
        Last: HasListener,
    {
        self.registration.last().name = Some(name.into());
        self
    }

    /// Runs the listener that was registered last only when this holds, asked at each dispatch.
    ///
    /// Said several times, every condition is asked and all of them must hold.
    ///
    /// A wrap whose condition does not hold is passed over. Without its default action an event has no output:
    /// unless a before-listener [responds](crate::Before::respond), the dispatch fails with `step_unhandled`.
    pub fn when(self, condition: impl Fn(&Context) -> bool + Send + Sync + 'static) -> Self
    where
        Last: HasListener,
    {
        self.registration.last().add_condition(Arc::new(move |_, context| condition(context)));
        self
    }

    /// Orders the listener that was registered last before the named one of the same phase, whatever their
    /// priorities.
    ///
    /// A listener has the name that [`named`](Self::named) gave it, else its path; the last parts of a path
    /// do, as long as only one listener has them.
    pub fn before_listener(self, name: impl Into<String>) -> Self
    where
        Last: HasListener,
    {
        self.registration.last().before.push(OrderedBy::new(name));
        self
    }

    /// Orders the listener that was registered last after the named one of the same phase.
    pub fn after_listener(self, name: impl Into<String>) -> Self
    where
        Last: HasListener,
    {
        self.registration.last().after.push(OrderedBy::new(name));
        self
    }

    /// Puts the listener that was registered last into the place of the named one of the same phase: it runs where that one
    /// would have run, and that one does not. The dump shows it.
    ///
    /// For a listener of a module that an application wants otherwise; a default action has
    /// [`override_default`](Self::override_default).
    pub fn in_place_of(self, name: impl Into<String>) -> Self
    where
        Last: HasListener,
    {
        self.registration.last().in_place_of = Some(name.into());
        self
    }

    /// Says where the function of the listener that was registered last stands, if it was registered elsewhere.
    #[cfg(feature = "inventory")]
    pub(crate) fn at(self, place: Place) -> Self
    where
        Last: HasListener,
    {
        self.registration.last().place = place;
        self
    }

    /// Lets the listener that was registered last be dropped in silence when no module declares the event.
    pub fn optional(self) -> Self
    where
        Last: HasListener,
    {
        self.registration.last().optional = true;
        self
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

impl<E: Event, Last> std::fmt::Debug for EventBuilder<'_, E, Last> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EventBuilder<{}>", E::name())
    }
}
