//! Whoever sent a request, as extractors for the application's own routes.

use std::{pin::Pin, rc::Rc};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use async_lock::OnceCell;
use dullahan_core::Error;
use dullahan_user::presentation::http::{FromVisitor, Problem, UserHttp, Visitor};

use crate::{request::head_of, respond::ProblemError};

/// Whoever sent the request, which is found out once for all extractors and middleware. Extractors of one
/// handler ask at the same time.
pub(crate) async fn visitor(request: &HttpRequest) -> Result<Visitor, Problem> {
    let Some(users) = request.app_data::<Data<UserHttp>>() else {
        return Err(Problem::of(&Error::internal("the application has no `Data<UserHttp>`")));
    };
    let find_out = || users.visitor(head_of(request));
    let known =
        Rc::clone(request.extensions_mut().get_or_insert_with(Rc::<OnceCell<Visitor>>::default));
    let visitor = known.get_or_init(find_out).await;
    Ok(if visitor.is_of(users) { visitor.clone() } else { find_out().await })
}

macro_rules! extractor {
    ([$($generic:tt)*] $Extractor:ty) => {
        impl<$($generic)*> FromRequest for $Extractor {
            type Error = ProblemError;
            type Future = Pin<Box<dyn Future<Output = Result<Self, ProblemError>>>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move {
                    let visitor = visitor(&request).await?;
                    Ok(Self::from_visitor(&visitor).await?)
                })
            }
        }
    };
}

dullahan_user::extractors! {
    extractor
    ///
    /// It takes the [`Data<UserHttp>`](Data) of the application, as all of them do.
    ///
    /// ```
    /// use actix_web::{App, web};
    /// use dullahan_user_bridge_actix::CurrentUser;
    ///
    /// async fn hello(user: CurrentUser) -> String {
    ///     format!("Hello, {}!", user.email.as_str())
    /// }
    ///
    /// let app = App::new().route("/hello", web::get().to(hello));
    /// ```
}
