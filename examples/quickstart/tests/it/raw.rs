//! HTTP by hand, byte by byte: for requests that no well-behaved client sends.

use std::io::ErrorKind;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{home::DEADLINE, server::Server};

/// A connection to the program.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    /// What was read and belongs to the next answer.
    ahead: Vec<u8>,
}

impl Raw {
    pub(crate) async fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(server.socket_address()).await.unwrap();
        Self { stream, ahead: Vec::new() }
    }

    /// Writes, as far as the other side still listens.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        match self.stream.write_all(bytes).await {
            Err(error)
                if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) =>
            {
                panic!("{error}")
            }
            _ => {}
        }
    }

    /// The next head of an answer, `100 Continue` included, with its status.
    pub(crate) async fn head(&mut self) -> (u16, String) {
        loop {
            if let Some(end) = self.ahead.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = self.ahead.drain(..end + 4).collect();
                let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                return (status, head);
            }
            let mut buffer = [0; 4096];
            let read = timeout(DEADLINE, self.stream.read(&mut buffer)).await.unwrap().unwrap();
            assert!(read > 0, "the connection ended without an answer");
            self.ahead.extend_from_slice(&buffer[..read]);
        }
    }

    /// Whether the connection ends without a further byte.
    pub(crate) async fn is_at_its_end(&mut self) -> bool {
        let mut buffer = [0; 1];
        match timeout(DEADLINE, self.stream.read(&mut buffer)).await.unwrap() {
            Ok(read) => self.ahead.is_empty() && read == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }
}
