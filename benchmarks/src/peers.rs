//! Other libraries, each with listeners that do the same work as ours, called in the way that its own
//! documentation shows.
//!
//! None of them has a default action, so each calls one function fewer than the limit and we do.

mod bevy;
mod event_bus;
mod hey_listen;
mod jaeb;
mod mod_events;

pub use self::{
    bevy::bevy,
    event_bus::{EventBus, event_bus},
    hey_listen::hey_listen,
    jaeb::jaeb,
    mod_events::{ModEvents, mod_events},
};
