//! A builder that begins with the wiring of a sealed core.

use std::sync::Arc;

use super::CoreBuilder;
use crate::dispatcher::Inner;

impl CoreBuilder {
    /// A builder with every registration of a sealed core. Listeners that the core has made stay the same ones.
    pub(crate) fn over(core: &Inner) -> Self {
        let mut builder = Self::new();
        builder.modules.clone_from(&core.modules);
        builder.events = core.registrations.iter().map(|event| event.copy()).collect();
        builder.by_type = builder.events.iter().map(|event| event.about().id).zip(0..).collect();
        builder.services = core.services.clone();
        builder.provided.clone_from(&core.provided);
        builder.units_of_work.clone_from(&core.units_of_work);
        builder.max_depth = core.max_depth;
        builder.monitors = core.monitors.clone();
        builder.spawner.clone_from(&core.spawner);
        builder.pending = Arc::clone(&core.pending);
        builder.expected.clone_from(&core.expected);
        builder.verifications.clone_from(&core.verifications);
        #[cfg(feature = "inventory")]
        builder.discovered.clone_from(&core.discovered);
        builder
    }
}
