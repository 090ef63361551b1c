//! Many idle connections, and few files that the server may open.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _, stdin},
    net::SocketAddr,
    process::{Child, ChildStderr, Command, Stdio},
    time::Duration,
};

use tokio::{io::AsyncWriteExt as _, net::TcpStream, task::block_in_place, time::timeout};

use crate::{
    server::Server,
    support::{App, Send as _, client::Client, log},
};

/// Tells this program, by a test, to be a server.
const SERVE: &str = "DULLAHAN_SERVE_WITH_FEW_FILES";

/// What the system says once no more files may be opened.
const TOO_MANY: &str = "Too many open files";

/// Another process of this program that serves. It is killed when this is dropped.
struct Serving {
    child: Child,
    log: BufReader<ChildStderr>,
    address: SocketAddr,
}

impl Serving {
    fn with_files(files: u32) -> Self {
        let (_, module) = module_path!().split_once("::").unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")])
            .arg(env::current_exe().unwrap())
            .args(["--exact", &format!("{module}::serve_with_few_files"), "--nocapture"])
            .env(SERVE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "it did not start");
            if let Some(address) = line.trim().strip_prefix("listening on ") {
                break address.parse().unwrap();
            }
        };
        Self { child, log, address }
    }

    /// Has it end, and gives what it has logged of files.
    fn stop(mut self) -> String {
        self.child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let mut logged = String::new();
        self.log.read_to_string(&mut logged).unwrap();
        logged
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_with_few_files() {
    if env::var_os(SERVE).is_none() {
        return;
    }
    let app = App::start().await;
    eprintln!("listening on {}", app.address);
    block_in_place(|| stdin().read_line(&mut String::new())).unwrap();
    for line in log::lines_with(TOO_MANY) {
        eprintln!("{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_03_idle_connections_do_not_use_up_the_files() {
    let server = block_in_place(|| Serving::with_files(128));
    let mut idle = Vec::new();
    for i in 0..200 {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        if i % 2 == 0 {
            connection.write_all(b"GET /acc").await.unwrap();
        }
        idle.push(connection);
    }
    let client = Client::new(server.address, "");
    let answer = timeout(Server::MAKES_ROOM_WITHIN, client.get("/account").answer());
    answer.await.unwrap().problem(401, "unauthenticated");
    drop(idle);
    let register = timeout(Duration::from_secs(30), client.register("ada@x.test").answer());
    register.await.unwrap().expect(202);
    let logged = block_in_place(|| server.stop());
    assert!(logged.contains(TOO_MANY), "{logged}");
}
