//! The HTTP contract of `dullahan-user` without a framework.
//!
//! [`UserHttp`](dullahan_user::presentation::http::UserHttp) is a function from a request to a response.
//! `src/bin/serve.rs` puts it under plain hyper; `src/bin/cgi.rs` calls it once and ends.

mod application;
mod cgi;
mod server;

pub use self::{application::Application, cgi::answer, server::serve};
