//! The program as a person starts it: a process of its own, a real socket, a real file, real signals.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod client;
mod crashes;
mod events_command;
mod flow;
mod guide;
mod home;
mod mailbox;
mod pages;
mod purging;
mod raw;
mod refusals;
mod server;
#[path = "../../../../core-bridge-sqlx/tests/it/postgres/server.rs"]
mod server_of_postgres;
mod simultaneous;
mod starting;
mod stopping;
