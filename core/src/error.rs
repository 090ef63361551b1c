//! The one error of a dispatch: closed classification, open detail, nothing internal for a client.

mod kind;
mod not_handled;
mod shown;
mod standard;
mod violation;

use std::{borrow::Cow, error::Error as StdError, sync::Arc, time::Duration};

pub use self::{kind::ErrorKind, standard::ErrorSource, violation::Violation};
use self::{
    not_handled::NotHandled,
    standard::{Standard, Text},
};

/// What a listener, a default action or a dispatch returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure on its way from a listener to whoever asked for the saga.
///
/// Two audiences, kept apart:
///
/// - a **client** sees [`kind`](Self::kind), [`code`](Self::code), [`message`](Self::message) and
///   [`violations`](Self::violations), which are written for it;
/// - the **log** also sees [`source`](Self::source), the [`listener`](Self::listener) that failed and the
///   [`chain`](Self::chain) of events that led there.
///
/// Any standard error becomes an [`Internal`](ErrorKind::Internal) one through `?`, so that an unforeseen failure
/// tells a client nothing:
///
/// ```
/// use dullahan_core::{Error, ErrorKind};
///
/// fn parse() -> dullahan_core::Result<u32> {
///     Ok("seven".parse::<u32>()?)
/// }
///
/// let error = parse().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Internal);
/// assert_eq!(error.message(), "an internal error occurred");
/// ```
///
/// For that to work it does not implement [`std::error::Error`] itself, as two such conversions would overlap;
/// it converts into a `Box<dyn std::error::Error>` where one is asked for. [`from_boxed`](Self::from_boxed) is the
/// way back. It loses nothing, and neither does `?` on an error that has an `Error` among its causes: what that one
/// says to a client still holds.
///
/// One pointer wide, so that the path without a failure stays cheap. A clone shares the source.
#[derive(Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
    is_retryable: bool,
    /// Set by [`Error::rejection`], for good.
    is_rejection: bool,
    /// Whether the process that fails with it has done nothing, by its own account.
    nothing_done: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    origin: Option<Origin>,
}

/// Where in the wiring an error arose.
#[derive(Clone)]
struct Origin {
    /// `None` where no listener did it, but that there was none.
    listener: Option<String>,
    chain: Vec<&'static str>,
}

impl Error {
    /// An error of this kind with the kind's own code and message.
    pub fn new(kind: ErrorKind) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                code: Cow::Borrowed(kind.default_code()),
                message: Cow::Borrowed(kind.default_message()),
                violations: Vec::new(),
                retry_after: None,
                is_retryable: false,
                is_rejection: false,
                nothing_done: false,
                source: None,
                origin: None,
            }),
        }
    }

    /// The request's content is not acceptable.
    pub fn invalid(violations: impl IntoIterator<Item = Violation>) -> Self {
        let mut error = Self::new(ErrorKind::Invalid);
        error.inner.violations.extend(violations);
        error
    }

    /// An unforeseen failure; `source` goes to the log and to nobody else.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Internal).with_source(source)
    }

    /// A part that is needed does not answer; `source` goes to the log and to nobody else.
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Unavailable).with_source(source)
    }

    /// The store ended a unit of work for the sake of another one: a deadlock, a failure to serialise. It is
    /// [unavailable](Self::unavailable) and [retryable](Self::retryable). `source` goes to the log and to nobody else.
    pub fn transient(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::unavailable(source).retryable()
    }

    /// A process says no before it has done anything: the account is overdrawn, the seat is taken.
    ///
    /// Inside of another process it does not doom that one: the unit of work around it can still be committed, once the
    /// caller has taken the error for an answer. Beyond that caller it is an error like any other. Of which type `source`
    /// is, [`downcast_ref`](Self::downcast_ref) tells the caller; a client sees the kind, the code and the message alone.
    ///
    /// A listener before the default vetoes with it, for a reason of its own; [`listener`](Self::listener) says who did.
    ///
    /// ```
    /// use dullahan_core::{DefaultAction, Error, ErrorKind, Process, Result};
    ///
    /// #[derive(Debug, thiserror::Error)]
    /// #[error("only {left} left")]
    /// struct Overdrawn {
    ///     left: u64,
    /// }
    ///
    /// #[derive(Process)]
    /// struct WithdrawProcess {
    ///     amount: u64,
    /// }
    ///
    /// #[derive(Process)]
    /// #[event(output = bool)]
    /// struct PayProcess;
    ///
    /// fn withdraw(ev: DefaultAction<'_, WithdrawProcess>) -> Result<()> {
    ///     if ev.amount > 100 {
    ///         return Err(Error::rejection(ErrorKind::Conflict, Overdrawn { left: 100 }));
    ///     }
    ///     Ok(())
    /// }
    ///
    /// async fn pay(mut ev: DefaultAction<'_, PayProcess>) -> Result<bool> {
    ///     match ev.dispatch(WithdrawProcess { amount: 120 }).await {
    ///         Ok(()) => Ok(true),
    ///         Err(error) if error.downcast_ref::<Overdrawn>().is_some() => Ok(false), // and commits
    ///         Err(error) => Err(error),
    ///     }
    /// }
    /// ```
    pub fn rejection(kind: ErrorKind, source: impl StdError + Send + Sync + 'static) -> Self {
        let mut error = Self::new(kind).with_source(source);
        error.inner.is_rejection = true;
        error.inner.nothing_done = true;
        error
    }

    /// Whether it was made by [`rejection`](Self::rejection).
    pub fn is_rejection(&self) -> bool {
        self.inner.is_rejection
    }

    /// Says that the same unit of work, run again at once, may succeed, whatever the kind of the error is: a
    /// [repeatable](crate::Event::REPEAT) process is.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.inner.is_retryable = true;
        self
    }

    /// Whether the same unit of work, run again at once, may succeed.
    pub fn is_retryable(&self) -> bool {
        self.inner.is_retryable
    }

    /// Whether the process that fails with it has done nothing.
    pub(crate) fn has_done_nothing(&self) -> bool {
        self.inner.nothing_done
    }

    /// The same error beyond the process in which it arose.
    pub(crate) fn beyond_its_process(mut self) -> Self {
        self.inner.nothing_done = false;
        self
    }

    /// What a boxed error stands for: the very `Error` that was boxed, or what `?` makes of a standard error.
    ///
    /// `?` alone does not convert a box, since `Box<dyn std::error::Error>` is no [`std::error::Error`] itself. This
    /// takes whatever converts into a `Box<dyn std::error::Error + Send + Sync>`, such as an `anyhow::Error`.
    ///
    /// ```
    /// use dullahan_core::{Error, ErrorKind, Result};
    ///
    /// fn charge() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    ///     Err(Error::new(ErrorKind::Conflict).with_code("already_paid").into())
    /// }
    ///
    /// fn pay() -> Result<()> {
    ///     charge().map_err(Error::from_boxed)?;
    ///     Ok(())
    /// }
    ///
    /// assert_eq!(pay().unwrap_err().code(), "already_paid");
    /// ```
    pub fn from_boxed(boxed: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        match boxed.into().downcast::<Standard>() {
            Ok(standard) => standard.0,
            Err(other) => Self::caused_by(other),
        }
    }

    /// [`from_boxed`](Self::from_boxed) for a box that cannot be sent to another thread, a plain
    /// `Box<dyn std::error::Error>`. Of any other error than this one the causes are kept as text.
    pub fn from_boxed_local(boxed: Box<dyn StdError>) -> Self {
        match boxed.downcast::<Standard>() {
            Ok(standard) => standard.0,
            Err(other) => {
                let mut error = Self::new(ErrorKind::Internal);
                error.adopt(&*other);
                error.with_source(Text::of(&*other))
            }
        }
    }

    /// The error that a standard one becomes.
    fn caused_by(source: Box<dyn StdError + Send + Sync>) -> Self {
        let mut error = Self::new(ErrorKind::Internal);
        error.adopt(&*source);
        error.with_source(source)
    }

    /// An event whose default was prevented, or that has none, and for which nothing gave an output.
    ///
    /// Its code is `step_unhandled`. An event without an output is never taken for a success.
    pub fn not_handled(event: &'static str) -> Self {
        Self::internal(NotHandled { event }).with_code(NotHandled::CODE)
    }

    /// Whether this is the failure of [`not_handled`](Self::not_handled).
    pub fn is_not_handled(&self) -> bool {
        self.source().is_some_and(|source| source.is::<NotHandled>())
    }

    /// Replaces the stable code that a client can rely on.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.inner.code = code.into();
        self
    }

    /// Replaces the message that a client sees.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.inner.message = message.into();
        self
    }

    /// Adds one more thing that is wrong with the request.
    #[must_use]
    pub fn with_violation(mut self, violation: Violation) -> Self {
        self.inner.violations.push(violation);
        self
    }

    /// Says when trying again makes sense.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.inner.retry_after = Some(wait);
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.inner.source = Some(Arc::from(source.into()));
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The stable code, such as `invalid_credentials`.
    pub fn code(&self) -> &str {
        &self.inner.code
    }

    /// The message for a client.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// Everything that is wrong with the request, from any number of listeners.
    pub fn violations(&self) -> &[Violation] {
        &self.inner.violations
    }

    /// When trying again makes sense, if somebody said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// The cause, for the log.
    pub fn source(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.inner.source.as_deref()
    }

    /// The cause, if it is of this type, or the first one of this type among its own causes.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        let mut cause = self.source().map(|source| source as &(dyn StdError + 'static));
        while let Some(source) = cause {
            if let Some(found) = source.downcast_ref() {
                return Some(found);
            }
            cause = source.source();
        }
        None
    }

    /// The name of the listener or default action in which the failure arose, for the log.
    pub fn listener(&self) -> Option<&str> {
        self.inner.origin.as_ref()?.listener.as_deref()
    }

    /// The events that led to the failure, outermost first, for the log.
    pub fn chain(&self) -> &[&'static str] {
        self.inner.origin.as_ref().map_or(&[], |origin| &origin.chain)
    }

    /// Notes where the failure arose, unless a deeper dispatch has done so already.
    pub(crate) fn arose_in(
        mut self,
        listener: Option<&str>,
        chain: impl FnOnce() -> Vec<&'static str>,
    ) -> Self {
        if self.inner.origin.is_none() {
            let listener = listener.map(str::to_owned);
            self.inner.origin = Some(Origin { listener, chain: chain() });
        }
        self
    }

    /// Adds what was found wrong before.
    pub(crate) fn after_violations(mut self, mut before: Vec<Violation>) -> Self {
        before.append(&mut self.inner.violations);
        self.inner.violations = before;
        self
    }
}

impl<E: ErrorSource> From<E> for Error {
    fn from(source: E) -> Self {
        Self::caused_by(Box::new(source))
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Standard(error))
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(Standard(error))
    }
}

#[cfg(test)]
mod tests;
