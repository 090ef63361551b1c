//! The future of a dyn-compatible trait.

use std::{pin::Pin, task::Poll};

use crate::error::{Error, Result};

/// The future that a dyn-compatible port returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs a future and turns a panic in it into an error.
///
/// What the future borrowed may be left half done; the dispatch that asked throws it away.
pub(crate) async fn catch_panic<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| match catch(|| future.as_mut().poll(context)) {
        Ok(poll) => poll,
        Err(error) => Poll::Ready(Err(error)),
    })
    .await
}

/// Calls a function and turns a panic in it into an error.
#[inline]
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).map_err(panicked)
}

/// The error that stands for a panic; what it said goes to the log and to nobody else.
#[cold]
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Error {
    let said = payload
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is no text".to_owned());
    Error::internal(Panicked(said))
}

/// A listener or default action panicked.
#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
struct Panicked(String);
