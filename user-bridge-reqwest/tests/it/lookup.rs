//! What comes of a look-up: PWD-06.

use std::time::Duration;

use dullahan_core::{Error, ErrorKind, Result};
use dullahan_user::{domain::PasswordFingerprint, port::BreachedPasswords as _};
use dullahan_user_bridge_reqwest::{HaveIBeenPwned, HaveIBeenPwnedError, HaveIBeenPwnedSettings};
use tokio::{net::TcpListener, time::Instant};

use crate::server::{Answer, Server};

/// The fingerprint of `password` is 5BAA6 and this.
const SUFFIX: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
const OTHERS: &str =
    "0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:2";

fn settings(base_url: String) -> HaveIBeenPwnedSettings {
    HaveIBeenPwnedSettings {
        base_url,
        timeout: Duration::from_secs(20),
        ..HaveIBeenPwnedSettings::default()
    }
}

async fn look_up_with(settings: HaveIBeenPwnedSettings) -> Result<bool> {
    let fingerprint = PasswordFingerprint::of(&"password".parse().unwrap());
    HaveIBeenPwned::new(settings).unwrap().is_breached(&fingerprint).await
}

/// The look-up of a password at a server that answers so.
async fn look_up(answer: Answer) -> Result<bool> {
    let server = Server::start(answer).await;
    look_up_with(settings(server.url())).await
}

/// Asserts that it is no answer, and that what is logged of it tells nothing of the password.
#[track_caller]
fn expect_failure(came: Result<bool>, expected: &str) -> Error {
    let error = came.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let said = format!("{error} {error:?}");
    assert!(said.contains(expected), "{said}");
    for secret in ["5BAA6", "5baa6", &SUFFIX[..8], "/range"] {
        assert!(!said.contains(secret), "{said}");
    }
    error
}

#[tokio::test]
async fn pwd_06_a_password_is_looked_up_by_five_digits_of_its_fingerprint() {
    let body = format!("{OTHERS}\r\n{SUFFIX}:52256179\r\n");
    let server = Server::start(Answer::of("200 OK", &body)).await;
    assert!(look_up_with(settings(server.url())).await.unwrap());
    let requests = server.requests();
    let head = requests[0].to_lowercase();
    assert!(head.starts_with("get /range/5baa6 http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nadd-padding: true\r\n"), "{head}");
    assert!(head.contains("\r\nuser-agent: dullahan-user-bridge-reqwest/"), "{head}");
    assert!(!head.contains(&SUFFIX.to_lowercase()) && !head.contains("password"), "{head}");
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn the_ranges_may_be_below_a_path() {
    for end in ["/pwned", "/pwned/"] {
        let server = Server::start(Answer::of("200 OK", OTHERS)).await;
        let url = format!("{}{end}", server.url());
        assert!(!look_up_with(settings(url)).await.unwrap());
        assert!(server.requests()[0].starts_with("GET /pwned/range/5BAA6 HTTP/1.1\r\n"));
    }
}

#[tokio::test]
async fn pwd_06_a_password_that_is_not_in_the_range_is_not_breached() {
    for body in [OTHERS, "", "\r\n"] {
        assert!(!look_up(Answer::of("200 OK", body)).await.unwrap());
    }
}

#[tokio::test]
async fn pwd_06_padding_is_no_breach() {
    let body = format!("{OTHERS}\r\n{SUFFIX}:0");
    assert!(!look_up(Answer::of("200 OK", &body)).await.unwrap());
}

#[tokio::test]
async fn what_is_no_range_is_no_answer() {
    for body in ["<!doctype html>", "0018A45C4D1DEF81644B54AB7F969B88D65", "\u{0}"] {
        let body = format!("{OTHERS}\r\n{SUFFIX}:3\r\n{body}");
        expect_failure(look_up(Answer::of("200 OK", &body)).await, "in line 4");
    }
    expect_failure(look_up(Answer::Bytes(b"ring ring\r\n\r\n".to_vec())).await, "did not answer");
}

#[tokio::test]
async fn an_error_is_no_answer() {
    for status in ["404 Not Found", "429 Too Many Requests", "503 Service Unavailable"] {
        let body = format!("{SUFFIX}:1");
        expect_failure(look_up(Answer::of(status, &body)).await, &status[..3]);
    }
}

#[tokio::test]
async fn nobody_is_asked_but_the_server() {
    let elsewhere = Server::start(Answer::of("200 OK", &format!("{SUFFIX}:1"))).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let location = format!("Location: {}/range/5BAA6\r\n", elsewhere.url());
        expect_failure(look_up(Answer::with(status, &location, "")).await, &status[..3]);
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_huge_answer_is_read_to_the_limit_and_no_further() {
    let line = format!("{}\r\n", OTHERS.lines().next().unwrap());
    let body = line.repeat(HaveIBeenPwnedSettings::default().max_bytes / line.len() + 1);
    expect_failure(look_up(Answer::of("200 OK", &body)).await, "more than 524288 bytes");
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let endless = [head.as_bytes(), line.as_bytes()].concat();
    let server = Server::start(Answer::Endless(endless)).await;
    let came = look_up_with(HaveIBeenPwnedSettings { max_bytes: 100, ..settings(server.url()) });
    expect_failure(came.await, "more than 100 bytes");
}

#[tokio::test]
async fn a_slow_server_is_given_up() {
    let begun = format!("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{SUFFIX}:1\r\n");
    for sent in ["", "HTTP/1.1 200", &begun] {
        let server = Server::start(Answer::Stall(sent.as_bytes().to_vec())).await;
        let timeout = Duration::from_millis(200);
        let begin = Instant::now();
        let came = look_up_with(HaveIBeenPwnedSettings { timeout, ..settings(server.url()) });
        expect_failure(came.await, "did not answer");
        assert!(begin.elapsed() >= timeout);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let begun = format!("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{SUFFIX}:1\r\n");
    expect_failure(look_up(Answer::Bytes(begun.into_bytes())).await, "did not answer");
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_answer() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    expect_failure(look_up_with(settings(url)).await, "did not answer");
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_server_without_encryption_is_not_asked_where_there_is_to_be_some() {
    let server = Server::start(Answer::of("200 OK", &format!("{SUFFIX}:1"))).await;
    let url = server.url().replace("http://", "https://");
    let timeout = Duration::from_secs(2);
    let came = look_up_with(HaveIBeenPwnedSettings { timeout, ..settings(url) });
    expect_failure(came.await, "did not answer");
    assert!(server.requests().is_empty());
}

#[test]
fn what_is_no_address_of_a_server_makes_no_client() {
    let refused = HaveIBeenPwned::new(settings("pwned".to_owned())).unwrap_err();
    assert!(matches!(refused, HaveIBeenPwnedError::Url));
}

#[test]
fn what_is_shown_is_where_it_asks() {
    let shown = format!("{:?}", HaveIBeenPwned::new(HaveIBeenPwnedSettings::default()).unwrap());
    assert!(shown.contains("https://api.pwnedpasswords.com/"), "{shown}");
}
