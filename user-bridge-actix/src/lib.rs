#![doc = include_str!("../README.md")]

mod convert;
mod extract;
mod middleware;
mod respond;
mod routes;

pub use self::{
    extract::{CurrentUser, OptionalUser, RecentlyAuthenticated},
    middleware::{refuse_forged, require_user},
    respond::ProblemError,
    routes::{configure, scope},
};
