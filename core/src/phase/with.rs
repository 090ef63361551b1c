//! Dispatching with values that count for one dispatch.

use crate::{
    dispatch::{Propagation, Scope, context::ScopedContext},
    error::Result,
    event::{Process, Saga, Step},
};

/// Dispatches with values that count for one dispatch and what is below it, made by `ev.with(..)`.
///
/// ```
/// use dullahan_core::{DefaultAction, Event, Result};
///
/// #[derive(Clone)]
/// struct Tenant(&'static str);
///
/// #[derive(Event)]
/// struct Import;
///
/// #[derive(Event)]
/// struct ImportAll;
///
/// async fn import_all(mut ev: DefaultAction<'_, ImportAll>) -> Result<()> {
///     ev.with(Tenant("north")).dispatch(Import).await?;
///     ev.with(Tenant("south")).dispatch(Import).await?;
///     assert!(ev.context().get::<Tenant>().is_none());
///     Ok(())
/// }
/// ```
///
/// The step sees them as `ev.context().get::<Tenant>()`, and so does everything that it dispatches, with its
/// committed and rolled-back listeners, however late those run. Nothing after it or beside it sees them.
#[derive(Debug)]
#[must_use = "nothing is dispatched yet"]
pub struct With<'a> {
    scope: &'a Scope<'a>,
    context: ScopedContext<'a>,
}

impl<'a> With<'a> {
    pub(super) fn new<T: Clone + Send + Sync + 'static>(scope: &'a Scope<'a>, value: T) -> Self {
        Self { scope, context: scope.context.with(value) }
    }

    /// One more value, of another type.
    pub fn with<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        Self { context: self.context.with(value), ..self }
    }

    /// Dispatches a step, an event or a process, and waits for its output.
    ///
    /// # Errors
    ///
    /// Whatever error ended the step.
    pub async fn dispatch<S: Step>(self, step: S) -> Result<S::Output> {
        self.scope.core.dispatch(&self.context, Some(self.scope), Propagation::Whole, step).await
    }

    /// Dispatches a process that may fail alone: it takes a savepoint in the unit of work around it.
    ///
    /// # Errors
    ///
    /// Whatever error ended the process.
    pub async fn dispatch_in_savepoint<P: Process>(self, process: P) -> Result<P::Output> {
        let propagation = Propagation::Savepoint;
        self.scope.core.dispatch(&self.context, Some(self.scope), propagation, process).await
    }

    /// Runs a saga inside of this one.
    ///
    /// # Errors
    ///
    /// Whatever error ended the saga.
    pub async fn run<S: Saga>(self, saga: S) -> Result<S::Output> {
        self.scope.core.dispatch(&self.context, Some(self.scope), Propagation::Whole, saga).await
    }
}
