//! The contract under plain hyper. Run with `cargo run -p function --bin serve`.

use std::{env, error::Error, time::Duration};

use function::{Application, serve};
use tokio::{net::TcpListener, signal::ctrl_c, time::sleep};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this is what a person at the terminal is to read")]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let application = Application::from_environment().await?;
    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mails = application.users.users().clone();
    tokio::spawn(async move { mails.deliver_mails(|| sleep(Duration::from_millis(250))).await });
    let expired = application.users.users().clone();
    tokio::spawn(async move { expired.purge_regularly(|| sleep(Duration::from_hours(1))).await });
    let stopped = async {
        ctrl_c().await.ok();
    };
    serve(listener, application.users, stopped).await;
    Ok(())
}
