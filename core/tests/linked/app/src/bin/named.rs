//! Names the crate of listeners, and nothing in it.

use dullahan_core::Core;
use linked_app::report;
use linked_listeners as _;
use linked_module::greetings;

fn main() {
    report(Core::builder().module(greetings).discover_in("linked_listeners"));
}
