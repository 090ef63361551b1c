//! The mailer alone.

use std::time::{Duration, Instant};

use dullahan_core::ErrorKind;
use dullahan_user::{
    domain::MailMessage,
    port::{MailRefused, Mailer as _},
};
use dullahan_user_bridge_lettre::{
    SmtpCredentials, SmtpMailer, SmtpMailerError, SmtpSecurity, SmtpSettings,
};
use tokio::net::TcpListener;

use crate::support::{FROM, SmtpServer, Trouble, mail, mailer, mailer_from, mailer_with};

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = SmtpServer::start().await;
    let mail = mail("ada@example.org");
    mailer(&server).send(&mail).await.unwrap();
    let received = server.only();
    assert_eq!(received.sender, "no-reply@cellar.example");
    assert_eq!(received.recipient, "ada@example.org");
    assert_eq!(received.parameters, "");
    assert_eq!(received.header("From"), FROM);
    assert_eq!(received.header("To"), "ada@example.org");
    assert_eq!(received.header("Subject"), "Welcome");
    assert_eq!(received.header("Auto-Submitted"), "auto-generated");
    assert!(received.header("Date").contains(" 20"), "{}", received.content);
    let body = received.content.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(body, "Hello,\r\n\r\nit is good to have you.\r\n");
}

#[tokio::test]
async fn a_mail_that_is_sent_twice_has_one_identifier_and_others_have_others() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server);
    let owed = mail("ada@example.org");
    let unowed = MailMessage { id: None, ..owed.clone() };
    for mail in [&owed, &owed, &mail("ada@example.org"), &unowed, &unowed] {
        mailer.send(mail).await.unwrap();
    }
    let ids: Vec<_> =
        server.received().iter().map(|received| received.header("Message-ID")).collect();
    assert_eq!(ids[0], format!("<{}@cellar.example>", owed.id.unwrap()));
    assert_eq!(ids[0], ids[1]);
    let others: std::collections::HashSet<_> = ids[1..].iter().collect();
    assert_eq!(others.len(), 4);
}

#[tokio::test]
async fn both_parts_of_a_mail_are_readable_the_text_first() {
    let server = SmtpServer::start().await;
    let html = Some("<p>Hello,</p><p>it is good to have <b>you</b>.</p>".to_owned());
    mailer(&server).send(&MailMessage { html, ..mail("ada@example.org") }).await.unwrap();
    let received = server.only();
    let kind = received.header("Content-Type");
    let boundary = kind
        .strip_prefix("multipart/alternative; boundary=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or_else(|| panic!("{kind}"));
    let parts: Vec<_> = received.content.split(&format!("--{boundary}")).skip(1).collect();
    assert_eq!(parts.len(), 3);
    assert!(parts[0].contains("Content-Type: text/plain; charset=utf-8\r\n"), "{}", parts[0]);
    assert!(parts[0].contains("\r\n\r\nHello,\r\n\r\nit is good to have you.\r\n"), "{}", parts[0]);
    assert!(parts[1].contains("Content-Type: text/html; charset=utf-8\r\n"), "{}", parts[1]);
    assert!(parts[1].contains("<p>it is good to have <b>you</b>.</p>"), "{}", parts[1]);
    assert_eq!(parts[2], "--\r\n");
}

#[tokio::test]
async fn lines_that_begin_with_a_dot_arrive_whole() {
    let server = SmtpServer::start().await;
    let text = "one\n.\n..two\n.three\n\n.\n";
    mailer(&server).send(&MailMessage { text: text.into(), ..mail("a@x.test") }).await.unwrap();
    let content = server.only().content;
    let body = content.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(body, text.replace('\n', "\r\n"));
}

#[tokio::test]
async fn neither_a_subject_nor_a_text_injects_a_header_or_a_command() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server);
    for injected in [
        "Hi\r\nBcc: eve@example.org",
        "Hi\nBcc: eve@example.org",
        "Hi\rBcc: eve@example.org",
        "Hi\r\n\r\nBcc: eve@example.org",
        "Hi\r\n.\r\nMAIL FROM:<eve@example.org>",
    ] {
        let mut mail = mail("ada@example.org");
        mail.subject = injected.to_owned();
        mailer.send(&mail).await.unwrap();
        mail.subject = "Hi".to_owned();
        mail.text = injected.to_owned();
        mail.html = Some(injected.to_owned());
        mailer.send(&mail).await.unwrap();
    }
    let received = server.received();
    assert_eq!(received.len(), 10);
    for mail in received {
        assert_eq!(mail.recipient, "ada@example.org");
        let head = mail.content.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("\nBcc:") && !head.contains("\nMAIL"), "{head}");
        assert!(mail.header("Subject").starts_with("Hi") || mail.header("Subject").contains("=?"));
    }
}

#[tokio::test]
async fn what_is_not_ascii_is_encoded() {
    let server = SmtpServer::offering(Vec::new(), None, false).await;
    let mut mail = mail("ada@bücher.example");
    mail.subject = "Grüße 🦆".to_owned();
    mail.text = "Grüße, and more of a text that is mostly plain. ".repeat(30);
    mailer(&server).send(&mail).await.unwrap();
    let received = server.only();
    assert_eq!(received.recipient, "ada@xn--bcher-kva.example");
    assert!(received.content.is_ascii(), "{}", received.content);
    assert_eq!(received.header("Subject"), "=?utf-8?b?R3LDvMOfZSDwn6aG?=");
    assert_eq!(received.header("Content-Transfer-Encoding"), "quoted-printable");
    assert!(received.content.contains("Gr=C3=BC=C3=9Fe, and more"), "{}", received.content);
}

#[tokio::test]
async fn an_address_that_is_not_ascii_needs_a_server_that_knows_such() {
    let server = SmtpServer::start().await;
    mailer(&server).send(&mail("zoë@example.org")).await.unwrap();
    let received = server.only();
    assert_eq!(received.recipient, "zoë@example.org");
    assert!(received.parameters.contains("SMTPUTF8"), "{}", received.parameters);

    let server = SmtpServer::offering(vec!["8BITMIME"], None, false).await;
    let error = mailer(&server).send(&mail("zoë@example.org")).await.unwrap_err();
    assert!(MailRefused::is_told_by(&error), "{error}");
    assert!(error.to_string().contains("does not support SMTPUTF8"), "{error}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn pub_04_the_domain_of_a_sender_travels_as_a_labels() {
    let server = SmtpServer::offering(Vec::new(), None, false).await;
    let mailer = mailer_from(&server, "Bücher <no-reply@bücher.example>");
    mailer.send(&mail("ada@example.org")).await.unwrap();
    let received = server.only();
    assert_eq!(received.sender, "no-reply@xn--bcher-kva.example");
    assert!(received.content.is_ascii(), "{}", received.content);
    let from = received.header("From");
    assert!(from.ends_with("<no-reply@xn--bcher-kva.example>"), "{from}");
    let id = received.header("Message-ID");
    assert!(id.ends_with("@xn--bcher-kva.example>"), "{id}");
}

#[tokio::test]
async fn pub_04_a_sender_that_the_server_cannot_take_gives_no_mail_up() {
    let server = SmtpServer::offering(vec!["8BITMIME"], None, false).await;
    let mailer = mailer_from(&server, "Zoë <zoë@example.org>");
    for to in ["ada@example.org", "zoë@example.org"] {
        let error = mailer.send(&mail(to)).await.unwrap_err();
        assert!(!MailRefused::is_told_by(&error), "{error}");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("sender's address is not ASCII"), "{error}");
    }
}

#[tokio::test]
async fn pub_23_a_name_with_a_comma_is_one_name_in_the_header() {
    for (name, encoded) in [
        ("Miller, Inc.", "=?utf-8?b?TWlsbGVyLCBJbmMu?="),
        ("Müller, GmbH", "=?utf-8?b?TcO8bGxlciwgR21iSA==?="),
    ] {
        let server = SmtpServer::start().await;
        let mailer = mailer_from(&server, &format!("{name} <a@x.test>"));
        mailer.send(&mail("ada@example.org")).await.unwrap();
        assert_eq!(server.only().header("From"), format!("{encoded} <a@x.test>"));
    }
}

#[tokio::test]
async fn a_refused_recipient_is_told_apart_from_everything_that_may_pass() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server);
    for (trouble, is_final, told) in [
        (
            Trouble::Answers("RCPT", "550 5.1.1 <ada@example.org> does not live here"),
            true,
            "refused the recipient with 550 5.1.1",
        ),
        (
            Trouble::Answers("RCPT", "553-ada@example.org\r\n553 is unknown"),
            true,
            "refused the recipient with 553",
        ),
        (
            Trouble::Answers("RCPT", "450 4.2.1 greylisted"),
            false,
            "refused the recipient with 450 4.2.1",
        ),
        (
            Trouble::Answers("RCPT", "550 5.7.1 relaying denied"),
            false,
            "refused the recipient with 550 5.7.1",
        ),
        (
            Trouble::Answers("MAIL", "550 5.1.8 unknown sender"),
            false,
            "refused the sender with 550 5.1.8",
        ),
        (Trouble::AnswersContent("554 5.6.0 malformed"), true, "refused the mail with 554 5.6.0"),
        (Trouble::AnswersContent("451 4.3.0 later"), false, "refused the mail with 451 4.3.0"),
        (Trouble::Answers("DATA", "250 2.0.0 what"), false, "answered the mail with what"),
    ] {
        server.gets_into(trouble);
        let error = mailer.send(&mail("ada@example.org")).await.unwrap_err();
        assert_eq!(MailRefused::is_told_by(&error), is_final, "{error}");
        assert_eq!(error.kind() == ErrorKind::Unavailable, !is_final, "{error}");
        assert!(error.to_string().contains(told), "{error}");
        assert!(!format!("{error} {error:?}").contains("ada@"), "{error}");
        server.recovers();
        mailer.send(&mail("ada@example.org")).await.unwrap();
    }
    assert_eq!(server.received().len(), 8);
    // Only the answer that made no sense cost a connection.
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_of_a_mail_is_a_failure_that_may_pass() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server);
    for trouble in [Trouble::DropsContent, Trouble::DropsAnswer] {
        server.gets_into(trouble);
        let long = MailMessage { text: "long\n".repeat(100_000), ..mail("ada@example.org") };
        let error = mailer.send(&long).await.unwrap_err();
        assert!(!MailRefused::is_told_by(&error), "{error}");
        server.recovers();
        mailer.send(&mail("bob@example.org")).await.unwrap();
    }
    // What was answered by a broken connection had been taken.
    let recipients: Vec<_> = server.received().into_iter().map(|mail| mail.recipient).collect();
    assert_eq!(recipients, ["bob@example.org", "ada@example.org", "bob@example.org"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failure_that_may_pass() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server);
    mailer.send(&mail("ada@example.org")).await.unwrap();
    let stopped = server.stop().await;
    let error = mailer.send(&mail("ada@example.org")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("could not be reached"), "{error}");
    let server = stopped.start().await;
    mailer.send(&mail("ada@example.org")).await.unwrap();
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_slow_is_waited_for_no_longer_than_was_said() {
    let server = SmtpServer::start().await;
    let mailer = mailer_with(&server, |settings| settings.timeout = Duration::from_millis(300));
    for trouble in [Trouble::DoesNotGreet, Trouble::IsSilent] {
        server.gets_into(trouble);
        let start = Instant::now();
        let error = mailer.send(&mail("ada@example.org")).await.unwrap_err();
        assert!(start.elapsed() >= Duration::from_millis(300));
        assert!(error.to_string().contains("took too long"), "{error}");
        assert!(!MailRefused::is_told_by(&error), "{error}");
    }
}

/// Its answers would be taken for those to the next mail.
#[tokio::test]
async fn a_connection_is_not_used_again_after_a_send_that_was_dropped() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server);
    server.gets_into(Trouble::IsSilent);
    let dropped = mail("ada@example.org");
    tokio::select! {
        sent = mailer.send(&dropped) => panic!("it was answered: {sent:?}"),
        () = server.has_taken_one() => {}
    }
    server.gets_into(Trouble::Answers("RCPT", "550 5.1.1 no"));
    assert!(mailer.send(&mail("bob@example.org")).await.is_err());
    server.recovers();
    mailer.send(&mail("eve@example.org")).await.unwrap();
    assert_eq!(server.connections(), 2);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn connections_are_kept_for_as_long_and_as_many_as_was_said() {
    let server = SmtpServer::start().await;
    let keeping = mailer(&server);
    for _ in 0..5 {
        keeping.send(&mail("ada@example.org")).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    let forgetful = mailer_with(&server, |settings| settings.idle_timeout = Duration::ZERO);
    let without = mailer_with(&server, |settings| settings.idle_connections = 0);
    for mailer in [forgetful, without] {
        let before = server.connections();
        for _ in 0..3 {
            mailer.send(&mail("ada@example.org")).await.unwrap();
        }
        assert_eq!(server.connections() - before, 3);
    }
}

#[tokio::test]
async fn a_mailer_signs_in_once_a_connection_and_never_shows_what_with() {
    let server = SmtpServer::offering(vec!["AUTH PLAIN LOGIN"], None, false).await;
    let mailer = mailer_with(&server, |settings| {
        settings.credentials = Some(SmtpCredentials::new("cellar", "canary"));
    });
    mailer.check().await.unwrap();
    mailer.send(&mail("ada@example.org")).await.unwrap();
    assert_eq!(server.credentials(), ["AUTH PLAIN AGNlbGxhcgBjYW5hcnk="]);
    assert!(!format!("{mailer:?}").contains("canary"));
}

#[tokio::test]
async fn wrong_credentials_are_found_by_a_check_and_lose_no_mail() {
    let server = SmtpServer::offering(vec!["AUTH PLAIN"], None, false).await;
    server.gets_into(Trouble::Answers("AUTH", "535 5.7.8 cellar:canary is wrong"));
    let mailer = mailer_with(&server, |settings| {
        settings.credentials = Some(SmtpCredentials::new("cellar", "canary"));
    });
    let sent = mailer.send(&mail("ada@example.org")).await;
    for error in [mailer.check().await.unwrap_err(), sent.unwrap_err()] {
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("refused the credentials with 535 5.7.8"), "{shown}");
        assert!(!shown.contains("canary") && !shown.contains("Y2FuYXJ5"), "{shown}");
        assert!(!MailRefused::is_told_by(&error));
    }
}

#[tokio::test]
async fn mails_go_elsewhere_only_encrypted() {
    for host in ["mail.example", "10.0.0.1", "localhost.example"] {
        let settings = SmtpSettings { security: SmtpSecurity::None, ..SmtpSettings::new(host) };
        let refused = SmtpMailer::new(settings, FROM).unwrap_err();
        assert!(matches!(refused, SmtpMailerError::PlainToElsewhere), "{refused}");
    }
    let refused = SmtpMailer::new(SmtpSettings::new("mail.example"), "nobody").unwrap_err();
    assert!(matches!(refused, SmtpMailerError::Sender(_)), "{refused}");
}

#[tokio::test]
async fn what_speaks_another_protocol_takes_no_mail() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await.unwrap();
        }
    });
    let server = SmtpServer::start().await;
    let mailer = mailer_with(&server, |settings| settings.port = port);
    let error = mailer.send(&mail("ada@example.org")).await.unwrap_err();
    assert!(
        error.to_string().contains("answered the greeting with what makes no sense"),
        "{error}"
    );
}
