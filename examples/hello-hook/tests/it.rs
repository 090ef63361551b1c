//! The example says what its source promises.

use std::process::Command;

#[test]
fn it_greets_ada_and_not_the_cat() {
    let ran = Command::new(env!("CARGO_BIN_EXE_hello-hook")).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "Hello, Ada! :)\n... :)\n");
    assert!(ran.status.success());
}
