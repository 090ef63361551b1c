//! Names the anchor of the crate of listeners.

use dullahan_core::Core;
use linked_app::report;
use linked_listeners::LISTENERS;
use linked_module::greetings;

fn main() {
    report(Core::builder().module(greetings).discover_from(LISTENERS));
}
