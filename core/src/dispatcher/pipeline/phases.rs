//! The phases that may fail, before, default and after, and what an output comes from.

use std::{any::Any, pin::pin, sync::Arc};

use super::{Pipeline, settling::SAVEPOINT};
use crate::{
    depth::{self, AtLevel},
    dispatcher::{
        lane::InFrame,
        roll::{Begun, is_watched},
    },
    error::{Error, Fault, Result},
    event::{AnyKind, Event},
    phase::{Frame, FramePhase, PerformPhase, Wrap},
    scope::Scope,
    unit_of_work::Work,
};

impl<E: Event> Pipeline<E> {
    /// The phases that may fail: before, default, after.
    pub(super) async fn phases(&self, frame: &mut Frame<E>, scope: &Scope<'_>) -> Result<()> {
        let ran = if self.before.is_plain() && !is_watched(scope) {
            self.before.run_plain(frame, scope)
        } else {
            let listeners = &mut InFrame { lane: &self.before, frame };
            self.before.roll().run(listeners, scope).await
        };
        if let Err(error) = ran {
            return Err(self.refuse(frame, scope, Some(error)));
        }
        // No value of the output's type lives here while the default action is waited for: that would make the future of
        // every dispatch larger by it.
        if !self.is_prevented(frame, scope)? {
            let performed = self.perform_from(0, frame, scope).await;
            frame.output = Some(self.accept(frame, scope, performed)?);
        }
        if self.after.is_plain() && !is_watched(scope) {
            self.after.run_plain(frame, scope)
        } else {
            let listeners = &mut InFrame { lane: &self.after, frame };
            self.after.roll().run(listeners, scope).await
        }
    }

    /// Runs the wraps from this one inward, and the default action inside of them.
    pub(crate) async fn perform_from(
        &self,
        wrap: usize,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
    ) -> Result<E::Output> {
        for index in wrap..self.wrap.len() {
            let begun = self.wrap.roll().begin(index, scope)?;
            if matches!(begun, Begun::Skipped) {
                continue;
            }
            let level = depth::current() + depth::WRAP;
            scope.check_depth(level - depth::DISPATCH)?;
            let handle = Wrap { frame: &mut *frame, scope, pipeline: self, inner: index + 1 };
            let wrap = pin!(self.wrap.follow(begun, index, self.wrap.invoke(index, handle), scope));
            return AtLevel { level, future: wrap }.await;
        }
        if !self.default.is_empty() {
            let begun = self.default.roll().begin(0, scope)?;
            if !matches!(begun, Begun::Skipped) {
                let invocation = self.default.invoke(0, PerformPhase::handle(frame, scope));
                return self.default.follow(begun, 0, invocation, scope).await;
            }
        }
        self.without_default(frame)
    }

    /// Runs what a wrap surrounds: the next wrap, or the default action.
    ///
    /// Inside of a unit of work it has a savepoint of its own. So a wrap that answers in place of an error, or of a
    /// future that it has dropped, commits nothing half done.
    pub(crate) async fn next(
        &self,
        inner: usize,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
    ) -> Result<E::Output> {
        match scope.context.work() {
            Some(work) => Box::pin(self.next_in_savepoint(work, inner, frame, scope)).await,
            None => self.perform_from(inner, frame, scope).await,
        }
    }

    async fn next_in_savepoint(
        &self,
        work: &Arc<Work>,
        inner: usize,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
    ) -> Result<E::Output> {
        let savepoint = work.savepoint(E::NAME);
        let inside = scope.context.inside(Arc::clone(savepoint.work()));
        let performed =
            self.perform_from(inner, frame, &Scope { context: &inside, ..*scope }).await;
        let placed = |error: Error| error.arose_in(Some(SAVEPOINT), || scope.chain());
        savepoint.settle(performed, placed).await
    }

    /// Whether a listener has prevented the default action; the output that it gave in its place is in the frame then.
    pub(crate) fn is_prevented(&self, frame: &mut Frame<E>, scope: &Scope<'_>) -> Result<bool> {
        let prevented_by = frame.control.prevented_by();
        if frame.control.is_rejected() && (prevented_by.is_some() || !E::GATHERS) {
            return Err(self.refuse(frame, scope, None));
        }
        match prevented_by {
            Some(by) if frame.output.is_none() => {
                Err(self.before.failed(by, scope, Error::not_handled(E::NAME)))
            }
            prevented_by => Ok(prevented_by.is_some()),
        }
    }

    /// Takes what the default action gave, together with what listeners found wrong before.
    pub(crate) fn accept(
        &self,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
        performed: Result<E::Output>,
    ) -> Result<E::Output> {
        match performed {
            Ok(output) if !frame.control.is_rejected() => Ok(output),
            performed => {
                let error = performed.err().map(|error| self.default.failed(0, scope, error));
                Err(self.refuse(frame, scope, error))
            }
        }
    }

    /// The error of a dispatch that a listener has rejected before, together with an error that came later.
    ///
    /// What is wrong with the request is added to an error that says what else is wrong with it; an error of
    /// another kind is more important.
    #[cold]
    pub(crate) fn refuse(
        &self,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
        error: Option<Error>,
    ) -> Error {
        match (frame.control.take_rejection(), error) {
            (Some((by, violations)), None) => {
                self.before.failed(by, scope, Error::invalid(violations))
            }
            (Some((_, violations)), Some(error)) if error.fault() == Fault::Invalid => {
                error.after_violations(violations)
            }
            (_, error) => error.unwrap_or_else(|| Error::not_handled(E::NAME)),
        }
    }

    /// The output of an event without a default action: what a listener gave, or `()` for one that only
    /// notifies.
    #[cold]
    pub(crate) fn without_default(&self, frame: &mut Frame<E>) -> Result<E::Output> {
        if let Some(output) = frame.output.take() {
            return Ok(output);
        }
        let mut unit: Option<E::Output> = None;
        if !<E::Kind as AnyKind>::PREVENTABLE
            && let Some(slot) = (&mut unit as &mut dyn Any).downcast_mut::<Option<()>>()
        {
            *slot = Some(());
        }
        unit.ok_or_else(|| Error::not_handled(E::NAME))
    }
}
