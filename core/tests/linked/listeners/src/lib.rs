//! Nothing but listeners, and an anchor to discover them from.

mod deep;

use dullahan_core::{builder::LinkAnchor, link_anchor, listener, Before, Result};
use linked_module::Greet;

/// The listeners of this crate.
pub const LISTENERS: LinkAnchor = link_anchor!();

#[listener(priority = 10)]
fn shallow(mut ev: Before<'_, Greet>) -> Result<()> {
    ev.name.push('!');
    Ok(())
}
