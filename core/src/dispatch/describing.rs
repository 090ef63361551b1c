//! The sealed wiring as data.

use super::run::Inner;
use crate::describe::Description;

impl Inner {
    /// The whole wiring, as data.
    pub(super) fn description(&self) -> Description {
        Description {
            modules: self.modules.iter().map(|(name, _)| *name).collect(),
            events: self.entries.iter().map(|entry| (*entry.description).clone()).collect(),
            services: self.services.names(),
            overridden: self.overridden.clone(),
        }
    }
}
