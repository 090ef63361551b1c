//! Wirings by chance, the same ones each time.

use std::collections::BTreeMap;

use dullahan_core::{Event, phase::PhaseName};

use super::acting::{Doing, Hook, Inner, Outer, Work};

/// Numbers by chance, the same ones for the same seed.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below this one.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % limit
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// What listens to which event.
#[derive(Debug)]
pub(super) struct Plan(BTreeMap<&'static str, Vec<Planned>>);

/// One listener.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) phase: PhaseName,
    pub(super) priority: i32,
    pub(super) doing: Doing,
    /// What its condition says, if it has one.
    pub(super) holds: Option<bool>,
}

const PHASES: [PhaseName; 8] = [
    PhaseName::Before,
    PhaseName::Before,
    PhaseName::Before,
    PhaseName::Wrap,
    PhaseName::After,
    PhaseName::Observe,
    PhaseName::Committed,
    PhaseName::RolledBack,
];

impl Plan {
    pub(super) fn by(chance: &mut Chance) -> Self {
        let events = [Outer::NAME, Work::NAME, Inner::NAME, Hook::NAME];
        Self(events.into_iter().map(|event| (event, listeners(event, chance))).collect())
    }

    pub(super) fn of(&self, event: &str) -> &[Planned] {
        &self.0[event]
    }
}

fn listeners(event: &str, chance: &mut Chance) -> Vec<Planned> {
    let mut listeners: Vec<_> = (0..chance.below(8))
        .map(|_| Planned {
            phase: chance.one_of(&PHASES),
            priority: i32::try_from(chance.below(3)).unwrap(),
            doing: doing(event, chance),
            holds: chance.one_of(&[None, None, None, Some(true), Some(false)]),
        })
        .collect();
    let phase = PhaseName::Default;
    let default = Planned { phase, priority: 0, doing: doing(event, chance), holds: None };
    listeners.insert(chance.below(listeners.len() + 1), default);
    listeners
}

fn doing(event: &str, chance: &mut Chance) -> Doing {
    let dispatch = match event {
        Outer::NAME => Doing::Dispatch,
        Work::NAME => chance.one_of(&[Doing::Dispatch, Doing::DispatchAlone]),
        Inner::NAME => Doing::Dispatch,
        _ => Doing::Pause,
    };
    let put = match event {
        Work::NAME | Inner::NAME => Doing::Put,
        _ => Doing::Nothing,
    };
    let bad =
        chance.one_of(&[Doing::Fail, Doing::Panic, Doing::Reject, Doing::Prevent, Doing::Stop]);
    chance.one_of(&[
        Doing::Nothing,
        Doing::Nothing,
        Doing::Pause,
        dispatch,
        dispatch,
        dispatch,
        put,
        put,
        Doing::Replace,
        Doing::Respond,
        Doing::Stop,
        Doing::Compensate,
        bad,
        bad,
    ])
}
