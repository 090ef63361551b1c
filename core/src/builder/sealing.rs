//! Sealing one event: what does not depend on its type, so that it is compiled once and not for each event.

use std::sync::Arc;

use super::{
    order::order,
    registration::{About, Registrant},
};
use crate::{
    defect::Defect,
    describe::{EventDescription, ListenerDescription, Place},
    dispatcher::Condition,
    phase::PhaseName,
    service::Services,
};

/// What an event finds in the core that it is sealed into.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'s> {
    pub(super) services: &'s Services,
    pub(super) is_monitored: bool,
}

/// An event in its final order.
pub(super) struct Sealed {
    pub(super) description: Arc<EventDescription>,
    /// As they are described: which listener it is in the order of registration, and when it runs.
    pub(super) listeners: Vec<(usize, Option<Condition>)>,
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
pub(super) fn seal(
    event: &About,
    mut registrants: Vec<Registrant>,
    services: &Services,
    defects: &mut Vec<Defect>,
) -> Option<Sealed> {
    settle_default(event, &mut registrants, defects);
    let mut phases = PHASES.map(|_| Vec::new());
    for registrant in registrants {
        phases[registrant.phase as usize].push(registrant);
    }
    let Some((module, place)) = event.declared else {
        let lost = phases.iter().flatten().filter(|registrant| !registrant.settings.optional);
        defects.extend(lost.map(|registrant| Defect::UndeclaredEvent {
            event: event.name,
            listener: registrant.name(),
            place: registrant.settings.place,
        }));
        return None;
    };
    let (mut described, mut listeners) = (Vec::new(), Vec::new());
    for (phase, registrants) in PHASES.into_iter().zip(phases) {
        for registrant in order(event.name, phase, registrants, defects) {
            let name = registrant.name();
            let Registrant { settings, ports, registered, .. } = registrant;
            defects.extend(ports.iter().filter(|port| !services.has(**port)).map(|port| {
                Defect::MissingService {
                    port: port.name(),
                    listener: name.clone(),
                    event: event.name,
                    place: settings.place,
                }
            }));
            listeners.push((registered, settings.condition.clone()));
            described.push(ListenerDescription {
                name,
                phase,
                priority: settings.priority,
                module: settings.module,
                place: settings.place,
                conditional: settings.condition.is_some(),
                ports,
                before: settings.before,
                after: settings.after,
                overrides: settings.overrides,
                registered,
            });
        }
    }
    let description = Arc::new(EventDescription {
        name: event.name,
        type_name: event.type_name,
        kind: event.kind,
        preventable: event.preventable,
        repeatable: event.repeatable,
        module,
        place,
        listeners: described,
    });
    Some(Sealed { description, listeners })
}

/// Leaves one default action: the module's, or what the application put into its place.
fn settle_default(event: &About, registrants: &mut Vec<Registrant>, defects: &mut Vec<Defect>) {
    let Some((_, declared)) = event.declared else {
        registrants.sort_by_key(|one| one.settings.is_override);
        return;
    };
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
