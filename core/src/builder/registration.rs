//! What was registered to one event, and how it becomes a pipeline.
//!
//! What depends on the type of the event is compiled for each event, and there are many of those. So it is kept
//! to what has to know the type: holding the listeners and handing them their services. The rest is in
//! [`sealing`](super::sealing), once for all.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use super::sealing::Sealed;
use crate::{
    describe::{ListenerDescription, Place},
    dispatcher::{Condition, CopyOutput, Lane, Pipeline},
    event::{AnyKind, Event, Kind, Slot},
    listener::{Call, Candidate, Resolve},
    phase::{
        AfterPhase, BeforePhase, CommittedPhase, ObservePhase, PerformPhase, Phase, PhaseName,
        RolledBackPhase, WrapPhase,
    },
    priority::Priority,
    service::{Port, Services},
};

/// What was registered to one event.
pub(super) struct Registration<E: Event> {
    /// The module that declared it, and where.
    pub(super) declared: Option<(&'static str, Place)>,
    pub(super) copy_output: Option<CopyOutput<E>>,
    pub(super) registrants: Vec<Registrant>,
    /// The listeners themselves, each where its registrant says.
    pub(super) listeners: Vec<Registered<E>>,
}

/// A listener in its phase.
pub(super) enum Registered<E: Event> {
    Before(Source<BeforePhase<E>>),
    Wrap(Source<WrapPhase<E>>),
    Default(Source<PerformPhase<E>>),
    After(Source<AfterPhase<E>>),
    Observe(Source<ObservePhase<E>>),
    Committed(Source<CommittedPhase<E>>),
    RolledBack(Source<RolledBackPhase<E>>),
}

/// How a listener is made, and the listener once a core has made it: overlays of that core have the same one.
pub(super) struct Source<P: Phase> {
    pub(super) resolve: Resolve<P>,
    pub(super) made: Option<Call<P>>,
}

impl<P: Phase> Source<P> {
    /// The listener; `None` when a service that it asks for is missing.
    fn listener(&mut self, services: &Services) -> Option<Call<P>> {
        if self.made.is_none() {
            self.made = (self.resolve)(services);
        }
        self.made.clone()
    }
}

impl<P: Phase> Clone for Source<P> {
    fn clone(&self) -> Self {
        Self { resolve: Arc::clone(&self.resolve), made: self.made.clone() }
    }
}

/// A phase whose listeners can be registered.
pub(super) trait RegistrationPhase: Phase + Sized {
    fn registered(source: Source<Self>) -> Registered<Self::Event>;
}

macro_rules! registration_phases {
    ($($phase:ident $variant:ident),*) => {
        $(impl<E: Event> RegistrationPhase for $phase<E> {
            fn registered(source: Source<Self>) -> Registered<E> {
                Registered::$variant(source)
            }
        })*

        impl<E: Event> Clone for Registered<E> {
            fn clone(&self) -> Self {
                match self {
                    $(Self::$variant(source) => Self::$variant(source.clone()),)*
                }
            }
        }
    };
}

registration_phases!(
    BeforePhase Before,
    WrapPhase Wrap,
    PerformPhase Default,
    AfterPhase After,
    ObservePhase Observe,
    CommittedPhase Committed,
    RolledBackPhase RolledBack
);

/// What was said of a listener.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) name: Option<String>,
    pub(super) condition: Option<Condition>,
    pub(super) before: Vec<OrderedBy>,
    pub(super) after: Vec<OrderedBy>,
    pub(super) optional: bool,
    pub(super) priority: Priority,
    pub(super) module: &'static str,
    pub(super) place: Place,
    /// Whether it is to take the place of the module's default action.
    pub(super) is_override: bool,
    /// The default action that this one overrides.
    pub(super) overrides: Option<String>,
}

/// A listener by whose name another one is ordered.
#[derive(Clone)]
pub(super) struct OrderedBy {
    pub(super) name: String,
    /// Which one it is in the order of registration, once a build has found it: what an overlay adds later does not
    /// change whose name it is.
    pub(super) found: Option<usize>,
}

impl OrderedBy {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), found: None }
    }
}

impl Settings {
    pub(super) fn new(module: &'static str, priority: Priority, place: Place) -> Self {
        Self {
            name: None,
            condition: None,
            before: Vec::new(),
            after: Vec::new(),
            optional: false,
            priority,
            module,
            place,
            is_override: false,
            overrides: None,
        }
    }
}

/// What is known of a listener without its type.
#[derive(Clone)]
pub(crate) struct Registrant {
    pub(super) settings: Settings,
    pub(super) phase: PhaseName,
    /// The path of the function or functor; `None` for a closure.
    pub(super) path: Option<&'static str>,
    pub(super) identity: Option<TypeId>,
    pub(super) ports: Vec<Port>,
    /// Which one it is in the order of registration, and so where the listener itself is.
    pub(super) registered: usize,
}

impl Registrant {
    /// The name it was given, else its path, else where it was registered.
    pub(super) fn name(&self) -> String {
        match (&self.settings.name, self.path) {
            (Some(name), _) => name.clone(),
            (None, Some(path)) => path.to_owned(),
            (None, None) => ListenerDescription::name_of_closure(self.settings.place),
        }
    }

    /// Whether this one, of the same phase and the same name, is the other one again, or was given its name.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        let is_named = self.settings.name.is_some() || other.settings.name.is_some();
        is_named || (self.identity.is_some() && self.identity == other.identity)
    }
}

/// What the builder asks of an event without knowing its type.
pub(crate) trait AnyRegistration: Any + Send + Sync {
    fn about(&self) -> About;
    fn slot(&self) -> &'static Slot;
    /// The same registrations once more: listeners that are made already are shared, not copied.
    fn copy(&self) -> Box<dyn AnyRegistration>;
    fn registrants(&mut self) -> &mut Vec<Registrant>;
    #[cfg(feature = "testing")]
    fn instrument(&mut self, injector: &Arc<crate::testing::Injector>);
    /// The pipeline; only once nothing is wrong with the whole wiring, as it calls the constructors of functors.
    fn seal(&mut self, sealed: Sealed, services: &Services, is_monitored: bool) -> AnyPipeline;
}

/// A `Pipeline<E>`.
pub(crate) type AnyPipeline = Box<dyn Any + Send + Sync>;

/// What the builder asks of an event.
#[derive(Clone)]
pub(crate) struct About {
    pub(super) id: TypeId,
    pub(super) name: &'static str,
    pub(super) type_name: &'static str,
    pub(super) kind: Kind,
    pub(super) preventable: bool,
    pub(super) repeatable: bool,
    pub(super) declared: Option<(&'static str, Place)>,
}

impl<E: Event> Registration<E> {
    pub(super) fn new() -> Self {
        Self { declared: None, copy_output: None, registrants: Vec::new(), listeners: Vec::new() }
    }

    pub(super) fn add<P: RegistrationPhase<Event = E>>(
        &mut self,
        settings: Settings,
        candidate: Candidate<P>,
    ) {
        let Candidate { name: path, identity, ports, resolve } = candidate;
        let (phase, registered) = (P::NAME, self.listeners.len());
        self.registrants.push(Registrant { settings, phase, path, identity, ports, registered });
        self.listeners.push(P::registered(Source { resolve, made: None }));
    }

    /// What was said of the listener that was registered last.
    pub(super) fn last(&mut self) -> &mut Settings {
        let registrant =
            self.registrants.last_mut().expect("`Listening` is reached by registering one");
        &mut registrant.settings
    }
}

impl<E: Event> AnyRegistration for Registration<E> {
    fn about(&self) -> About {
        About {
            id: TypeId::of::<E>(),
            name: E::NAME,
            type_name: std::any::type_name::<E>(),
            kind: Kind::of::<E>(),
            preventable: <E::Kind as AnyKind>::PREVENTABLE,
            repeatable: E::REPEAT.is_some(),
            declared: self.declared,
        }
    }

    fn slot(&self) -> &'static Slot {
        E::slot()
    }

    fn copy(&self) -> Box<dyn AnyRegistration> {
        Box::new(Self {
            declared: self.declared,
            copy_output: self.copy_output,
            registrants: self.registrants.clone(),
            listeners: self.listeners.clone(),
        })
    }

    fn registrants(&mut self) -> &mut Vec<Registrant> {
        &mut self.registrants
    }

    #[cfg(feature = "testing")]
    fn instrument(&mut self, injector: &Arc<crate::testing::Injector>) {
        self.instrument_each(injector);
    }

    fn seal(&mut self, sealed: Sealed, services: &Services, is_monitored: bool) -> AnyPipeline {
        let mut pipeline = Pipeline::new(sealed.description, self.copy_output);
        for (place, (registered, condition)) in sealed.listeners.into_iter().enumerate() {
            pipeline.add(place, &mut self.listeners[registered], services, condition);
        }
        pipeline.direct = !is_monitored && pipeline.can_be_direct();
        pipeline.immediate = !is_monitored && pipeline.can_be_immediate();
        Box::new(pipeline)
    }
}

impl<E: Event> Pipeline<E> {
    /// Adds a listener to its phase.
    fn add(
        &mut self,
        place: usize,
        listener: &mut Registered<E>,
        services: &Services,
        condition: Option<Condition>,
    ) {
        macro_rules! add {
            ($lane:ident, $source:ident) => {
                add(&mut self.$lane, place, $source.listener(services), condition)
            };
        }
        match listener {
            Registered::Before(source) => add!(before, source),
            Registered::Wrap(source) => add!(wrap, source),
            Registered::Default(source) => add!(default, source),
            Registered::After(source) => add!(after, source),
            Registered::Observe(source) => add!(observe, source),
            Registered::Committed(source) => add!(committed, source),
            Registered::RolledBack(source) => add!(rolled_back, source),
        }
    }
}

fn add<P: Phase>(
    lane: &mut Lane<P>,
    place: usize,
    call: Option<Call<P>>,
    condition: Option<Condition>,
) {
    if let Some(call) = call {
        lane.add(place, call, condition);
    }
}
