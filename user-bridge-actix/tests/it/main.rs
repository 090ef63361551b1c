//! The user module over a real socket and a real file, on actix-web: the cases of every bridge.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod server;

#[path = "../../../user-bridge-axum/tests/it"]
mod cases {
    mod account;
    mod activation;
    mod address_change;
    mod audit;
    mod behind_nginx;
    mod bodies;
    mod breached_passwords;
    mod busy;
    mod client_addresses;
    mod clocks;
    mod closing;
    mod completing;
    mod customizing;
    mod edge;
    mod events;
    mod every_route;
    mod failover;
    mod failure;
    mod files;
    mod forgery;
    mod forgotten_password;
    mod given_back;
    mod known_devices;
    mod leaving;
    mod login;
    mod look_ups;
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
    mod sessions;
    pub(crate) mod support;
    mod throttling;
    mod unhandled;
}

pub(crate) use self::cases::support;

#[test]
fn every_case_of_the_other_bridge_is_run_here_too() {
    let own = include_str!("main.rs");
    let modules = include_str!("../../../user-bridge-axum/tests/it/main.rs").lines();
    for module in modules.filter(|line| line.starts_with("mod ")) {
        assert!(own.contains(module), "`{module}` is missing");
    }
}
