//! The state of one dispatch.

use crate::{error::Violation, event::Event, phase::Phase, scope::Scope};

/// The state of one dispatch: the event, its output in the making, and what listeners asked for.
pub(crate) struct Frame<E: Event> {
    pub(crate) event: E,
    pub(crate) output: Option<E::Output>,
    pub(crate) control: Control,
}

/// What the listeners of one dispatch asked for. Listeners are named by their index in the phase.
///
/// A listener need not know its own place: whoever calls it looks at what was asked afterwards, and only then says who
/// it was. So a listener that asks for nothing, as most do, costs that one look.
#[derive(Default)]
pub(crate) struct Control {
    /// What is wrong with the request so far; one word in every dispatch, and hardly ever used.
    rejection: Option<Box<Rejection>>,
    /// The first listener that prevented the default, once that is noted.
    prevented_by: Option<usize>,
    /// What was asked for.
    asked: Asked,
    /// Which one of a few listeners runs that are called in one go; a byte, since it is written for each.
    pub(crate) step: u8,
}

/// A set of what listeners asked for; one byte, so that it is written and read in one piece.
#[derive(Default)]
struct Asked(u8);

impl Asked {
    /// The listener that runs has asked for something, and it is not yet noted that it was that one.
    const ANEW: u8 = 1;
    /// To end the phase.
    const TO_STOP: u8 = 2;
    /// To keep the default action from running.
    const TO_PREVENT: u8 = 4;
    /// To refuse the request.
    const TO_REJECT: u8 = 8;

    fn add(&mut self, what: u8) {
        self.0 |= what | Self::ANEW;
    }

    #[inline]
    fn has(&self, any_of: u8) -> bool {
        self.0 & any_of != 0
    }
}

/// What is wrong with a request.
struct Rejection {
    /// The listener that was first to say so, once that is noted.
    by: Option<usize>,
    /// All that was said.
    violations: Vec<Violation>,
}

impl Control {
    /// Keeps the default action from running.
    pub(crate) fn prevent(&mut self) {
        self.asked.add(Asked::TO_PREVENT);
    }

    /// Ends the phase.
    pub(crate) fn stop(&mut self) {
        self.asked.add(Asked::TO_STOP);
    }

    /// Notes one more thing that is wrong with the request.
    pub(crate) fn reject(&mut self, violation: Violation) {
        self.asked.add(Asked::TO_REJECT);
        let rejection = self
            .rejection
            .get_or_insert_with(|| Box::new(Rejection { by: None, violations: Vec::new() }));
        rejection.violations.push(violation);
    }

    /// Whether the listener that has just returned ended its phase; what else it asked for is noted as its own.
    #[inline]
    pub(crate) fn ends_after(&mut self, listener: usize) -> bool {
        self.asked.has(Asked::ANEW) && self.note(listener)
    }

    #[cold]
    fn note(&mut self, listener: usize) -> bool {
        if self.is_prevented() {
            self.prevented_by.get_or_insert(listener);
        }
        if let Some(rejection) = &mut self.rejection {
            rejection.by.get_or_insert(listener);
        }
        let is_stopped = self.asked.has(Asked::TO_STOP);
        self.asked.0 &= !(Asked::ANEW | Asked::TO_STOP);
        is_stopped
    }

    /// Whether no listener has prevented the default or found anything wrong.
    #[inline]
    pub(crate) fn is_untouched(&self) -> bool {
        !self.asked.has(Asked::TO_PREVENT | Asked::TO_REJECT)
    }

    /// Whether a listener has prevented the default.
    #[inline]
    pub(crate) fn is_prevented(&self) -> bool {
        self.asked.has(Asked::TO_PREVENT)
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
        let rejection = self.rejection.take()?;
        Some((rejection.by.unwrap_or_default(), rejection.violations))
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
