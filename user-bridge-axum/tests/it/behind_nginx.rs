//! An application behind nginx, by TCP and by a Unix socket.

use std::net::SocketAddr;

use dullahan_user::presentation::http::HttpSettings;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use crate::{
    server::Server,
    support::{App, Plan, nginx::Nginx},
};

/// Requests that are refused before their body is read, or while it is.
const REFUSED: [(&str, &str, u16); 4] = [
    ("/auth/registration", "Content-Type: application/json", 413),
    ("/auth/registration", "Content-Type: text/plain", 415),
    ("/auth/login", "Content-Type: application/json\r\nOrigin: https://evil.example", 403),
    ("/nowhere", "Content-Type: application/json", 404),
];

/// Sends a request with a large body to its end, as a simple client does, and gives the status that it reads after that.
async fn upload(address: SocketAddr, path: &str, header: &str, chunks: usize) -> u16 {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..chunks {
        connection.write_all(chunk.as_bytes()).await.unwrap();
    }
    connection.write_all(b"0\r\n\r\n").await.unwrap();
    status(&mut connection).await
}

async fn status(connection: &mut TcpStream) -> u16 {
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    str::from_utf8(&answer[9..]).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pub_32_an_upload_of_50_megabytes_that_is_refused_early_reads_the_status() {
    let app = App::start().await;
    for (path, header, expected) in REFUSED {
        assert_eq!(upload(app.address, path, header, 800).await, expected, "{path} {header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_08_a_body_that_is_refused_early_is_no_bad_gateway_behind_nginx() {
    let app = App::start().await;
    for buffering in ["on", "off"] {
        let directives = format!("proxy_request_buffering {buffering};");
        let nginx = Nginx::in_front_of(&app.address.to_string(), &directives);
        for (path, header, expected) in REFUSED {
            for _ in 0..10 {
                let found = upload(nginx.address, path, header, 32).await;
                assert_eq!(found, expected, "{path} {header}, buffering {buffering}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_09_behind_a_unix_socket_each_client_counts_by_itself() {
    let http = HttpSettings { trusted_proxies: "unix".parse().unwrap(), ..HttpSettings::default() };
    let plan = Plan { http, ..Plan::default() };
    let app = plan.limiting_addresses(2).start().await;
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _server = Server::start_on_socket(app.users.clone(), &socket).await;
    let nginx = Nginx::in_front_of(&format!("unix:{}", socket.display()), "");
    let activate = async |from: &str, forwarded: &str| {
        let client = TcpSocket::new_v4().unwrap();
        client.bind(format!("{from}:0").parse().unwrap()).unwrap();
        let mut connection = client.connect(nginx.address).await.unwrap();
        let body = r#"{"token":"nonsense"}"#;
        let request = format!(
            "POST /auth/activation HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             X-Forwarded-For: {forwarded}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        status(&mut connection).await
    };
    for (from, expected) in
        [("127.0.0.2", 422), ("127.0.0.2", 422), ("127.0.0.2", 429), ("127.0.0.3", 422)]
    {
        // nginx replaces what the client says.
        assert_eq!(activate(from, "192.0.2.1").await, expected, "{from}");
    }
}
