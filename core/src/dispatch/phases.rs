//! The phases that may fail, before, default and after, and what an output comes from.

use std::{any::Any, pin::pin, sync::Arc};

use super::{
    control::Control,
    entry::Entry,
    exchange::{AnyExchange, Parts},
    invocation::Invocation,
    scope::Scope,
    unit_of_work::Work,
};
use crate::{
    depth::{self, AtLevel},
    error::{Error, ErrorKind, Result},
    future::{BoxFuture, catch},
};

/// Where an error arose that the store gave when a savepoint was to be kept.
pub(super) const SAVEPOINT: &str = "the savepoint of the unit of work";

impl Entry {
    /// The phases that may fail: before, default, after.
    pub(super) async fn phases(&self, mut parts: Parts<'_>, scope: &Scope<'_>) -> Result<()> {
        if let Err(error) = self.before.run(parts.again(), scope).await {
            return Err(self.refuse(parts, scope, Some(error)));
        }
        if !self.is_prevented(parts.again(), scope)? {
            let performed = self.perform(0, parts.again(), scope).await;
            self.accept(parts.again(), scope, performed)?;
        }
        self.after.run(parts, scope).await
    }

    /// The same without a state machine, for an event that [is immediate](Entry::is_immediate).
    pub(super) fn phases_sync(
        &self,
        exchange: &mut dyn AnyExchange,
        scope: &Scope<'_>,
    ) -> Result<()> {
        let (event, output) = exchange.both();
        let mut parts = Parts { event, output, control: &mut Control::default() };
        if let Err(error) = self.before.run_sync(parts.again(), scope) {
            return Err(self.refuse(parts, scope, Some(error)));
        }
        if !self.is_prevented(parts.again(), scope)? {
            let performed = if self.default.is_empty() {
                self.without_default(parts.again())
            } else {
                self.default.run_sync(parts.again(), scope)
            };
            self.accept(parts.again(), scope, performed)?;
        }
        self.after.run_sync(parts, scope)
    }

    /// Runs the wraps from this one inward, and the default action inside of them.
    async fn perform(&self, wrap: usize, mut parts: Parts<'_>, scope: &Scope<'_>) -> Result<()> {
        for index in wrap..self.wrap.len() {
            if !self.wrap.applies(index, parts.event, scope)? {
                continue;
            }
            let level = depth::current() + depth::WRAP;
            scope.check_depth(level - depth::DISPATCH)?;
            let invocation =
                Invocation { inner: index + 1, ..Invocation::new(parts.again(), scope) };
            let mut called =
                AtLevel { level, future: pin!(self.wrap.call(index, invocation)) }.await;
            if called.is_ok() && !parts.output.is_given() {
                called = Err(Error::not_handled(self.name()));
            }
            return called.map_err(|error| self.wrap.failed(index, scope, error));
        }
        if self.default.is_empty() || !self.default.applies(0, parts.event, scope)? {
            return self.without_default(parts);
        }
        let called = self.default.call(0, Invocation::new(parts, scope)).await;
        called.map_err(|error| self.default.failed(0, scope, error))
    }

    /// Runs what a wrap surrounds: the next wrap, or the default action. In a box, so that a wrap is small whatever it
    /// surrounds.
    ///
    /// Inside of a unit of work it has a savepoint of its own. So a wrap that answers in place of an error, or of a
    /// future that it has dropped, commits nothing half done.
    pub(crate) fn next<'a>(
        &'a self,
        inner: usize,
        parts: Parts<'a>,
        scope: &'a Scope<'a>,
    ) -> BoxFuture<'a, Result<()>> {
        match scope.context.work() {
            Some(work) => Box::pin(self.next_in_savepoint(work, inner, parts, scope)),
            None => Box::pin(self.perform(inner, parts, scope)),
        }
    }

    async fn next_in_savepoint(
        &self,
        work: &Arc<Work>,
        inner: usize,
        parts: Parts<'_>,
        scope: &Scope<'_>,
    ) -> Result<()> {
        let savepoint = work.savepoint(self.name());
        let inside = scope.context.inside(Arc::clone(savepoint.work()));
        let performed = self.perform(inner, parts, &Scope { context: &inside, ..*scope }).await;
        let placed = |error: Error| error.arose_in(Some(SAVEPOINT), || scope.chain());
        savepoint.settle(performed, placed).await
    }

    /// Whether a listener has prevented the default action; the output that it gave in its place is there then.
    fn is_prevented(&self, parts: Parts<'_>, scope: &Scope<'_>) -> Result<bool> {
        let prevented_by = parts.control.prevented_by();
        if parts.control.is_rejected() && (prevented_by.is_some() || !self.gathers) {
            return Err(self.refuse(parts, scope, None));
        }
        let Some(by) = prevented_by else { return Ok(false) };
        if let Some(skip) = self.skip.filter(|_| !parts.output.is_given()) {
            let skipped = catch(|| skip(parts.output));
            skipped.map_err(|error| self.before.failed(by, scope, error))?;
        }
        if parts.output.is_given() {
            Ok(true)
        } else {
            Err(self.before.failed(by, scope, Error::not_handled(self.name())))
        }
    }

    /// Takes what the default action gave, together with what listeners found wrong before.
    fn accept(&self, parts: Parts<'_>, scope: &Scope<'_>, performed: Result<()>) -> Result<()> {
        match performed {
            Ok(()) if !parts.control.is_rejected() => Ok(()),
            performed => {
                let error = performed.err().map(|error| self.default.failed(0, scope, error));
                Err(self.refuse(parts, scope, error))
            }
        }
    }

    /// The error of a dispatch that a listener has rejected before, together with an error that came later.
    ///
    /// What is wrong with the request is added to an error that says what else is wrong with it; an error of
    /// another kind is more important.
    #[cold]
    fn refuse(&self, parts: Parts<'_>, scope: &Scope<'_>, error: Option<Error>) -> Error {
        match (parts.control.take_rejection(), error) {
            (Some((by, violations)), None) => {
                self.before.failed(by, scope, Error::invalid(violations))
            }
            (Some((_, violations)), Some(error)) if error.kind() == ErrorKind::Invalid => {
                error.after_violations(violations)
            }
            (_, error) => error.unwrap_or_else(|| Error::not_handled(self.name())),
        }
    }

    /// The output of an event without a default action: `()` for one that only notifies.
    #[cold]
    fn without_default(&self, parts: Parts<'_>) -> Result<()> {
        if !self.description.preventable {
            give_unit(parts.output);
        }
        if parts.output.is_given() { Ok(()) } else { Err(Error::not_handled(self.name())) }
    }
}

/// Puts `()` into the output of an event that only does something; leaves any other output as it is.
fn give_unit(output: &mut dyn Any) {
    if let Some(output) = output.downcast_mut::<Option<()>>() {
        *output = Some(());
    }
}
