//! The routes of the contract, as a scope or for a scope of the application's own.

use actix_web::{
    HttpRequest, HttpResponse, Resource, Scope,
    rt::time::sleep,
    web::{self, Data, Payload, ServiceConfig},
};
use dullahan_user::presentation::http::{UserHttp, below_mount};
use futures_util::TryStreamExt;
use http_body::Frame;
use http_body_util::StreamBody;

use crate::{request::head_of, respond::response_of};

/// The routes of the contract for an application or a scope to `configure` itself with, and the
/// [`Data<UserHttp>`](Data) that the extractors take.
///
/// Nothing else of the application changes: what is not found gets the application's own answer.
///
/// ```
/// use actix_web::App;
/// use dullahan_core::Core;
/// use dullahan_user::presentation::http::{HttpSettings, UserHttp};
/// use dullahan_user_bridge_actix::configure;
///
/// let users = UserHttp::new(Core::builder().build()?, HttpSettings::default())?;
/// let app = App::new().configure(configure(users));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn configure(users: UserHttp) -> impl FnOnce(&mut ServiceConfig) + Clone {
    move |config| {
        config.app_data(Data::new(users.clone()));
        resources(&users).fold(config, |config, resource| config.service(resource));
    }
}

/// The routes of the contract as a scope under a path, which may be empty, to be added as a `service` anywhere.
///
/// What is not found below the path gets the problem response of the contract.
///
/// ```
/// use actix_web::{App, web::Data};
/// use dullahan_core::Core;
/// use dullahan_user::presentation::http::{HttpSettings, UserHttp};
/// use dullahan_user_bridge_actix::scope;
///
/// let users = UserHttp::new(Core::builder().build()?, HttpSettings::default())?;
/// let app = App::new().app_data(Data::new(users.clone())).service(scope("/api", users));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn scope(path: &str, users: UserHttp) -> Scope {
    // To actix-web a slash at the end is a segment of its own, which no path of a route begins with.
    let path = path.trim_end_matches('/');
    let scope = resources(&users).fold(web::scope(path), Scope::service);
    scope.default_service(web::to(move |request: HttpRequest, payload: Payload| {
        let segments = request.match_info().unprocessed().matches('/').count();
        answer(users.clone(), segments, request, payload)
    }))
}

fn resources(users: &UserHttp) -> impl Iterator<Item = Resource> {
    users.paths().map(|path| {
        let (users, segments) = (users.clone(), path.matches('/').count());
        web::resource(path)
            .to(move |request, payload| answer(users.clone(), segments, request, payload))
    })
}

async fn answer(
    users: UserHttp,
    segments: usize,
    request: HttpRequest,
    mut payload: Payload,
) -> HttpResponse {
    let mut head = head_of(&request);
    head.uri = below_mount(&head.uri, segments);
    let body = StreamBody::new((&mut payload).map_ok(Frame::data));
    let response = users.serve(http::Request::from_parts(head, body), sleep).await;
    response_of(response, payload)
}
