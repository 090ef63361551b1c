//! One run of a saga, to be tried.

use std::{fmt, pin::Pin};

use dullahan_core::{Context, Core, Process, Result, Saga};

/// A future that stays on its thread.
pub(super) type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// A check of the test's own; it panics when it does not hold.
pub(super) type Check = Box<dyn FnOnce() -> LocalFuture<()>>;

/// One run of a saga, to be tried by [`fail_at_each_step`](super::fail_at_each_step()): a core with stores of
/// its own, what to run, and what has to hold afterwards.
#[must_use = "it is run by `fail_at_each_step`"]
pub struct Attempt {
    pub(super) core: Core,
    pub(super) run: Box<dyn FnOnce(Core) -> LocalFuture<Result<()>>>,
    pub(super) nothing_left: Option<Check>,
    pub(super) all_done: Option<Check>,
}

impl Attempt {
    /// Runs a saga.
    pub fn saga<S: Saga>(core: &Core, saga: S) -> Self {
        Self::saga_in(core, Context::new(), saga)
    }

    /// Runs a saga in a context that holds a request, say.
    pub fn saga_in<S: Saga>(core: &Core, context: Context, saga: S) -> Self {
        Self::of(core, async move |core| core.run_in(&context, saga).await)
    }

    /// Runs a process.
    pub fn process<P: Process>(core: &Core, process: P) -> Self {
        Self::of(core, async move |core| core.dispatch(&Context::new(), process).await)
    }

    /// Runs whatever this does with the core that it is given, which is the same core with steps that fail.
    pub fn of<T>(core: &Core, run: impl AsyncFnOnce(Core) -> Result<T> + 'static) -> Self {
        Self {
            core: core.clone(),
            run: Box::new(|core| Box::pin(async move { run(core).await.map(drop) })),
            nothing_left: None,
            all_done: None,
        }
    }

    /// Checks with assertions that nothing is left of a run that did not succeed: it failed, it panicked, or
    /// its future was dropped before anything was committed.
    ///
    /// Without this check, no unit of work may have been committed in such a run.
    pub fn nothing_left(mut self, check: impl AsyncFnOnce() + 'static) -> Self {
        self.nothing_left = Some(Box::new(|| Box::pin(async move { check().await })));
        self
    }

    /// Checks with assertions that everything is there that a success promises. It is asked when nothing was
    /// made to fail, and when the saga succeeded without the step that failed; so it cannot ask for what
    /// committed listeners do, each of which may fail alone.
    pub fn all_done(mut self, check: impl AsyncFnOnce() + 'static) -> Self {
        self.all_done = Some(Box::new(|| Box::pin(async move { check().await })));
        self
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("core", &self.core).finish_non_exhaustive()
    }
}
