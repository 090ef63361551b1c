//! The trace while it is collected.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Fate, Trace, TracedDispatch, TracedListener};
use crate::{
    describe::EventDescription,
    error::{Error, Result},
    phase_name::PhaseName,
};

/// The trace of one context while it is collected: a flat list, so that a dispatch that is dropped leaves
/// what was known of it.
#[derive(Debug, Default)]
pub(crate) struct TraceLog {
    nodes: Mutex<Vec<Node>>,
}

#[derive(Debug)]
struct Node {
    parent: Option<usize>,
    began: Instant,
    dispatch: TracedDispatch,
    /// Who ended which phase.
    stopped: Vec<(PhaseName, String)>,
}

/// One dispatch in a log.
#[derive(Clone, Copy)]
pub(crate) struct TraceNode<'a> {
    log: &'a TraceLog,
    id: usize,
}

impl TraceLog {
    /// Notes that a dispatch begins.
    pub(crate) fn begin(
        &self,
        parent: Option<TraceNode<'_>>,
        event: &EventDescription,
    ) -> TraceNode<'_> {
        let listeners = event.listeners.iter().map(|listener| TracedListener {
            name: listener.name.clone(),
            phase: listener.phase,
            fate: Fate::NotReached,
            calls: 0,
            took: Duration::ZERO,
        });
        let dispatch = TracedDispatch {
            event: event.name,
            kind: event.kind,
            listeners: listeners.collect(),
            prevented_by: None,
            default_runs: 0,
            outcome: "cancelled".into(),
            took: Duration::ZERO,
            children: Vec::new(),
        };
        let parent = parent.map(|parent| parent.id);
        let began = Instant::now();
        let mut nodes = self.nodes.lock();
        nodes.push(Node { parent, began, dispatch, stopped: Vec::new() });
        TraceNode { log: self, id: nodes.len() - 1 }
    }

    /// The dispatch that was noted under this number.
    pub(crate) fn node(&self, id: usize) -> TraceNode<'_> {
        TraceNode { log: self, id }
    }

    /// The tree of everything that was noted so far.
    pub(crate) fn collect(&self) -> Trace {
        let nodes = self.nodes.lock();
        let mut dispatches: Vec<_> = nodes.iter().map(Node::explained).collect();
        let mut roots = Vec::new();
        // A child is noted after its parent, so going backwards finds each one with its children complete.
        for (index, node) in nodes.iter().enumerate().rev() {
            let dispatch = dispatches.pop();
            let siblings = match node.parent {
                Some(parent) if parent < index => &mut dispatches[parent].children,
                _ => &mut roots,
            };
            siblings.extend(dispatch);
        }
        roots.reverse();
        roots.iter_mut().for_each(put_children_in_order);
        Trace { dispatches: roots }
    }
}

/// Children were found last first.
fn put_children_in_order(dispatch: &mut TracedDispatch) {
    dispatch.children.reverse();
    dispatch.children.iter_mut().for_each(put_children_in_order);
}

impl Node {
    /// The dispatch, with a reason for each listener that was not called.
    fn explained(&self) -> TracedDispatch {
        let mut dispatch = self.dispatch.clone();
        let is_answer =
            |one: &TracedListener| one.phase == PhaseName::Wrap && one.fate == Fate::Ran;
        let is_answered = dispatch.listeners.iter().any(is_answer);
        for listener in &mut dispatch.listeners {
            if listener.fate != Fate::NotReached {
                continue;
            }
            let stopped_by = self.stopped.iter().find(|(phase, _)| *phase == listener.phase);
            listener.fate = match (listener.phase, stopped_by, &self.dispatch.prevented_by) {
                (PhaseName::Committed | PhaseName::RolledBack, _, _) => Fate::NotSettled,
                (_, Some((_, by)), _) => Fate::StoppedBy(by.clone()),
                (PhaseName::Wrap | PhaseName::Default, _, Some(by)) => {
                    Fate::PreventedBy(by.clone())
                }
                (PhaseName::Wrap | PhaseName::Default, _, _) if is_answered => Fate::WrappedAway,
                _ => Fate::NotReached,
            };
        }
        dispatch
    }
}

impl TraceNode<'_> {
    /// Its number in the log.
    pub(crate) fn id(self) -> usize {
        self.id
    }

    fn change<T>(self, change: impl FnOnce(&mut Node) -> T) -> T {
        change(&mut self.log.nodes.lock()[self.id])
    }

    /// Notes that a listener is called; as long as nothing else is noted, its future may have been dropped.
    pub(crate) fn called(self, listener: usize) {
        self.change(|node| {
            let listener = &mut node.dispatch.listeners[listener];
            listener.calls += 1;
            listener.fate = Fate::Cancelled;
            if listener.phase == PhaseName::Default {
                node.dispatch.default_runs += 1;
            }
        });
    }

    /// Notes what came of calling a listener.
    pub(crate) fn returned<T>(self, listener: usize, result: Result<&T, &Error>, took: Duration) {
        self.change(|node| {
            let listener = &mut node.dispatch.listeners[listener];
            listener.took += took;
            listener.fate = match result {
                Ok(_) => Fate::Ran,
                Err(error) => Fate::Failed(error.code().to_owned()),
            };
        });
    }

    /// Notes that a listener failed before it was called.
    pub(crate) fn failed(self, listener: usize, error: &Error) {
        self.called(listener);
        self.returned(listener, Err::<&(), _>(error), Duration::ZERO);
    }

    /// Notes that the condition of a listener did not hold; one that a retry had reached before was called.
    pub(crate) fn did_not_apply(self, listener: usize) {
        self.change(|node| {
            let listener = &mut node.dispatch.listeners[listener];
            if listener.calls == 0 {
                listener.fate = Fate::ConditionFalse;
            }
        });
    }

    /// Notes that a listener ended its phase.
    pub(crate) fn stopped(self, phase: PhaseName, by: &str) {
        self.change(|node| node.stopped.push((phase, by.to_owned())));
    }

    /// Notes that a listener has prevented the default.
    pub(crate) fn prevented(self, by: &str) {
        self.change(|node| {
            node.dispatch.prevented_by.get_or_insert_with(|| by.to_owned());
        });
    }

    /// Notes the outcome.
    pub(crate) fn ended(self, outcome: Result<&'static str, &Error>) {
        self.change(|node| {
            node.dispatch.took = node.began.elapsed();
            node.dispatch.outcome = match outcome {
                Ok(outcome) => outcome.into(),
                Err(error) => error.code().to_owned().into(),
            };
        });
    }
}
