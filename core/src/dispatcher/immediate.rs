//! Events without a state machine: no listener is async, and nothing waits for their outcome.

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

/// How far a dispatch has come, so that it is known where an error or a panic came from.
enum Stage {
    Before,
    Default,
    After,
    /// The dispatch itself ended it, and has said who was to blame.
    Ended,
}

impl<E: Event> Pipeline<E> {
    /// Whether it can be immediate, asked once when sealing.
    pub(crate) fn can_be_immediate(&self) -> bool {
        E::KIND == Kind::Event
            && self.before.is_plain()
            && self.default.is_plain()
            && self.after.is_plain()
            && self.wrap.is_empty()
            && self.observe.is_empty()
            && self.committed.is_empty()
            && self.rolled_back.is_empty()
    }

    /// Runs the event without a state machine.
    #[inline]
    pub(crate) fn run_immediate(
        &self,
        core: &Inner,
        context: &Context,
        parent: Option<&Scope<'_>>,
        event: E,
    ) -> Result<E::Output> {
        let scope = &core.scope(self, context, parent);
        let frame = &mut Frame::new(event);
        let (mut stage, mut index) = (Stage::Before, 0);
        match catch(|| self.go_through(frame, scope, &mut stage, &mut index)) {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) | Err(error) => Err(self.blame(frame, scope, &stage, index, error)),
        }
    }

    #[inline(always)]
    fn go_through(
        &self,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
        stage: &mut Stage,
        index: &mut usize,
    ) -> Result<E::Output> {
        call_all(self.before.plain(), index, frame, scope)?;
        let output = if frame.control.is_untouched() {
            *stage = Stage::Default;
            match self.default.plain() {
                [action, ..] => action.call(PerformPhase::handle(frame, scope))?,
                [] => self.without_default(frame)?,
            }
        } else {
            *stage = Stage::Ended;
            self.go_on_touched(frame, scope)?
        };
        if self.after.is_empty() {
            return Ok(output);
        }
        (*stage, *index) = (Stage::After, 0);
        frame.output = Some(output);
        call_all(self.after.plain(), index, frame, scope)?;
        frame.output.take().ok_or_else(|| Error::not_handled(E::NAME))
    }

    /// What follows when a listener has prevented the default or found something wrong.
    #[cold]
    fn go_on_touched(&self, frame: &mut Frame<E>, scope: &Scope<'_>) -> Result<E::Output> {
        if let Some(output) = self.output_of_before(frame, scope)? {
            return Ok(output);
        }
        let performed = match self.default.plain() {
            [action, ..] => catch(|| action.call(PerformPhase::handle(frame, scope))).flatten(),
            [] => self.without_default(frame),
        };
        self.accept(frame, scope, performed)
    }

    #[cold]
    fn blame(
        &self,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
        stage: &Stage,
        index: usize,
        error: Error,
    ) -> Error {
        match stage {
            Stage::Before => {
                frame.control.ends_after(index);
                let error = self.before.failed(index, scope, error);
                self.refuse(frame, scope, Some(error))
            }
            Stage::Default => self.default.failed(0, scope, error),
            Stage::After => self.after.failed(index, scope, error),
            Stage::Ended => error,
        }
    }
}

impl<P: FramePhase<Return = ()>> Lane<P> {
    /// Calls the listeners, all of which are sync and unconditional, until one fails or stops the phase.
    pub(super) fn run_plain(&self, frame: &mut Frame<P::Event>, scope: &Scope<'_>) -> Result<()> {
        let mut index = 0;
        match catch(|| call_all(self.plain(), &mut index, frame, scope)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) | Err(error) => {
                frame.control.ends_after(index);
                Err(self.failed(index, scope, error))
            }
        }
    }
}

/// Calls sync listeners one after the other.
///
/// Eight call sites, since a processor predicts the target of an indirect call by its place: with one site,
/// 64 listeners take more than twice as long.
#[inline(always)]
fn call_all<P: FramePhase<Return = ()>>(
    calls: &[SharedCall<P>],
    index: &mut usize,
    frame: &mut Frame<P::Event>,
    scope: &Scope<'_>,
) -> Result<()> {
    macro_rules! call {
        ($call:expr) => {
            $call.call(P::handle(frame, scope))?;
            if frame.control.ends_after(*index) {
                return Ok(());
            }
            *index += 1;
        };
    }
    let (eights, rest) = calls.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in eights {
        call!(a);
        call!(b);
        call!(c);
        call!(d);
        call!(e);
        call!(f);
        call!(g);
        call!(h);
    }
    for one in rest {
        call!(one);
    }
    Ok(())
}
