//! Clients that are slow, greedy, gone or many, and a server that stops.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use dullahan_core::{After, Listener, ListenerOptions as _, Result};
use dullahan_user::presentation::{
    event::transport::OpenSessionProcess,
    http::{HttpSettings, UserHttp},
};
use http::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

use crate::{
    server::Server,
    support::{ALICE, App, PASSWORD, Send as _, app::Plan, client::Client, mount::Mount},
};

const MOMENT: Duration = Duration::from_millis(200);

fn with_settings(http: HttpSettings) -> Plan {
    Plan { http, ..Plan::default() }
}

fn head(path: &str, length: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    )
}

async fn send(app: &App, bytes: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect(app.address).await.unwrap();
    connection.write_all(bytes).await.unwrap();
    connection
}

/// Everything that comes until the server hangs up.
async fn read_to_end(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A server that hangs up on somebody who still sends may reset the connection; what it said counts.
    connection.read_to_end(&mut answer).await.ok();
    String::from_utf8(answer).unwrap()
}

async fn expect_well(app: &App) {
    let health = app.client.to_application(Method::GET, "/health").answer().await.expect(200);
    assert_eq!(health.body, "well");
    app.client.get("/account").answer().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let app = with_settings(HttpSettings { body_timeout: MOMENT, ..HttpSettings::default() });
    let app = app.start().await;
    for (length, begun) in [
        ("Content-Length: 100", &b"{"[..]),
        ("Content-Length: 100", b""),
        ("Transfer-Encoding: chunked", b"5\r\n{\"ema"),
    ] {
        let mut connection = send(&app, head("/auth/registration", length).as_bytes()).await;
        connection.write_all(begun).await.unwrap();
        let answer = read_to_end(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(answer.contains(r#""code":"request_timeout""#), "{answer}");
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    expect_well(&app).await;
}

#[tokio::test]
async fn a_body_that_comes_drop_by_drop_has_one_time_limit_as_a_whole() {
    let app = with_settings(HttpSettings { body_timeout: MOMENT, ..HttpSettings::default() });
    let app = app.start().await;
    let request = head("/auth/registration", "Content-Length: 60000");
    let connection = send(&app, request.as_bytes());
    let (mut reader, mut writer) = connection.await.into_split();
    let dripping = tokio::spawn(async move {
        let mut drop_by_drop = tokio::time::interval(MOMENT / 20);
        loop {
            drop_by_drop.tick().await;
            if writer.write_all(b" ").await.is_err() {
                return;
            }
        }
    });
    let mut answer = vec![0; 12];
    reader.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 408");
    drop(reader);
    dripping.abort();
    expect_well(&app).await;
}

/// Never comes to an end, where the request asks for that. Counts how often.
struct Hang(Arc<AtomicU32>);

impl Listener<After<'_, OpenSessionProcess>> for Hang {
    async fn call(&self, ev: After<'_, OpenSessionProcess>) -> Result<()> {
        let head = ev.context().request();
        if head.is_some_and(|head| head.headers.contains_key("x-hang")) {
            self.0.fetch_add(1, Ordering::Relaxed);
            pending::<()>().await;
        }
        Ok(())
    }
}

#[tokio::test]
async fn err_01_work_that_takes_too_long_is_dropped_and_rolled_back() {
    let hanging = Arc::new(AtomicU32::new(0));
    let hang = Hang(Arc::clone(&hanging));
    let app = App::extended(|core| {
        core.event::<OpenSessionProcess>().after(hang.priority(-100));
    });
    let app = app.await;
    app.add_user(ALICE).await;
    // Its users are the same; nobody but those who hang has so little time.
    let hasty = HttpSettings { time_limit: MOMENT, ..HttpSettings::default() };
    let hasty = UserHttp::new(app.core.clone(), hasty).unwrap();
    let (_server, address) = Server::start(hasty, Mount::Merged, None).await;
    let hasty = Client::new(address, Mount::Merged.prefix());
    let mut others = 0;
    // On a busy machine the time may be up before the session is stored.
    while hanging.load(Ordering::Relaxed) < 3 && others < 30 {
        let answer = hasty.log_in(ALICE, PASSWORD).header("x-hang", "1").answer().await;
        answer.internal_problem(503, "deadline_exceeded");
        assert_eq!(answer.headers["retry-after"], "1");
        // The writer's turn is free again, and the session is not there.
        app.client.bearer(ALICE).await;
        others += 1;
        assert_eq!(app.database.count("dullahan_sessions").await, others);
    }
    assert_eq!(hanging.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn an_upload_that_is_aborted_does_nothing() {
    let app = App::start().await;
    let before = app.database.dump().await;
    let body = json!({ "email": ALICE, "password": PASSWORD }).to_string();
    let half = &body.as_bytes()[..body.len() / 2];
    for (length, part) in [
        (format!("Content-Length: {}", body.len()), half.to_vec()),
        ("Transfer-Encoding: chunked".to_owned(), [b"1f\r\n", half].concat()),
        // The whole text, but not the end of the body.
        (
            "Transfer-Encoding: chunked".to_owned(),
            format!("{:x}\r\n{body}\r\n", body.len()).into_bytes(),
        ),
    ] {
        let bytes = [head("/auth/registration", &length).as_bytes(), &part].concat();
        let mut connection = send(&app, &bytes).await;
        connection.shutdown().await.unwrap();
        let answer = read_to_end(&mut connection).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
    expect_well(&app).await;
    app.add_user(ALICE).await;
}

#[tokio::test]
async fn a_body_or_a_head_beyond_the_limit_is_refused_and_costs_nothing() {
    let app = App::start().await;
    let limit = HttpSettings::default().body_limit;
    let announced = head("/auth/registration", &format!("Content-Length: {}", limit + 1));
    let answer = read_to_end(&mut send(&app, announced.as_bytes()).await).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let waits = head(
        "/auth/registration",
        &format!("Content-Length: {}\r\nExpect: 100-continue", limit + 1),
    );
    let answer = read_to_end(&mut send(&app, waits.as_bytes()).await).await;
    assert!(answer.contains("HTTP/1.1 413 "), "{answer}");
    // Chunks without an end: the client is cut off while it still sends.
    let (mut reader, mut writer) =
        send(&app, head("/auth/registration", "Transfer-Encoding: chunked").as_bytes())
            .await
            .into_split();
    let endless = tokio::spawn(async move {
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        while writer.write_all(chunk.as_bytes()).await.is_ok() {}
    });
    let mut status = vec![0; 12];
    reader.read_exact(&mut status).await.unwrap();
    assert_eq!(status, b"HTTP/1.1 413");
    drop(reader);
    endless.await.unwrap();
    // A head of a mebibyte is no business of the module; the server cuts it off.
    let huge = format!(
        "GET /account HTTP/1.1\r\nHost: localhost\r\nX-Huge: {}\r\n\r\n",
        "a".repeat(1 << 20)
    );
    let mut connection = TcpStream::connect(app.address).await.unwrap();
    connection.write_all(huge.as_bytes()).await.ok();
    let answer = read_to_end(&mut connection).await;
    let is_refused = ["", "HTTP/1.1 400 ", "HTTP/1.1 431 "];
    assert!(is_refused.contains(&answer.get(..13).unwrap_or_default()), "{answer}");
    assert_eq!(app.hasher.take_counts(), (0, 0));
    expect_well(&app).await;
}

#[tokio::test]
async fn http_01_a_head_that_never_ends_is_cut_off_and_keeps_no_server_from_stopping() {
    const LONG: Duration = Duration::from_secs(60);
    let mut app = App::start().await;
    let mut half = send(&app, b"GET /acc").await;
    let mut silent = send(&app, b"").await;
    let dripping = tokio::spawn({
        let mut connection = send(&app, b"GET /account HTTP/1.1\r\nX-Slow: ").await;
        async move {
            let mut drop_by_drop = tokio::time::interval(MOMENT);
            loop {
                drop_by_drop.tick().await;
                if connection.write_all(b"x").await.is_err() {
                    return;
                }
            }
        }
    });
    for connection in [&mut half, &mut silent] {
        let answer = timeout(LONG, read_to_end(connection)).await.unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    timeout(LONG, dripping).await.unwrap().unwrap();
    expect_well(&app).await;
    let mut half = send(&app, b"GET /acc").await;
    timeout(LONG, app.server.stop()).await.unwrap();
    timeout(LONG, read_to_end(&mut half)).await.unwrap();
}

#[tokio::test]
async fn five_thousand_idle_connections_keep_nobody_waiting() {
    const COUNT: usize = 5000;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    let app = App::start().await;
    app.add_user(ALICE).await;
    let mut idle = Vec::with_capacity(COUNT);
    for i in 0..COUNT {
        let mut connection = TcpStream::connect(app.address).await.unwrap();
        // Some have not said a word, some have said half of one, some have been answered.
        match i % 3 {
            0 => {}
            1 => connection.write_all(b"GET /acc").await.unwrap(),
            _ => {
                let request = b"HEAD /account HTTP/1.1\r\nHost: localhost\r\n\r\n";
                connection.write_all(request).await.unwrap();
                let mut status = [0; 12];
                connection.read_exact(&mut status).await.unwrap();
                assert_eq!(&status, b"HTTP/1.1 401");
            }
        }
        idle.push(connection);
    }
    expect_well(&app).await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    assert_eq!(idle.len(), COUNT);
}

#[tokio::test]
async fn clients_that_do_not_read_their_answers_keep_nobody_waiting() {
    let app = with_settings(HttpSettings { shows_openapi: true, ..HttpSettings::default() });
    let app = app.start().await;
    let requests = "GET /auth/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000);
    let mut greedy = Vec::new();
    for _ in 0..4 {
        let mut connection = TcpStream::connect(app.address).await.unwrap();
        // Until the answers jam, and with them the requests.
        while let Ok(written) = timeout(MOMENT, connection.write_all(requests.as_bytes())).await {
            written.unwrap();
        }
        greedy.push(connection);
    }
    expect_well(&app).await;
    assert_eq!(greedy.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_under_load_loses_no_answer() {
    const COUNT: usize = 32;
    let mut app = Plan::default().without_limit_of_passwords().start().await;
    app.add_user(ALICE).await;
    app.hasher.hold();
    let mut logins = JoinSet::new();
    for _ in 0..COUNT {
        let login = app.client.log_in(ALICE, PASSWORD);
        logins.spawn(async move { login.answer().await });
    }
    app.hasher.wait_until_at_work(COUNT).await;
    let hasher = Arc::clone(&app.hasher);
    let stopping = async {
        app.server.stop().await;
    };
    // The server is told first, and then the work goes on.
    tokio::join!(biased; stopping, async move { hasher.go_on() });
    for answer in logins.join_all().await {
        answer.expect(200);
    }
    assert_eq!(app.database.count("dullahan_sessions").await, i64::try_from(COUNT).unwrap());
    assert!(TcpStream::connect(app.address).await.is_err(), "it takes no more connections");
}
