//! The function under plain hyper, and behind a web server as one process a request.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod cgi;
mod files;
mod hyper;
