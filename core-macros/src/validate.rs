//! Whether an attribute stands on something that it can work with.

mod event;
mod listener;

pub(crate) use self::{
    event::check_event,
    listener::{ListensTo, check_listener},
};
