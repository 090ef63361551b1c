use super::{Error, Fault, Violation};

#[test]
fn a_client_never_sees_the_source() {
    let error = Error::internal("the password of the database is hunter2");
    assert_eq!(error.message(), "an internal error occurred");
    assert_eq!(error.code(), "internal");
    assert!(error.to_string().contains("hunter2"), "the log sees it");
}

#[test]
fn the_innermost_place_is_kept() {
    let error = Error::new(Fault::Conflict)
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
    assert!(standard.to_string().ends_with("disk gone"));
}

#[test]
fn a_main_that_returns_it_prints_what_went_wrong_and_every_cause() {
    let boxed: Box<dyn std::error::Error> = Error::unavailable("no such folder").into();
    let printed = format!("{boxed:?}");
    assert_eq!(printed, boxed.to_string());
    assert!(printed.ends_with("(unavailable): no such folder"), "{printed}");
}
