//! What is said of a listener when it is registered: its name, its priority, when it runs.

use std::sync::Arc;

use super::{
    Candidate, WithEventOptions, WithOptions,
    shape::{Fits, Shape},
};
use crate::{
    dispatch::{Condition, Context},
    event::Event,
    phase::{Invocable, OfEvent, Phase},
    place::Place,
    priority::Priority,
};

/// What can be said of any listener when it is registered: its name, its priority, when it runs, and before or after
/// which others.
///
/// ```
/// use dullahan_core::{Before, CoreBuilder, Event, ListenerOptions as _, Result};
///
/// #[derive(Event)]
/// struct Greet {
///     name: String,
/// }
///
/// fn captcha(_: Before<'_, Greet>) -> Result<()> {
///     Ok(())
/// }
///
/// fn extensions(core: &mut CoreBuilder) {
///     core.event::<Greet>()
///         .before(captcha.named("captcha").priority(10).when(|context| context.principal().is_none()));
/// }
/// ```
pub trait ListenerOptions: Sized {
    /// Names the listener; by default it has the path of its function or functor.
    fn named(self, name: impl Into<String>) -> Configured<Self> {
        Configured::new(self).named(name)
    }

    /// Sets its priority: 0 unless set. High ones run first, and are outside among wraps.
    fn priority(self, priority: impl Into<Priority>) -> Configured<Self> {
        Configured::new(self).priority(priority)
    }

    /// Runs it only when this holds, asked at each dispatch. Said several times, all of them must hold.
    ///
    /// A wrap whose condition does not hold is passed over. Without its default action an event has no output, and the
    /// dispatch fails with `step_unhandled`.
    fn when(
        self,
        condition: impl Fn(&Context) -> bool + Send + Sync + 'static,
    ) -> Configured<Self> {
        Configured::new(self).when(condition)
    }

    /// The same for a condition that sees the event: `.when_event(|event: &Greet, _| event.name.is_empty())`.
    fn when_event<E: Event>(
        self,
        condition: impl Fn(&E, &Context) -> bool + Send + Sync + 'static,
    ) -> Configured<Self, E> {
        Configured::new(self).when_event(condition)
    }

    /// Orders it before the named one of the same phase, whatever their priorities.
    ///
    /// A listener has the name that [`named`](Self::named) gave it, else its path; the last parts of a path
    /// do, as long as only one listener has them.
    fn before_listener(self, name: impl Into<String>) -> Configured<Self> {
        Configured::new(self).before_listener(name)
    }

    /// Orders it after the named one of the same phase.
    fn after_listener(self, name: impl Into<String>) -> Configured<Self> {
        Configured::new(self).after_listener(name)
    }

    /// Puts it into the place of the named one of the same phase: it runs where that one would have run, and that one
    /// does not. The dump shows it.
    ///
    /// For a listener of a module that an application wants otherwise; a default action has
    /// [`override_default`](crate::builder::EventBuilder::override_default).
    fn in_place_of(self, name: impl Into<String>) -> Configured<Self> {
        Configured::new(self).in_place_of(name)
    }

    /// Lets it be dropped in silence when no module declares the event.
    fn optional(self) -> Configured<Self> {
        Configured::new(self).optional()
    }

    /// Says where its function stands, if it is registered elsewhere.
    #[doc(hidden)]
    fn placed(self, place: Place) -> Configured<Self> {
        let mut configured = Configured::new(self);
        configured.options.place = Some(place);
        configured
    }
}

impl<L> ListenerOptions for L {}

/// A listener with what was said of it; see [`ListenerOptions`]. Of events of any type, unless a condition names one.
#[derive(Debug)]
#[must_use = "a listener does nothing before it is registered"]
pub struct Configured<L, E = AnyType> {
    listener: L,
    options: Options,
    event: std::marker::PhantomData<fn() -> E>,
}

/// Stands for events of any type.
#[derive(Debug)]
pub struct AnyType;

/// What was said of a listener.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) name: Option<String>,
    pub(crate) priority: Priority,
    pub(crate) condition: Option<Condition>,
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
    pub(crate) in_place_of: Option<String>,
    pub(crate) optional: bool,
    /// Where it stands, if that is not where it is registered.
    pub(crate) place: Option<Place>,
}

impl Options {
    fn add_condition(&mut self, condition: Condition) {
        self.condition = Some(match self.condition.take() {
            None => condition,
            Some(earlier) => Arc::new(move |event, context| {
                let (one, other) = (earlier(event, context), condition(event, context));
                one && other
            }),
        });
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("name", &self.name)
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}

impl<L> Configured<L> {
    fn new(listener: L) -> Self {
        Self { listener, options: Options::default(), event: std::marker::PhantomData }
    }

    /// See [`ListenerOptions::when_event`].
    pub fn when_event<E: Event>(
        self,
        condition: impl Fn(&E, &Context) -> bool + Send + Sync + 'static,
    ) -> Configured<L, E> {
        let Self { listener, mut options, .. } = self;
        options.add_condition(Arc::new(move |event, context| {
            event.downcast_ref().is_some_and(|event| condition(event, context))
        }));
        Configured { listener, options, event: std::marker::PhantomData }
    }
}

impl<L, E> Configured<L, E> {
    /// See [`ListenerOptions::named`].
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.options.name = Some(name.into());
        self
    }

    /// See [`ListenerOptions::priority`].
    pub fn priority(mut self, priority: impl Into<Priority>) -> Self {
        self.options.priority = priority.into();
        self
    }

    /// See [`ListenerOptions::when`].
    pub fn when(mut self, condition: impl Fn(&Context) -> bool + Send + Sync + 'static) -> Self {
        self.options.add_condition(Arc::new(move |_, context| condition(context)));
        self
    }

    /// See [`ListenerOptions::before_listener`].
    pub fn before_listener(mut self, name: impl Into<String>) -> Self {
        self.options.before.push(name.into());
        self
    }

    /// See [`ListenerOptions::after_listener`].
    pub fn after_listener(mut self, name: impl Into<String>) -> Self {
        self.options.after.push(name.into());
        self
    }

    /// See [`ListenerOptions::in_place_of`].
    pub fn in_place_of(mut self, name: impl Into<String>) -> Self {
        self.options.in_place_of = Some(name.into());
        self
    }

    /// See [`ListenerOptions::optional`].
    pub fn optional(mut self) -> Self {
        self.options.optional = true;
        self
    }
}

#[diagnostic::do_not_recommend]
impl<P: Phase, M, L: Shape<P, M>> Shape<P, WithOptions<M>> for Configured<L> {
    type Itself = Configured<L::Itself>;

    fn itself(self) -> Self::Itself {
        let Self { listener, options, event } = self;
        Configured { listener: listener.itself(), options, event }
    }
}

impl<P: Invocable, M, L: Fits<P, M>> Fits<P, WithOptions<M>> for Configured<L> {
    fn into_candidate(self) -> Candidate {
        Candidate { options: self.options, ..self.listener.into_candidate() }
    }
}

#[diagnostic::do_not_recommend]
impl<P: OfEvent, M, L: Shape<P, M>> Shape<P, WithEventOptions<M>> for Configured<L, P::Event> {
    type Itself = Configured<L::Itself, P::Event>;

    fn itself(self) -> Self::Itself {
        let Self { listener, options, event } = self;
        Configured { listener: listener.itself(), options, event }
    }
}

impl<P: Invocable + OfEvent, M, L: Fits<P, M>> Fits<P, WithEventOptions<M>>
    for Configured<L, P::Event>
{
    fn into_candidate(self) -> Candidate {
        Candidate { options: self.options, ..self.listener.into_candidate() }
    }
}
