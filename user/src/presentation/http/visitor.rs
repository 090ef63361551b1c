//! Whoever sent a request to one of the application's own routes.

use std::{sync::Arc, time::Duration};

use dullahan_core::Context;
use http::{HeaderMap, request::Parts};
use time::OffsetDateTime;

use super::{
    Problem, UserHttp,
    guard::{self, Claim},
};
use crate::{
    domain::{CurrentSession, Role, SessionTransport},
    port::{Clock, UserSessionManager},
    presentation::event::transport::CheckRole,
};

/// Whoever sent a request to one of the application's own routes: a bridge makes its extractors of it.
///
/// It is made once for a request by [`UserHttp::visitor`], and is cheap to clone. A request that may change
/// something and comes with a cookie is guarded as the module's own routes are: it has to come from a page of
/// the service, with the CSRF token.
#[derive(Debug, Clone)]
pub struct Visitor(Arc<Visit>);

/// What a layer of a bridge asks of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// Somebody is signed in: `require_user`.
    User,
    /// Somebody is signed in who holds this role: `require_role`.
    Role(Role),
    /// It does not come from another site's page: `refuse_forged`.
    NotForged,
}

#[derive(Debug)]
struct Visit {
    /// Which contract resolved it.
    of: UserHttp,
    context: Context,
    identity: Identity,
    is_foreign: bool,
    /// When this was found out.
    now: OffsetDateTime,
}

#[derive(Debug)]
enum Identity {
    Anonymous,
    SignedIn(Box<CurrentSession>),
    /// A session, but the request may be forged.
    Forged(Problem),
    /// A token that is worth nothing, or a store that fails.
    Refused(Problem),
}

impl UserHttp {
    /// Finds out who sent a request to one of the application's own routes: one statement, if there is a token.
    pub async fn visitor(&self, mut head: Parts) -> Visitor {
        head.extensions.remove::<Visitor>();
        let (address, refusal) = match self.locate(&head) {
            Ok(address) => (address, None),
            Err(problem) => (None, Some(problem)),
        };
        let context = Context::of_request(head, address);
        let identity = match refusal {
            Some(problem) => Identity::Refused(problem),
            None => self.identify(&context).await,
        };
        let is_foreign = guard::is_from_foreign_page(self, &context);
        let clock = self.users.core().services().get::<dyn Clock>();
        let now = clock.map_or_else(OffsetDateTime::now_utc, |clock| clock.now());
        Visitor(Arc::new(Visit { of: self.clone(), context, identity, is_foreign, now }))
    }

    /// The same for a head that keeps the visitor in its extensions, so that it is found out once for all that ask.
    pub async fn visitor_of(&self, head: &mut Parts) -> Visitor {
        if let Some(visitor) = head.extensions.get::<Visitor>().filter(|known| known.is_of(self)) {
            return visitor.clone();
        }
        let visitor = self.visitor(head.clone()).await;
        head.extensions.insert(visitor.clone());
        visitor
    }

    async fn identify(&self, context: &Context) -> Identity {
        let (token, transport) = match guard::claim_of(self, context) {
            Claim::None => return Identity::Anonymous,
            Claim::Invalid => {
                return Identity::Refused(Problem::of(&guard::unauthenticated(context)));
            }
            Claim::Token(token, transport) => (token, transport),
        };
        match self.users.resolve(context, token.digest(), transport).await {
            Err(error) => Identity::Refused(Problem::of(&error)),
            // A browser that was signed in once may see what anybody may see.
            Ok(None) if transport == SessionTransport::Cookie => Identity::Anonymous,
            Ok(None) => Identity::Refused(Problem::of(&guard::unauthenticated(context))),
            Ok(Some(current)) => {
                match guard::check_forgery(self, context, &current, &token).await {
                    Ok(()) => Identity::SignedIn(Box::new(current)),
                    Err(error) => Identity::Forged(Problem::of(&error)),
                }
            }
        }
    }
}

impl Visitor {
    /// Whether this contract has resolved it, and not another one in the same application.
    pub fn is_of(&self, users: &UserHttp) -> bool {
        Arc::ptr_eq(&self.0.of.settings, &users.settings)
    }

    /// The context of the request. Sagas that the application runs in it see who is signed in.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// The session.
    ///
    /// # Errors
    ///
    /// The problem to answer with, when nobody is signed in, the request may be forged, or the store fails.
    pub fn session(&self) -> Result<&CurrentSession, Problem> {
        self.optional_session()?.ok_or_else(Problem::unauthenticated)
    }

    /// The session, if somebody is signed in. A cookie that is over is nobody's.
    ///
    /// # Errors
    ///
    /// The problem to answer with, when a bearer token is invalid, the request may be forged, or the store
    /// fails.
    pub fn optional_session(&self) -> Result<Option<&CurrentSession>, Problem> {
        match &self.0.identity {
            Identity::Anonymous => Ok(None),
            Identity::SignedIn(current) => Ok(Some(current)),
            Identity::Forged(problem) | Identity::Refused(problem) => Err(problem.clone()),
        }
    }

    /// The session, if its user has proven who they are within this time.
    ///
    /// # Rule
    ///
    /// RFC 9470: the answer says by its challenge that, and within which time, to authenticate anew.
    ///
    /// # Errors
    ///
    /// As [`session`](Self::session), and `reauthentication_required`.
    pub fn recent_session(&self, max_age: Duration) -> Result<&CurrentSession, Problem> {
        let current = self.session()?;
        if (self.0.now - current.session.authenticated_at).unsigned_abs() < max_age {
            Ok(current)
        } else {
            Err(Problem::reauthentication_required(max_age))
        }
    }

    /// The session, if its user holds this role, as of this request: [`CheckRole`].
    ///
    /// # Rule
    ///
    /// ASVS 5.0 items 8.2.1 and 8.3.2.
    ///
    /// # Errors
    ///
    /// As [`session`](Self::session), and 403 `role_required`.
    pub async fn session_with_role(&self, role: &Role) -> Result<&CurrentSession, Problem> {
        let current = self.session()?;
        let check = CheckRole { current: current.clone(), role: role.clone() };
        let checked = self.0.of.users.core().dispatch(&self.0.context, check).await;
        checked.map(|()| current).map_err(|error| Problem::of(&error))
    }

    /// Whether another site's page may have sent the request; for routes that anybody may use.
    ///
    /// # Errors
    ///
    /// The problem to answer with, if so.
    pub async fn check_forgery(&self) -> Result<(), Problem> {
        match &self.0.identity {
            Identity::Forged(problem) => Err(problem.clone()),
            _ if self.0.is_foreign => {
                let refused = guard::refuse_foreign(&self.0.of, &self.0.context).await;
                refused.map_err(|error| Problem::of(&error))
            }
            _ => Ok(()),
        }
    }

    /// Whether the request may pass a layer of a bridge.
    ///
    /// # Errors
    ///
    /// The problem to answer with, if it may not.
    pub async fn check(&self, requirement: &Requirement) -> Result<(), Problem> {
        match requirement {
            Requirement::User => self.session().map(drop),
            Requirement::Role(role) => self.session_with_role(role).await.map(drop),
            Requirement::NotForged => self.check_forgery().await,
        }
    }

    /// Adds to the headers of the response what listeners want to have there.
    pub fn add_headers_to(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.take_headers() {
            headers.append(name, value.clone());
        }
    }

    /// What listeners want to have in the head of the response, for whoever asks first.
    pub fn take_headers(&self) -> HeaderMap {
        self.0.context.response(|head| std::mem::take(&mut head.headers))
    }
}
