//! What the tests have in common.

pub(crate) mod app;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod database;
pub(crate) mod every_event;
pub(crate) mod hasher;
pub(crate) mod log;
pub(crate) mod mailer;
pub(crate) mod mount;
pub(crate) mod sabotage;

pub(crate) use self::{
    app::App,
    client::{Answer, Client, Send},
};

/// A password that is good enough.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The usual user.
pub(crate) const ALICE: &str = "alice@x.test";
