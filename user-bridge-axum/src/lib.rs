#![doc = include_str!("../README.md")]

mod extract;
mod middleware;
mod respond;
mod router;
mod server;
mod signals;

pub use self::{
    extract::{CurrentUser, OptionalUser, RecentlyAuthenticated, RequireRole},
    middleware::{refuse_forged, require_role, require_user},
    respond::ProblemResponse,
    router::router,
    server::{Server, serve},
};
