//! Checks of services against each other, once all of them are registered.

use std::{fmt, sync::Arc};

use super::CoreBuilder;
use crate::{defect::Defect, place::Place, service::Services};

/// A check of services against each other.
#[derive(Clone)]
pub(super) struct Verification {
    module: &'static str,
    place: Place,
    verify: Arc<Verify>,
}

type Verify = dyn Fn(&Services) -> Vec<String> + Send + Sync;

impl Verification {
    /// What is wrong with these services.
    pub(super) fn defects(&self, services: &Services) -> impl Iterator<Item = Defect> {
        let (module, place) = (self.module, self.place);
        let problems = (self.verify)(services).into_iter();
        problems.map(move |problem| Defect::Reported { module, problem, place })
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("module", &self.module).finish_non_exhaustive()
    }
}

impl CoreBuilder {
    /// Adds a check of services against each other, for a module whose settings have to fit an adapter that the application
    /// provides. [`build`](Self::build) runs it once everything is registered, and fails with each problem that it returns,
    /// together with every other defect.
    ///
    /// ```
    /// use std::{sync::Arc, time::Duration};
    ///
    /// use dullahan_core::{service::Services, Core, CoreBuilder};
    ///
    /// struct Printer {
    ///     time_out: Duration,
    /// }
    ///
    /// const PATIENCE: Duration = Duration::from_secs(60);
    ///
    /// fn printing(core: &mut CoreBuilder) {
    ///     core.verify(|services: &Services| {
    ///         let printer = services.get::<Printer>();
    ///         let is_slow = printer.is_some_and(|printer| printer.time_out > PATIENCE);
    ///         is_slow.then(|| format!("the printer takes longer than {PATIENCE:?}")).into_iter().collect()
    ///     });
    /// }
    ///
    /// let mut core = Core::builder();
    /// core.module(printing).provide(Arc::new(Printer { time_out: 2 * PATIENCE }));
    /// assert!(core.build().unwrap_err().to_string().contains("takes longer than 60s"));
    /// ```
    #[track_caller]
    pub fn verify(
        &mut self,
        verify: impl Fn(&Services) -> Vec<String> + Send + Sync + 'static,
    ) -> &mut Self {
        let (module, place) = (self.module, Place::of_caller());
        self.verifications.push(Verification { module, place, verify: Arc::new(verify) });
        self
    }
}
