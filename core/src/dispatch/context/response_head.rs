//! The head of the response in the making.

use std::cell::RefCell;

use http::{HeaderMap, StatusCode};
use parking_lot::ReentrantMutex;

/// The head of the response in the making: what a listener wants to add to the bridge's own.
///
/// Without HTTP, in a job say, nobody reads it.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct ResponseHead {
    /// The status, where a listener wants another than the contract's.
    pub status: Option<StatusCode>,
    /// Headers to add, cookies among them.
    pub headers: HeaderMap,
}

/// A value that listeners change by functions of their own, one at a time.
#[derive(Default)]
pub(crate) struct Changing<T>(ReentrantMutex<RefCell<T>>);

impl<T> Changing<T> {
    /// Changes it.
    ///
    /// # Panics
    ///
    /// When a change of it is under way on this thread: that one has the exclusive reference.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let value = self.0.lock();
        let mut value = value.try_borrow_mut().expect(
            "`Context::response` was called inside of `Context::response`; use the head that the outer one gave",
        );
        change(&mut value)
    }
}

/// What a unit of work, or a savepoint in one, makes of the head of the response.
pub(crate) struct Draft {
    /// The head that it began with.
    before: ResponseHead,
    /// The head that it leaves if it is kept.
    pub(crate) now: ResponseHead,
}

impl Draft {
    pub(crate) fn of(before: ResponseHead) -> Self {
        Self { now: before.clone(), before }
    }

    /// Makes the same changes to a head that may have changed meanwhile.
    pub(crate) fn apply_to(&self, head: &mut ResponseHead) {
        if self.now.status != self.before.status {
            head.status = self.now.status;
        }
        let removed =
            self.before.headers.keys().filter(|name| !self.now.headers.contains_key(*name));
        for name in self.now.headers.keys().chain(removed) {
            let before: Vec<_> = self.before.headers.get_all(name).iter().collect();
            let now: Vec<_> = self.now.headers.get_all(name).iter().collect();
            let added = now.strip_prefix(before.as_slice()).unwrap_or_else(|| {
                head.headers.remove(name);
                &now
            });
            for value in added {
                head.headers.append(name.clone(), (*value).clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, StatusCode, header};

    use super::{Draft, ResponseHead};

    fn cookies(head: &ResponseHead) -> Vec<&HeaderValue> {
        head.headers.get_all(header::SET_COOKIE).iter().collect()
    }

    fn append(head: &mut ResponseHead, cookie: &'static str) {
        head.headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
    }

    #[test]
    fn two_drafts_of_one_head_are_both_kept() {
        let mut head = ResponseHead::default();
        append(&mut head, "before");
        head.headers.insert(header::VARY, HeaderValue::from_static("*"));
        head.headers.insert(header::AGE, HeaderValue::from_static("1"));
        let (mut one, mut two) = (Draft::of(head.clone()), Draft::of(head.clone()));
        append(&mut one.now, "one");
        one.now.headers.remove(header::VARY);
        append(&mut two.now, "two");
        two.now.status = Some(StatusCode::CREATED);
        two.now.headers.insert(header::AGE, HeaderValue::from_static("2"));

        one.apply_to(&mut head);
        two.apply_to(&mut head);

        assert_eq!(cookies(&head), ["before", "one", "two"]);
        assert_eq!(head.status, Some(StatusCode::CREATED));
        assert!(!head.headers.contains_key(header::VARY));
        assert_eq!(head.headers.get_all(header::AGE).iter().collect::<Vec<_>>(), ["2"]);
    }
}
