//! What the testing kit changes in a core that is laid over another one.

use std::sync::Arc;

use super::{
    CoreBuilder,
    registration::{Registration, RegistrationPhase, Settings, Unresolved},
};
use crate::{
    describe::Place,
    event::Event,
    listener::{Candidate, Resolve},
    phase::{PerformPhase, PhaseName},
    priority::Priority,
    testing::{Injector, Ledger, WatchedProvider},
};

impl CoreBuilder {
    /// Puts the injector before every listener, every default action and the unit of work. No listener comes
    /// or goes, so the order stays as it is.
    pub(crate) fn instrument(&mut self, injector: &Arc<Injector>, ledger: &Arc<Ledger>) {
        for event in &mut self.events {
            event.instrument(injector);
        }
        if let Some((provider, _)) = &mut self.units_of_work {
            let (injector, ledger) = (Arc::clone(injector), Arc::clone(ledger));
            *provider = Arc::new(WatchedProvider::new(Arc::clone(provider), injector, ledger));
        }
    }

    /// Puts a default action into the place of whatever default action there is so far.
    pub(crate) fn replace_default<E: Event>(
        &mut self,
        action: Candidate<PerformPhase<E>>,
        place: Place,
    ) {
        self.registration::<E>().replace_default(action, place);
    }
}

/// The module under which fakes appear in a dump, and the name of those that have none.
const FAKE: &str = "fake";

impl<E: Event> Registration<E> {
    fn replace_default(&mut self, action: Candidate<PerformPhase<E>>, place: Place) {
        let mut settings = Settings::new(FAKE, Priority::NORMAL, place);
        settings.name = action.name.is_none().then(|| FAKE.to_owned());
        self.registrants.retain(|replaced| {
            let is_replaced = replaced.phase == PhaseName::Default;
            if is_replaced {
                settings.overrides = Some(replaced.name());
            }
            !is_replaced
        });
        self.add(settings, action);
    }

    /// Puts the injector before every listener and the default action.
    pub(super) fn instrument_each(&mut self, injector: &Arc<Injector>) {
        for registrant in &self.registrants {
            let listener = &mut self.listeners[registrant.registered];
            let name = registrant.name();
            *listener = listener.take().map(|one| match one {
                Unresolved::Before(one) => instrumented(name, one, injector),
                Unresolved::Wrap(one) => instrumented(name, one, injector),
                Unresolved::Default(one) => instrumented(name, one, injector),
                Unresolved::After(one) => instrumented(name, one, injector),
                Unresolved::Observe(one) => instrumented(name, one, injector),
                Unresolved::Committed(one) => instrumented(name, one, injector),
                Unresolved::RolledBack(one) => instrumented(name, one, injector),
            });
        }
    }
}

fn instrumented<P: RegistrationPhase>(
    name: String,
    listener: Resolve<P>,
    injector: &Arc<Injector>,
) -> Unresolved<P::Event> {
    P::unresolved(injector.instrument(<P::Event as Event>::NAME, name, listener))
}
