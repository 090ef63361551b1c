//! A server that others wrote: aiosmtpd, from Debian's package `python3-aiosmtpd`. What it keeps is what it understood.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use dullahan_user::{domain::MailMessage, port::Mailer as _};
use dullahan_user_bridge_lettre::{SmtpMailer, SmtpSecurity, SmtpSettings};
use tempfile::TempDir;

use crate::support::{FROM, mail};

/// A server that keeps each mail as a file, until it is dropped.
struct Server {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let program = ["/usr/bin/aiosmtpd", "/usr/local/bin/aiosmtpd"].map(Path::new);
        let program = program.into_iter().find(|program| program.exists());
        let program = program.expect("aiosmtpd is missing; `scripts/test` installs it");
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut process = Command::new(program)
            .args(["-n", "-d", "-l", &format!("127.0.0.1:{port}")])
            .args(["-c", "aiosmtpd.handlers.Mailbox"])
            .arg(folder.path().join("mails"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening") {
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "it has not started");
        }
        // Whatever else it has to say has to go somewhere.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { process, port, folder }
    }

    fn mailer(&self) -> SmtpMailer {
        let mut settings = SmtpSettings::new("127.0.0.1");
        settings.port = self.port;
        settings.security = SmtpSecurity::None;
        SmtpMailer::new(settings, FROM).unwrap()
    }

    /// The mails that it has taken, in the order of their recipients, with lines that end as in a file.
    fn mails(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path().join("mails/new")).unwrap();
        let mut mails: Vec<_> = files
            .map(|file| fs::read_to_string(file.unwrap().path()).unwrap().replace("\r\n", "\n"))
            .collect();
        mails.sort_by_key(|mail| header(mail, "X-RcptTo"));
        mails
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn header(mail: &str, name: &str) -> String {
    let (head, _) = mail.split_once("\n\n").unwrap();
    let value = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.unwrap_or_else(|| panic!("no {name} in\n{head}")).to_owned()
}

fn body(mail: &str) -> &str {
    mail.split_once("\n\n").unwrap().1
}

#[tokio::test]
async fn mails_arrive_as_they_were_written() {
    let server = Server::start();
    let mailer = server.mailer();
    let dots = "one\n.\n..two\n.three\n\n.\n";
    mailer.send(&mail("a@x.test")).await.unwrap();
    mailer.send(&MailMessage { text: dots.into(), ..mail("b@x.test") }).await.unwrap();
    let unicode = MailMessage {
        subject: "Grüße 🦆".into(),
        text: "Zoë, schön!\n".into(),
        html: Some("<p>Zoë, schön!</p>".into()),
        ..mail("c@x.test")
    };
    mailer.send(&unicode).await.unwrap();

    let mails = server.mails();
    assert_eq!(mails.len(), 3);
    for (mail, recipient) in mails.iter().zip(["a@x.test", "b@x.test", "c@x.test"]) {
        assert_eq!(header(mail, "X-MailFrom"), "no-reply@cellar.example");
        assert_eq!(header(mail, "X-RcptTo"), recipient);
        assert_eq!(header(mail, "To"), recipient);
        assert_eq!(header(mail, "From"), FROM);
    }
    assert_eq!(header(&mails[0], "Subject"), "Welcome");
    assert_eq!(body(&mails[0]).trim_end(), "Hello,\n\nit is good to have you.");
    assert_eq!(body(&mails[1]).trim_end(), dots.trim_end());
    assert!(header(&mails[2], "Content-Type").starts_with("multipart/alternative"));
    assert!(header(&mails[2], "Subject").starts_with("=?utf-8?"), "{}", mails[2]);
}

#[tokio::test]
async fn twenty_at_once_arrive_once_each() {
    let server = Server::start();
    let mailer = std::sync::Arc::new(server.mailer());
    let mut sending = tokio::task::JoinSet::new();
    for number in 10..30 {
        let mailer = std::sync::Arc::clone(&mailer);
        sending.spawn(async move { mailer.send(&mail(&format!("u{number}@x.test"))).await });
    }
    for sent in sending.join_all().await {
        sent.unwrap();
    }
    let recipients: Vec<_> = server.mails().iter().map(|mail| header(mail, "X-RcptTo")).collect();
    let expected: Vec<_> = (10..30).map(|number| format!("u{number}@x.test")).collect();
    assert_eq!(recipients, expected);
}
