//! On actix-web.

use std::{io, net::TcpListener};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    rt::System,
    web::{self, Data},
};
use dullahan_core::Core;
use dullahan_user_bridge_actix::{CurrentUser, scope};

use crate::{
    Shared,
    greeting::{greet, greet_bare},
    statement::Statement,
    visitor::Visitors,
};

async fn visitor(visitors: Data<Visitors>) -> HttpResponse {
    match visitors.next().await {
        Ok(email) => HttpResponse::Ok().body(email),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn hooked(core: Data<Core>) -> HttpResponse {
    match greet(&core).await {
        Ok(body) => HttpResponse::Ok().body(body),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn statement(statement: Data<Statement>, request: HttpRequest) -> HttpResponse {
    let authorization = request.headers().get("authorization").map(|value| value.as_bytes());
    match statement.email(authorization).await {
        Some(email) => HttpResponse::Ok().body(email),
        None => HttpResponse::Unauthorized().finish(),
    }
}

async fn session(user: CurrentUser) -> HttpResponse {
    HttpResponse::Ok().body(user.email.as_str().to_owned())
}

pub(crate) fn serve(listener: TcpListener, shared: Shared) -> io::Result<()> {
    let document = shared.users.openapi().to_string();
    System::new().block_on(async move {
        HttpServer::new(move || {
            let document = document.clone();
            App::new()
                .app_data(Data::new(shared.core.clone()))
                .app_data(Data::new(shared.statement.clone()))
                .app_data(Data::new(shared.users.clone()))
                .app_data(Data::new(shared.visitors.clone()))
                .route("/bare", web::get().to(async || HttpResponse::Ok().body(greet_bare())))
                .route("/hooked", web::get().to(hooked))
                .route("/statement", web::get().to(statement))
                .route("/session", web::get().to(session))
                .route("/visitor", web::post().to(visitor))
                .route(
                    "/document",
                    web::get().to(move || {
                        let document = document.clone();
                        async move { HttpResponse::Ok().body(document) }
                    }),
                )
                .service(scope("/api", shared.users.clone()))
        })
        .workers(2)
        .listen(listener)?
        .run()
        .await
    })
}
