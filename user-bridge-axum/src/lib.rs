#![doc = include_str!("../README.md")]

mod extract;
mod middleware;
mod respond;
mod router;

pub use self::{
    extract::{CurrentUser, OptionalUser, RecentlyAuthenticated},
    middleware::{refuse_forged, require_user},
    respond::ProblemResponse,
    router::router,
};
