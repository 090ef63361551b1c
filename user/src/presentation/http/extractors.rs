//! What a bridge makes its extractors of.

use super::{Problem, Visitor};
use crate::domain::Role;

/// What is made of whoever sent a request, or the problem to answer with: an extractor, but for the framework's own
/// trait.
pub trait FromVisitor: Sized {
    /// Makes it.
    ///
    /// # Errors
    ///
    /// The problem to answer with.
    fn from_visitor(visitor: &Visitor) -> impl Future<Output = Result<Self, Problem>> + Send;
}

/// A role that a route asks for, as a type, for the extractor `RequireRole` and the layer `require_role` of a bridge.
///
/// ```
/// use dullahan_user::{domain::Role, presentation::http::RequiredRole};
///
/// struct Admin;
///
/// impl RequiredRole for Admin {
///     const ROLE: Role = Role::ADMIN;
/// }
///
/// struct Editor;
///
/// impl RequiredRole for Editor {
///     const ROLE: Role = Role::from_static("editor");
/// }
/// ```
///
/// What is not the name of a role is found when a route that asks for it is compiled.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a role that a route can ask for",
    note = "give it one: `impl RequiredRole for {Self} {{ const ROLE: Role = Role::from_static(\"…\"); }}`"
)]
pub trait RequiredRole: 'static {
    /// The role.
    const ROLE: Role;
}

/// Declares the extractors of a bridge, so that those of all bridges are the same: `CurrentUser`, `OptionalUser`,
/// `RecentlyAuthenticated` and `RequireRole`. They are types of the bridge, as it implements its framework's trait for
/// them.
///
/// It takes the name of a macro of the bridge that does so. That is called with each of them, as
/// `[generic parameters,] Type`; all are [`FromVisitor`](crate::presentation::http::FromVisitor). The documentation
/// that follows, an example for this framework, becomes the end of that of `CurrentUser`.
///
/// ```
/// use dullahan_user::presentation::http::{FromVisitor, Problem, Visitor};
///
/// // The framework's own trait, which is less simple.
/// trait FromRequest: Sized {
///     async fn from_request(visitor: &Visitor) -> Result<Self, Problem>;
/// }
///
/// macro_rules! extractor {
///     ([$($generic:tt)*] $Extractor:ty) => {
///         impl<$($generic)*> FromRequest for $Extractor {
///             async fn from_request(visitor: &Visitor) -> Result<Self, Problem> {
///                 Self::from_visitor(visitor).await
///             }
///         }
///     };
/// }
///
/// dullahan_user::extractors! {
///     extractor
///     ///
///     /// How a handler of this framework takes it.
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! extractors {
    ($implement:ident $(#[$example:meta])*) => {
        /// The signed-in user, as an extractor for an application's own routes.
        ///
        /// Without a live session the answer is a problem response, 401. A route that changes something is guarded
        /// against forged requests as the module's own are: with a cookie session it takes the CSRF token.
        $(#[$example])*
        #[derive(Debug, Clone)]
        pub struct CurrentUser {
            /// The user.
            pub user: $crate::domain::User,
            /// The session of the request.
            pub session: $crate::domain::Session,
        }

        /// The user, if somebody is signed in, as an extractor for routes that anybody may use.
        ///
        /// A cookie that is over is nobody's; a bearer token that is invalid is refused, and so is a request that
        /// may be forged.
        #[derive(Debug, Clone)]
        pub struct OptionalUser(pub Option<CurrentUser>);

        /// The signed-in user, if they have proven who they are within so many seconds, else 401
        /// `reauthentication_required` with the challenge of RFC 9470.
        #[derive(Debug, Clone)]
        pub struct RecentlyAuthenticated<const MAX_AGE_SECONDS: u64 = 300>(pub CurrentUser);

        /// The signed-in user, if they hold this role, else 403 `role_required`.
        ///
        /// A role that was granted or revoked counts from the next request on.
        pub struct RequireRole<R>(pub CurrentUser, std::marker::PhantomData<fn() -> R>);

        impl From<&$crate::domain::CurrentSession> for CurrentUser {
            fn from(current: &$crate::domain::CurrentSession) -> Self {
                Self { user: current.user.clone(), session: current.session.clone() }
            }
        }

        impl<R> std::fmt::Debug for RequireRole<R> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple("RequireRole").field(&self.0).finish()
            }
        }

        impl<R> Clone for RequireRole<R> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), self.1)
            }
        }

        impl std::ops::Deref for CurrentUser {
            type Target = $crate::domain::User;

            fn deref(&self) -> &Self::Target {
                &self.user
            }
        }

        impl<const MAX_AGE_SECONDS: u64> std::ops::Deref for RecentlyAuthenticated<MAX_AGE_SECONDS> {
            type Target = $crate::domain::User;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<R> std::ops::Deref for RequireRole<R> {
            type Target = $crate::domain::User;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl $crate::presentation::http::FromVisitor for CurrentUser {
            async fn from_visitor(
                visitor: &$crate::presentation::http::Visitor,
            ) -> Result<Self, $crate::presentation::http::Problem> {
                visitor.session().map(Self::from)
            }
        }

        impl $crate::presentation::http::FromVisitor for OptionalUser {
            async fn from_visitor(
                visitor: &$crate::presentation::http::Visitor,
            ) -> Result<Self, $crate::presentation::http::Problem> {
                visitor.optional_session().map(|current| Self(current.map(CurrentUser::from)))
            }
        }

        impl<const MAX_AGE_SECONDS: u64> $crate::presentation::http::FromVisitor
            for RecentlyAuthenticated<MAX_AGE_SECONDS>
        {
            async fn from_visitor(
                visitor: &$crate::presentation::http::Visitor,
            ) -> Result<Self, $crate::presentation::http::Problem> {
                let max_age = std::time::Duration::from_secs(MAX_AGE_SECONDS);
                visitor.recent_session(max_age).map(|current| Self(current.into()))
            }
        }

        impl<R: $crate::presentation::http::RequiredRole> $crate::presentation::http::FromVisitor
            for RequireRole<R>
        {
            async fn from_visitor(
                visitor: &$crate::presentation::http::Visitor,
            ) -> Result<Self, $crate::presentation::http::Problem> {
                let current = visitor.session_with_role(&R::ROLE).await?;
                Ok(Self(current.into(), std::marker::PhantomData))
            }
        }

        $implement! { [] CurrentUser }
        $implement! { [] OptionalUser }
        $implement! { [const MAX_AGE_SECONDS: u64,] RecentlyAuthenticated<MAX_AGE_SECONDS> }
        $implement! { [R: $crate::presentation::http::RequiredRole,] RequireRole<R> }
    };
}
