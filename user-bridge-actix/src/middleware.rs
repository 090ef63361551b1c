//! Middleware for the application's own routes, which protects them as the module's are.

use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use dullahan_user::presentation::http::{Problem, RequiredRole, Requirement};

use crate::{
    extract::visitor,
    respond::{ProblemError, headers_of},
};

/// What comes of a request, of which the service behind has the one kind of body and a refusal the other.
type Passed<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

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
pub async fn require_user<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Passed<B> {
    pass_if(request, next, Requirement::User).await
}

/// Lets only users pass who hold this role; a middleware by `from_fn(require_role::<Admin, _>)`.
///
/// It is no [`Guard`](actix_web::guard::Guard) of actix-web: one cannot wait, and the role is looked up.
///
/// ```
/// use actix_web::{middleware::from_fn, web};
/// use dullahan_user::{domain::Role, presentation::http::RequiredRole};
/// use dullahan_user_bridge_actix::require_role;
///
/// struct Admin;
///
/// impl RequiredRole for Admin {
///     const ROLE: Role = Role::ADMIN;
/// }
///
/// let office = web::scope("/office")
///     .wrap(from_fn(require_role::<Admin, _>))
///     .route("", web::get().to(async || "welcome"));
/// ```
///
/// # Errors
///
/// Those of the application's own service.
pub async fn require_role<R: RequiredRole, B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Passed<B> {
    pass_if(request, next, Requirement::Role(R::ROLE)).await
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
pub async fn refuse_forged<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Passed<B> {
    pass_if(request, next, Requirement::NotForged).await
}

async fn pass_if<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
    requirement: Requirement,
) -> Passed<B> {
    let visitor = match visitor(request.request()).await {
        Ok(visitor) => visitor,
        Err(problem) => return Ok(refusal(request, problem)),
    };
    let mut response = match visitor.check(&requirement).await {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(problem) => refusal(request, problem),
    };
    for (name, value) in headers_of(&visitor.take_headers()) {
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

fn refusal<B>(request: ServiceRequest, problem: Problem) -> ServiceResponse<EitherBody<B>> {
    request.error_response(ProblemError(problem)).map_into_right_body()
}
