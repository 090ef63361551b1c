//! Where a request comes from.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use dullahan_user::presentation::http::ClientAddress;
use http::Extensions;

/// The address that the application has made out, else that of the connection, if the server keeps it.
pub(crate) fn client_address(extensions: &Extensions) -> Option<ClientAddress> {
    extensions.get().copied().or_else(|| {
        let connection = extensions.get::<ConnectInfo<SocketAddr>>();
        connection.map(|ConnectInfo(address)| ClientAddress(address.ip()))
    })
}
