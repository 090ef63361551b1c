//! Whether anybody knows where requests come from: USER-08.

use std::net::Ipv4Addr;

use dullahan_user::presentation::http::{ClientAddresses, HttpSettings};
use reqwest::RequestBuilder;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
};

use crate::{
    server::Server,
    support::{App, Plan, Send as _, log},
};

/// A request from one of this machine's own addresses.
fn from(app: &App, address: Ipv4Addr, path: &str) -> RequestBuilder {
    let client = reqwest::Client::builder().no_proxy().local_address(Some(address.into()));
    client.build().unwrap().get(format!("http://{}{path}", app.address))
}

#[tokio::test]
async fn user_08_a_proxy_that_was_not_named_is_an_error_in_the_log_once() {
    let app = App::start().await;
    let unnamed = Ipv4Addr::new(127, 0, 8, 1);
    let lines = || log::lines_with("is no trusted proxy").into_iter();
    let of = |peer: &str| lines().filter(|line| line.contains(peer)).collect::<Vec<_>>();
    from(&app, unnamed, "/account").answer().await.expect(401);
    assert_eq!(of("peer=127.0.8.1"), [""; 0]);
    for path in ["/account", "/hello", "/account"] {
        let request = from(&app, unnamed, path).header("x-forwarded-for", "198.51.100.1");
        request.answer().await.expect(401);
    }
    let found = of("peer=127.0.8.1");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("ERROR") && found[0].contains("HttpSettings::trusted_proxies"));
}

#[tokio::test]
async fn user_08_a_proxy_that_is_named_is_no_error() {
    let http =
        HttpSettings { trusted_proxies: "127.0.8.2".parse().unwrap(), ..HttpSettings::default() };
    let app = Plan { http, ..Plan::default() }.start().await;
    let request = from(&app, Ipv4Addr::new(127, 0, 8, 2), "/account");
    request.header("x-forwarded-for", "198.51.100.1").answer().await.expect(401);
    assert!(!log::lines_with("is no trusted proxy").iter().any(|line| line.contains("127.0.8.2")));
}

/// What a server answers that tells no address, as it is on a Unix socket.
async fn ask_on_socket(client_addresses: ClientAddresses, path: &str) -> String {
    let http = HttpSettings { client_addresses, ..HttpSettings::default() };
    let app = Plan { http, ..Plan::default() }.limiting_addresses(1).start().await;
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _server = Server::start_on_socket(app.users.clone(), &socket).await;
    let mut answers = String::new();
    for _ in 0..2 {
        let mut connection = UnixStream::connect(&socket).await.unwrap();
        let body = r#"{"token":"nonsense","password":"x"}"#;
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        connection.read_to_string(&mut answers).await.unwrap();
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn user_08_a_server_that_tells_no_address_is_noticed_at_the_first_request() {
    let answers = ask_on_socket(ClientAddresses::Required, "/auth/activation").await;
    assert_eq!(answers.matches("HTTP/1.1 500").count(), 2, "{answers}");
    let id = answers.split(r#""id":""#).nth(1).unwrap();
    let line = log::last_line_with(&id[..36]).unwrap();
    assert!(line.contains("HttpSettings::client_addresses"), "{line}");
    assert!(!answers.contains("client_addresses") && !answers.contains("address"), "{answers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn user_08_a_server_may_tell_no_address_where_the_settings_say_so() {
    let answers = ask_on_socket(ClientAddresses::Absent, "/auth/activation").await;
    assert_eq!(answers.matches("HTTP/1.1 422").count(), 2, "{answers}");
}
