//! An application on actix-web, as the tests of every bridge want it.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    thread::JoinHandle,
    time::Duration,
};

use actix_web::{
    App, HttpMessage as _, HttpResponse, HttpServer,
    dev::{ServerHandle, Service as _},
    middleware::from_fn,
    rt::System,
    web,
};
use dullahan_user::{
    domain::Role,
    presentation::http::{ClientAddress, RequiredRole, UserHttp},
};
use dullahan_user_bridge_actix::{
    CurrentUser, OptionalUser, RecentlyAuthenticated, RequireRole, configure, refuse_forged,
    require_role, require_user, scope,
};
use tokio::sync::oneshot;

use crate::support::mount::Mount;

/// Which of the bridges this is, where they take turns.
pub(crate) const NUMBER: usize = 1;

/// A server that runs until it is dropped.
pub(crate) struct Server {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// Where it listens.
enum Place {
    Port(TcpListener),
    Socket(PathBuf),
}

async fn hello(user: CurrentUser) -> String {
    format!("Hello, {}!", user.email.as_str())
}

async fn note(user: CurrentUser, text: String) -> HttpResponse {
    HttpResponse::Created().body(format!("{} wrote: {text}", user.email.as_str()))
}

async fn front_page(OptionalUser(user): OptionalUser) -> String {
    user.map_or("nobody".to_owned(), |user| user.email.as_str().to_owned())
}

async fn danger(user: RecentlyAuthenticated<60>, again: CurrentUser) -> String {
    assert_eq!(user.0.session, again.session);
    format!("as you like, {}", user.email.as_str())
}

struct Admin;

impl RequiredRole for Admin {
    const ROLE: Role = Role::ADMIN;
}

async fn desk(admin: RequireRole<Admin>) -> String {
    format!("at your service, {}", admin.email.as_str())
}

async fn office(user: CurrentUser) -> String {
    format!("at your service, {}", user.email.as_str())
}

fn own_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::scope("/members")
                .wrap(from_fn(require_user))
                .route("", web::get().to(hello))
                .route("", web::post().to(async || "posted")),
        )
        .service(
            web::resource("/comments")
                .wrap(from_fn(refuse_forged))
                .route(web::post().to(async || "thank you"))
                .route(web::get().to(async || "all comments")),
        )
        .service(
            web::scope("/office")
                .wrap(from_fn(require_role::<Admin, _>))
                .route("", web::get().to(office))
                .route("", web::post().to(async || "posted")),
        )
        .service(web::resource("/desk").route(web::get().to(desk)).route(web::post().to(desk)))
        .route("/health", web::get().to(async || "well"))
        .route("/hello", web::get().to(hello))
        .route("/hello", web::head().to(hello))
        .service(web::resource("/notes").route(web::post().to(note)).route(web::delete().to(hello)))
        .service(
            web::resource("/front")
                .route(web::get().to(front_page))
                .route(web::post().to(front_page)),
        )
        .route("/danger", web::get().to(danger));
}

fn mounted(users: &UserHttp, mount: Mount) -> impl FnOnce(&mut web::ServiceConfig) {
    let users = users.clone();
    move |config| {
        config.app_data(web::Data::new(users.clone())).configure(own_routes);
        match mount {
            Mount::Merged | Mount::Nested => {
                if mount == Mount::Nested {
                    config.service(scope("/slash/", users.clone()));
                }
                config.service(scope(mount.prefix(), users));
            }
            Mount::WithFallback => {
                let fallback =
                    async || HttpResponse::NotFound().body("the application does not know it");
                config.configure(configure(users)).default_service(web::to(fallback));
            }
        }
    }
}

impl Server {
    /// How long a request waits at the most where 200 idle connections have all of 128 files: a hundred of them at a time
    /// for 5 seconds.
    pub(crate) const MAKES_ROOM_WITHIN: Duration = Duration::from_secs(25);

    /// Serves the module and routes of the application's own, with two workers.
    pub(crate) async fn start(
        users: UserHttp,
        mount: Mount,
        forwarded: Option<ClientAddress>,
    ) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let app = move |config: &mut web::ServiceConfig| mounted(&users, mount)(config);
        (Self::run(app, Place::Port(listener), forwarded).await, address)
    }

    /// Serves the module on a Unix socket, as the README shows.
    pub(crate) async fn start_on_socket(users: UserHttp, path: &Path) -> Self {
        let app = move |config: &mut web::ServiceConfig| configure(users.clone())(config);
        Self::run(app, Place::Socket(path.to_owned()), None).await
    }

    async fn run(
        app: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
        place: Place,
        forwarded: Option<ClientAddress>,
    ) -> Self {
        let (started, handle) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let app = app.clone();
                    App::new()
                        .wrap_fn(move |request, service| {
                            if let Some(address) = forwarded {
                                request.extensions_mut().insert(address);
                            }
                            service.call(request)
                        })
                        .configure(app)
                })
                .workers(2)
                .disable_signals()
                .h1_allow_half_closed(false);
                let server = match place {
                    Place::Port(listener) => server.listen(listener),
                    Place::Socket(path) => server.bind_uds(path),
                };
                let server = server.unwrap().run();
                assert!(started.send(server.handle()).is_ok());
                server.await.unwrap();
            });
        });
        Self { handle: handle.await.unwrap(), thread: Some(thread) }
    }

    /// Takes no more connections and ends when every answer is out.
    pub(crate) async fn stop(&mut self) {
        self.handle.stop(true).await;
        let thread = self.thread.take().unwrap();
        tokio::task::spawn_blocking(|| thread.join()).await.unwrap().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}
