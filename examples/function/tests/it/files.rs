//! Under plain hyper, where few files may be open.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

/// So much time that a test fails when it is up.
const LONG: Duration = Duration::from_secs(30);

/// The program. It is killed when this is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Server {
    fn start_with_files(files: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\"")])
            .arg(env!("CARGO_BIN_EXE_serve"))
            .current_dir(folder.path())
            .env("PORT", "0")
            .env("DATABASE_URL", "sqlite:users.sqlite")
            .env("MAILBOX", "mailbox")
            .env_remove("ORIGIN")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let address = first.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
        Self { child, address, folder }
    }

    fn log(&self) -> String {
        fs::read_to_string(PathBuf::from(self.folder.path()).join("log")).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test]
async fn http_03_a_server_that_can_open_no_more_files_goes_on_when_some_are_closed() {
    let mut server = Server::start_with_files(96);
    let mut idle = Vec::new();
    for _ in 0..150 {
        idle.push(TcpStream::connect(server.address).await.unwrap());
    }
    let noticed = async {
        while !server.log().contains("a connection could not be accepted") {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LONG, noticed).await.unwrap();
    drop(idle);
    let asked = async {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        let request = b"GET /account HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        connection.write_all(request).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = timeout(LONG, asked).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(server.log().contains("Too many open files"), "{}", server.log());
    assert!(server.child.try_wait().unwrap().is_none(), "it goes on");
}
