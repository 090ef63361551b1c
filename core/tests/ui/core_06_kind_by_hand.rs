//! Traits that disagree with the kind of an event: one that claims to be a process, and preventable.

use dullahan_core::{event::{EventKind, Preventable, Step}, Event, Process, Saga};

struct Transfer;

impl Event for Transfer {
    type Output = ();
    type Kind = EventKind;
    const NAME: &'static str = "Transfer";
}
impl Step for Transfer {}
impl Process for Transfer {}
impl Preventable for Transfer {}
impl Saga for Transfer {}

fn main() {}
