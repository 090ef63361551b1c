//! The event and the output of one dispatch, without their types: so what runs a dispatch is compiled once, and not for
//! each event.

use std::any::Any;

use super::control::Control;
use crate::{
    error::{Error, Result},
    event::Event,
};

/// An event, as whoever runs its dispatch sees it.
pub(crate) type AnyEvent = dyn Any + Send + Sync;

/// An output in the making, an `Option<E::Output>`, as whoever runs its dispatch sees it.
pub(crate) trait AnyOutput: Any + Send + Sync {
    fn is_given(&self) -> bool;
    /// The output, if it is given.
    fn given(&self) -> Option<&(dyn Any + Send + Sync)>;
}

impl<O: Send + Sync + 'static> AnyOutput for Option<O> {
    fn is_given(&self) -> bool {
        self.is_some()
    }

    fn given(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.as_ref().map(|output| output as _)
    }
}

/// The event of one dispatch and its output in the making.
pub(crate) struct Exchange<E: Event> {
    pub(crate) event: E,
    pub(crate) output: Option<E::Output>,
}

impl<E: Event> Exchange<E> {
    #[inline]
    pub(crate) fn new(event: E) -> Self {
        Self { event, output: None }
    }
}

/// The event of one dispatch and its output in the making, as whoever runs the dispatch sees them.
pub(crate) trait AnyExchange: Any + Send + Sync {
    fn both(&mut self) -> (&mut AnyEvent, &mut dyn AnyOutput);
    fn split(self: Box<Self>) -> (Box<AnyEvent>, Box<dyn AnyOutput>);
    /// A copy of the event, without an output, to be run if this one loses; `None` for one that is not repeatable.
    fn spare(&self) -> Option<Box<dyn AnyExchange>>;
}

impl<E: Event> AnyExchange for Exchange<E> {
    fn both(&mut self) -> (&mut AnyEvent, &mut dyn AnyOutput) {
        (&mut self.event, &mut self.output)
    }

    fn split(self: Box<Self>) -> (Box<AnyEvent>, Box<dyn AnyOutput>) {
        let Self { event, output } = *self;
        (Box::new(event), Box::new(output))
    }

    fn spare(&self) -> Option<Box<dyn AnyExchange>> {
        E::REPEAT
            .map(|repeat| Box::new(Self::new(repeat.copy(&self.event))) as Box<dyn AnyExchange>)
    }
}

/// What one listener sees of a dispatch: its event, its output in the making, and what was asked for so far.
pub(crate) struct Parts<'a> {
    pub(crate) event: &'a mut AnyEvent,
    pub(crate) output: &'a mut dyn AnyOutput,
    pub(crate) control: &'a mut Control,
}

impl Parts<'_> {
    /// The same parts, for a shorter time.
    #[inline]
    pub(crate) fn again(&mut self) -> Parts<'_> {
        Parts { event: self.event, output: self.output, control: self.control }
    }
}

/// One dispatch whose event is owned, so that it can outlive its caller.
pub(crate) struct Frame {
    pub(crate) exchange: Box<dyn AnyExchange>,
    pub(crate) control: Control,
}

impl Frame {
    pub(crate) fn new(exchange: Box<dyn AnyExchange>) -> Self {
        Self { exchange, control: Control::default() }
    }

    pub(crate) fn parts(&mut self) -> Parts<'_> {
        let (event, output) = self.exchange.both();
        Parts { event, output, control: &mut self.control }
    }

    /// The output, for the caller.
    pub(crate) fn answer(self) -> Answer {
        let prevented_by = self.control.prevented_by();
        Answer { given: Given::Whole(self.exchange), prevented_by }
    }
}

/// What a dispatch gives to its caller.
pub(crate) struct Answer {
    given: Given,
    /// The listener that prevented the default.
    pub(crate) prevented_by: Option<usize>,
}

enum Given {
    /// The output with the event, which nobody waits for.
    Whole(Box<dyn AnyExchange>),
    /// The output without the event, whose listeners wait for the end of a unit of work.
    Output(Box<dyn AnyOutput>),
}

impl Answer {
    /// The output alone.
    pub(crate) fn of_output(output: Box<dyn AnyOutput>, prevented_by: Option<usize>) -> Self {
        Self { given: Given::Output(output), prevented_by }
    }

    /// The output.
    pub(crate) fn output<E: Event>(self) -> Result<E::Output> {
        let output = match self.given {
            Given::Whole(exchange) => (exchange as Box<dyn Any>)
                .downcast::<Exchange<E>>()
                .ok()
                .and_then(|exchange| exchange.output),
            Given::Output(output) => {
                (output as Box<dyn Any>).downcast::<Option<E::Output>>().ok().and_then(|one| *one)
            }
        };
        output.ok_or_else(|| Error::not_handled(E::name()))
    }
}
