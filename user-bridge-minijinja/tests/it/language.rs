//! Which language a mail is written in.

use dullahan_user::domain::MailKind;
use dullahan_user_bridge_minijinja::MailTemplates;

use crate::writing::{build, owed, settings, write};

async fn subject(templates: MailTemplates, locale: Option<&str>) -> String {
    let core = build(settings(), templates).unwrap();
    write(&core, owed(MailKind::PasswordChanged, locale)).await.unwrap().subject
}

const ENGLISH: &str = "Your password for Cellar & Co was changed";
const GERMAN: &str = "Ihr Passwort für Cellar & Co wurde geändert";

#[tokio::test]
async fn the_language_of_the_account_comes_before_the_default() {
    for (default, wanted, told) in [
        ("en", Some("de"), GERMAN),
        ("en", Some("de-AT"), GERMAN),
        ("en", Some("de-Latn-CH"), GERMAN),
        ("en", Some("en-GB"), ENGLISH),
        ("en", Some("fr"), ENGLISH),
        ("en", None, ENGLISH),
        ("de", Some("fr-CA"), GERMAN),
        ("de", None, GERMAN),
        ("de", Some("en"), ENGLISH),
    ] {
        let templates = MailTemplates::new().default_locale(default);
        assert_eq!(subject(templates, wanted).await, told, "{default} {wanted:?}");
    }
}

#[tokio::test]
async fn a_region_changes_what_it_says_otherwise_and_has_the_rest_of_its_language() {
    let source = "Subject: Passwort geändert\n\nServus {{ name or service }}!\n";
    let templates = MailTemplates::new().template("de-AT/password_changed.txt", source);
    let core = build(settings(), templates).unwrap();
    let mail = write(&core, owed(MailKind::PasswordChanged, Some("de-AT"))).await.unwrap();
    assert_eq!(mail.subject, "Passwort geändert");
    assert!(mail.text.starts_with("Servus <script>"), "{}", mail.text);
    assert!(mail.html.unwrap().contains("alle anderen Sitzungen"));
    let mail = write(&core, owed(MailKind::EmailChanged, Some("de-AT"))).await.unwrap();
    assert!(mail.text.contains("alle Sitzungen"), "{}", mail.text);
    let mail = write(&core, owed(MailKind::PasswordChanged, Some("de"))).await.unwrap();
    assert_eq!(mail.subject, GERMAN);
}

#[tokio::test]
async fn an_application_adds_a_language_by_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("fr")).unwrap();
    for kind in MailKind::ALL {
        let path = |extension| folder.path().join(format!("fr/{}.{extension}", kind.as_str()));
        let how = if kind.token_purpose().is_some() { "{{ link or token }}" } else { "" };
        let subject = format!("Subject: {} chez {{{{ service }}}}", kind.as_str());
        std::fs::write(path("txt"), format!("{subject}\n\nBonjour ! {how}\n")).unwrap();
        let html = format!("<p>Bonjour {{{{ name or service }}}} !</p>{how}");
        std::fs::write(path("html"), html).unwrap();
    }
    std::fs::write(folder.path().join("README"), "not a template").unwrap();
    let core = build(settings(), MailTemplates::new().folder(folder.path())).unwrap();
    // It is read once.
    drop(folder);
    let mail = write(&core, owed(MailKind::Activation, Some("fr-CA"))).await.unwrap();
    assert_eq!(mail.subject, "activation chez Cellar & Co");
    let html = mail.html.unwrap();
    assert!(html.starts_with("<p>Bonjour &lt;script&gt;"), "{html}");
}

#[tokio::test]
async fn a_folder_comes_before_what_is_embedded_and_that_before_what_is_shipped() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("de")).unwrap();
    std::fs::write(folder.path().join("de/password_changed.txt"), "Subject: Ordner\n\nx\n")
        .unwrap();
    let templates = MailTemplates::new()
        .folder(folder.path())
        .template("de/password_changed.txt", "Subject: Text\n\nx\n")
        .template("en/password_changed.txt", "Subject: Text\n\nx\n");
    assert_eq!(subject(templates.clone(), Some("de")).await, "Ordner");
    assert_eq!(subject(templates, Some("en")).await, "Text");
}
