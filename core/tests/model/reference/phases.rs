//! What the rules say of the phases that may fail: before, default, after.

use dullahan_core::ErrorKind;

use super::{Frame, Phase, Reference, at, end_of, unit::Unit};
use crate::{
    failure::Failure,
    wiring::{Next, Script, gathers},
};

impl Reference<'_> {
    /// Before, default and after, which may fail.
    pub(super) fn phases(
        &mut self,
        frame: &mut Frame,
        unit: &mut Option<&mut Unit>,
    ) -> Result<(), Failure> {
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
            return Err(Failure::nowhere(ErrorKind::Internal, "step_unhandled"));
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
    pub(super) fn perform(
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
                return given.ok_or(Failure::nowhere(ErrorKind::Internal, "step_unhandled"));
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
        let mut inner =
            || self.in_savepoint(unit, |reference, unit| reference.perform(wrap + 1, frame, unit));
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
}

pub(super) fn by_priority<T>(listeners: &[T], script: impl Fn(&T) -> &Script) -> Vec<&T> {
    let mut sorted: Vec<_> = listeners.iter().collect();
    sorted.sort_by_key(|listener| -script(listener).priority);
    sorted
}
