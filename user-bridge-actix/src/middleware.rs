//! Middleware for the application's own routes, which protects them as the module's are.

use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use dullahan_user::presentation::http::{Problem, Visitor};

use crate::{convert::headers_of, extract::visitor, respond::ProblemError};

/// Lets only signed-in users pass; a middleware by `from_fn(require_user)`.
///
/// ```
/// use actix_web::{middleware::from_fn, web};
/// use dullahan_user_bridge_actix::require_user;
///
/// let members = web::scope("/members")
///     .wrap(from_fn(require_user))
///     .route("", web::get().to(async || "welcome"));
/// ```
///
/// # Errors
///
/// Those of the application's own service.
pub async fn require_user<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    pass_if(request, next, |visitor| visitor.session().map(drop)).await
}

/// Refuses what another site's page may have sent, whoever is signed in or not; a middleware by
/// `from_fn(refuse_forged)`.
///
/// For routes that change something without asking for [`CurrentUser`](crate::CurrentUser), which does the
/// same. Methods that change nothing pass.
///
/// # Errors
///
/// Those of the application's own service.
pub async fn refuse_forged<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    pass_if(request, next, Visitor::check_forgery).await
}

async fn pass_if<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
    check: impl FnOnce(&Visitor) -> Result<(), Problem>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let visitor = visitor(request.request()).await;
    if let Err(problem) = visitor.as_ref().map_err(Clone::clone).and_then(check) {
        return Ok(request.error_response(ProblemError(problem)).map_into_right_body());
    }
    let mut response = next.call(request).await?.map_into_left_body();
    if let Ok(visitor) = visitor {
        let mut added = http::HeaderMap::new();
        visitor.add_headers_to(&mut added);
        for (name, value) in headers_of(&added) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}
