//! Users on axum and SQLite or PostgreSQL, with every step bent once in `extensions.rs`.
//!
//! Run with `cargo run -p quickstart`.

mod database;
mod extensions;
mod guide;
mod pages;
mod settings;

use std::{error::Error, process::ExitCode, time::Duration};

use axum::{Router, extract::FromRef, routing::get};
use dullahan_core::Core;
use dullahan_user::{UserModule, port::Mailer, presentation::http::UserHttp};
use dullahan_user_bridge_axum::{CurrentUser, router, serve};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::settings::Settings;

/// What the handlers of this application share.
#[derive(Clone, FromRef)]
struct AppState {
    users: UserHttp,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        // Returned from `main`, a text would be printed in quotes.
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(settings::log_filter())
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(std::io::stderr)
        .init();
    let settings = Settings::from_environment()?;
    let mut core = Core::builder();
    let opened = database::open(&settings.database_url, &mut core).await;
    opened.map_err(|error| format!("the database of DATABASE_URL cannot be used: {error}"))?;
    let core = core
        .module(UserModule::new(settings.accounts()))
        .provide::<dyn Mailer>(settings.mailer()?)
        .module(extensions::register)
        .build()?;
    if dullahan_core::command::events_command(&core)? {
        return Ok(());
    }

    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await.map_err(|error| {
        format!("port {} cannot be used: {error}; PORT says which one is", settings.port)
    })?;
    let address = listener.local_addr()?;
    let users = UserHttp::new(core.clone(), settings::http(address)?)?;
    let mails = users.users().clone();
    tokio::spawn(async move { mails.deliver_mails(|| sleep(Duration::from_millis(250))).await });
    let expired = users.users().clone();
    tokio::spawn(async move { expired.purge_regularly(|| sleep(Duration::from_hours(1))).await });

    let app = Router::new()
        .route("/hello", get(hello))
        .merge(pages::router(&users.openapi()))
        .merge(router(users.clone()))
        .with_state(AppState { users });
    guide::print(address, &settings);
    serve(listener, app).await?;
    finish(&core).await;
    Ok(())
}

/// Waits a while for what clients left that went away after their request was stored.
async fn finish(core: &Core) {
    if timeout(Duration::from_secs(10), core.finish_pending()).await.is_err() {
        tracing::error!(pending = core.pending(), "stopped before everything was finished");
    }
}

/// A route of the application's own, for users who are signed in.
async fn hello(user: CurrentUser) -> String {
    let name = user.display_name.as_ref().map_or("you", |name| name.as_str());
    format!("Hello, {name}!\n")
}
