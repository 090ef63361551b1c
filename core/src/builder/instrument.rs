//! What the testing kit changes in a core that is laid over another one.

use std::sync::Arc;

use super::{CoreBuilder, registration::Registration};
use crate::{
    describe::Place,
    event::Event,
    listener::Candidate,
    phase::PhaseName,
    testing::{Injector, Ledger, WatchedProvider},
};

impl CoreBuilder {
    /// Puts the injector before every listener, every default action and the unit of work. No listener comes
    /// or goes, so the order stays as it is.
    pub(crate) fn instrument(&mut self, injector: &Arc<Injector>, ledger: &Arc<Ledger>) {
        for event in &mut self.events {
            event.instrument_each(injector);
        }
        if let Some((provider, _)) = &mut self.units_of_work {
            let (injector, ledger) = (Arc::clone(injector), Arc::clone(ledger));
            *provider = Arc::new(WatchedProvider::new(Arc::clone(provider), injector, ledger));
        }
    }

    /// Puts a default action into the place of whatever default action there is so far.
    pub(crate) fn replace_default<E: Event>(&mut self, action: Candidate, place: Place) {
        self.registration::<E>().replace_default(action, place);
    }
}

/// The module under which fakes appear in a dump, and the name of those that have none.
const FAKE: &str = "fake";

impl Registration {
    fn replace_default(&mut self, action: Candidate, place: Place) {
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

    /// Puts the injector before every listener and the default action.
    fn instrument_each(&mut self, injector: &Arc<Injector>) {
        for registrant in &mut self.registrants {
            let (name, source) = (registrant.name(), registrant.source.clone());
            registrant.source =
                injector.instrument(self.event.name, registrant.phase, name, source);
        }
    }
}
