//! Opening a sealed core again, to lay more listeners over it.

use std::{any::TypeId, collections::HashMap, sync::Arc};

use super::{
    CoreBuilder,
    registration::{Registered, Registration, RegistrationPhase, Settings},
};
use crate::{
    describe::{EventDescription, ListenerDescription},
    dispatcher::{Condition, Inner, Lane, Pipeline},
    event::Event,
    listener::Candidate,
    phase::PhaseName,
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
        builder.spawner.clone_from(&core.spawner);
        builder.pending = Arc::clone(&core.pending);
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
        registration.take_over(description, &pipeline.before);
        registration.take_over(description, &pipeline.wrap);
        registration.take_over(description, &pipeline.default);
        registration.take_over(description, &pipeline.after);
        registration.take_over(description, &pipeline.observe);
        registration.take_over(description, &pipeline.committed);
        registration.take_over(description, &pipeline.rolled_back);
        registration
    }

    fn take_over<P: RegistrationPhase<Event = E>>(
        &mut self,
        description: &EventDescription,
        lane: &Lane<P>,
    ) {
        for index in in_order_of_registration(&description.listeners, P::NAME) {
            let (call, condition) = lane.listener(index);
            let listener = &description.listeners[lane.place(index)];
            let call = call.clone();
            let candidate = Candidate {
                name: None,
                ports: listener.ports.clone(),
                resolve: Box::new(move |_| Some(call)),
            };
            self.add(Settings::reopened(listener, condition.cloned()), candidate);
        }
    }
}

/// The listeners of one phase, by their index in it, as they were registered.
fn in_order_of_registration(listeners: &[ListenerDescription], phase: PhaseName) -> Vec<usize> {
    let of_phase: Vec<_> = listeners.iter().filter(|listener| listener.phase == phase).collect();
    let mut order: Vec<_> = (0..of_phase.len()).collect();
    order.sort_by_key(|index| of_phase[*index].registered);
    order
}

impl Settings {
    /// What was said of a listener before it was sealed.
    fn reopened(listener: &ListenerDescription, condition: Option<Condition>) -> Self {
        let mut settings = Self::new(listener.module, listener.priority, listener.place);
        settings.name = listener.given_name().map(str::to_owned);
        settings.condition = condition;
        settings.before.clone_from(&listener.before);
        settings.after.clone_from(&listener.after);
        settings.overrides.clone_from(&listener.overrides);
        settings
    }
}
