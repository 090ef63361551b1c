//! Look-ups at a server of the test's own, over a real socket.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod lookup;
mod server;
