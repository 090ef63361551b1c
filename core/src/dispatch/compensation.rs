//! What a saga does about processes that are committed already when it fails.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use super::{
    Propagation,
    context::{Context, ScopedValue},
    scope::Scope,
};
use crate::{error::Result, event::Step, future::BoxFuture};

type Steps = Vec<Box<dyn Compensation>>;

/// The compensations of one saga, in the order in which they were registered.
#[derive(Default)]
pub(crate) struct Compensations {
    /// Made with the first one, as most sagas have none.
    list: OnceLock<Arc<Mutex<Steps>>>,
}

/// A step that takes something back.
pub(crate) trait Compensation: Send {
    fn name(&self) -> &'static str;
    fn run<'a>(self: Box<Self>, saga: &'a Scope<'a>) -> BoxFuture<'a, Result<()>>;
}

/// A step, kept until it is known whether it is needed, with the values of the dispatch that kept it.
pub(crate) struct Kept<S> {
    step: S,
    scoped: Option<Arc<ScopedValue>>,
}

impl<S> Kept<S> {
    pub(crate) fn new(step: S, context: &Context) -> Self {
        Self { step, scoped: context.scoped().cloned() }
    }
}

impl<S: Step> Compensation for Kept<S> {
    fn name(&self) -> &'static str {
        S::name()
    }

    fn run<'a>(self: Box<Self>, saga: &'a Scope<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let context = saga.context.seeing(self.scoped);
            saga.core.dispatch(&context, Some(saga), Propagation::Whole, self.step).await.map(drop)
        })
    }
}

impl Compensations {
    pub(crate) fn extend(&self, more: impl IntoIterator<Item = Box<dyn Compensation>>) {
        self.list.get_or_init(Arc::default).lock().extend(more);
    }

    /// The same ones, for what may outlive the dispatch of the saga.
    pub(crate) fn shared(&self) -> Self {
        let list = Arc::clone(self.list.get_or_init(Arc::default));
        Self { list: OnceLock::from(list) }
    }

    /// Gives those of a saga that succeeded to the one around it, if there is one, which may fail yet.
    pub(crate) fn pass_on(&self, saga: &Scope<'_>) {
        if let Some(outer) = saga.parent.and_then(Scope::saga) {
            outer.extend(self.take());
        }
    }

    pub(crate) fn take(&self) -> Vec<Box<dyn Compensation>> {
        self.list.get().map(|list| std::mem::take(&mut *list.lock())).unwrap_or_default()
    }

    /// Runs them, the last one first. One that fails is logged and the others still run; the saga keeps the
    /// error it failed with. However late it is, they have the time they need.
    pub(crate) async fn run(&self, saga: &Scope<'_>) {
        let context = saga.context.untimed();
        let saga = &Scope { context: &context, ..*saga };
        for compensation in self.take().into_iter().rev() {
            let step = compensation.name();
            if let Err(error) = compensation.run(saga).await {
                tracing::error!(
                    saga = saga.entry.name(),
                    step,
                    %error,
                    "a compensation failed; what it was to take back is still there"
                );
            }
        }
    }
}
