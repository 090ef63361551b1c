#![doc = include_str!("../README.md")]

mod extract;
mod middleware;
mod request;
mod respond;
mod routes;

pub use self::{
    extract::{CurrentUser, OptionalUser, RecentlyAuthenticated, RequireRole},
    middleware::{refuse_forged, require_role, require_user},
    respond::ProblemError,
    routes::{configure, scope},
};
