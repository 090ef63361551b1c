//! What was registered to one event.

use std::any::TypeId;

use super::{every::Every, sealing::Sealed};
use crate::{
    describe::{ListenerDescription, RemovedListener},
    dispatch::{Condition, CopyOutput, Entry, Nature},
    event::{AnyKind, Event, Kind},
    listener::{Candidate, Options, Source},
    phase_name::PhaseName,
    place::Place,
    priority::Priority,
    service::{Port, Services},
};

/// What was registered to one event.
#[derive(Clone)]
pub(super) struct Registration {
    pub(super) event: EventFacts,
    /// The module that declared it, and where.
    pub(super) declared: Option<(&'static str, Place)>,
    pub(super) copy_output: Option<CopyOutput>,
    pub(super) registrants: Vec<Registrant>,
    /// How many were registered, whether or not they are still there.
    registered: usize,
    /// The listeners to be taken away, by name.
    pub(super) removals: Vec<Removal>,
    /// The listeners that were taken away.
    pub(super) removed: Vec<RemovedListener>,
}

/// A listener to be taken away.
#[derive(Clone)]
pub(super) struct Removal {
    pub(super) name: String,
    pub(super) module: &'static str,
    pub(super) place: Place,
}

/// What the type of an event says about it.
#[derive(Clone)]
pub(super) struct EventFacts {
    pub(super) id: TypeId,
    pub(super) name: &'static str,
    pub(super) type_name: &'static str,
    pub(super) kind: Kind,
    pub(super) preventable: bool,
    pub(super) nature: Nature,
}

impl EventFacts {
    pub(super) fn of<E: Event>() -> Self {
        Self {
            id: TypeId::of::<E>(),
            name: E::name(),
            type_name: std::any::type_name::<E>(),
            kind: Kind::of::<E>(),
            preventable: <E::Kind as AnyKind>::PREVENTABLE,
            nature: Nature::of::<E>(),
        }
    }
}

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
    /// The default action, or the listener, in whose place this one is.
    pub(super) overrides: Option<String>,
    /// The listener in whose place this one is to be.
    pub(super) in_place_of: Option<String>,
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
    fn new(name: String) -> Self {
        Self { name, found: None }
    }
}

impl Settings {
    pub(super) fn new(module: &'static str, place: Place, options: Options) -> Self {
        let ordered_by = |names: Vec<String>| names.into_iter().map(OrderedBy::new).collect();
        Self {
            name: options.name,
            condition: options.condition,
            before: ordered_by(options.before),
            after: ordered_by(options.after),
            optional: options.optional,
            priority: options.priority,
            module,
            place: options.place.unwrap_or(place),
            is_override: false,
            overrides: None,
            in_place_of: options.in_place_of,
        }
    }
}

/// One listener that was registered.
#[derive(Clone)]
pub(super) struct Registrant {
    pub(super) settings: Settings,
    pub(super) phase: PhaseName,
    /// The path of the function or functor; `None` for a closure.
    pub(super) path: Option<&'static str>,
    pub(super) identity: Option<TypeId>,
    pub(super) ports: Vec<Port>,
    /// Which one it is in the order of registration.
    pub(super) registered: usize,
    pub(super) source: Source,
    /// Which listener to every event this is, if it is one.
    pub(super) every: Option<usize>,
}

impl Registrant {
    pub(super) fn new(
        module: &'static str,
        place: Place,
        candidate: Candidate,
        registered: usize,
    ) -> Self {
        let Candidate { phase, name: path, identity, ports, source, options } = candidate;
        let settings = Settings::new(module, place, options);
        Self { settings, phase, path, identity, ports, registered, source, every: None }
    }

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

impl Registration {
    pub(super) fn of(event: EventFacts) -> Self {
        Self {
            event,
            declared: None,
            copy_output: None,
            registrants: Vec::new(),
            registered: 0,
            removals: Vec::new(),
            removed: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        module: &'static str,
        place: Place,
        candidate: Candidate,
    ) -> &mut Settings {
        let registrant = Registrant::new(module, place, candidate, self.registered);
        self.registered += 1;
        self.registrants.push(registrant);
        let last = self.registrants.len() - 1;
        &mut self.registrants[last].settings
    }

    /// Puts a listener to every event before those of this one, unless it was taken away from it or replaced.
    pub(super) fn put_every(&mut self, index: usize, listener: &Registrant) {
        if self.was_taken_away(listener) {
            return;
        }
        let at = self.registrants.iter().take_while(|one| one.every.is_some()).count();
        let registered = self.registered + index;
        let listener = Registrant { every: Some(index), registered, ..listener.clone() };
        self.registrants.insert(at, listener);
    }

    /// Whether a core that was built before has taken this listener away, or put another one into its place.
    fn was_taken_away(&self, listener: &Registrant) -> bool {
        let (phase, name) = (listener.phase, listener.name());
        self.removed.iter().any(|gone| gone.phase == phase && gone.name == name)
            || self
                .registrants
                .iter()
                .any(|one| one.phase == phase && one.settings.overrides.as_ref() == Some(&name))
    }

    /// The event in the sealed core; only once nothing is wrong with the whole wiring, as it calls the constructors of
    /// functors.
    pub(super) fn seal(
        &mut self,
        index: usize,
        sealed: Sealed,
        services: &Services,
        every: &mut [Every],
        is_monitored: bool,
    ) -> Entry {
        let nature = self.event.nature.clone();
        let mut entry = Entry::new(index, sealed.description, nature, self.copy_output);
        for (place, registered) in sealed.listeners.into_iter().enumerate() {
            let is_wanted = |one: &&mut Registrant| one.registered == registered;
            let Some(one) = self.registrants.iter_mut().find(is_wanted) else { continue };
            let source = match one.every {
                Some(index) => &mut every[index].registrant.source,
                None => &mut one.source,
            };
            if let Some(call) = source.listener(services) {
                entry.add(one.phase, place, call, one.settings.condition.clone());
            }
        }
        entry.seal(is_monitored);
        entry
    }
}
