//! What the programs have in common.

use dullahan_core::CoreBuilder;

/// Prints what was sealed, or why nothing was.
pub fn report(core: &mut CoreBuilder) {
    match core.build() {
        Ok(core) => {
            for event in core.describe().events {
                for listener in event.listeners {
                    println!("{} {} {}", listener.phase.as_str(), listener.name, listener.place);
                }
            }
        }
        Err(error) => println!("{error}"),
    }
}
