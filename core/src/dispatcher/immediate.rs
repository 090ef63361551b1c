//! Events and sagas without a state machine: no listener is async, and nothing waits for their outcome.

use super::{lane::Lane, pipeline::Pipeline};
use crate::{
    context::Context,
    dispatcher::Inner,
    error::{Error, Result},
    event::{Event, Kind},
    future::catch,
    listener::SharedCall,
    phase::{Frame, FramePhase, PerformPhase},
    scope::Scope,
};

impl<E: Event> Pipeline<E> {
    /// Whether it can run without a state machine, asked once when sealing.
    pub(crate) fn can_be_immediate(&self) -> bool {
        Kind::of::<E>() != Kind::Process
            && self.is_unobserved()
            && self.before.is_plain()
            && self.default.is_plain()
            && self.after.is_plain()
            && self.wrap.is_empty()
    }

    /// Runs the event without a state machine.
    ///
    /// In place, where it counts: setting up the call of a function would take a tenth of the time.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn run_immediate(
        &self,
        core: &Inner,
        context: &Context,
        parent: Option<&Scope<'_>>,
        event: E,
    ) -> Result<E::Output> {
        self.run_plain(&core.scope(self, context, parent), event)
    }

    /// The same in a scope that the caller has made.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn run_plain(&self, scope: &Scope<'_>, event: E) -> Result<E::Output> {
        let frame = &mut Frame::new(event);
        if !self.before.is_empty()
            && let Err(error) = self.before.run_plain(frame, scope)
        {
            return Err(self.refuse(frame, scope, Some(error)));
        }
        let output = if frame.control.is_untouched() {
            match self.perform_plain(frame, scope) {
                Ok(output) => output,
                Err(error) => return Err(self.default.failed(0, scope, error)),
            }
        } else {
            self.perform_touched(frame, scope)?
        };
        if self.after.is_empty() { Ok(output) } else { self.finish_plain(output, frame, scope) }
    }

    /// Runs the default action where it is sync and unconditional.
    #[inline]
    fn perform_plain(&self, frame: &mut Frame<E>, scope: &Scope<'_>) -> Result<E::Output> {
        match self.default.plain() {
            [action, ..] => catch(|| action.call(PerformPhase::handle(frame, scope))).flatten(),
            [] => self.without_default(frame),
        }
    }

    /// What follows when a listener has prevented the default or found something wrong.
    #[cold]
    fn perform_touched(&self, frame: &mut Frame<E>, scope: &Scope<'_>) -> Result<E::Output> {
        if self.is_prevented(frame, scope)? {
            return frame.output.take().ok_or_else(|| Error::not_handled(E::NAME));
        }
        let performed = self.perform_plain(frame, scope);
        self.accept(frame, scope, performed)
    }

    #[inline(never)]
    fn finish_plain(
        &self,
        output: E::Output,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
    ) -> Result<E::Output> {
        frame.output = Some(output);
        self.after.run_plain(frame, scope)?;
        frame.output.take().ok_or_else(|| Error::not_handled(E::NAME))
    }
}

impl<P: FramePhase<Return = ()>> Lane<P> {
    /// Calls the listeners, all of which are sync and unconditional, until one fails or stops the phase.
    #[inline(never)]
    pub(super) fn run_plain(&self, frame: &mut Frame<P::Event>, scope: &Scope<'_>) -> Result<()> {
        let mut passed = 0;
        match catch(|| call_all(self.plain(), &mut passed, frame, scope)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) | Err(error) => {
                let index = passed + usize::from(frame.control.step);
                frame.control.ends_after(index);
                Err(self.failed(index, scope, error))
            }
        }
    }
}

/// Calls sync listeners one after the other. The one that is called has the place `passed + frame.control.step`.
///
/// Many call sites, since a processor predicts the target of an indirect call by its place: with one site,
/// 64 listeners take more than twice as long on some.
#[inline(always)]
fn call_all<P: FramePhase<Return = ()>>(
    calls: &[SharedCall<P>],
    passed: &mut usize,
    frame: &mut Frame<P::Event>,
    scope: &Scope<'_>,
) -> Result<()> {
    macro_rules! call {
        ($call:expr, $step:literal) => {
            frame.control.step = $step;
            $call.call(P::handle(frame, scope))?;
            if frame.control.ends_after(*passed + $step) {
                return Ok(());
            }
        };
    }
    let mut rest = calls;
    while let Some(([a, b, c, d, e, f, g, h], others)) = rest.split_first_chunk() {
        call!(a, 0);
        call!(b, 1);
        call!(c, 2);
        call!(d, 3);
        call!(e, 4);
        call!(f, 5);
        call!(g, 6);
        call!(h, 7);
        *passed += 8;
        rest = others;
    }
    if let Some(([a, b, c, d], others)) = rest.split_first_chunk() {
        call!(a, 0);
        call!(b, 1);
        call!(c, 2);
        call!(d, 3);
        *passed += 4;
        rest = others;
    }
    for one in rest {
        call!(one, 0);
        *passed += 1;
    }
    Ok(())
}
