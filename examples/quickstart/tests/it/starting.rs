//! What cannot be started says why, and shows no secret.

use std::process::Command;

use crate::home::Home;

#[test]
fn a_database_that_cannot_be_used_is_named_by_its_setting_and_its_password_is_not_shown() {
    let home = Home::new();
    for (url, reason) in [
        ("sqlite:/no/such/folder/users.sqlite", "unable to open database file"),
        ("postgres://ada:hunter2@[::1/users", "invalid"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_quickstart"))
            .current_dir(home.path())
            .env("DATABASE_URL", url)
            .env_remove("SMTP_URL")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(said.contains("the database of DATABASE_URL cannot be used"), "{said}");
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("Failure("), "{said}");
    }
}
