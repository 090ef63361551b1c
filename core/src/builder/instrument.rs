//! What a testing kit changes in a core that is laid over another one.

use std::sync::Arc;

use super::{
    CoreBuilder,
    registration::{Registrant, Registration},
};
use crate::{
    dispatch::unit_of_work::UnitOfWorkProvider,
    event::Event,
    listener::{Candidate, IntoListener, Tap, tapped},
    phase::DefaultActionPhase,
    phase_name::PhaseName,
    place::Place,
};

/// For testing kits; not part of the promise of this crate.
impl CoreBuilder {
    /// Puts a tap before every listener and every default action. No listener comes or goes, so the order stays as it is.
    #[doc(hidden)]
    pub fn tap_each(
        &mut self,
        mut tap: impl FnMut(&'static str, PhaseName, String) -> Arc<dyn Tap>,
    ) {
        for registration in &mut self.events {
            registration.tap_each(&mut tap);
        }
        for every in &mut self.every {
            every.registrant.tap("every event", &mut tap);
        }
    }

    /// Puts something around the provider of units of work, if there is one.
    #[doc(hidden)]
    pub fn surround_units_of_work(
        &mut self,
        surround: impl FnOnce(Arc<dyn UnitOfWorkProvider>) -> Arc<dyn UnitOfWorkProvider>,
    ) {
        self.units_of_work =
            self.units_of_work.take().map(|(provider, place)| (surround(provider), place));
    }

    /// Puts a default action, behind a tap, into the place of whatever default action there is so far.
    #[doc(hidden)]
    pub fn fake_default<E: Event, M>(
        &mut self,
        action: impl IntoListener<DefaultActionPhase<E>, M>,
        tap: Arc<dyn Tap>,
        place: Place,
    ) {
        let mut candidate = action.into_candidate();
        candidate.source = tapped(candidate.source, tap);
        self.registration::<E>().fake_default(candidate, place);
    }
}

/// The module under which fakes appear in a dump, and the name of those that have none.
const FAKE: &str = "fake";

impl Registration {
    fn fake_default(&mut self, action: Candidate, place: Place) {
        let mut overridden = None;
        self.registrants.retain(|replaced| {
            let is_replaced = replaced.phase == PhaseName::Default;
            if is_replaced {
                overridden = Some(replaced.name());
            }
            !is_replaced
        });
        let has_no_name = action.name.is_none();
        let settings = self.add(FAKE, place, action);
        settings.overrides = overridden;
        if has_no_name {
            settings.name.get_or_insert_with(|| FAKE.to_owned());
        }
    }

    fn tap_each(&mut self, tap: &mut impl FnMut(&'static str, PhaseName, String) -> Arc<dyn Tap>) {
        for registrant in &mut self.registrants {
            registrant.tap(self.event.name, tap);
        }
    }
}

impl Registrant {
    fn tap(
        &mut self,
        event: &'static str,
        tap: &mut impl FnMut(&'static str, PhaseName, String) -> Arc<dyn Tap>,
    ) {
        let tap = tap(event, self.phase, self.name());
        self.source = tapped(self.source.clone(), tap);
    }
}
