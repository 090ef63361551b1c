//! Wiring a core: modules, services, listeners; sealed by `build`, which reports every defect at once.

#[cfg(feature = "inventory")]
mod discover;
mod event_builder;
mod every;
mod expected;
mod instrument;
#[cfg(feature = "inventory")]
mod linked;
mod module;
mod order;
mod overlay;
mod overriding;
mod registration;
mod removing;
mod sealed_core;
mod sealing;
mod verify;

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, Weak},
};

#[cfg(feature = "inventory")]
use self::discover::Discovered;
#[cfg(feature = "inventory")]
pub use self::linked::{LinkAnchor, LinkedListener};
pub use self::{event_builder::EventBuilder, every::EveryBuilder, module::Module};
use self::{
    every::{Every, take_away_every},
    expected::{Expected, Findings},
    overriding::Overriding,
    registration::{EventFacts, Registration},
    sealing::{Sealed, check},
    verify::Verification,
};
use crate::{
    defect::{BuildError, Defect},
    depth,
    describe::{EventDescription, OverriddenService},
    dispatch::{
        Core, Inner, Monitors, Pending, Spawner, Table, monitor::Monitor,
        unit_of_work::UnitOfWorkProvider,
    },
    event::{Event, Kind},
    phase_name::PhaseName,
    place::Place,
    service::{Port, Services},
};

/// Wires a core: modules, services, listeners. [`build`](Self::build) seals it.
///
/// Nothing here fails or panics. Every mistake is noted with its place, and `build` reports all of them.
#[derive(Clone)]
pub struct CoreBuilder {
    modules: Vec<(&'static str, Place)>,
    /// The module that is registering just now.
    module: &'static str,
    events: Vec<Registration>,
    by_type: HashMap<TypeId, usize>,
    every: Vec<Every>,
    services: Services,
    provided: HashMap<TypeId, Place>,
    /// The services that are to stand in the place of others.
    overriding: Vec<Overriding>,
    /// Which services stand in the place of others.
    overridden: Vec<OverriddenService>,
    units_of_work: Option<(Arc<dyn UnitOfWorkProvider>, Place)>,
    max_depth: usize,
    monitors: Monitors,
    spawner: Option<Arc<dyn Spawner>>,
    pending: Arc<Pending>,
    #[cfg(feature = "inventory")]
    discovered: Discovered,
    expected: Expected,
    verifications: Vec<Verification>,
    defects: Vec<Defect>,
}

/// The name under which an application's own registrations appear.
const APPLICATION: &str = "application";

impl CoreBuilder {
    pub(crate) fn new() -> Self {
        Self {
            modules: Vec::new(),
            module: APPLICATION,
            events: Vec::new(),
            by_type: HashMap::new(),
            every: Vec::new(),
            services: Services::default(),
            provided: HashMap::new(),
            overriding: Vec::new(),
            overridden: Vec::new(),
            units_of_work: None,
            max_depth: depth::DEFAULT_MAX_DEPTH,
            monitors: Monitors::default(),
            spawner: None,
            pending: Arc::default(),
            #[cfg(feature = "inventory")]
            discovered: Discovered::new(),
            expected: Expected::new(),
            verifications: Vec::new(),
            defects: Vec::new(),
        }
    }

    /// Adds a module: its events, default actions, listeners and services.
    #[track_caller]
    pub fn module(&mut self, module: impl Module) -> &mut Self {
        let place = Place::of_caller();
        let name = module.name();
        let added = self.modules.iter().find(|(added, _)| *added == name);
        if let Some((_, first)) = added.filter(|_| module.has_own_name()) {
            self.defects.push(Defect::ModuleTwice { module: name, first: *first, second: place });
            return self;
        }
        self.modules.push((name, place));
        let outer = std::mem::replace(&mut self.module, name);
        module.register(self);
        self.module = outer;
        self
    }

    /// Provides the adapter behind a port: `provide::<dyn Mailer>(Arc::new(SmtpMailer::new()))`.
    ///
    /// One for each port; a second one is a build error.
    #[track_caller]
    pub fn provide<T: ?Sized + Send + Sync + 'static>(&mut self, service: Arc<T>) -> &mut Self {
        let place = Place::of_caller();
        match self.provided.insert(TypeId::of::<T>(), place) {
            None => self.services.insert(service),
            Some(first) => {
                let port = std::any::type_name::<T>();
                self.defects.push(Defect::ServiceTwice { port, first, second: place });
            }
        }
        self
    }

    /// Puts a service into the place of the one that a module provides, on purpose: in an application, in an overlay or in
    /// a test. The dump shows it. A port that nobody provides is a build error, and so are two overrides of one port.
    ///
    /// In an overlay the listeners that ask for the port are made anew, with this one.
    #[track_caller]
    pub fn override_service<T: ?Sized + Send + Sync + 'static>(
        &mut self,
        service: Arc<T>,
    ) -> &mut Self {
        let mut services = Services::default();
        services.insert(service);
        let (port, module, place) = (Port::of::<T>(), self.module, Place::of_caller());
        self.overriding.push(Overriding { port, services, module, place });
        self
    }

    /// Says where the units of work of all processes come from.
    #[track_caller]
    pub fn units_of_work(&mut self, provider: Arc<dyn UnitOfWorkProvider>) -> &mut Self {
        let place = Place::of_caller();
        match &self.units_of_work {
            None => self.units_of_work = Some((provider, place)),
            Some((_, first)) => {
                let port = "dyn UnitOfWorkProvider";
                self.defects.push(Defect::ServiceTwice { port, first: *first, second: place });
            }
        }
        self
    }

    /// Adds a monitor, which watches every event.
    pub fn monitor(&mut self, monitor: Arc<dyn Monitor>) -> &mut Self {
        self.monitors.add(monitor);
        self
    }

    /// Says who finishes what a caller leaves while a process or a saga is being completed. Unless told otherwise, it is
    /// the [spawner](UnitOfWorkProvider::spawner) of the provider of units of work, if that has one.
    pub fn spawner(&mut self, spawner: Arc<dyn Spawner>) -> &mut Self {
        self.spawner = Some(spawner);
        self
    }

    /// Says how deeply events may be nested; 24 unless told otherwise, and 32 at most. Four wraps count as one event.
    ///
    /// Beyond it a dispatch fails and names the chain, so that a listener that dispatches its own event for
    /// ever ends with an error and not with a stack overflow. Every dispatch counts that a listener waits for, by
    /// its handle or by a core.
    ///
    /// # Rule
    ///
    /// On a stack of 2 MiB, which the threads of `std` and of tokio have, 32 are as many as fit in a debug build, where a
    /// dispatch takes up to 50 KB and a wrap a fourth of that. What the listeners take comes on top: with 24 there is
    /// almost as much left for each as a dispatch takes. [`build`](Self::build) refuses more than 32.
    #[track_caller]
    pub fn max_depth(&mut self, max_depth: usize) -> &mut Self {
        let greatest = depth::GREATEST_MAX_DEPTH;
        if max_depth > greatest {
            let place = Place::of_caller();
            self.defects.push(Defect::MaxDepth { max_depth, greatest, place });
        }
        self.max_depth = max_depth.min(greatest);
        self
    }

    /// Reports what a module finds wrong with its own set-up; [`build`](Self::build) fails with it, together
    /// with every other defect.
    #[track_caller]
    pub fn report(&mut self, problem: impl Into<String>) {
        let place = Place::of_caller();
        let defect = Defect::Reported { module: self.module, problem: problem.into(), place };
        self.defects.push(defect);
    }

    /// Declares an event of one's own. A listener to an event that nobody declares is a build error.
    #[track_caller]
    pub fn declare<E: Event>(&mut self) -> EventBuilder<'_, E> {
        let module = self.module;
        EventBuilder::new(self.declared(EventFacts::of::<E>(), Place::of_caller()), module)
    }

    fn declared(&mut self, event: EventFacts, place: Place) -> &mut Registration {
        let (module, name) = (self.module, event.name);
        let index = self.index_of(event);
        let registration = &mut self.events[index];
        match registration.declared {
            None => registration.declared = Some((module, place)),
            Some((_, first)) => {
                let (event, second) = (name, place);
                self.defects.push(Defect::EventDeclaredTwice { event, first, second });
            }
        }
        &mut self.events[index]
    }

    /// Listens to an event that a module declares.
    pub fn event<E: Event>(&mut self) -> EventBuilder<'_, E> {
        let module = self.module;
        EventBuilder::new(self.registration::<E>(), module)
    }

    /// Seals the wiring. The builder stays as it is: built again, it gives another core of the same wiring.
    ///
    /// The constructors of functors are called once nothing is wrong with the wiring, and not before.
    ///
    /// # Cost
    ///
    /// It grows with the events and their listeners, each by the same amount. Only within one phase of one event
    /// is every listener compared with the others, to find names that are there twice and to order by name.
    ///
    /// # Errors
    ///
    /// With **every** defect of the wiring at once, each with its place and what to do about it.
    pub fn build(&self) -> Result<Core, BuildError> {
        let mut wiring = self.clone();
        let (checked, findings) = wiring.check();
        let defects = findings.into_defects(&self.expected);
        if !defects.is_empty() {
            return Err(BuildError::new(defects));
        }
        let is_monitored = !self.monitors.is_empty();
        let (mut entries, mut by_type) = (Vec::new(), Table::default());
        let Self { events, every, services, .. } = &mut wiring;
        for (registration, sealed) in events.iter_mut().zip(checked) {
            let Some(sealed) = sealed else { continue };
            let index = entries.len();
            by_type.insert(registration.event.id, index);
            entries.push(registration.seal(index, sealed, services, every, is_monitored));
        }
        take_away_every(events);
        let provided = self.units_of_work.as_ref().and_then(|(provider, _)| provider.spawner());
        Ok(Core::seal(Inner {
            entries,
            by_type,
            modules: self.modules.clone(),
            services: wiring.services.clone(),
            overridden: wiring.overridden.clone(),
            units_of_work: self.units_of_work.clone(),
            max_depth: self.max_depth,
            monitors: self.monitors.clone(),
            spawner: self.spawner.clone().or(provided),
            pending: Arc::clone(&self.pending),
            wiring: Box::new(wiring),
            itself: Weak::new(),
        }))
    }

    /// Each event in its final order, everything that is wrong, and everything that is missing.
    fn check(&mut self) -> (Vec<Option<Sealed>>, Findings) {
        let mut checked = Vec::new();
        let mut findings = Findings { defects: self.defects.clone(), ..Findings::default() };
        self.override_services(&mut findings);
        self.put_every(&mut findings);
        for registration in &mut self.events {
            if let (Kind::Process, Some((_, place)), None) =
                (registration.event.kind, registration.declared, &self.units_of_work)
            {
                findings.no_unit_of_work.get_or_insert((registration.event.name, place));
            }
            let sealed = check(registration, &self.services, &mut findings);
            let event = sealed.as_ref().map(|sealed| &*sealed.description);
            findings.defects.extend(event.and_then(|event| too_many_wraps(event, self.max_depth)));
            checked.push(sealed);
        }
        let verified = self.verifications.iter().flat_map(|one| one.defects(&self.services));
        findings.defects.extend(verified);
        (checked, findings)
    }

    fn registration<E: Event>(&mut self) -> &mut Registration {
        let index = self.index_of(EventFacts::of::<E>());
        &mut self.events[index]
    }

    fn index_of(&mut self, event: EventFacts) -> usize {
        let next = self.events.len();
        let index = *self.by_type.entry(event.id).or_insert(next);
        if index == next {
            self.events.push(Registration::of(event));
        }
        index
    }
}

/// The defect of an event whose wraps alone would be nested too deeply.
fn too_many_wraps(event: &EventDescription, max_depth: usize) -> Option<Defect> {
    let wraps = event.listeners.iter().filter(|one| one.phase == PhaseName::Wrap).count();
    let most = depth::most_wraps(max_depth);
    let (event, place) = (event.name, event.place);
    (wraps > most).then_some(Defect::TooManyWraps { event, wraps, most, place })
}

impl std::fmt::Debug for CoreBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CoreBuilder")
            .field("modules", &self.modules)
            .field("events", &self.events.len())
            .field("defects", &self.defects)
            .finish_non_exhaustive()
    }
}
