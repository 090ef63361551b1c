//! The user module over a real socket and a real file: its security cases, each with its ID in the name.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod account;
mod activation;
mod address_change;
mod audit;
mod behind_nginx;
mod bodies;
mod breached_passwords;
mod busy;
mod closing;
mod completing;
mod customizing;
mod edge;
mod events;
mod every_route;
mod failure;
mod forgery;
mod forgotten_password;
mod leaving;
mod login;
mod mailboxes;
mod mounting;
mod overtaken;
mod own_routes;
mod own_sessions;
mod parity;
mod password_change;
mod passwords;
mod pre_hijacking;
mod readme;
mod reauthentication;
mod registration;
mod removal;
mod resend;
mod retention;
mod roles;
mod server;
mod sessions;
mod support;
mod throttling;
mod unhandled;
