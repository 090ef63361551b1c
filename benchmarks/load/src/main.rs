//! A server to put under load, what it is compared with, and the rows it needs. `measure.py` drives it.

mod argon2_limit;
mod bare;
mod ranks;
mod seed;

use std::{error::Error, net::SocketAddr, sync::Arc};

use axum::{Router, routing::get};
use dullahan_core::{BoxFuture, Core, Result};
use dullahan_core_bridge_sqlx::{PostgresStore, SqliteSettings, SqliteStore};
use dullahan_user::{
    UserModule,
    domain::{AddressLimits, Limits, MailMessage, Settings},
    port::Mailer,
    presentation::http::{HttpSettings, UserHttp},
};
use dullahan_user_bridge_axum::router;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["argon2", seconds] => argon2_limit::print(seconds.parse()?),
        ["seed", url, users, tokens] => seed::fill(url, users.parse()?, tokens).await,
        ["ranks", url, pairs] => ranks::compare(url, pairs.parse()?).await,
        ["serve", url, port] => serve(url, port.parse()?).await,
        _ => {
            Err("argon2 SECONDS | seed URL USERS TOKEN_FILE | ranks URL PAIRS | serve URL PORT"
                .into())
        }
    }
}

async fn serve(url: &str, port: u16) -> std::result::Result<(), Box<dyn Error>> {
    let limits = Limits { by_address: AddressLimits::NONE, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let mut core = Core::builder();
    core.module(UserModule::new(settings)).provide::<dyn Mailer>(Arc::new(Nobody));
    let bare = if url.starts_with("postgres") {
        let store = PostgresStore::open(url).await?;
        dullahan_user_bridge_sqlx::check_migrated(&store).await?;
        core.module(dullahan_user_bridge_sqlx::module(store));
        bare::postgres(url).await?
    } else {
        // As the bare route's.
        let mapped = SqliteSettings { mapped_bytes: 1 << 30, ..SqliteSettings::default() };
        let store = SqliteStore::open_with(url, &mapped).await?;
        dullahan_user_bridge_sqlx::check_migrated(&store).await?;
        core.module(dullahan_user_bridge_sqlx::module(store));
        bare::sqlite(url).await?
    };
    let users = UserHttp::new(core.build()?, HttpSettings::default())?;
    let app =
        Router::new().route("/health", get(|| async { "well" })).merge(bare).merge(router(users));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

/// Mails are owed, and nobody sends them here.
struct Nobody;

impl Mailer for Nobody {
    fn send<'a>(&'a self, _: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}
