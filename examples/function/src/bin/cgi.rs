//! The contract as a CGI program: one process, one request. A web server calls it; `cgi mails`, from a timer say,
//! sends the mails that are owed and deletes expired rows.

use std::{env, error::Error, io};

use function::{Application, answer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    let application = Application::from_environment().await?;
    if env::args().nth(1).as_deref() == Some("mails") {
        application.deliver_mails().await?;
        application.users.users().purge().await?;
        return Ok(());
    }
    // What is no text is in no variable that the contract reads.
    let variables = env::vars_os().filter_map(|(name, value)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    });
    Ok(answer(&application.users, variables, io::stdin().lock(), io::stdout().lock()).await?)
}
