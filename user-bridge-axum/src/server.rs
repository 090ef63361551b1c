//! A server for axum that ends connections which send nothing, and stops in time.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
};
use http::Request;
use http_body::Frame;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower_service::Service as _;

use crate::signals::Signals;

/// How long a connection without a request has to write the end of an answer.
const MOMENT: Duration = Duration::from_secs(1);

/// Serves an application over HTTP/1.1 until the process is asked to stop: [`Server`] with its default limits.
///
/// # Errors
///
/// When the signals of the process cannot be listened to.
pub async fn serve(listener: TcpListener, app: Router) -> io::Result<()> {
    Server::new(listener, app).run().await
}

/// A server with the limits that `axum::serve` does not have.
///
/// - A connection that sends no complete head for 10 seconds is closed, whether it has begun one or is idle.
/// - When no connection can be accepted, because all files that the process may open are open, idle connections are closed
///   and the log says which limit to raise.
/// - When it stops, connections without a request are closed, and others have 30 seconds to be answered.
/// - A second signal stops it at once.
///
/// Handlers get the client's address as [`ConnectInfo<SocketAddr>`](ConnectInfo). TLS and HTTP/2 are left to a proxy in
/// front.
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use dullahan_user_bridge_axum::Server;
/// use tokio::net::TcpListener;
///
/// # async fn run() -> std::io::Result<()> {
/// let app = Router::new().route("/health", get(async || "well"));
/// let listener = TcpListener::bind("127.0.0.1:8080").await?;
/// Server::new(listener, app).run().await
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    app: Router,
    idle_limit: Duration,
    stop_limit: Duration,
}

/// What all connections have to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// No further connection can be accepted, for the n-th time.
    MakingRoom(u64),
    Stopping,
}

impl Server {
    /// A server of this application with the default limits.
    pub fn new(listener: TcpListener, app: Router) -> Self {
        Self {
            listener,
            app,
            idle_limit: Duration::from_secs(10),
            stop_limit: Duration::from_secs(30),
        }
    }

    /// Sets how long a connection may take to send a complete head, from its start or from the last answer: 10 seconds
    /// unless set.
    #[must_use]
    pub fn with_idle_limit(self, idle_limit: Duration) -> Self {
        Self { idle_limit, ..self }
    }

    /// Sets how long requests that were begun may take when it stops: 30 seconds unless set.
    #[must_use]
    pub fn with_stop_limit(self, stop_limit: Duration) -> Self {
        Self { stop_limit, ..self }
    }

    /// Serves until the process gets SIGTERM or Ctrl-C, and then until every answer is out. A second signal ends it at
    /// once.
    ///
    /// # Errors
    ///
    /// When the signals of the process cannot be listened to.
    pub async fn run(self) -> io::Result<()> {
        let mut signals = Signals::listen()?;
        let (stop, stopped) = oneshot::channel();
        let serving = self.run_until(async { stopped.await.unwrap_or_default() });
        let ended = async {
            signals.next().await;
            // It fails if the server has ended of itself.
            let _ = stop.send(());
            signals.next().await;
        };
        tokio::select! {
            () = serving => {}
            () = ended => tracing::warn!("stopped by a second signal; requests that were begun are dropped"),
        }
        Ok(())
    }

    /// Serves until this future completes, and then until every answer is out. Dropping it ends all connections.
    pub async fn run_until(self, stopped: impl Future<Output = ()>) {
        let (phase, _) = watch::channel(Phase::Serving);
        let mut connections = JoinSet::new();
        let mut stopped = pin!(stopped);
        let mut refusals = 0;
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = connections.join_next(), if !connections.is_empty() => continue,
                () = &mut stopped => break,
            };
            match accepted {
                Ok((stream, address)) => {
                    let connection = Connection {
                        address,
                        app: self.app.clone(),
                        requests: Arc::default(),
                        idle_limit: self.idle_limit,
                        stop_limit: self.stop_limit,
                    };
                    connections.spawn(connection.serve(stream, phase.subscribe()));
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    tracing::error!(
                        %error,
                        connections = connections.len(),
                        "a connection could not be accepted; idle connections are closed to make room. If too many \
                         files are open, raise their limit (`ulimit -n`, or `LimitNOFILE` of systemd)"
                    );
                    refusals += 1;
                    phase.send_replace(Phase::MakingRoom(refusals));
                    tokio::select! {
                        () = sleep(MOMENT) => {}
                        _ = connections.join_next(), if !connections.is_empty() => {}
                        () = &mut stopped => break,
                    }
                }
            }
        }
        drop(self.listener);
        phase.send_replace(Phase::Stopping);
        while connections.join_next().await.is_some() {}
    }
}

/// Whether accepting failed because of the very client.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Connection {
    address: SocketAddr,
    app: Router,
    /// How many requests are being answered.
    requests: Arc<AtomicUsize>,
    idle_limit: Duration,
    stop_limit: Duration,
}

impl Connection {
    async fn serve(self, stream: TcpStream, mut phases: watch::Receiver<Phase>) {
        let accepted = Instant::now();
        let service = service_fn(|request| self.answer(request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.idle_limit)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        loop {
            tokio::select! {
                // What fails here is the client's doing, or a head that did not come in within its time.
                _ = connection.as_mut() => return,
                _ = phases.changed() => {}
            }
            let is_idle = self.requests.load(Ordering::Acquire) == 0;
            let limit = match (*phases.borrow_and_update(), is_idle) {
                (Phase::Serving, _) | (Phase::MakingRoom(_), false) => continue,
                // Its first request may be on its way. It is idle the next time.
                (Phase::MakingRoom(_), true) if accepted.elapsed() < MOMENT => continue,
                (Phase::MakingRoom(_) | Phase::Stopping, true) => MOMENT,
                (Phase::Stopping, false) => self.stop_limit,
            };
            connection.as_mut().graceful_shutdown();
            // Half a head would keep it open.
            let _ = timeout(limit, connection).await;
            return;
        }
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
    ) -> Result<http::Response<Answer>, Infallible> {
        let answering = Answering::begin(&self.requests);
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.app.clone().call(request).await?;
        Ok(response.map(|body| Answer { body, _answering: answering }))
    }
}

/// Counts as a request until it is dropped.
struct Answering(Arc<AtomicUsize>);

impl Answering {
    fn begin(requests: &Arc<AtomicUsize>) -> Self {
        requests.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(requests))
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The body of an answer, whose request counts until it is written.
struct Answer {
    body: Body,
    _answering: Answering,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
