//! Opening a sealed core again, to lay more listeners over it.

use std::{any::TypeId, collections::HashMap};

use super::{
    CoreBuilder,
    registration::{ListenerSlot, Registered, Registration, Settings},
};
use crate::{
    describe::EventDescription,
    dispatcher::{Inner, Lane, Pipeline},
    event::Event,
    listener::Candidate,
    phase::Phase,
};

/// Makes what was sealed of one event open again.
pub(crate) type Reopen = fn(&Inner) -> Option<(TypeId, Box<dyn Registered>)>;

/// [`Reopen`] for one event.
pub(super) fn reopen<E: Event>(core: &Inner) -> Option<(TypeId, Box<dyn Registered>)> {
    let registration = Registration::reopened(core.pipeline::<E>()?);
    Some((TypeId::of::<E>(), Box::new(registration)))
}

impl CoreBuilder {
    /// A builder that has everything that a sealed core has.
    pub(crate) fn reopened(core: &Inner) -> Self {
        let mut builder = Self::new();
        builder.modules.clone_from(&core.modules);
        builder.services = core.services.clone();
        builder.provided = core.provided.clone();
        builder.units_of_work = core.units_of_work.clone();
        builder.max_depth = core.max_depth;
        builder.monitors = core.monitors.clone();
        let reopened = core.reopen.iter().filter_map(|reopen| reopen(core));
        let (types, events): (Vec<_>, Vec<_>) = reopened.unzip();
        builder.by_type =
            types.into_iter().enumerate().map(|(index, id)| (id, index)).collect::<HashMap<_, _>>();
        builder.events = events;
        builder
    }
}

impl<E: Event> Registration<E> {
    /// What was sealed, as if it had just been registered: the same listeners, not copies of them.
    fn reopened(pipeline: &Pipeline<E>) -> Self {
        let description = pipeline.description();
        let mut registration = Self::new();
        registration.declared = Some((description.module, description.place));
        registration.copy_output = pipeline.copy_output;
        registration.take_over(description, &pipeline.before, ListenerSlot::Before);
        registration.take_over(description, &pipeline.wrap, ListenerSlot::Wrap);
        registration.take_over(description, &pipeline.default, ListenerSlot::Default);
        registration.take_over(description, &pipeline.after, ListenerSlot::After);
        registration.take_over(description, &pipeline.observe, ListenerSlot::Observe);
        registration.take_over(description, &pipeline.committed, ListenerSlot::Committed);
        registration.take_over(description, &pipeline.rolled_back, ListenerSlot::RolledBack);
        registration
    }

    fn take_over<P: Phase>(
        &mut self,
        description: &EventDescription,
        lane: &Lane<P>,
        slot: fn(Candidate<P>) -> ListenerSlot<E>,
    ) {
        let mut entries: Vec<_> = lane
            .entries()
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| {
                Some((description.listeners.get(lane.place(index))?, entry))
            })
            .collect();
        entries.sort_by_key(|(listener, _)| listener.registered);
        for (listener, entry) in entries {
            let mut settings = Settings::new(listener.module, listener.priority, listener.place);
            settings.name = listener.given_name().map(str::to_owned);
            settings.condition = entry.condition.clone();
            settings.before.clone_from(&listener.before);
            settings.after.clone_from(&listener.after);
            settings.overrides.clone_from(&listener.overrides);
            let call = entry.call.clone();
            let candidate = Candidate {
                name: None,
                ports: listener.ports.clone(),
                resolve: Box::new(move |_| Some(call)),
            };
            self.push(settings, slot(candidate));
        }
    }
}
