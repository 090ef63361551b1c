//! What the rules say of units of work and savepoints.

use std::collections::BTreeMap;

use dullahan_core::ErrorKind;

use super::{Compensation, Frame, Parent, Reference};
use crate::{
    failure::{Failure, Origin},
    support::StoreCall,
    wiring::Script,
};

/// A unit of work, and the savepoints in it.
pub(super) struct Unit {
    begun: bool,
    written: BTreeMap<String, String>,
    /// The unit of work itself, and then its savepoints.
    levels: Vec<Level>,
}

/// A unit of work or a savepoint, which begins when something is put.
#[derive(Default)]
pub(super) struct Level {
    /// What was written before it began.
    before: Option<BTreeMap<String, String>>,
    pub(super) doomed: bool,
    waiting: Vec<Waiting>,
    pub(super) compensations: Vec<Compensation>,
}

impl Unit {
    fn new() -> Self {
        Self { begun: false, written: BTreeMap::new(), levels: vec![Level::default()] }
    }

    pub(super) fn innermost(&mut self) -> &mut Level {
        self.levels.last_mut().unwrap()
    }
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
        unit.innermost().waiting.push(Waiting {
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
        let mut unit = Unit::new();
        let mut result = self.phases(frame, &mut Some(&mut unit));
        if result.is_ok() && unit.innermost().doomed {
            result = Err(Failure::nowhere(ErrorKind::Internal, "internal"));
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
        let mut level = unit.levels.pop().unwrap();
        if let (Ok(()), Some(saga)) = (&result, frame.saga) {
            self.sagas[saga].append(&mut level.compensations);
        }
        self.observe(frame, &result, &mut None);
        let process = frame.as_parent();
        for waiting in level.waiting {
            let result = waiting.undone_by.map_or_else(|| result.clone(), Err);
            let parent = Parent { chain: &waiting.chain, ..process };
            self.settle(waiting.event, waiting.value, waiting.output, &result, parent);
        }
        self.settle(frame.event, frame.value, frame.output, &result, process);
        result.map(|()| frame.output.unwrap())
    }

    /// A process that may fail alone. Its observers are in a savepoint around its own.
    pub(super) fn savepoint(&mut self, frame: &mut Frame, unit: &mut Unit) -> Result<i64, Failure> {
        let is_observed = !self.listeners(frame.event).observe.is_empty();
        if is_observed {
            unit.levels.push(Level::default());
        }
        unit.levels.push(Level::default());
        let result = self.phases(frame, &mut Some(unit));
        let mut result = self.end_savepoint(unit, result);
        self.observe(frame, &result, &mut Some(unit));
        if is_observed {
            result = result.and(self.end_savepoint(unit, Ok(())));
        }
        let undone_by = result.as_ref().err().cloned();
        let result = self.wait(frame, result, unit);
        if let (Some(own), Some(_)) = (unit.innermost().waiting.last_mut(), &undone_by) {
            own.undone_by = undone_by;
        }
        result
    }

    /// Something that fails alone, without listeners of its own that hear of it.
    pub(super) fn in_savepoint<T>(
        &mut self,
        unit: &mut Option<&mut Unit>,
        act: impl FnOnce(&mut Self, &mut Option<&mut Unit>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(unit) = unit {
            unit.levels.push(Level::default());
        }
        let acted = act(self, unit);
        let Some(unit) = unit else { return acted };
        self.end_savepoint(unit, acted)
    }

    /// Keeps the innermost savepoint or undoes it, and with it the events that had ended in it.
    fn end_savepoint<T>(
        &mut self,
        unit: &mut Unit,
        mut result: Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut level = unit.levels.pop().unwrap();
        let number = unit.levels.len() - 1;
        if result.is_ok() && level.doomed {
            result = Err(Failure::nowhere(ErrorKind::Internal, "internal"));
        } else if result.is_ok() && level.before.is_some() {
            let released = self.store(StoreCall::ReleaseSavepoint, &format!("release {number}"));
            let nowhere = |failure| Failure { origin: Origin::Nowhere, ..failure };
            result = released.map_err(nowhere).and(result);
        }
        match &result {
            Ok(_) => unit.innermost().compensations.extend(level.compensations),
            Err(failure) => {
                if let Some(before) = level.before {
                    self.log.push(format!("rollback to {number}"));
                    unit.written = before;
                }
                for waiting in &mut level.waiting {
                    waiting.undone_by.get_or_insert_with(|| failure.clone());
                }
            }
        }
        unit.innermost().waiting.extend(level.waiting);
        result
    }

    pub(super) fn put(
        &mut self,
        script: &Script,
        value: i64,
        unit: &mut Option<&mut Unit>,
    ) -> Result<(), Failure> {
        let Some(unit) = unit else { return Err(Failure::here(ErrorKind::Internal, "internal")) };
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
        for number in 1..unit.levels.len() {
            if unit.levels[number].before.is_none() {
                self.store(StoreCall::Savepoint, &format!("savepoint {}", number - 1))?;
                unit.levels[number].before = Some(unit.written.clone());
            }
        }
        Ok(())
    }

    fn store(&mut self, call: StoreCall, entry: &str) -> Result<(), Failure> {
        match self.failing.iter().position(|failing| *failing == call) {
            Some(index) => {
                self.failing.remove(index);
                self.log.push(format!("{entry} fails"));
                Err(Failure::here(ErrorKind::Unavailable, "unavailable"))
            }
            None => {
                self.log.push(entry.to_owned());
                Ok(())
            }
        }
    }
}
