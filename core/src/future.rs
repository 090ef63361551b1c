//! The future of a dyn-compatible trait.

use std::{any::Any, pin::Pin, task::Poll};

use crate::error::{Error, Result};

/// The future that a dyn-compatible port returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Calls a function and turns a panic in it into an error.
#[inline]
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(call).map_err(panicked)
}

/// Waits for what a port of somebody else's does, and turns a panic in it into an error.
pub(crate) async fn caught<'a, T>(call: impl FnOnce() -> BoxFuture<'a, Result<T>>) -> Result<T> {
    let mut future = catch(call)?;
    std::future::poll_fn(|context| {
        catch(|| future.as_mut().poll(context)).unwrap_or_else(|error| Poll::Ready(Err(error)))
    })
    .await
}

/// Calls a function and gives what a panic in it carried.
///
/// # Errors
///
/// When the function panics.
#[inline]
pub fn catch_unwind<T>(call: impl FnOnce() -> T) -> std::thread::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call))
}

/// The error that stands for a panic; what it said goes to the log and to nobody else.
#[cold]
fn panicked(payload: Box<dyn Any + Send>) -> Error {
    Error::internal(Panicked(said(&*payload)))
}

/// What a panic said.
pub fn said(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is no text".to_owned())
}

/// A listener or default action panicked.
#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
struct Panicked(String);
