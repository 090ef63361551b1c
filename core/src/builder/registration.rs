//! What was registered to one event, and how it becomes a pipeline.

use std::{any::Any, sync::Arc};

use super::{
    order::order,
    overlay::{Reopen, reopen},
};
use crate::{
    defect::Defect,
    describe::{EventDescription, ListenerDescription, Place},
    dispatcher::{Condition, CopyOutput, Entry, Lane, Pipeline},
    event::{Event, Kind, Slot},
    listener::Candidate,
    phase::{
        AfterPhase, BeforePhase, CommittedPhase, ObservePhase, PerformPhase, Phase, PhaseName,
        RolledBackPhase, WrapPhase,
    },
    priority::Priority,
    service::Services,
};

/// What was registered to one event.
pub(super) struct Registration<E: Event> {
    /// The module that declared it, and where.
    pub(super) declared: Option<(&'static str, Place)>,
    pub(super) copy_output: Option<CopyOutput<E>>,
    pub(super) listeners: Vec<(Settings, ListenerSlot<E>)>,
}

/// A listener in its phase.
pub(super) enum ListenerSlot<E: Event> {
    Before(Candidate<BeforePhase<E>>),
    Wrap(Candidate<WrapPhase<E>>),
    Default(Candidate<PerformPhase<E>>),
    Override(Candidate<PerformPhase<E>>),
    After(Candidate<AfterPhase<E>>),
    Observe(Candidate<ObservePhase<E>>),
    Committed(Candidate<CommittedPhase<E>>),
    RolledBack(Candidate<RolledBackPhase<E>>),
}

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
    /// The default action that this one overrides.
    pub(super) overrides: Option<String>,
    /// Which one it is in the order of registration.
    registered: usize,
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
            overrides: None,
            registered: 0,
        }
    }
}

/// A listener of one phase, about to be ordered.
pub(super) struct Registrant<P: Phase> {
    pub(super) settings: Settings,
    pub(super) candidate: Candidate<P>,
}

impl<P: Phase> Registrant<P> {
    /// The name it was given, else its path, else where it was registered.
    pub(super) fn name(&self) -> String {
        match (&self.settings.name, self.candidate.name) {
            (Some(name), _) => name.clone(),
            (None, Some(path)) => path.to_owned(),
            (None, None) => ListenerDescription::name_of_closure(self.settings.place),
        }
    }

    /// Whether a second listener of the same name would be the same listener again.
    pub(super) fn has_own_name(&self) -> bool {
        self.settings.name.is_some() || self.candidate.name.is_some()
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

/// What an event finds in the core that it is sealed into.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'s> {
    pub(super) services: &'s Services,
    pub(super) is_monitored: bool,
}

/// What the builder asks of an event.
#[derive(Clone)]
pub(crate) struct About {
    pub(super) name: &'static str,
    pub(super) type_name: &'static str,
    pub(super) kind: Kind,
    pub(super) declared: Option<(&'static str, Place)>,
}

impl<E: Event> Registration<E> {
    pub(super) fn new() -> Self {
        Self { declared: None, copy_output: None, listeners: Vec::new() }
    }

    pub(super) fn add(
        &mut self,
        module: &'static str,
        priority: Priority,
        place: Place,
        slot: ListenerSlot<E>,
    ) {
        self.push(Settings::new(module, priority, place), slot);
    }

    pub(super) fn push(&mut self, mut settings: Settings, slot: ListenerSlot<E>) {
        settings.registered = self.listeners.len();
        self.listeners.push((settings, slot));
    }

    /// What was said of the listener that was registered last.
    pub(super) fn last(&mut self) -> &mut Settings {
        let (settings, _) =
            self.listeners.last_mut().expect("`Listening` is reached by registering one");
        settings
    }
}

/// The listeners of one event, by phase.
struct Phases<E: Event> {
    before: Vec<Registrant<BeforePhase<E>>>,
    wrap: Vec<Registrant<WrapPhase<E>>>,
    default: Vec<Registrant<PerformPhase<E>>>,
    overriding: Vec<Registrant<PerformPhase<E>>>,
    after: Vec<Registrant<AfterPhase<E>>>,
    observe: Vec<Registrant<ObservePhase<E>>>,
    committed: Vec<Registrant<CommittedPhase<E>>>,
    rolled_back: Vec<Registrant<RolledBackPhase<E>>>,
}

impl<E: Event> Phases<E> {
    fn sort(listeners: Vec<(Settings, ListenerSlot<E>)>) -> Self {
        let mut phases = Self {
            before: Vec::new(),
            wrap: Vec::new(),
            default: Vec::new(),
            overriding: Vec::new(),
            after: Vec::new(),
            observe: Vec::new(),
            committed: Vec::new(),
            rolled_back: Vec::new(),
        };
        for (settings, slot) in listeners {
            match slot {
                ListenerSlot::Before(candidate) => {
                    phases.before.push(Registrant { settings, candidate })
                }
                ListenerSlot::Wrap(candidate) => {
                    phases.wrap.push(Registrant { settings, candidate })
                }
                ListenerSlot::Default(candidate) => {
                    phases.default.push(Registrant { settings, candidate })
                }
                ListenerSlot::Override(candidate) => {
                    phases.overriding.push(Registrant { settings, candidate });
                }
                ListenerSlot::After(candidate) => {
                    phases.after.push(Registrant { settings, candidate })
                }
                ListenerSlot::Observe(candidate) => {
                    phases.observe.push(Registrant { settings, candidate })
                }
                ListenerSlot::Committed(candidate) => {
                    phases.committed.push(Registrant { settings, candidate });
                }
                ListenerSlot::RolledBack(candidate) => {
                    phases.rolled_back.push(Registrant { settings, candidate });
                }
            }
        }
        phases
    }

    /// The one default action: the module's, or what the application put into its place.
    fn settle_default(
        &mut self,
        declared: Option<(&'static str, Place)>,
        defects: &mut Vec<Defect>,
    ) {
        let Some((_, declared)) = declared else {
            self.default.append(&mut self.overriding);
            return;
        };
        for actions in [&self.default, &self.overriding] {
            let Some((first, others)) = actions.split_first() else { continue };
            defects.extend(others.iter().map(|other| Defect::TwoDefaults {
                event: E::NAME,
                first: (first.name(), first.settings.place),
                second: (other.name(), other.settings.place),
            }));
        }
        if let Some(mut action) = self.overriding.pop() {
            match self.default.pop() {
                Some(original) => action.settings.overrides = Some(original.name()),
                None => defects.push(Defect::NothingToOverride {
                    event: E::NAME,
                    action: action.name(),
                    place: action.settings.place,
                }),
            }
            self.default = vec![action];
        }
        if E::PREVENTABLE && self.default.is_empty() {
            defects.push(Defect::NoDefault { event: E::NAME, place: declared });
        }
    }
}

impl<E: Event> Registered for Registration<E> {
    fn about(&self) -> About {
        About {
            name: E::NAME,
            type_name: std::any::type_name::<E>(),
            kind: E::KIND,
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
        let listeners = std::mem::take(&mut self.listeners);
        let mut phases = Phases::<E>::sort(listeners);
        phases.settle_default(self.declared, defects);
        let mut sealing = Sealing {
            event: E::NAME,
            declared: self.declared.is_some(),
            services: surroundings.services,
            defects,
            listeners: Vec::new(),
        };
        let before = sealing.lane(phases.before);
        let wrap = sealing.lane(phases.wrap);
        let default = sealing.lane(phases.default);
        let after = sealing.lane(phases.after);
        let observe = sealing.lane(phases.observe);
        let committed = sealing.lane(phases.committed);
        let rolled_back = sealing.lane(phases.rolled_back);
        let (module, place) = self.declared?;
        let description = Arc::new(EventDescription {
            name: E::NAME,
            type_name: std::any::type_name::<E>(),
            kind: E::KIND,
            preventable: E::PREVENTABLE,
            module,
            place,
            listeners: sealing.listeners,
        });
        let mut pipeline = Pipeline {
            description: Arc::clone(&description),
            before,
            wrap,
            default,
            after,
            observe,
            committed,
            rolled_back,
            copy_output: self.copy_output,
            immediate: false,
        };
        pipeline.immediate = !surroundings.is_monitored && pipeline.can_be_immediate();
        Some((description, Box::new(pipeline)))
    }
}

/// An event that is being sealed.
struct Sealing<'s> {
    event: &'static str,
    declared: bool,
    services: &'s Services,
    defects: &'s mut Vec<Defect>,
    listeners: Vec<ListenerDescription>,
}

impl Sealing<'_> {
    /// Puts the listeners of one phase into order and gives them their services.
    fn lane<P: Phase>(&mut self, registrants: Vec<Registrant<P>>) -> Lane<P> {
        let first = self.listeners.len();
        let mut entries = Vec::with_capacity(registrants.len());
        if !self.declared {
            let lost = registrants.iter().filter(|registrant| !registrant.settings.optional);
            self.defects.extend(lost.map(|registrant| Defect::UndeclaredEvent {
                event: self.event,
                listener: registrant.name(),
                place: registrant.settings.place,
            }));
            return Lane::new(entries, first);
        }
        for registrant in order(self.event, registrants, self.defects) {
            let name = registrant.name();
            let Registrant { settings, candidate } = registrant;
            for port in &candidate.ports {
                if !self.services.has(*port) {
                    self.defects.push(Defect::MissingService {
                        port: port.name(),
                        listener: name.clone(),
                        event: self.event,
                        place: settings.place,
                    });
                }
            }
            self.listeners.push(ListenerDescription {
                name,
                phase: P::NAME,
                priority: settings.priority,
                module: settings.module,
                place: settings.place,
                conditional: settings.condition.is_some(),
                ports: candidate.ports,
                before: settings.before,
                after: settings.after,
                overrides: settings.overrides,
                registered: settings.registered,
            });
            if let Some(call) = (candidate.resolve)(self.services) {
                entries.push(Entry { call, condition: settings.condition });
            }
        }
        Lane::new(entries, first)
    }
}

/// The phases whose listeners would be the same listener again under one name.
pub(super) fn is_named_once(phase: PhaseName) -> bool {
    phase != PhaseName::Default
}
