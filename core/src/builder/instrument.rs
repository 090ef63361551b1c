//! What the testing kit changes in a core that is laid over another one.

use std::sync::Arc;

use super::{
    CoreBuilder,
    registration::{ListenerSlot, Registration, Settings},
};
use crate::{
    describe::{ListenerDescription, Place},
    event::Event,
    listener::Candidate,
    phase::{PerformPhase, Phase},
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
        self.listeners.retain_mut(|(replaced, slot)| match slot {
            ListenerSlot::Default(candidate) | ListenerSlot::Override(candidate) => {
                settings.overrides = Some(name_of(replaced, candidate));
                false
            }
            _ => true,
        });
        self.push(settings, ListenerSlot::Default(action));
    }

    /// Puts the injector before every listener and the default action.
    pub(super) fn instrument_each(&mut self, injector: &Arc<Injector>) {
        let listeners = std::mem::take(&mut self.listeners).into_iter();
        let listeners = listeners.map(|(settings, slot)| {
            let slot = match slot {
                ListenerSlot::Before(one) => {
                    ListenerSlot::Before(instrumented(&settings, one, injector))
                }
                ListenerSlot::Wrap(one) => {
                    ListenerSlot::Wrap(instrumented(&settings, one, injector))
                }
                ListenerSlot::Default(one) => {
                    ListenerSlot::Default(instrumented(&settings, one, injector))
                }
                ListenerSlot::Override(one) => {
                    ListenerSlot::Override(instrumented(&settings, one, injector))
                }
                ListenerSlot::After(one) => {
                    ListenerSlot::After(instrumented(&settings, one, injector))
                }
                ListenerSlot::Observe(one) => {
                    ListenerSlot::Observe(instrumented(&settings, one, injector))
                }
                ListenerSlot::Committed(one) => {
                    ListenerSlot::Committed(instrumented(&settings, one, injector))
                }
                ListenerSlot::RolledBack(one) => {
                    ListenerSlot::RolledBack(instrumented(&settings, one, injector))
                }
            };
            (settings, slot)
        });
        self.listeners = listeners.collect();
    }
}

fn instrumented<P: Phase>(
    settings: &Settings,
    candidate: Candidate<P>,
    injector: &Arc<Injector>,
) -> Candidate<P> {
    let name = name_of(settings, &candidate);
    injector.instrument(<P::Event as Event>::NAME, name, candidate)
}

/// The name that the listener will have.
fn name_of<P: Phase>(settings: &Settings, candidate: &Candidate<P>) -> String {
    let given = settings.name.clone().or_else(|| candidate.name.map(str::to_owned));
    given.unwrap_or_else(|| ListenerDescription::name_of_closure(settings.place))
}
