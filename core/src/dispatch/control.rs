//! What the listeners of one dispatch asked for.

use crate::error::Violation;

/// What the listeners of one dispatch asked for. Listeners are named by their index in the phase.
#[derive(Default)]
pub(crate) struct Control {
    /// The listener that runs.
    running: usize,
    /// Whether it ends its phase.
    is_stopped: bool,
    /// The first listener that prevented the default.
    prevented_by: Option<usize>,
    /// What is wrong with the request so far; one word in every dispatch, and hardly ever used.
    rejection: Option<Box<Rejection>>,
}

/// What is wrong with a request.
struct Rejection {
    /// The listener that was first to say so.
    by: usize,
    /// All that was said.
    violations: Vec<Violation>,
}

impl Control {
    /// The next listener is called.
    #[inline]
    pub(crate) fn begins(&mut self, listener: usize) {
        self.running = listener;
        self.is_stopped = false;
    }

    /// The listener that was called last.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Keeps the default action from running.
    pub(crate) fn prevent(&mut self) {
        self.prevented_by.get_or_insert(self.running);
    }

    /// Ends the phase.
    pub(crate) fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// Whether the listener that was called last ended its phase.
    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Notes one more thing that is wrong with the request.
    pub(crate) fn reject(&mut self, violation: Violation) {
        let by = self.running;
        let rejection = self
            .rejection
            .get_or_insert_with(|| Box::new(Rejection { by, violations: Vec::new() }));
        rejection.violations.push(violation);
    }

    /// The first listener that prevented the default.
    #[inline]
    pub(crate) fn prevented_by(&self) -> Option<usize> {
        self.prevented_by
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

    /// Takes out what is wrong with the request so far, and the listener that was first to say so.
    pub(crate) fn take_rejection(&mut self) -> Option<(usize, Vec<Violation>)> {
        let Rejection { by, violations } = *self.rejection.take()?;
        Some((by, violations))
    }
}
