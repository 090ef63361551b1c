//! The state of one dispatch.

use crate::{error::Violation, event::Event, phase::Phase, scope::Scope};

/// The state of one dispatch: the event, its output in the making, and what listeners asked for.
pub(crate) struct Frame<E: Event> {
    pub(crate) event: E,
    pub(crate) output: Option<E::Output>,
    pub(crate) control: Control,
}

/// What the listeners of one dispatch asked for. Listeners are named by their index in the phase.
#[derive(Default)]
pub(crate) struct Control {
    /// The listener that runs.
    pub(crate) current: usize,
    /// The first listener that prevented the default.
    pub(crate) prevented_by: Option<usize>,
    /// Whether a listener ended the phase.
    pub(crate) stopped: bool,
    /// What is wrong with the request so far; one word in every dispatch, and hardly ever used.
    rejection: Option<Box<Rejection>>,
}

/// What is wrong with a request.
pub(crate) struct Rejection {
    /// The listener that was first to say so.
    pub(crate) by: usize,
    /// All that was said.
    pub(crate) violations: Vec<Violation>,
}

impl Control {
    /// Notes one more thing that is wrong with the request.
    pub(crate) fn reject(&mut self, violation: Violation) {
        let by = self.current;
        let rejection = self
            .rejection
            .get_or_insert_with(|| Box::new(Rejection { by, violations: Vec::new() }));
        rejection.violations.push(violation);
    }

    /// Whether anything is wrong with the request so far.
    #[inline]
    pub(crate) fn is_rejected(&self) -> bool {
        self.rejection.is_some()
    }

    /// What is wrong with the request so far.
    pub(crate) fn violations(&self) -> &[Violation] {
        self.rejection.as_ref().map_or(&[], |rejection| &rejection.violations)
    }

    /// Takes out what is wrong with the request so far.
    pub(crate) fn take_rejection(&mut self) -> Option<Rejection> {
        self.rejection.take().map(|rejection| *rejection)
    }
}

impl<E: Event> Frame<E> {
    #[inline]
    pub(crate) fn new(event: E) -> Self {
        Self { event, output: None, control: Control::default() }
    }
}

/// A phase whose handle is made of the frame alone: before, default and after.
pub(crate) trait FramePhase: Phase {
    fn handle<'a>(frame: &'a mut Frame<Self::Event>, scope: &'a Scope<'a>) -> Self::Handle<'a>;
}
