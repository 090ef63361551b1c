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

/// Sends bytes and reads until the server closes the connection. On a thread of its own, so that it does not
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
    match connection.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset && !answer.is_empty() => {}
        Err(error) => return Err(error),
    }
    if answer.is_empty() {
        written?;
    }
    Ok(answer)
}
