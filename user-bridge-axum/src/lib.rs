#![doc = include_str!("../README.md")]

mod client_address;
mod current_user;
mod respond;
mod routes;

pub use self::{current_user::CurrentUser, respond::ProblemResponse, routes::router};
