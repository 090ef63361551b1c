//! Every mail in every language, letter by letter. `UPDATE_EXPECT=1` writes them anew.

use dullahan_user::domain::{MailKind, Settings};
use dullahan_user_bridge_minijinja::MailTemplates;
use expect_test::{expect, expect_file};

use crate::writing::{build, owed, settings, write};

#[tokio::test]
async fn every_mail_is_as_it_was() {
    let core = build(settings(), MailTemplates::new()).unwrap();
    for locale in ["en", "de"] {
        for kind in MailKind::ALL {
            let mail = write(&core, owed(kind, Some(locale))).await.unwrap();
            assert_eq!(mail.to.as_str(), "ada@example.org");
            let html = mail.html.unwrap();
            assert!(!html.contains("<script>"), "{html}");
            assert!(html.contains("&lt;script&gt;"), "{html}");
            let folder = env!("CARGO_MANIFEST_DIR");
            let golden = format!("{folder}/tests/it/golden/{locale}/{}.txt", kind.as_str());
            expect_file![golden].assert_eq(&format!(
                "Subject: {}\n\n{}\n==== HTML ====\n{html}",
                mail.subject, mail.text
            ));
        }
    }
}

#[tokio::test]
async fn without_a_name_and_a_link_there_is_a_greeting_and_a_token() {
    let core = build(Settings::default(), MailTemplates::new()).unwrap();
    let mut mail = owed(MailKind::PasswordReset, None);
    mail.display_name = None;
    let mail = write(&core, mail).await.unwrap();
    expect![[r#"
        Hello,

        somebody, we hope you, wants to choose a new password for your account at this service.

        To choose one, enter this token:

        BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc

        It is good for 30 minutes. If it was not you, you need not do anything: nothing has changed.
    "#]]
    .assert_eq(&mail.text);
}

#[tokio::test]
async fn no_mail_says_what_another_language_says() {
    let core = build(settings(), MailTemplates::new()).unwrap();
    for kind in MailKind::ALL {
        let english = write(&core, owed(kind, Some("en"))).await.unwrap();
        let german = write(&core, owed(kind, Some("de"))).await.unwrap();
        let lines = |text: &str| {
            let sentences = text.lines().filter(|line| line.contains(' '));
            sentences.map(str::to_owned).collect::<std::collections::HashSet<_>>()
        };
        assert_ne!(english.subject, german.subject);
        let same: Vec<_> =
            lines(&english.text).intersection(&lines(&german.text)).cloned().collect();
        assert!(same.is_empty(), "{kind:?}: {same:?}");
        for text in [&english.text, &german.text, &english.subject, &german.subject] {
            assert!(
                !text.contains("{{") && !text.contains("{%") && !text.contains("none"),
                "{text}"
            );
        }
    }
}
