//! What cannot be started says why, and shows no secret.

use std::process::Command;

use crate::home::Home;

#[test]
fn new_01_a_database_that_cannot_be_used_is_named_by_its_setting_and_its_password_is_not_shown() {
    let home = Home::new();
    for (url, reason) in [
        (
            "sqlite:/no/such/folder/users.sqlite",
            "the folder `/no/such/folder` does not exist; create it",
        ),
        ("postgres://ada:hunter2@[::1/users", "invalid"),
        (
            "postgres://ada:hunter2@127.0.0.1:1/users",
            "127.0.0.1:1, database `users`, as user `ada`",
        ),
        ("mysql://ada:hunter2@127.0.0.1/users", "begins with `mysql:`"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_quickstart"))
            .current_dir(home.path())
            .env("DATABASE_URL", url)
            .env_remove("SMTP_URL")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(said.contains("Error: the database of DATABASE_URL cannot be used"), "{said}");
        assert!(!said.contains("Error: \""), "in quotes: {said}");
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("Failure("), "{said}");
    }
}
