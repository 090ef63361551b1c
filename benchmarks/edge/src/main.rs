//! A server to be measured: `dullahan-benchmarks-edge axum|actix`. It prints its address and a bearer token.
//!
//! | route | what |
//! | --- | --- |
//! | `/bare` | a body, composed in the handler |
//! | `/hooked` | the same body, from an event with two listeners and a default |
//! | `/statement` | the statement that finds a session, written into the handler |
//! | `/session` | the same body for the signed-in user, by the extractor |
//! | `/api` | the contract |
//! | `/visitor` | makes an account, for who checks the contract and needs one that nobody has touched |

mod greeting;
mod on_actix;
mod on_axum;
mod statement;
mod visitor;

use std::{env, error::Error, net::TcpListener, sync::Arc};

use dullahan_core::{Context, Core};
use dullahan_core_bridge_sqlx::{SqliteSettings, SqliteStore};
use dullahan_user::{
    UserModule,
    domain::{AddressLimits, Limits, SessionTransport, Settings},
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::{Mailer, UserSessionManager},
    presentation::http::{HttpSettings, UserHttp},
};
use dullahan_user_bridge_lettre::EmlFolder;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use self::{statement::Statement, visitor::Visitors};

/// What the handlers of either framework share.
#[derive(Clone)]
struct Shared {
    core: Core,
    users: UserHttp,
    statement: Statement,
    visitors: Visitors,
}

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "correct horse battery staple";

#[expect(clippy::print_stdout, reason = "the script reads it")]
fn main() -> Result<(), Box<dyn Error>> {
    let framework = env::args().nth(1).unwrap_or_default();
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let url = format!("sqlite://{}", folder.path().join("users.sqlite").display());
    let (shared, token) = runtime.block_on(prepare(&url, folder.path()))?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{} {token}", listener.local_addr()?);
    match framework.as_str() {
        "axum" => runtime.block_on(on_axum::serve(listener, shared))?,
        "actix" => on_actix::serve(listener, shared)?,
        _ => return Err("say `axum` or `actix`".into()),
    }
    Ok(())
}

/// An application with one user who is signed in, by a token.
async fn prepare(url: &str, folder: &std::path::Path) -> Result<(Shared, String), Box<dyn Error>> {
    // As the bare route's.
    let mapped = SqliteSettings { mapped_bytes: 1 << 30, ..SqliteSettings::default() };
    let store = SqliteStore::open_with(url, &mapped).await?;
    dullahan_user_bridge_sqlx::migrate(&store).await?;
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(url.parse::<SqliteConnectOptions>()?.pragma("mmap_size", "1073741824"))
        .await?;
    let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests())?;
    let mails = EmlFolder::create(folder.join("mails"), "Benchmark <no-reply@x.test>")?;
    // Everything comes from one address.
    let limits = Limits { by_address: AddressLimits::NONE, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let core = Core::builder()
        .module(UserModule::new(settings).with_password_hasher(Arc::new(hasher)))
        .module(dullahan_user_bridge_sqlx::module(store))
        .module(greeting::register)
        .provide::<dyn Mailer>(Arc::new(mails))
        .build()?;
    let settings = HttpSettings {
        shows_openapi: true,
        server_url: "/api".to_owned(),
        ..HttpSettings::default()
    };
    let users = UserHttp::new(core.clone(), settings)?;
    let visitors = Visitors::new(users.clone(), pool.clone());
    visitors.sign_up(EMAIL).await?;
    let (identifier, password) = (EMAIL.to_owned(), Arc::new(PASSWORD.parse()?));
    let (facade, context) = (users.users(), Context::new());
    let opened =
        facade.log_in(&context, identifier, password, SessionTransport::Bearer, None).await;
    let token = opened.map_err(|error| error.to_string())?.token.expose().to_string();
    Ok((Shared { core, users, statement: Statement::new(pool), visitors }, token))
}
