//! A random wiring, as data.

use std::ops::Range;

use dullahan_core::ErrorKind;
use proptest::{
    bool::weighted,
    collection::vec,
    option,
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
    strategy::BoxedStrategy,
};

use crate::support::StoreCall;

/// The number of events; their kinds are fixed. What is neither a saga nor a process is a plain event.
pub(super) const EVENTS: usize = 7;

pub(super) fn is_saga(event: usize) -> bool {
    matches!(event, 0 | 2)
}

pub(super) fn is_process(event: usize) -> bool {
    matches!(event, 1 | 3 | 5)
}

/// One of the plain events only checks.
pub(super) fn gathers(event: usize) -> bool {
    event == 4
}

/// Who listens to which event and does what, and what is dispatched.
#[derive(Debug, Clone)]
pub(super) struct Wiring {
    pub(super) events: Vec<Listeners>,
    /// The event that is dispatched from outside.
    pub(super) first: usize,
    /// The calls that the store fails once each.
    pub(super) failing: Vec<StoreCall>,
}

/// What runs on one event, in the order of registration.
#[derive(Debug, Clone)]
pub(super) struct Listeners {
    pub(super) before: Vec<Script>,
    pub(super) wrap: Vec<(Script, Next)>,
    pub(super) default: Script,
    pub(super) after: Vec<Script>,
    pub(super) observe: Vec<Script>,
    pub(super) committed: Vec<Script>,
    pub(super) rolled_back: Vec<Script>,
}

/// What one listener does.
#[derive(Debug, Clone)]
pub(super) struct Script {
    /// Unlike all others.
    pub(super) id: usize,
    pub(super) priority: i32,
    /// Whether it is an async listener; one that has to wait is, anyway.
    pub(super) is_async: bool,
    /// It runs while the number that is remembered in the context is odd, or even.
    pub(super) when_odd: Option<bool>,
    pub(super) acts: Vec<Act>,
    pub(super) end: End,
}

/// One thing that a listener does.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Adds to the event's value; after the default, to the output.
    Add(i64),
    Prevent,
    Respond(i64),
    Reject,
    Stop,
    /// Counts the number in the context up.
    Remember,
    /// Writes a key of its own.
    Put,
    Dispatch {
        event: usize,
        in_savepoint: bool,
        swallow: bool,
    },
    /// Leaves a step that takes something back.
    Compensate {
        event: usize,
    },
    Pause,
}

/// How a listener ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Well,
    Error(ErrorKind),
    Panic,
}

/// What a wrap does with what it wraps.
#[derive(Debug, Clone, Copy)]
pub(super) enum Next {
    Never(i64),
    Once,
    Twice,
    Retry,
    Recover(i64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    Before,
    Around,
    After,
    /// Whatever runs once the outcome is known.
    Settled,
}

pub(super) fn wirings() -> impl Strategy<Value = Wiring> {
    let events: Vec<_> = (0..EVENTS).map(listeners).collect();
    let failing = prop_oneof![
        Just(StoreCall::Begin),
        Just(StoreCall::Put),
        Just(StoreCall::Commit),
        Just(StoreCall::Rollback),
        Just(StoreCall::Savepoint),
        Just(StoreCall::ReleaseSavepoint),
    ];
    // Early events have more inside of them.
    let first = prop_oneof![4 => Just(0), 4 => Just(1), 1 => Just(2), 1 => 3..EVENTS];
    (events, first, vec(failing, 0..=1)).prop_map(|(mut events, first, failing)| {
        let mut ids = 0..;
        for listeners in &mut events {
            listeners.limit_children();
            for (script, id) in listeners.scripts().into_iter().zip(&mut ids) {
                script.id = id;
            }
        }
        Wiring { events, first, failing }
    })
}

fn listeners(event: usize) -> impl Strategy<Value = Listeners> {
    let scripts = |phase, number: Range<usize>| vec(script(event, phase), number);
    (
        scripts(Phase::Before, 0..5),
        vec((script(event, Phase::Around), next()), 0..3),
        script(event, Phase::Around),
        scripts(Phase::After, 0..4),
        scripts(Phase::Settled, 0..3),
        scripts(Phase::Settled, 0..3),
        scripts(Phase::Settled, 0..3),
    )
        .prop_map(|(before, wrap, default, after, observe, committed, rolled_back)| {
            Listeners { before, wrap, default, after, observe, committed, rolled_back }
        })
}

fn next() -> impl Strategy<Value = Next> {
    prop_oneof![
        1 => (0_i64..9).prop_map(Next::Never),
        4 => Just(Next::Once),
        1 => Just(Next::Twice),
        2 => Just(Next::Retry),
        2 => (0_i64..9).prop_map(Next::Recover),
    ]
}

fn script(event: usize, phase: Phase) -> impl Strategy<Value = Script> {
    let invalid = if gathers(event) { 4 } else { 1 };
    let end = prop_oneof![
        16 => Just(End::Well),
        1 => Just(End::Error(ErrorKind::Conflict)),
        invalid => Just(End::Error(ErrorKind::Invalid)),
        1 => Just(End::Panic),
    ];
    let acts = vec(act(event, phase), 0..4);
    let when_odd = option::weighted(0.2, any::<bool>());
    (-1..=1, any::<bool>(), when_odd, acts, end).prop_map(
        |(priority, is_async, when_odd, acts, end)| Script {
            id: 0,
            priority,
            is_async,
            when_odd,
            acts,
            end,
        },
    )
}

fn act(event: usize, phase: Phase) -> BoxedStrategy<Act> {
    let mut acts = vec![(4, Just(Act::Remember).boxed()), (2, Just(Act::Pause).boxed())];
    acts.push((6, Just(Act::Put).boxed()));
    if event + 1 < EVENTS {
        let dispatch = (event + 1..EVENTS, any::<bool>(), weighted(0.7));
        let dispatch = dispatch.prop_map(|(event, in_savepoint, swallow)| Act::Dispatch {
            event,
            in_savepoint,
            swallow,
        });
        acts.push((8, dispatch.boxed()));
        let steps: Vec<_> = (event + 1..EVENTS).filter(|event| !is_saga(*event)).collect();
        let compensate = select(steps).prop_map(|event| Act::Compensate { event });
        acts.push((3, compensate.boxed()));
    }
    if matches!(phase, Phase::Before | Phase::Around | Phase::After) {
        acts.push((5, (1_i64..9).prop_map(Act::Add).boxed()));
    }
    if phase == Phase::Before {
        acts.push((1, Just(Act::Prevent).boxed()));
        acts.push((2, (10_i64..19).prop_map(Act::Respond).boxed()));
        acts.push((if gathers(event) { 6 } else { 1 }, Just(Act::Reject).boxed()));
    }
    if matches!(phase, Phase::Before | Phase::After) {
        acts.push((1, Just(Act::Stop).boxed()));
    }
    proptest::strategy::Union::new_weighted(acts).boxed()
}

impl Listeners {
    fn scripts(&mut self) -> Vec<&mut Script> {
        let wraps = self.wrap.iter_mut().map(|(script, _)| script);
        let settled = self.committed.iter_mut().chain(&mut self.rolled_back);
        (self.before.iter_mut())
            .chain(wraps)
            .chain([&mut self.default])
            .chain(&mut self.after)
            .chain(&mut self.observe)
            .chain(settled)
            .collect()
    }

    /// Keeps the number of dispatches within reason: a few for each event.
    fn limit_children(&mut self) {
        let mut left = 4_usize;
        for script in self.scripts() {
            script.acts.retain(|act| match act {
                Act::Dispatch { .. } | Act::Compensate { .. } => {
                    let keep = left > 0;
                    left = left.saturating_sub(1);
                    keep
                }
                _ => true,
            });
        }
    }
}

impl Script {
    /// Whether it can be a sync listener.
    pub(super) fn is_sync(&self) -> bool {
        let waits = |act: &Act| matches!(act, Act::Put | Act::Dispatch { .. } | Act::Pause);
        !self.is_async && !self.acts.iter().any(waits)
    }
}
