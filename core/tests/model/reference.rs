//! What the rules say: a dispatcher without speed, types or futures.

mod phases;
mod told;
mod unit;

use std::collections::BTreeMap;

use dullahan_core::ErrorKind;

use self::unit::Unit;
use super::{
    failure::{Failure, Origin},
    wiring::{Act, End, Listeners, Script, Wiring, is_process, is_saga},
};
use crate::support::StoreCall;

/// What a run came to.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) log: Vec<String>,
    pub(super) stored: BTreeMap<String, String>,
    pub(super) result: Result<i64, Failure>,
}

pub(super) struct Reference<'w> {
    wiring: &'w Wiring,
    log: Vec<String>,
    stored: BTreeMap<String, String>,
    failing: Vec<StoreCall>,
    /// The number in the context.
    remembered: u32,
    /// What is to be done if they fail, of all sagas that were run.
    sagas: Vec<Vec<Compensation>>,
}

/// A step that takes something back.
struct Compensation {
    event: usize,
    value: i64,
}

/// Where something is dispatched from.
#[derive(Clone, Copy, Default)]
struct Parent<'a> {
    chain: &'a [String],
    saga: Option<usize>,
}

/// A dispatch under way.
struct Frame {
    event: usize,
    value: i64,
    output: Option<i64>,
    prevented_by: Option<usize>,
    stopped: bool,
    violations: Vec<String>,
    chain: Vec<String>,
    /// The saga that it is part of.
    saga: Option<usize>,
}

impl Frame {
    fn new(event: usize, value: i64, parent: Parent<'_>) -> Self {
        Self {
            event,
            value,
            output: None,
            prevented_by: None,
            stopped: false,
            violations: Vec::new(),
            chain: parent.chain.to_vec(),
            saga: parent.saga,
        }
    }

    fn as_parent(&self) -> Parent<'_> {
        Parent { chain: &self.chain, saga: self.saga }
    }
}

/// What surrounds a listener: the phase decides what an act means.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Inside,
    After,
}

impl<'w> Reference<'w> {
    pub(super) fn run(wiring: &'w Wiring) -> Outcome {
        let mut reference = Self {
            wiring,
            log: Vec::new(),
            stored: BTreeMap::new(),
            failing: wiring.failing.clone(),
            remembered: 0,
            sagas: Vec::new(),
        };
        let result = reference.dispatch(wiring.first, 1, false, None, Parent::default());
        Outcome { log: reference.log, stored: reference.stored, result }
    }

    fn listeners(&self, event: usize) -> &'w Listeners {
        &self.wiring.events[event]
    }

    fn dispatch(
        &mut self,
        event: usize,
        value: i64,
        in_savepoint: bool,
        mut unit: Option<&mut Unit>,
        parent: Parent<'_>,
    ) -> Result<i64, Failure> {
        let mut frame = Frame::new(event, value, parent);
        frame.chain.push(format!("Event{event}"));
        if is_saga(event) {
            frame.saga = Some(self.sagas.len());
            self.sagas.push(Vec::new());
        }
        match (unit, is_process(event)) {
            (None, true) => return self.own_unit(&mut frame),
            (Some(unit), true) if in_savepoint => {
                return self.savepoint(&mut frame, unit);
            }
            (given, _) => unit = given,
        }
        let result = self.phases(&mut frame, &mut unit);
        if let Some(unit) = &mut unit {
            unit.innermost().doomed |= is_process(event) && result.is_err();
        }
        if is_saga(event) && result.is_err() {
            self.take_back(&frame, unit.as_deref_mut());
        }
        self.observe(&frame, &result, &mut unit);
        let result = match unit {
            Some(unit) => self.wait(&frame, result, unit),
            None => {
                self.settle(event, frame.value, frame.output, &result, frame.as_parent());
                result.map(|()| frame.output.unwrap())
            }
        };
        if let (true, Some(own), Some(outer)) = (is_saga(event), frame.saga, parent.saga)
            && result.is_ok()
        {
            let kept = std::mem::take(&mut self.sagas[own]);
            self.sagas[outer].extend(kept);
        }
        result
    }

    /// The compensations of a saga that failed, the last one first. What comes of them changes nothing.
    fn take_back(&mut self, frame: &Frame, mut unit: Option<&mut Unit>) {
        let compensations = frame.saga.map(|saga| std::mem::take(&mut self.sagas[saga]));
        for step in compensations.into_iter().flatten().rev() {
            let unit = unit.as_deref_mut();
            drop(self.dispatch(step.event, step.value, false, unit, frame.as_parent()));
        }
    }

    fn applies(&self, script: &Script) -> bool {
        script.when_odd.is_none_or(|odd| (self.remembered % 2 == 1) == odd)
    }

    /// A whole listener.
    fn act(
        &mut self,
        script: &Script,
        facts: String,
        phase: Phase,
        frame: &mut Frame,
        unit: &mut Option<&mut Unit>,
    ) -> Result<(), Failure> {
        self.note_and_act(script, facts, phase, frame, unit)
            .and_then(|()| self.end(script))
            .map_err(|failure| at(script, frame, failure))
    }

    fn note_and_act(
        &mut self,
        script: &Script,
        facts: String,
        phase: Phase,
        frame: &mut Frame,
        unit: &mut Option<&mut Unit>,
    ) -> Result<(), Failure> {
        self.log.push(format!("{} {facts}", script.id));
        for act in &script.acts {
            match act {
                Act::Add(number) if phase == Phase::After => {
                    frame.output = frame.output.map(|output| output + number);
                }
                Act::Add(number) => frame.value += number,
                Act::Prevent => drop(frame.prevented_by.get_or_insert(script.id)),
                Act::Respond(output) => {
                    frame.prevented_by.get_or_insert(script.id);
                    frame.output = Some(*output);
                }
                Act::Reject => frame.violations.push(format!("/{}", script.id)),
                Act::Stop => frame.stopped = true,
                Act::Remember => self.remembered += 1,
                Act::Put => self.put(script, frame.value, unit)?,
                Act::Dispatch { event, in_savepoint, swallow } => {
                    let (unit, value) = (unit.as_deref_mut(), frame.value + 1);
                    let parent = frame.as_parent();
                    let result = self.dispatch(*event, value, *in_savepoint, unit, parent);
                    self.log.push(format!("{} got {}", script.id, Failure::show(&result)));
                    if !swallow {
                        result?;
                    }
                }
                Act::Compensate { event } => {
                    let step = Compensation { event: *event, value: frame.value + 1 };
                    match (unit.as_deref_mut(), frame.saga) {
                        (Some(unit), _) => unit.innermost().compensations.push(step),
                        (None, Some(saga)) => self.sagas[saga].push(step),
                        (None, None) => {}
                    }
                }
                Act::Pause => {}
            }
        }
        Ok(())
    }

    fn end(&mut self, script: &Script) -> Result<(), Failure> {
        match script.end {
            End::Well => Ok(()),
            End::Error(fault) => Err(Failure::here(fault, format!("code {}", script.id))),
            End::Panic => Err(Failure::here(ErrorKind::Internal, "internal")),
        }
    }
}

/// An error that arose in this listener, unless it came out of a child.
fn at(script: &Script, frame: &Frame, failure: Failure) -> Failure {
    match failure.origin {
        Origin::Here => {
            let origin = Origin::In(script.id.to_string(), frame.chain.clone());
            Failure { origin, ..failure }
        }
        Origin::In(..) | Origin::Nowhere => failure,
    }
}

/// The last two events of a chain.
pub(super) fn end_of(chain: &[impl AsRef<str>]) -> String {
    let end: Vec<_> = chain.iter().rev().take(2).rev().map(AsRef::as_ref).collect();
    end.join(" > ")
}
