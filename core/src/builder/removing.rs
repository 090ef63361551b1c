//! Listeners that are taken away, and those that stand in their place.

use super::{
    order::{Found, find},
    registration::{Registrant, Registration, Removal},
};
use crate::{defect::Defect, describe::RemovedListener, phase_name::PhaseName, place::Place};

impl Registration {
    /// Takes away what is to be taken away, and puts others into the place of what they replace.
    pub(super) fn remove_listeners(&mut self, defects: &mut Vec<Defect>) {
        for removal in std::mem::take(&mut self.removals) {
            self.remove(removal, defects);
        }
        let is_replacing = |one: &mut Registrant| one.settings.in_place_of.is_some();
        let replacing: Vec<_> = self.registrants.extract_if(.., is_replacing).collect();
        for listener in replacing {
            self.replace(listener, defects);
        }
    }

    fn remove(&mut self, removal: Removal, defects: &mut Vec<Defect>) {
        let Removal { name, module, place } = removal;
        let is_listener = |one: &Registrant| one.phase != PhaseName::Default;
        let listeners = self.registrants.iter().filter(|one| is_listener(one));
        let mut names: Vec<_> = listeners.map(Registrant::name).collect();
        names.sort_unstable();
        names.dedup();
        let Found::One(found) = find(&names, &name) else {
            defects.push(self.nobody_has(name, names, place));
            return;
        };
        let is_found = |one: &mut Registrant| is_listener(one) && one.name() == names[found];
        let removed = self.registrants.extract_if(.., is_found);
        self.removed.extend(removed.map(|one| RemovedListener {
            name: one.name(),
            phase: one.phase,
            module,
            place,
        }));
    }

    fn replace(&mut self, mut listener: Registrant, defects: &mut Vec<Defect>) {
        let Some(wanted) = listener.settings.in_place_of.take() else { return };
        let of_phase = |one: &&mut Registrant| one.phase == listener.phase;
        let mut others: Vec<_> = self.registrants.iter_mut().filter(of_phase).collect();
        let names: Vec<_> = others.iter().map(|one| one.name()).collect();
        let Found::One(found) = find(&names, &wanted) else {
            defects.push(self.nobody_has(wanted, names, listener.settings.place));
            return;
        };
        let replaced = &mut *others[found];
        let settings = &mut listener.settings;
        settings.priority = replaced.settings.priority;
        settings.before.append(&mut replaced.settings.before);
        settings.after.append(&mut replaced.settings.after);
        settings.overrides = Some(replaced.name());
        // The number of a listener to every event is its own only until this core is built.
        if replaced.every.is_none() {
            listener.registered = replaced.registered;
        }
        *replaced = listener;
    }

    fn nobody_has(&self, wanted: String, known: Vec<String>, place: Place) -> Defect {
        Defect::NoListenerToRemove { event: self.event.name, wanted, known, place }
    }
}
