//! Whether a bridge does what the contract does: one table of requests, asked of both.
//!
//! The table is made from [`UserHttp::routes`](crate::presentation::http::UserHttp::routes) and the examples of
//! [`UserHttp::openapi`](crate::presentation::http::UserHttp::openapi), so a new route is in
//! it at once. A bridge's test asks the function itself and a server of its own, each over a store of its own,
//! and compares what came of it:
//!
//! ```ignore
//! let expected = Transcript::of_function(&stage().await).await;
//! let stage = stage().await;
//! let address = serve_with_my_framework(stage.users().clone(), "/prefix").await;
//! let found = Transcript::over_socket(&stage, address, "/prefix").await;
//! found.assert_same(&expected);
//! ```
//!
//! [`UserHttp::routes`]: crate::presentation::http::UserHttp::routes
//! [`UserHttp::openapi`]: crate::presentation::http::UserHttp::openapi

mod answer;
mod aspect;
mod exchange;
mod mask;
mod person;
mod request;
mod scene;
mod stage;
mod table;
mod transcript;

pub use self::{stage::Stage, transcript::Transcript};
