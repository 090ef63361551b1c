//! A builder that begins with the wiring of a sealed core.

use std::any::Any;

use super::CoreBuilder;
use crate::dispatch::Inner;

impl CoreBuilder {
    /// A builder with every registration of a sealed core. Listeners that the core has made stay the same ones.
    ///
    /// # Panics
    ///
    /// When the core has kept no wiring, which no builder makes.
    pub(crate) fn over(core: &Inner) -> Self {
        let wiring: &(dyn Any + Send + Sync) = &*core.wiring;
        wiring.downcast_ref::<Self>().expect("a core keeps the builder that made it").clone()
    }
}
