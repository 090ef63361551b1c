//! Wiring a core: modules, services, listeners; sealed by `build`, which reports every defect at once.

#[cfg(feature = "inventory")]
mod discover;
mod event_builder;
#[cfg(feature = "testing")]
mod instrument;
mod order;
mod overlay;
mod registration;
mod sealing;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Weak},
};

pub use self::event_builder::{EventBuilder, HasListener, Listening, NotListening};
pub(crate) use self::overlay::Reopen;
use self::{
    registration::{Registered, Registration},
    sealing::Surroundings,
};
use crate::{
    completion::{Pending, Spawner},
    defect::{BuildError, Defect},
    describe::Place,
    dispatcher::{Core, Inner},
    event::{Event, Kind},
    module::Module,
    monitor::{Monitor, Monitors},
    service::Services,
    unit_of_work::UnitOfWorkProvider,
};

/// Wires a core: modules, services, listeners. [`build`](Self::build) seals it.
///
/// Nothing here fails or panics. Every mistake is noted with its place, and `build` reports all of them.
pub struct CoreBuilder {
    modules: Vec<(&'static str, Place)>,
    /// The module that is registering just now.
    module: &'static str,
    events: Vec<Box<dyn Registered>>,
    by_type: HashMap<TypeId, usize>,
    services: Services,
    provided: HashMap<TypeId, Place>,
    units_of_work: Option<(Arc<dyn UnitOfWorkProvider>, Place)>,
    max_depth: usize,
    monitors: Monitors,
    spawner: Option<Arc<dyn Spawner>>,
    pending: Arc<Pending>,
    #[cfg(feature = "inventory")]
    discovered: discover::Discovered,
    defects: Vec<Defect>,
}

/// The name under which an application's own registrations appear.
const APPLICATION: &str = "application";

/// How deeply events may be nested unless an application says otherwise.
const MAX_DEPTH: usize = 64;

impl CoreBuilder {
    pub(crate) fn new() -> Self {
        Self {
            modules: Vec::new(),
            module: APPLICATION,
            events: Vec::new(),
            by_type: HashMap::new(),
            services: Services::default(),
            provided: HashMap::new(),
            units_of_work: None,
            max_depth: MAX_DEPTH,
            monitors: Monitors::default(),
            spawner: None,
            pending: Arc::default(),
            #[cfg(feature = "inventory")]
            discovered: discover::Discovered::new(),
            defects: Vec::new(),
        }
    }

    /// Adds a module: its events, default actions, listeners and services.
    #[track_caller]
    pub fn module(&mut self, module: impl Module) -> &mut Self {
        let place = Place::of_caller();
        let name = module.name();
        let added = self.modules.iter().find(|(added, _)| *added == name);
        // All closures of one function have one name, and are different modules all the same.
        if let Some((_, first)) = added.filter(|_| !name.ends_with("{{closure}}")) {
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

    /// Says how deeply events may be nested; 64 unless told otherwise.
    ///
    /// Beyond it a dispatch fails and names the chain, so that a listener that dispatches its own event for
    /// ever ends with an error and not with a stack overflow.
    pub fn max_depth(&mut self, max_depth: usize) -> &mut Self {
        self.max_depth = max_depth;
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
        let place = Place::of_caller();
        let module = self.module;
        let registration = self.registration::<E>();
        match &registration.declared {
            None => registration.declared = Some((module, place)),
            Some((_, first)) => {
                let first = *first;
                self.defects.push(Defect::EventDeclaredTwice {
                    event: E::NAME,
                    first,
                    second: place,
                });
            }
        }
        EventBuilder::new(self.registration::<E>(), module)
    }

    /// Listens to an event that a module declares.
    pub fn event<E: Event>(&mut self) -> EventBuilder<'_, E> {
        let module = self.module;
        EventBuilder::new(self.registration::<E>(), module)
    }

    /// Seals the wiring.
    ///
    /// # Cost
    ///
    /// It grows with the events and their listeners, each by the same amount. Only within one phase of one event
    /// is every listener compared with the others, to find names that are there twice and to order by name.
    ///
    /// # Errors
    ///
    /// With **every** defect of the wiring at once, each with its place and what to do about it.
    pub fn build(&mut self) -> Result<Core, BuildError> {
        let mut builder = std::mem::replace(self, Self::new());
        let mut defects = std::mem::take(&mut builder.defects);
        let mut table: Vec<Box<dyn Any + Send + Sync>> = Vec::new();
        let (mut events, mut reopen) = (Vec::new(), Vec::new());
        let mut occupants: HashMap<usize, &'static str> = HashMap::new();
        let mut needs_unit_of_work = None;
        let surroundings = Surroundings {
            services: &builder.services,
            is_monitored: !builder.monitors.is_empty(),
        };
        for registered in builder.events {
            let about = registered.about();
            if about.kind == Kind::Process && about.declared.is_some() {
                needs_unit_of_work.get_or_insert(about.clone());
            }
            reopen.push(registered.reopen());
            let number = registered.slot().assign();
            if let Some(other) = occupants.insert(number, about.type_name) {
                defects.push(Defect::SharedSlot { first: other, second: about.type_name });
            }
            if let Some((description, pipeline)) = registered.seal(surroundings, &mut defects) {
                if table.len() <= number {
                    table.resize_with(number + 1, || Box::new(()));
                }
                table[number] = pipeline;
                events.push(description);
            }
        }
        if let (Some(about), None) = (needs_unit_of_work, &builder.units_of_work)
            && let Some((_, place)) = about.declared
        {
            defects.push(Defect::NoUnitOfWork { process: about.name, place });
        }
        if !defects.is_empty() {
            return Err(BuildError::new(defects));
        }
        let provided = builder.units_of_work.as_ref().and_then(|(provider, _)| provider.spawner());
        Ok(Core::seal(Inner {
            table,
            events,
            reopen,
            modules: builder.modules,
            services: builder.services,
            provided: builder.provided,
            units_of_work: builder.units_of_work,
            max_depth: builder.max_depth,
            monitors: builder.monitors,
            spawner: builder.spawner.or(provided),
            pending: builder.pending,
            itself: Weak::new(),
        }))
    }

    fn registration<E: Event>(&mut self) -> &mut Registration<E> {
        let next = self.events.len();
        let index = *self.by_type.entry(TypeId::of::<E>()).or_insert(next);
        if index == next {
            self.events.push(Box::new(Registration::<E>::new()));
        }
        let registered: &mut dyn Any = &mut *self.events[index];
        registered.downcast_mut().expect("an event's index leads to its own registration")
    }
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
