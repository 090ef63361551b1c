//! The one door to the use cases.

use std::sync::Arc;

use dullahan_core::{BoxFuture, Context, Core, Result};
use serde_json::{Map, Value};

use crate::{
    domain::{
        CurrentSession, OpenedSession, PlainPassword, RegistrationRequest, RegistrationResponse,
        SessionId, SessionTransport, Token, TokenDigest, User, UserId,
    },
    port::{UserPersistManager, UserRetrievalManager, UserSessionManager},
    presentation::event::transport::{
        ActivateUserSaga, DeliverMailSaga, GetAccountSaga, LogInSaga, LogOutSaga, RegisterUserSaga,
        ResolveSession, SerializeUser,
    },
};

/// The one door to the use cases: it implements the application ports by dispatching.
///
/// So a command-line job, a test and HTTP create a user through the same listeners.
#[derive(Debug, Clone)]
pub struct UserManagerFacade {
    core: Core,
}

impl UserManagerFacade {
    /// The facade of a core that has the module.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// The core whose events the facade dispatches.
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// Sends the next mail that is owed; whether there was one.
    ///
    /// # Errors
    ///
    /// When the queue fails. A mail that cannot be sent is no error; it is tried again later.
    pub async fn deliver_mail(&self) -> Result<bool> {
        self.core.run(DeliverMailSaga {}).await
    }

    /// Works the mails off for ever: all that are owed, then `wait`, and again.
    ///
    /// Run it in a task of its own, in any number of processes: a mail is claimed by one worker at a time.
    /// `wait` is the runtime's way to pass some time, or to be woken:
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use dullahan_user::application::UserManagerFacade;
    /// # async fn sleep(_: Duration) {}
    /// # async fn run(users: UserManagerFacade) {
    /// users.deliver_mails(|| sleep(Duration::from_secs(1))).await;
    /// # }
    /// ```
    pub async fn deliver_mails<W: Future<Output = ()>>(&self, mut wait: impl FnMut() -> W) {
        loop {
            match self.deliver_mail().await {
                Ok(true) => {}
                Ok(false) => wait().await,
                Err(error) => {
                    tracing::error!(%error, "the mails could not be worked off; trying again");
                    wait().await;
                }
            }
        }
    }
}

impl UserPersistManager for UserManagerFacade {
    fn register<'a>(
        &'a self,
        context: &'a Context,
        request: RegistrationRequest,
    ) -> BoxFuture<'a, Result<RegistrationResponse>> {
        Box::pin(self.core.run_in(context, RegisterUserSaga { request }))
    }

    fn activate<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
    ) -> BoxFuture<'a, Result<User>> {
        Box::pin(self.core.run_in(context, ActivateUserSaga { token }))
    }
}

impl UserRetrievalManager for UserManagerFacade {
    fn account<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
    ) -> BoxFuture<'a, Result<Map<String, Value>>> {
        Box::pin(self.core.run_in(context, GetAccountSaga { user_id }))
    }

    fn serialize<'a>(
        &'a self,
        context: &'a Context,
        user: User,
    ) -> BoxFuture<'a, Result<Map<String, Value>>> {
        Box::pin(self.core.dispatch(context, SerializeUser { user }))
    }
}

impl UserSessionManager for UserManagerFacade {
    fn log_in<'a>(
        &'a self,
        context: &'a Context,
        identifier: String,
        password: Arc<PlainPassword>,
        transport: SessionTransport,
    ) -> BoxFuture<'a, Result<OpenedSession>> {
        Box::pin(self.core.run_in(context, LogInSaga { identifier, password, transport }))
    }

    fn resolve<'a>(
        &'a self,
        context: &'a Context,
        digest: TokenDigest,
        transport: SessionTransport,
    ) -> BoxFuture<'a, Result<Option<CurrentSession>>> {
        Box::pin(self.core.dispatch(context, ResolveSession { digest, transport }))
    }

    fn log_out<'a>(
        &'a self,
        context: &'a Context,
        session_id: SessionId,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.core.run_in(context, LogOutSaga { session_id }))
    }
}
