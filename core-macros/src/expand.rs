//! What the macros write.

mod event;
mod listener;

pub(crate) use self::{
    event::{Kind, expand_event},
    listener::expand_listener,
};
