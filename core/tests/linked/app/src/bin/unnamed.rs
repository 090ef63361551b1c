//! Depends on the crate of listeners and never names it.

use dullahan_core::Core;
use linked_app::report;
use linked_module::greetings;

fn main() {
    report(Core::builder().module(greetings).discover());
    report(Core::builder().module(greetings).discover_in("linked_listeners"));
}
