//! What must not compile, and what the compiler says then. A newcomer has to know from it what to write instead.

#![cfg(feature = "inventory")]

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
