//! What the rules say: a dispatcher without speed, types or futures.

use std::collections::BTreeMap;

use dullahan_core::Fault;

use super::{
    failure::{Failure, Origin},
    wiring::{Act, End, Listeners, Next, Script, Wiring, gathers, is_process},
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
}

/// A unit of work.
#[derive(Default)]
struct Unit {
    begun: bool,
    doomed: bool,
    /// Whether an observer is at work, whose processes fail alone.
    observed: bool,
    written: BTreeMap<String, String>,
    savepoints: usize,
    waiting: Vec<Waiting>,
}

/// An event that waits for the end of its unit of work.
struct Waiting {
    event: usize,
    value: i64,
    output: Option<i64>,
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
        };
        let result = reference.dispatch(wiring.first, 1, false, None, &[]);
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
        unit: Option<&mut Unit>,
        parents: &[String],
    ) -> Result<i64, Failure> {
        let chain = [parents, &[format!("Event{event}")]].concat();
        let mut frame = Frame {
            event,
            value,
            output: None,
            prevented_by: None,
            stopped: false,
            violations: Vec::new(),
            chain,
        };
        match unit {
            None if is_process(event) => self.own_unit(&mut frame),
            None => {
                let result = self.phases(&mut frame, &mut None);
                self.observe(&frame, &result, &mut None);
                self.settle(event, frame.value, frame.output, &result, &frame.chain);
                result?;
                Ok(frame.output.unwrap())
            }
            Some(unit) if is_process(event) && (in_savepoint || unit.observed) => {
                self.savepoint(&mut frame, unit)
            }
            Some(unit) => {
                let result = self.phases(&mut frame, &mut Some(unit));
                unit.doomed |= is_process(event) && result.is_err();
                self.observe(&frame, &result, &mut Some(unit));
                self.wait(&frame, result, unit)
            }
        }
    }

    fn wait(
        &mut self,
        frame: &Frame,
        result: Result<(), Failure>,
        unit: &mut Unit,
    ) -> Result<i64, Failure> {
        let output = result.as_ref().ok().and(frame.output);
        unit.waiting.push(Waiting { event: frame.event, value: frame.value, output });
        result.map(|()| frame.output.unwrap())
    }

    /// A process from outside of one: commits whole or rolls back whole.
    fn own_unit(&mut self, frame: &mut Frame) -> Result<i64, Failure> {
        let mut unit = Unit::default();
        let mut result = self.phases(frame, &mut Some(&mut unit));
        if result.is_ok() && unit.doomed {
            result = Err(Failure::nowhere(Fault::Internal, "internal"));
        }
        match &result {
            Ok(()) if unit.begun => {
                result = self.store(StoreCall::Commit, "commit").map_err(|failure| {
                    let commit = "the commit of the unit of work".to_owned();
                    Failure { origin: Origin::In(commit, frame.chain.clone()), ..failure }
                });
                if result.is_ok() {
                    self.stored.append(&mut unit.written);
                }
            }
            Err(_) if unit.begun => drop(self.store(StoreCall::Rollback, "rollback")),
            _ => {}
        }
        self.observe(frame, &result, &mut None);
        for waiting in unit.waiting {
            self.settle(waiting.event, waiting.value, waiting.output, &result, &frame.chain);
        }
        self.settle(frame.event, frame.value, frame.output, &result, &frame.chain);
        result.map(|()| frame.output.unwrap())
    }

    /// A process that may fail alone.
    fn savepoint(&mut self, frame: &mut Frame, unit: &mut Unit) -> Result<i64, Failure> {
        let number = unit.savepoints;
        let nowhere = |failure| Failure { origin: Origin::Nowhere, ..failure };
        let opened = self
            .begin(unit)
            .and_then(|()| self.store(StoreCall::Savepoint, &format!("savepoint {number}")))
            .map_err(nowhere);
        let mut undone = Vec::new();
        let result = match opened {
            Err(failure) => Err(failure),
            Ok(()) => {
                let (written, doomed) = (unit.written.clone(), unit.doomed);
                let waiting = unit.waiting.len();
                unit.savepoints += 1;
                let observed = std::mem::take(&mut unit.observed);
                let mut result = self.phases(frame, &mut Some(unit));
                unit.observed = observed;
                if result.is_ok() && unit.doomed && !doomed {
                    result = Err(Failure::nowhere(Fault::Internal, "internal"));
                } else if result.is_ok() {
                    let call = StoreCall::ReleaseSavepoint;
                    result = self.store(call, &format!("release {number}")).map_err(nowhere);
                }
                unit.savepoints = number;
                if result.is_err() {
                    self.log.push(format!("rollback to {number}"));
                    (unit.written, unit.doomed) = (written, doomed);
                    undone = unit.waiting.split_off(waiting);
                }
                result
            }
        };
        self.observe(frame, &result, &mut Some(unit));
        if result.is_ok() {
            return self.wait(frame, result, unit);
        }
        for waiting in undone {
            self.settle(waiting.event, waiting.value, waiting.output, &result, &frame.chain);
        }
        self.settle(frame.event, frame.value, None, &result, &frame.chain);
        result.map(|()| 0)
    }

    /// Before, default and after, which may fail.
    fn phases(&mut self, frame: &mut Frame, unit: &mut Option<&mut Unit>) -> Result<(), Failure> {
        for script in by_priority(&self.listeners(frame.event).before, |script| script) {
            if !self.applies(script) {
                continue;
            }
            let facts = format!(
                "before {} v{} prevented {} response {:?}",
                end_of(&frame.chain),
                frame.value,
                frame.prevented_by.is_some(),
                frame.output
            );
            let acted = self.act(script, facts, Phase::Inside, frame, unit);
            acted.map_err(|failure| failure.after(&frame.violations))?;
            if frame.stopped {
                break;
            }
        }
        let is_rejected = !frame.violations.is_empty();
        if is_rejected && (frame.prevented_by.is_some() || !gathers(frame.event)) {
            return Err(Failure::invalid(frame.violations.clone()));
        }
        if frame.prevented_by.is_none() {
            let performed = self.perform(0, frame, unit);
            frame.output = Some(match performed {
                Ok(_) if is_rejected => return Err(Failure::invalid(frame.violations.clone())),
                performed => performed.map_err(|failure| failure.after(&frame.violations))?,
            });
        }
        if frame.output.is_none() {
            return Err(Failure::nowhere(Fault::Internal, "step_unhandled"));
        }
        frame.stopped = false;
        for script in by_priority(&self.listeners(frame.event).after, |script| script) {
            if !self.applies(script) {
                continue;
            }
            let facts = format!(
                "after {} v{} o{} prevented {}",
                end_of(&frame.chain),
                frame.value,
                frame.output.unwrap(),
                frame.prevented_by.is_some()
            );
            self.act(script, facts, Phase::After, frame, unit)?;
            if frame.stopped {
                break;
            }
        }
        Ok(())
    }

    /// The wraps from this one inward, and the default inside of them.
    fn perform(
        &mut self,
        wrap: usize,
        frame: &mut Frame,
        unit: &mut Option<&mut Unit>,
    ) -> Result<i64, Failure> {
        let listeners = self.listeners(frame.event);
        let wraps = by_priority(&listeners.wrap, |(script, _)| script);
        let Some((script, next)) = wraps.get(wrap) else {
            if !self.applies(&listeners.default) {
                let given = frame.output.take();
                return given.ok_or(Failure::nowhere(Fault::Internal, "step_unhandled"));
            }
            let facts = format!(
                "default {} v{} violations {}",
                end_of(&frame.chain),
                frame.value,
                frame.violations.len()
            );
            self.act(&listeners.default, facts, Phase::Inside, frame, unit)?;
            return Ok(frame.value + 100);
        };
        if !self.applies(script) {
            return self.perform(wrap + 1, frame, unit);
        }
        let facts = format!("wrap {} v{}", end_of(&frame.chain), frame.value);
        self.note_and_act(script, facts, Phase::Inside, frame, unit)
            .map_err(|failure| at(script, frame, failure))?;
        let mut inner = || self.perform(wrap + 1, frame, unit);
        let result = match next {
            Next::Never(output) => Ok(*output),
            Next::Once => inner().map(|output| output + 1),
            Next::Twice => inner().and_then(|first| inner().map(|second| first + second)),
            Next::Retry => inner().or_else(|_| inner()),
            Next::Recover(output) => Ok(inner().unwrap_or(*output)),
        };
        self.log.push(format!("{} out {}", script.id, Failure::show(&result)));
        let output = result?;
        self.end(script).map_err(|failure| at(script, frame, failure))?;
        Ok(output)
    }

    /// The observers. What they dispatch inside of a unit of work fails alone.
    fn observe(
        &mut self,
        frame: &Frame,
        result: &Result<(), Failure>,
        unit: &mut Option<&mut Unit>,
    ) {
        let outcome = match (result, frame.prevented_by) {
            (Err(failure), _) => format!("failed {}", failure.code),
            (Ok(()), Some(by)) => format!("prevented by {by} {}", frame.output.unwrap()),
            (Ok(()), None) => format!("completed {}", frame.output.unwrap()),
        };
        let observed = unit.as_mut().map(|unit| std::mem::replace(&mut unit.observed, true));
        for script in &self.listeners(frame.event).observe {
            let facts = format!("observe {} v{} {outcome}", end_of(&frame.chain), frame.value);
            self.isolated(script, facts, (frame.event, frame.value), &frame.chain, unit);
        }
        if let (Some(unit), Some(observed)) = (unit, observed) {
            unit.observed = observed;
        }
    }

    fn settle(
        &mut self,
        event: usize,
        value: i64,
        output: Option<i64>,
        result: &Result<(), Failure>,
        chain: &[String],
    ) {
        let chain = [chain, &[format!("Event{event}")]].concat();
        match (result, output) {
            (Ok(()), Some(output)) => {
                for script in &self.listeners(event).committed {
                    let facts = format!("committed v{value} o{output}");
                    self.isolated(script, facts, (event, value), &chain, &mut None);
                }
            }
            (Ok(()), None) => {}
            (Err(failure), _) => {
                for script in &self.listeners(event).rolled_back {
                    let facts = format!("rolled back v{value} {}", failure.code);
                    self.isolated(script, facts, (event, value), &chain, &mut None);
                }
            }
        }
    }

    /// A listener whose failure changes nothing.
    fn isolated(
        &mut self,
        script: &Script,
        facts: String,
        (event, value): (usize, i64),
        chain: &[String],
        unit: &mut Option<&mut Unit>,
    ) {
        if self.applies(script) {
            let mut frame = Frame {
                event,
                value,
                output: None,
                prevented_by: None,
                stopped: false,
                violations: Vec::new(),
                chain: chain.to_vec(),
            };
            drop(self.act(script, facts, Phase::Inside, &mut frame, unit));
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
                Act::Respond(output) => frame.output = Some(*output),
                Act::Reject => frame.violations.push(format!("/{}", script.id)),
                Act::Stop => frame.stopped = true,
                Act::Remember => self.remembered += 1,
                Act::Put => self.put(script, frame.value, unit)?,
                Act::Dispatch { event, in_savepoint, swallow } => {
                    let (unit, value) = (unit.as_deref_mut(), frame.value + 1);
                    let result = self.dispatch(*event, value, *in_savepoint, unit, &frame.chain);
                    self.log.push(format!("{} got {}", script.id, Failure::show(&result)));
                    if !swallow {
                        result?;
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
            End::Panic => Err(Failure::here(Fault::Internal, "internal")),
        }
    }

    fn put(
        &mut self,
        script: &Script,
        value: i64,
        unit: &mut Option<&mut Unit>,
    ) -> Result<(), Failure> {
        let Some(unit) = unit else { return Err(Failure::here(Fault::Internal, "internal")) };
        self.begin(unit)?;
        self.store(StoreCall::Put, &format!("put k{}", script.id))?;
        unit.written.insert(format!("k{}", script.id), value.to_string());
        Ok(())
    }

    fn begin(&mut self, unit: &mut Unit) -> Result<(), Failure> {
        if !unit.begun {
            self.store(StoreCall::Begin, "begin")?;
            unit.begun = true;
        }
        Ok(())
    }

    fn store(&mut self, call: StoreCall, entry: &str) -> Result<(), Failure> {
        match self.failing.iter().position(|failing| *failing == call) {
            Some(index) => {
                self.failing.remove(index);
                self.log.push(format!("{entry} fails"));
                Err(Failure::here(Fault::Unavailable, "unavailable"))
            }
            None => {
                self.log.push(entry.to_owned());
                Ok(())
            }
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

fn by_priority<T>(listeners: &[T], script: impl Fn(&T) -> &Script) -> Vec<&T> {
    let mut sorted: Vec<_> = listeners.iter().collect();
    sorted.sort_by_key(|listener| -script(listener).priority);
    sorted
}

/// The last two events of a chain.
pub(super) fn end_of(chain: &[impl AsRef<str>]) -> String {
    let end: Vec<_> = chain.iter().rev().take(2).rev().map(AsRef::as_ref).collect();
    end.join(" > ")
}
