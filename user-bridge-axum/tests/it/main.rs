//! The user module over a real socket and a real file: its security cases, each with its ID in the name.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod activation;
mod edge;
mod events;
mod failure;
mod forgery;
mod leaving;
mod login;
mod mounting;
mod own_routes;
mod parity;
mod passwords;
mod registration;
mod server;
mod sessions;
mod support;
mod unhandled;
