//! A small SMTP server that keeps what it takes, and gets into trouble when told to.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use super::session::Session;

/// A mail that the server has taken.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) sender: String,
    pub(crate) recipient: String,
    /// The parameters of `MAIL FROM`.
    pub(crate) parameters: String,
    /// The content, without the dots that were stuffed.
    pub(crate) content: String,
}

impl Received {
    /// The value of a header, unfolded.
    pub(crate) fn header(&self, name: &str) -> String {
        let head = self.content.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let prefix = format!("{name}: ");
        let mut values = head.split("\r\n").filter_map(|line| line.strip_prefix(&prefix));
        let value = values.next().unwrap_or_else(|| panic!("no {name} in {head}")).to_owned();
        assert!(values.next().is_none(), "{name} is there twice in {head}");
        value
    }
}

/// What the server does otherwise than it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It answers commands that begin with this with that.
    Answers(&'static str, &'static str),
    /// It answers the content of a mail with this.
    AnswersContent(&'static str),
    /// It closes the connection in the middle of the content.
    DropsContent,
    /// It takes the mail and closes the connection instead of saying so.
    DropsAnswer,
    /// It takes the mail and does not answer.
    IsSilent,
    /// It greets nobody.
    DoesNotGreet,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) received: Mutex<Vec<Received>>,
    pub(crate) trouble: Mutex<Option<Trouble>>,
    pub(crate) connections: Mutex<usize>,
    /// What clients did that the protocol forbids.
    pub(crate) offences: Mutex<Vec<String>>,
    /// What it was signed in with.
    pub(crate) credentials: Mutex<Vec<String>>,
}

/// What the server offers.
pub(crate) struct Offer {
    pub(crate) extensions: Vec<&'static str>,
    pub(crate) acceptor: Option<TlsAcceptor>,
    /// Whether it is encrypted from the start.
    pub(crate) is_implicit: bool,
    pub(crate) state: State,
    /// How many mails were taken that nobody has waited for yet.
    pub(crate) taken: Semaphore,
}

/// A small SMTP server. It stops when this is dropped.
pub(crate) struct SmtpServer {
    offer: Arc<Offer>,
    port: u16,
    task: JoinHandle<()>,
}

impl SmtpServer {
    /// A server without encryption that knows what servers know nowadays.
    pub(crate) async fn start() -> Self {
        Self::offering(vec!["8BITMIME", "SMTPUTF8"], None, false).await
    }

    pub(crate) async fn offering(
        extensions: Vec<&'static str>,
        acceptor: Option<TlsAcceptor>,
        is_implicit: bool,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let state = State::default();
        let taken = Semaphore::new(0);
        let offer = Arc::new(Offer { extensions, acceptor, is_implicit, state, taken });
        Self::serve(listener, offer)
    }

    fn serve(listener: TcpListener, offer: Arc<Offer>) -> Self {
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn({
            let offer = Arc::clone(&offer);
            async move {
                let mut sessions = tokio::task::JoinSet::new();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    *offer.state.connections.lock() += 1;
                    sessions.spawn(Session::run(stream, Arc::clone(&offer)));
                }
            }
        });
        Self { offer, port, task }
    }

    /// Stops it with all its connections, and gives what it takes to start it again at the same port.
    pub(crate) async fn stop(mut self) -> Stopped {
        self.task.abort();
        assert!((&mut self.task).await.unwrap_err().is_cancelled());
        Stopped { offer: Arc::clone(&self.offer), port: self.port }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn gets_into(&self, trouble: Trouble) {
        *self.offer.state.trouble.lock() = Some(trouble);
    }

    pub(crate) fn recovers(&self) {
        *self.offer.state.trouble.lock() = None;
    }

    pub(crate) fn connections(&self) -> usize {
        *self.offer.state.connections.lock()
    }

    pub(crate) fn credentials(&self) -> Vec<String> {
        self.offer.state.credentials.lock().clone()
    }

    /// The mails that it has taken; no client has offended against the protocol.
    pub(crate) fn received(&self) -> Vec<Received> {
        let offences = self.offer.state.offences.lock();
        assert!(offences.is_empty(), "{offences:?}");
        self.offer.state.received.lock().clone()
    }

    /// The one mail that it has taken.
    pub(crate) fn only(&self) -> Received {
        let mut received = self.received();
        assert_eq!(received.len(), 1);
        received.remove(0)
    }

    /// Waits until it has taken one more mail.
    pub(crate) async fn has_taken_one(&self) {
        let waiting = tokio::time::timeout(Duration::from_secs(60), self.offer.taken.acquire());
        waiting.await.expect("a mail is taken").unwrap().forget();
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A server that is not there for a while.
pub(crate) struct Stopped {
    offer: Arc<Offer>,
    port: u16,
}

impl Stopped {
    pub(crate) async fn start(self) -> SmtpServer {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(([127, 0, 0, 1], self.port).into()).unwrap();
        SmtpServer::serve(socket.listen(16).unwrap(), self.offer)
    }
}
