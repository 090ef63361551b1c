use super::{Error, ErrorKind, Violation};

#[test]
fn a_client_never_sees_the_source() {
    let error = Error::internal("the password of the database is hunter2");
    assert_eq!(error.message(), "an internal error occurred");
    assert_eq!(error.code(), "internal");
    assert!(error.to_string().contains("hunter2"), "the log sees it");
}

#[test]
fn the_innermost_place_is_kept() {
    let error = Error::new(ErrorKind::Conflict)
        .arose_in(Some("inner"), || vec!["A", "B"])
        .arose_in(Some("outer"), || vec!["A"]);
    assert_eq!(error.listener(), Some("inner"));
    assert_eq!(error.chain(), ["A", "B"]);
}

#[test]
fn violations_of_any_number_of_listeners_are_kept() {
    let error =
        Error::invalid([Violation::new("/a", "x")]).with_violation(Violation::new("/b", "y"));
    let pointers: Vec<_> = error.violations().iter().map(Violation::pointer).collect();
    assert_eq!(pointers, ["/a", "/b"]);
}

#[test]
fn not_handled_is_told_from_other_internal_errors() {
    assert!(Error::not_handled("X").is_not_handled());
    assert!(!Error::internal("x").is_not_handled());
}

#[test]
fn every_cause_is_printed_for_the_log() {
    let error = Error::internal(std::io::Error::other("disk gone"));
    assert_eq!(error.to_string(), "an internal error occurred (internal): disk gone");
    let standard: Box<dyn std::error::Error> = error.into();
    assert_eq!(standard.to_string(), "an internal error occurred (internal)");
    assert_eq!(standard.source().map(ToString::to_string).as_deref(), Some("disk gone"));
}

#[test]
fn a_main_that_returns_it_prints_what_went_wrong_and_every_cause() {
    let boxed: Box<dyn std::error::Error> = Error::unavailable("no such folder").into();
    let printed = format!("{boxed:?}");
    assert!(printed.ends_with("(unavailable): no such folder"), "{printed}");
}

#[test]
fn core_13_the_source_of_an_error_inside_of_an_error_reaches_every_cause() {
    let inner = Error::internal(std::io::Error::other("disk gone"));
    let error = Error::new(ErrorKind::Conflict).with_source(inner);

    let mut causes = Vec::new();
    let mut cause = error.source().map(|source| source as &dyn std::error::Error);
    while let Some(source) = cause {
        causes.push(source.to_string());
        cause = source.source();
    }

    assert_eq!(causes, ["an internal error occurred (internal)", "disk gone"]);
    assert_eq!(
        error.to_string(),
        "the request conflicts with the current state (conflict): \
         an internal error occurred (internal): disk gone",
        "each cause once"
    );
}

fn conflict() -> Error {
    Error::invalid([Violation::new("/seat", "taken")])
        .with_code("seat_taken")
        .with_message("that seat is taken")
        .with_retry_after(std::time::Duration::from_secs(3))
        .with_source(std::io::Error::other("row 7"))
        .arose_in(Some("book"), || vec!["BookSaga", "BookProcess"])
}

fn assert_is_the_conflict(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!((error.code(), error.message()), ("seat_taken", "that seat is taken"));
    assert_eq!(error.violations(), [Violation::new("/seat", "taken")]);
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(3)));
    assert_eq!((error.listener(), error.chain()), (Some("book"), &["BookSaga", "BookProcess"][..]));
    assert!(error.to_string().contains("row 7"), "{error}");
}

#[test]
fn core_08_an_error_that_was_boxed_comes_back_as_what_it_was() {
    type Sendable = Box<dyn std::error::Error + Send + Sync>;

    let error = Error::from_boxed(Sendable::from(conflict()));
    assert_is_the_conflict(&error);
    assert_eq!(error.to_string(), conflict().to_string());

    let error = Error::from_boxed_local(Box::<dyn std::error::Error>::from(conflict()));
    assert_is_the_conflict(&error);
    assert_eq!(error.to_string(), conflict().to_string());

    assert!(Error::from_boxed(Sendable::from(Error::transient("lost"))).is_retryable());
    assert!(Error::from_boxed(Sendable::from(Error::not_handled("X"))).is_not_handled());
}

/// What a crate in between makes of an error.
#[derive(Debug, thiserror::Error)]
#[error("the payment failed")]
struct PaymentFailed(#[source] Box<dyn std::error::Error + Send + Sync>);

#[test]
fn core_08_an_error_among_the_causes_of_another_says_what_it_said() {
    fn through<E: Into<Error>>(source: E) -> Error {
        fn question_mark<E: Into<Error>>(source: E) -> crate::Result<()> {
            Err(source.into())
        }
        question_mark(source).unwrap_err()
    }

    let error = through(PaymentFailed(conflict().into()));
    assert_is_the_conflict(&error);
    assert!(error.to_string().contains(": the payment failed: that seat is taken"), "{error}");

    assert_is_the_conflict(&through(std::io::Error::other(conflict())));
    assert_is_the_conflict(&through(PaymentFailed(Box::new(std::io::Error::other(conflict())))));
    let local: Box<dyn std::error::Error> = Box::new(PaymentFailed(conflict().into()));
    assert_is_the_conflict(&Error::from_boxed_local(local));
    assert!(through(PaymentFailed(Error::transient("lost").into())).is_retryable());
}

#[test]
fn an_error_that_is_called_internal_is_internal_whatever_caused_it() {
    let error = Error::internal(conflict());
    assert_eq!((error.kind(), error.code()), (ErrorKind::Internal, "internal"));
    assert!(error.violations().is_empty());

    let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(PaymentFailed(error.into()));
    assert_eq!(Error::from_boxed(boxed).kind(), ErrorKind::Internal, "the outermost one counts");

    let foreign = Error::from_boxed("no error of ours");
    assert_eq!(foreign.kind(), ErrorKind::Internal);
    assert_eq!(foreign.to_string(), "an internal error occurred (internal): no error of ours");
    let local: Box<dyn std::error::Error> = Box::new(PaymentFailed("no card".into()));
    let local = Error::from_boxed_local(local);
    assert_eq!(
        local.to_string(),
        "an internal error occurred (internal): the payment failed: no card"
    );
}
