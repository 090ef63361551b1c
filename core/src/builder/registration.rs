//! What was registered to one event, and how it becomes a pipeline.
//!
//! What depends on the type of the event is compiled for each event, and there are many of those. So it is kept
//! to what has to know the type: holding the listeners and handing them their services. The rest is in
//! [`sealing`](super::sealing), once for all.

use std::{any::Any, sync::Arc};

use super::{
    overlay::{Reopen, reopen},
    sealing::{Sealed, Surroundings, seal},
};
use crate::{
    defect::Defect,
    describe::{EventDescription, ListenerDescription, Place},
    dispatcher::{Condition, CopyOutput, Lane, Pipeline},
    event::{Event, Kind, Slot},
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
    /// The listeners themselves, each where its registrant says; `None` once one has been taken out.
    pub(super) listeners: Vec<Option<Unresolved<E>>>,
}

/// A listener that has not got its services yet, in its phase.
pub(super) enum Unresolved<E: Event> {
    Before(Resolve<BeforePhase<E>>),
    Wrap(Resolve<WrapPhase<E>>),
    Default(Resolve<PerformPhase<E>>),
    After(Resolve<AfterPhase<E>>),
    Observe(Resolve<ObservePhase<E>>),
    Committed(Resolve<CommittedPhase<E>>),
    RolledBack(Resolve<RolledBackPhase<E>>),
}

/// A phase whose listeners can be registered.
pub(super) trait RegistrationPhase: Phase + Sized {
    fn unresolved(resolve: Resolve<Self>) -> Unresolved<Self::Event>;
}

macro_rules! registration_phases {
    ($($phase:ident $variant:ident),*) => {
        $(impl<E: Event> RegistrationPhase for $phase<E> {
            fn unresolved(resolve: Resolve<Self>) -> Unresolved<E> {
                Unresolved::$variant(resolve)
            }
        })*
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
pub(super) struct Settings {
    pub(super) name: Option<String>,
    pub(super) condition: Option<Condition>,
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
    pub(super) optional: bool,
    pub(super) priority: Priority,
    pub(super) module: &'static str,
    pub(super) place: Place,
    /// Whether it is to take the place of the module's default action.
    pub(super) is_override: bool,
    /// The default action that this one overrides.
    pub(super) overrides: Option<String>,
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
pub(super) struct Registrant {
    pub(super) settings: Settings,
    pub(super) phase: PhaseName,
    /// The path of the function or functor; `None` for a closure.
    pub(super) path: Option<&'static str>,
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

    /// Whether a second listener of the same name would be the same listener again.
    pub(super) fn has_own_name(&self) -> bool {
        self.settings.name.is_some() || self.path.is_some()
    }
}

/// What the builder asks of an event without knowing its type.
pub(crate) trait Registered: Any {
    fn about(&self) -> About;
    fn slot(&self) -> &'static Slot;
    fn reopen(&self) -> Reopen;
    #[cfg(feature = "testing")]
    fn instrument(&mut self, injector: &Arc<crate::testing::Injector>);
    fn seal(
        self: Box<Self>,
        surroundings: Surroundings<'_>,
        defects: &mut Vec<Defect>,
    ) -> Option<(Arc<EventDescription>, Box<dyn Any + Send + Sync>)>;
}

/// What the builder asks of an event.
#[derive(Clone)]
pub(crate) struct About {
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
        let Candidate { name: path, ports, resolve } = candidate;
        let registered = self.listeners.len();
        self.registrants.push(Registrant { settings, phase: P::NAME, path, ports, registered });
        self.listeners.push(Some(P::unresolved(resolve)));
    }

    /// What was said of the listener that was registered last.
    pub(super) fn last(&mut self) -> &mut Settings {
        let registrant =
            self.registrants.last_mut().expect("`Listening` is reached by registering one");
        &mut registrant.settings
    }
}

impl<E: Event> Registered for Registration<E> {
    fn about(&self) -> About {
        About {
            name: E::NAME,
            type_name: std::any::type_name::<E>(),
            kind: E::KIND,
            preventable: E::PREVENTABLE,
            repeatable: E::REPEAT.is_some(),
            declared: self.declared,
        }
    }

    fn slot(&self) -> &'static Slot {
        E::slot()
    }

    fn reopen(&self) -> Reopen {
        reopen::<E>
    }

    #[cfg(feature = "testing")]
    fn instrument(&mut self, injector: &Arc<crate::testing::Injector>) {
        self.instrument_each(injector);
    }

    fn seal(
        mut self: Box<Self>,
        surroundings: Surroundings<'_>,
        defects: &mut Vec<Defect>,
    ) -> Option<(Arc<EventDescription>, Box<dyn Any + Send + Sync>)> {
        let registrants = std::mem::take(&mut self.registrants);
        let Sealed { description, listeners } =
            seal(&self.about(), registrants, surroundings.services, defects)?;
        let mut pipeline = Pipeline::new(Arc::clone(&description), self.copy_output);
        for (place, (registered, condition)) in listeners.into_iter().enumerate() {
            let listener = self.listeners.get_mut(registered).and_then(Option::take);
            pipeline.add(place, listener?, surroundings.services, condition);
        }
        pipeline.direct = !surroundings.is_monitored && pipeline.can_be_direct();
        pipeline.immediate = !surroundings.is_monitored && pipeline.can_be_immediate();
        Some((description, Box::new(pipeline)))
    }
}

impl<E: Event> Pipeline<E> {
    /// Adds a listener to its phase, unless a service that it asks for is missing.
    fn add(
        &mut self,
        place: usize,
        listener: Unresolved<E>,
        services: &Services,
        condition: Option<Condition>,
    ) {
        match listener {
            Unresolved::Before(resolve) => {
                add(&mut self.before, place, resolve(services), condition)
            }
            Unresolved::Wrap(resolve) => add(&mut self.wrap, place, resolve(services), condition),
            Unresolved::Default(resolve) => {
                add(&mut self.default, place, resolve(services), condition)
            }
            Unresolved::After(resolve) => add(&mut self.after, place, resolve(services), condition),
            Unresolved::Observe(resolve) => {
                add(&mut self.observe, place, resolve(services), condition)
            }
            Unresolved::Committed(resolve) => {
                add(&mut self.committed, place, resolve(services), condition)
            }
            Unresolved::RolledBack(resolve) => {
                add(&mut self.rolled_back, place, resolve(services), condition)
            }
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
