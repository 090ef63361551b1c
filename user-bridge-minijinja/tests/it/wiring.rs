//! What is wrong with templates is found when the core is built.

use dullahan_user::domain::{MailKind, Settings};
use dullahan_user_bridge_minijinja::MailTemplates;

use crate::writing::{build, owed, settings, write};

/// What `build()` says of the templates.
fn report(templates: MailTemplates) -> String {
    build(settings(), templates).unwrap_err().to_string()
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let report = report(
        MailTemplates::new()
            .template("en/activation.txt", "Subject: x\n\n{{ service }}\n{{ nmae }}\n")
            .template("en/activation.html", "<p>{% if hurried %}{{ name }}{% endif %}</p>")
            .template("en/password_reset.txt", "Subject: x\n\n{{ name }}\n")
            .template("en/password_reset.html", "{{ service | shout }}")
            .template("en/password_changed.txt", "Subject: x\n\n{{ token }}\n")
            .template("en/email_change_taken.html", "{% extends 'en/_frame.html' %}")
            .template("en/email_changed.txt", "Hello,\n\nx\n")
            .template("de/_layout.html", "{% block body %}{% endblock %}\n\n{{ layuot }}"),
    );
    for told in [
        "undefined value `nmae` (in en/activation.txt:4)",
        "undefined value `hurried` (in en/activation.html:1)",
        "in en/password_reset.txt:3",
        "in en/password_reset.html:1",
        "undefined value `token` (in en/password_changed.txt:3)",
        "en/_frame.html",
        "`en/email_changed.txt` failed in line 1: it does not begin with a line like `Subject: Welcome`",
        "in de/_layout.html:3",
    ] {
        assert!(report.contains(told), "{told} is not in {report}");
    }
}

#[test]
fn pub_08_a_mail_that_says_neither_its_link_nor_its_token_is_refused() {
    let report = report(
        MailTemplates::new()
            .template("en/activation.txt", "Subject: x\n\nCome in, {{ email }}!\n")
            .template("en/activation.html", "<a href=\"https://app.example/#{Token}\">Come in</a>")
            // Of use only where there is a link,
            .template(
                "en/password_reset.txt",
                "Subject: x\n\n{% if link %}{{ link }}{% endif %}x\n",
            )
            // or with the link to stop it, which is not to agree.
            .template(
                "en/email_change_new.html",
                "{% if cancel_link %}{{ cancel_link }}{% endif %}",
            )
            .template("de/email_change_current.txt", "Subject: {{ token }}\n\nx\n"),
    );
    let told = [
        "`de/email_change_current.txt` does not say the link,",
        "`de/email_change_current.txt` does not say the token,",
        "`en/activation.html` does not say the link,",
        "`en/activation.html` does not say the token,",
        "`en/activation.txt` does not say the link,",
        "`en/activation.txt` does not say the token,",
        "`en/email_change_new.html` does not say the link,",
        "`en/email_change_new.html` does not say the token,",
        "`en/password_reset.txt` does not say the token, where the settings have no link,",
    ];
    for told in told {
        assert!(report.contains(told), "{told} is not in {report}");
    }
    assert!(report.starts_with(&format!("the wiring has {} defects", told.len())), "{report}");
}

#[test]
fn malformed_templates_are_told_with_their_lines() {
    let report = report(
        MailTemplates::new()
            .template("en/activation.txt", "Subject: x\n\n{% if name %}")
            .template("de/activation.html", "\n{{ name"),
    );
    assert!(report.contains("in en/activation.txt:3"), "{report}");
    assert!(report.contains("in de/activation.html:2"), "{report}");
}

#[test]
fn templates_that_are_missing_are_told_by_name() {
    let report = report(
        MailTemplates::new().template("fr/activation.txt", "Subject: x\n\nx").default_locale("it"),
    );
    assert!(report.contains("no templates for the default locale it"), "{report}");
    let report =
        self::report(MailTemplates::new().template("fr/activation.txt", "Subject: x\n\nx"));
    for kind in MailKind::ALL {
        let name = kind.as_str();
        assert!(report.contains(&format!("`fr/{name}.html` is missing")), "{report}");
        let has_text = kind == MailKind::Activation;
        assert_eq!(report.contains(&format!("`fr/{name}.txt` is missing")), !has_text, "{report}");
    }
}

#[test]
fn a_name_that_means_nothing_is_refused() {
    let names = ["en/activaton.txt", "welcome.txt", "de_AT/activation.txt", "en/activation.md"];
    let templates = names
        .into_iter()
        .fold(MailTemplates::new(), |templates, name| templates.template(name, "Subject: x\n\nx"));
    let report = report(templates);
    for name in names {
        assert!(report.contains(&format!("`{name}` is no name of a template")), "{report}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let report = report(MailTemplates::new().folder(folder.path().join("missing")));
    assert!(report.contains("missing cannot be read"), "{report}");
    let report = self::report(MailTemplates::new().default_locale("no tag"));
    assert!(report.contains("the default locale is not a language tag"), "{report}");
}

/// What a template does with a value may fail for some values only.
#[tokio::test]
async fn a_failure_shows_neither_the_token_nor_the_name() {
    let source = "Subject: x\n\n{% if name and name == \"<script>alert('Ada & Bob')</script>\" %}{{ token + 1 }}{% endif %}{{ token }}";
    let templates = MailTemplates::new().template("en/activation.txt", source);
    let core = build(Settings::default(), templates.clone()).unwrap();
    let error = write(&core, owed(MailKind::Activation, None)).await.unwrap_err();
    let shown = format!("{error} {error:?} {templates:?}");
    assert!(shown.contains("`en/activation.txt` failed in line 3"), "{error}");
    assert!(!shown.contains("BwcH") && !format!("{error} {error:?}").contains("Ada"), "{shown}");
}

#[test]
fn one_line_of_an_application_replaces_what_the_module_does() {
    let core = build(Settings::default(), MailTemplates::new()).unwrap();
    let description = core.describe().to_string();
    assert!(description.contains("ComposeFromTemplates"), "{description}");
}
