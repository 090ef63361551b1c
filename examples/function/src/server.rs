//! The function under plain hyper: this much is a bridge.

use std::{convert::Infallible, future::Future, time::Duration};

use dullahan_user::presentation::http::{PeerAddress, UserHttp};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{net::TcpListener, time::sleep};

/// For how long no connection is accepted after one could not be.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until `stopped`, and then until every answer is out. What cannot be accepted, as too many files are open, waits until
/// other connections have ended.
pub async fn serve(listener: TcpListener, users: UserHttp, stopped: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        let (connection, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted; trying again");
                tokio::select! {
                    () = sleep(PAUSE) => continue,
                    () = &mut stopped => break,
                }
            }
        };
        let users = users.clone();
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            let users = users.clone();
            request.extensions_mut().insert(PeerAddress(address.ip()));
            async move { Ok::<_, Infallible>(users.serve(request, sleep).await.map(Full::new)) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(10))
            .serve_connection(TokioIo::new(connection), service);
        tokio::spawn(connections.watch(connection));
    }
    connections.shutdown().await;
}
