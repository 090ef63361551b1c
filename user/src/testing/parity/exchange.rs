//! A request over a socket, byte by byte.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use futures_channel::oneshot;

/// How long a server may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends bytes and reads the answer: as long as it says that it is, else until the server closes the connection, which
/// may take a while, since it reads on what could still come of a body that it has refused. On a thread of its own, so that it does not
/// matter which runtime waits for it.
pub(super) async fn exchange(address: SocketAddr, request: Vec<u8>) -> io::Result<Vec<u8>> {
    let (tell, told) = oneshot::channel();
    thread::spawn(move || tell.send(exchange_here(address, &request)));
    told.await.map_err(io::Error::other)?
}

fn exchange_here(address: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    // A server may answer and hang up before it has read everything; what counts is what it said.
    let written = connection.write_all(request);
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while !is_whole(&answer) {
        match connection.read(&mut part) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&part[..read]),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset && !answer.is_empty() => {
                break;
            }
            Err(error) => return Err(error),
        }
    }
    if answer.is_empty() {
        written?;
    }
    Ok(answer)
}

/// Whether the answer has as many bytes as its head says.
fn is_whole(answer: &[u8]) -> bool {
    const END: &[u8] = b"\r\n\r\n";
    let Some(head) = answer.windows(END.len()).position(|bytes| bytes == END) else { return false };
    let lines = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let length = lines.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse().ok());
    length.is_some_and(|length: usize| answer.len() >= head + END.len() + length)
}
