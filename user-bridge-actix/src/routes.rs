//! The routes of the contract, as a scope or for a scope of the application's own.

use std::collections::BTreeSet;

use actix_web::{
    HttpRequest, HttpResponse, Resource, Scope,
    rt::time::sleep,
    web::{self, Data, Payload, ServiceConfig},
};
use dullahan_user::presentation::http::UserHttp;

use crate::convert::{Incoming, head_of, response_of};

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
/// let users = UserHttp::new(Core::builder().build()?, HttpSettings::default());
/// let app = App::new().configure(configure(users));
/// # Ok::<(), dullahan_core::BuildError>(())
/// ```
pub fn configure(users: UserHttp) -> impl FnOnce(&mut ServiceConfig) + Clone {
    move |config| {
        config.app_data(Data::new(users.clone()));
        for resource in resources(&users) {
            config.service(resource);
        }
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
/// let users = UserHttp::new(Core::builder().build()?, HttpSettings::default());
/// let app = App::new().app_data(Data::new(users.clone())).service(scope("/api", users));
/// # Ok::<(), dullahan_core::BuildError>(())
/// ```
pub fn scope(path: &str, users: UserHttp) -> Scope {
    let scope = resources(&users).fold(web::scope(path), Scope::service);
    scope.default_service(web::to(move |request: HttpRequest, payload: Payload| {
        let segments = segments_of(request.match_info().unprocessed());
        answer(users.clone(), segments, request, payload)
    }))
}

fn resources(users: &UserHttp) -> impl Iterator<Item = Resource> + use<> {
    let paths: BTreeSet<_> = users.routes().iter().map(|route| route.path).collect();
    let users = users.clone();
    paths.into_iter().map(move |path| {
        let (users, segments) = (users.clone(), segments_of(path));
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
    let head = head_of(&request, below(request.uri().path(), segments));
    let request = http::Request::from_parts(head, Incoming(&mut payload));
    let response = users.serve(request, sleep).await;
    response_of(response, Some(payload))
}

fn segments_of(path: &str) -> usize {
    path.matches('/').count()
}

/// The end of a path, which is what the contract knows: actix-web tells the whole one, and decodes what it has
/// matched.
fn below(path: &str, segments: usize) -> &str {
    let start = segments.checked_sub(1).and_then(|before| path.rmatch_indices('/').nth(before));
    start.map_or("/", |(start, _)| &path[start..])
}
