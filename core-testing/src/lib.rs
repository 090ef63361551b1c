#![cfg_attr(not(doctest), doc = include_str!("../docs/testing.md"))]

mod attempt;
mod drive;
mod fail_at_each_step;
mod fakes;
mod injector;
mod memory_store;
mod pause;
mod recorder;
mod watched_work;

pub use self::{
    attempt::Attempt,
    fail_at_each_step::{StepsTried, fail_at_each_step},
    fakes::{Fakes, FakesBuilder},
    injector::TriedStep,
    memory_store::{MemoryStore, StoreCall, Texts},
    recorder::{Recorded, RecordedEnding, Recorder},
};
