//! What the rules say of units of work and savepoints.

use std::collections::BTreeMap;

use dullahan_core::Fault;

use super::{Compensation, Frame, Parent, Reference};
use crate::{
    failure::{Failure, Origin},
    support::StoreCall,
    wiring::Script,
};

/// A unit of work.
#[derive(Default)]
pub(super) struct Unit {
    begun: bool,
    pub(super) doomed: bool,
    /// Whether an observer is at work, whose processes fail alone.
    pub(super) observed: bool,
    written: BTreeMap<String, String>,
    savepoints: usize,
    waiting: Vec<Waiting>,
    pub(super) compensations: Vec<Compensation>,
}

/// An event that waits for the end of its unit of work.
pub(super) struct Waiting {
    event: usize,
    value: i64,
    output: Option<i64>,
    chain: Vec<String>,
    /// What it was undone by, if that was with a savepoint.
    undone_by: Option<Failure>,
}

impl Reference<'_> {
    pub(super) fn wait(
        &mut self,
        frame: &Frame,
        result: Result<(), Failure>,
        unit: &mut Unit,
    ) -> Result<i64, Failure> {
        let output = result.as_ref().ok().and(frame.output);
        unit.waiting.push(Waiting {
            event: frame.event,
            value: frame.value,
            output,
            chain: frame.chain.clone(),
            undone_by: None,
        });
        result.map(|()| frame.output.unwrap())
    }

    /// A process from outside of one: commits whole or rolls back whole.
    pub(super) fn own_unit(&mut self, frame: &mut Frame) -> Result<i64, Failure> {
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
        if let (Ok(()), Some(saga)) = (&result, frame.saga) {
            self.sagas[saga].append(&mut unit.compensations);
        }
        self.observe(frame, &result, &mut None);
        let process = frame.as_parent();
        for waiting in unit.waiting {
            let result = waiting.undone_by.map_or_else(|| result.clone(), Err);
            let parent = Parent { chain: &waiting.chain, ..process };
            self.settle(waiting.event, waiting.value, waiting.output, &result, parent);
        }
        self.settle(frame.event, frame.value, frame.output, &result, process);
        result.map(|()| frame.output.unwrap())
    }

    /// A process that may fail alone.
    pub(super) fn savepoint(&mut self, frame: &mut Frame, unit: &mut Unit) -> Result<i64, Failure> {
        let number = unit.savepoints;
        let nowhere = |failure| Failure { origin: Origin::Nowhere, ..failure };
        let opened = self
            .begin(unit)
            .and_then(|()| self.store(StoreCall::Savepoint, &format!("savepoint {number}")))
            .map_err(nowhere);
        let since = unit.waiting.len();
        let result = match opened {
            Err(failure) => Err(failure),
            Ok(()) => {
                let (written, doomed) = (unit.written.clone(), unit.doomed);
                let compensations = unit.compensations.len();
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
                    unit.compensations.truncate(compensations);
                }
                result
            }
        };
        if let Err(failure) = &result {
            for waiting in &mut unit.waiting[since..] {
                waiting.undone_by.get_or_insert_with(|| failure.clone());
            }
        }
        self.observe(frame, &result, &mut Some(unit));
        let undone_by = result.as_ref().err().cloned();
        let result = self.wait(frame, result, unit);
        if let (Some(own), Some(_)) = (unit.waiting.last_mut(), &undone_by) {
            own.undone_by = undone_by;
        }
        result
    }

    pub(super) fn put(
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

    pub(super) fn begin(&mut self, unit: &mut Unit) -> Result<(), Failure> {
        if !unit.begun {
            self.store(StoreCall::Begin, "begin")?;
            unit.begun = true;
        }
        Ok(())
    }

    pub(super) fn store(&mut self, call: StoreCall, entry: &str) -> Result<(), Failure> {
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
