//! The listeners of one phase, in the order in which they run.

use std::sync::Arc;

use crate::{
    context::Context,
    error::{Error, Result},
    future::catch,
    listener::{Call, SyncCall},
    phase::{Frame, FramePhase, Phase},
    scope::Scope,
};

/// A condition that is asked at each dispatch.
pub(crate) type Condition = Arc<dyn Fn(&Context) -> bool + Send + Sync>;

/// The listeners of one phase of one event, in the order in which they run.
pub(crate) struct Lane<P: Phase> {
    entries: Vec<Entry<P>>,
    /// The same listeners when all are sync and unconditional: the form that runs without a state machine.
    plain: Option<Vec<Arc<dyn SyncCall<P>>>>,
    /// Where the first one stands in the event's description.
    first: usize,
}

/// One listener of a lane.
pub(crate) struct Entry<P: Phase> {
    pub(crate) call: Call<P>,
    pub(crate) condition: Option<Condition>,
}

impl<P: Phase> Entry<P> {
    /// Whether its condition holds; a panic in the condition counts as one in the listener.
    pub(crate) fn applies(&self, context: &Context) -> Result<bool> {
        self.condition.as_ref().map_or(Ok(true), |condition| catch(|| condition(context)))
    }
}

impl<P: Phase> Lane<P> {
    pub(crate) fn new(entries: Vec<Entry<P>>, first: usize) -> Self {
        let plain = entries
            .iter()
            .map(|entry| match (&entry.call, &entry.condition) {
                (Call::Sync(call), None) => Some(Arc::clone(call)),
                _ => None,
            })
            .collect();
        Self { entries, plain, first }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.plain.is_some()
    }

    pub(crate) fn entries(&self) -> &[Entry<P>] {
        &self.entries
    }

    /// The name of the listener at this place.
    pub(crate) fn name<'a>(&self, index: usize, scope: &'a Scope<'_>) -> &'a str {
        scope.description.listeners.get(self.first + index).map_or("", |listener| &listener.name)
    }

    /// Notes in which listener an error arose; in a phase without one, there is none to name.
    #[cold]
    pub(crate) fn failed(&self, index: usize, scope: &Scope<'_>, error: Error) -> Error {
        if self.is_empty() {
            return error;
        }
        error.arose_in(self.name(index, scope), || scope.chain())
    }
}

impl<P: FramePhase<Return = ()>> Lane<P> {
    /// Calls the listeners one after the other, until one fails or stops the phase.
    pub(crate) async fn run(&self, frame: &mut Frame<P::Event>, scope: &Scope<'_>) -> Result<()> {
        if self.is_plain() {
            return self.run_plain(frame, scope);
        }
        frame.control.stopped = false;
        for (index, entry) in self.entries.iter().enumerate() {
            let applies = entry.applies(scope.context);
            if !applies.map_err(|error| self.failed(index, scope, error))? {
                continue;
            }
            frame.control.current = index;
            let call = entry.call.invoke(P::handle(frame, scope)).await;
            call.map_err(|error| self.failed(index, scope, error))?;
            if frame.control.stopped {
                break;
            }
        }
        Ok(())
    }

    /// [`run`](Self::run) where all listeners are sync.
    #[inline]
    pub(crate) fn run_plain(&self, frame: &mut Frame<P::Event>, scope: &Scope<'_>) -> Result<()> {
        let Some(calls) = self.plain.as_deref().filter(|calls| !calls.is_empty()) else {
            return Ok(());
        };
        frame.control.stopped = false;
        catch(|| call_all(calls, frame, scope))
            .flatten()
            .map_err(|error| self.failed(frame.control.current, scope, error))
    }
}

/// Calls sync listeners one after the other.
///
/// Eight call sites, since a processor predicts the target of an indirect call by its place: with one site,
/// 64 listeners take more than twice as long.
fn call_all<P: FramePhase<Return = ()>>(
    calls: &[Arc<dyn SyncCall<P>>],
    frame: &mut Frame<P::Event>,
    scope: &Scope<'_>,
) -> Result<()> {
    let mut index = 0;
    macro_rules! call {
        ($call:expr) => {
            frame.control.current = index;
            $call.call(P::handle(frame, scope))?;
            if frame.control.stopped {
                return Ok(());
            }
            index += 1;
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
