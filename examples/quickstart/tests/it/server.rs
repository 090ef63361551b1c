//! A process of the program.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

use crate::{
    client::Client,
    home::{DEADLINE, Home},
};

/// A process of the program. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// What it prints, line by line, without those that were read.
    lines: Receiver<String>,
    address: String,
}

impl Server {
    /// Starts the program on a free port and waits until it says where it listens.
    pub(crate) fn start(home: &Home) -> Self {
        Self::started_by(home, Command::new(env!("CARGO_BIN_EXE_quickstart")))
    }

    /// The same where it may open so many files.
    pub(crate) fn start_with_files(home: &Home, files: u32) -> Self {
        let mut shell = Command::new("sh");
        let limited = format!("ulimit -n {files}; exec \"$0\"");
        shell.args(["-c", &limited, env!("CARGO_BIN_EXE_quickstart")]);
        Self::started_by(home, shell)
    }

    fn started_by(home: &Home, mut command: Command) -> Self {
        let log = File::options().create(true).append(true).open(home.log_path()).unwrap();
        let mut child = command
            .current_dir(home.path())
            .env("PORT", "0")
            .env("DATABASE_URL", home.database_url())
            .env("MAILBOX", home.mailbox().path)
            .env("TRUSTED_PROXIES", "127.0.0.1")
            .env_remove("RUST_LOG")
            .env_remove("SMTP_URL")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines() {
                if line.is_err() || sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut server = Self { child, lines, address: String::new() };
        let first =
            server.next_line().unwrap_or_else(|| panic!("it did not start: {}", home.log()));
        let (address, _) = first.strip_prefix("listening on ").unwrap().split_once(',').unwrap();
        server.address = address.to_owned();
        server
    }

    /// Where it listens, as it has printed: `http://localhost:40123`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where it listens, for a connection made by hand.
    pub(crate) fn socket_address(&self) -> (&'static str, u16) {
        ("127.0.0.1", self.address.rsplit(':').next().unwrap().parse().unwrap())
    }

    pub(crate) fn client(&self) -> Client {
        Client::of(&self.address)
    }

    /// The next line that it prints; `None` when it has ended.
    pub(crate) fn next_line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing was printed in {DEADLINE:?}"),
        }
    }

    /// `kill -9`, and the certainty that it is dead.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `kill -TERM`; it goes on until it has answered.
    pub(crate) fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until it has ended of itself.
    pub(crate) async fn wait(mut self) -> ExitStatus {
        crate::home::eventually("it ends", async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
