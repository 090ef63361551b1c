//! What the rules say of listeners whose failure changes nothing.

use super::phases::by_priority;
use super::{Frame, Parent, Phase, Reference, end_of, unit::Unit};
use crate::{failure::Failure, wiring::Script};

impl Reference<'_> {
    /// The observers. Inside of a unit of work each has a savepoint of its own.
    pub(super) fn observe(
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
        for script in by_priority(&self.listeners(frame.event).observe, |script| script) {
            let facts = format!("observe {} v{} {outcome}", end_of(&frame.chain), frame.value);
            self.isolated(script, facts, (frame.event, frame.value), frame.as_parent(), unit);
        }
    }

    pub(super) fn settle(
        &mut self,
        event: usize,
        value: i64,
        output: Option<i64>,
        result: &Result<(), Failure>,
        parent: Parent<'_>,
    ) {
        match (result, output) {
            (Ok(()), Some(output)) => {
                for script in by_priority(&self.listeners(event).committed, |script| script) {
                    let facts = format!("committed v{value} o{output}");
                    self.isolated(script, facts, (event, value), parent, &mut None);
                }
            }
            (Ok(()), None) => {}
            (Err(failure), _) => {
                for script in by_priority(&self.listeners(event).rolled_back, |script| script) {
                    let facts = format!("rolled back v{value} {}", failure.code);
                    self.isolated(script, facts, (event, value), parent, &mut None);
                }
            }
        }
    }

    /// A listener whose failure changes nothing.
    pub(super) fn isolated(
        &mut self,
        script: &Script,
        facts: String,
        (event, value): (usize, i64),
        parent: Parent<'_>,
        unit: &mut Option<&mut Unit>,
    ) {
        if self.applies(script) {
            let mut frame = Frame::new(event, value, parent);
            drop(self.in_savepoint(unit, |reference, unit| {
                reference.act(script, facts, Phase::Inside, &mut frame, unit)
            }));
        }
    }
}
