//! Sealing one event: its default action, the order of its listeners, and what is wrong with them.

use std::sync::Arc;

use super::{
    expected::Findings,
    order::order,
    registration::{EventFacts, OrderedBy, Registrant, Registration},
};
use crate::{
    defect::{AskedBy, Defect},
    describe::{EventDescription, ListenerDescription},
    phase_name::PhaseName,
    place::Place,
    service::Services,
};

/// An event in its final order.
pub(crate) struct Sealed {
    pub(super) description: Arc<EventDescription>,
    /// As they are described: which listener it is in the order of registration.
    pub(super) listeners: Vec<usize>,
}

/// The phases, in the order in which they are described and checked.
const PHASES: [PhaseName; 7] = [
    PhaseName::Before,
    PhaseName::Wrap,
    PhaseName::Default,
    PhaseName::After,
    PhaseName::Observe,
    PhaseName::Committed,
    PhaseName::RolledBack,
];

/// Settles which default action there is, puts the listeners into order and looks whether their services are
/// there; `None` for an event that no module declares.
///
/// What is settled is written down in the registrants, so that an overlay begins with it.
pub(super) fn check(
    registration: &mut Registration,
    services: &Services,
    findings: &mut Findings,
) -> Option<Sealed> {
    let Findings { defects, missing: missing_ports, noted, .. } = findings;
    registration.remove_listeners(defects);
    let Registration { event, declared, registrants, removed, .. } = registration;
    let Some((module, place)) = *declared else {
        report_undeclared(event, registrants, defects);
        return None;
    };
    settle_default(event, place, registrants, defects);
    let mut phases = PHASES.map(|_| Vec::new());
    for registrant in registrants {
        phases[registrant.phase as usize].push(registrant);
    }
    let (mut described, mut listeners) = (Vec::new(), Vec::new());
    for (phase, registrants) in PHASES.into_iter().zip(phases) {
        for registrant in order(event.name, phase, registrants, defects) {
            let name = registrant.name();
            let registrant = &*registrant;
            let Registrant { settings, ports, registered, .. } = registrant;
            let missing = ports.iter().filter(|port| !services.has(**port));
            let is_noted = registrant.every.is_some_and(|every| noted.contains(&every));
            if !is_noted {
                missing_ports.extend(missing.map(|port| {
                    let (listener, event, place) = (name.clone(), event.name, settings.place);
                    (*port, AskedBy { listener, event, place })
                }));
            }
            noted.extend(registrant.every);
            listeners.push(*registered);
            described.push(ListenerDescription {
                name,
                phase,
                priority: settings.priority,
                module: settings.module,
                place: settings.place,
                conditional: settings.condition.is_some(),
                ports: ports.clone(),
                before: names(&settings.before),
                after: names(&settings.after),
                overrides: settings.overrides.clone(),
                is_for_every: registrant.every.is_some(),
            });
        }
    }
    let description = Arc::new(EventDescription {
        name: event.name,
        type_name: event.type_name,
        kind: event.kind,
        preventable: event.preventable,
        repeatable: event.nature.repeat.is_some(),
        skippable: event.nature.skip.is_some(),
        module,
        place,
        listeners: described,
        removed: removed.clone(),
    });
    Some(Sealed { description, listeners })
}

fn names(ordered_by: &[OrderedBy]) -> Vec<String> {
    ordered_by.iter().map(|other| other.name.clone()).collect()
}

/// Reports the listeners of an event that no module declares, by phase; those that are optional wait for an overlay
/// that declares it.
fn report_undeclared(event: &EventFacts, registrants: &[Registrant], defects: &mut Vec<Defect>) {
    let mut listeners = Vec::new();
    for phase in PHASES {
        let of_phase = registrants.iter().filter(|registrant| registrant.phase == phase);
        let lost = of_phase.filter(|registrant| !registrant.settings.optional);
        listeners.extend(lost.map(|one| (one.name(), one.settings.place)));
    }
    if !listeners.is_empty() {
        defects.push(Defect::UndeclaredEvent { event: event.name, listeners });
    }
}

/// Leaves one default action: the module's, or what the application put into its place.
fn settle_default(
    event: &EventFacts,
    declared: Place,
    registrants: &mut Vec<Registrant>,
    defects: &mut Vec<Defect>,
) {
    let is_default = |one: &mut Registrant| one.phase == PhaseName::Default;
    let actions: Vec<_> = registrants.extract_if(.., is_default).collect();
    let (overriding, mut default): (Vec<_>, Vec<_>) =
        actions.into_iter().partition(|action| action.settings.is_override);
    for actions in [&default, &overriding] {
        let Some((first, others)) = actions.split_first() else { continue };
        defects.extend(others.iter().map(|other| Defect::TwoDefaults {
            event: event.name,
            first: named_place(first),
            second: named_place(other),
        }));
    }
    if let Some(mut action) = overriding.into_iter().next_back() {
        action.settings.is_override = false;
        match default.pop() {
            Some(original) => action.settings.overrides = Some(original.name()),
            None => defects.push(Defect::NothingToOverride {
                event: event.name,
                action: action.name(),
                place: action.settings.place,
            }),
        }
        default = vec![action];
    }
    if event.preventable && default.is_empty() {
        defects.push(Defect::NoDefault { event: event.name, place: declared });
    }
    registrants.append(&mut default);
}

fn named_place(registrant: &Registrant) -> (String, Place) {
    (registrant.name(), registrant.settings.place)
}
