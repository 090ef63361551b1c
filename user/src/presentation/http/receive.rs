//! The body of a request, as it comes in: within its size and its time.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use bytes::{Buf, Bytes};
use http::{HeaderMap, Method, header, request::Parts};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::Problem;

/// Reads a body within the limit, where the method is one that has a body.
pub(super) async fn receive<B>(
    head: Option<&Parts>,
    body: B,
    limit: usize,
) -> Result<Bytes, Problem>
where
    B: Body<Data: Buf, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let Some(head) = head.filter(|head| has_body(&head.method)) else { return Ok(Bytes::new()) };
    // One that says that it is larger is not asked for: its client may wait for `100 Continue`.
    if says_more_than(limit, &head.headers) {
        return Err(Problem::too_large(limit));
    }
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::too_large(limit)),
        Err(_) => Err(Problem::unreadable()),
    }
}

/// Whether a request of this method has a body that matters.
pub(super) fn has_body(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether the client announces more than this.
fn says_more_than(limit: usize, headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.is_some_and(|length| length.parse::<usize>().map_or(true, |length| length > limit))
}

/// What the work comes to, unless it takes longer than this; then it is dropped where it stands.
///
/// The timer is made only for work that has to wait.
pub(super) async fn within<W: Future, T: Future<Output = ()>>(
    limit: Duration,
    timer: impl FnOnce(Duration) -> T,
    work: W,
) -> Option<W::Output> {
    let mut work = pin!(work);
    let mut expired = pin!(async move { timer(limit).await });
    poll_fn(|context| {
        if let Poll::Ready(output) = work.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        expired.as_mut().poll(context).map(|()| None)
    })
    .await
}
