//! How the outside meets the module: as events, and over HTTP.

pub mod event;
pub mod http;
