//! The one door to the use cases.

use std::sync::Arc;

use dullahan_core::{BoxFuture, Context, Core, Result};
use serde_json::{Map, Value};

use crate::{
    application::functor::CountedTry,
    domain::{
        AccountRequest, ActivationPassword, CurrentSession, EmailAddress, EmailConfirmation,
        OpenedSession, PlainPassword, RegistrationRequest, RegistrationResponse, Role, SessionId,
        SessionTransport, Token, TokenDigest, User, UserId,
    },
    port::{
        UserAddressManager, UserPasswordManager, UserPersistManager, UserRetrievalManager,
        UserRoleManager, UserSessionManager,
    },
    presentation::event::transport::{
        ActivateUserSaga, CancelEmailChangeSaga, ChangePasswordSaga, ConfirmEmailChangeSaga,
        DeliverMailSaga, ExportAccountSaga, ForgotPasswordSaga, GetAccountSaga, GrantRoleSaga,
        ListSessionsSaga, LogInSaga, LogOutSaga, PurgeSaga, ReauthenticateSaga, RegisterUserSaga,
        RemoveAccountSaga, RequestEmailChangeSaga, ResendActivationSaga, ResetPasswordSaga,
        ResolveSession, RevokeOtherSessionsSaga, RevokeRoleSaga, RevokeSessionSaga, SerializeUser,
        UpdateAccountSaga,
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

    /// Forgets what is over: sessions, tokens, counts, mails that were sent long ago, registrations that were never
    /// activated; how many rows it was. [`purge_regularly`](Self::purge_regularly) calls it; a job may as well.
    ///
    /// Nothing that is over works any more before it has gone.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn purge(&self) -> Result<u64> {
        self.core.run(PurgeSaga {}).await
    }

    /// Gives the try back that was counted in a request and not judged, if there is one, after the service has given up.
    pub(crate) async fn give_back_attempt(&self, context: &Context) {
        let Some(counted) = context.remove::<CountedTry>() else { return };
        if let Err(error) = self.core.dispatch(&Context::new(), counted.to_give_back()).await {
            tracing::warn!(%error, "a try that took too long could not be given back");
        }
    }

    /// Forgets what is over for ever: at once, then after each `wait`.
    ///
    /// Run it in a task of its own, in any number of processes. `wait` is the runtime's way to pass some time, an hour for
    /// example:
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use dullahan_user::application::UserManagerFacade;
    /// # async fn sleep(_: Duration) {}
    /// # async fn run(users: UserManagerFacade) {
    /// users.purge_regularly(|| sleep(Duration::from_hours(1))).await;
    /// # }
    /// ```
    pub async fn purge_regularly<W: Future<Output = ()>>(&self, mut wait: impl FnMut() -> W) {
        loop {
            match self.purge().await {
                Ok(rows) => tracing::debug!(rows, "expired rows were deleted"),
                Err(error) => {
                    tracing::error!(%error, "expired rows could not be deleted; trying again later");
                }
            }
            wait().await;
        }
    }

    /// Sends the next mail that is owed, or looks at the next request for one; whether there was any.
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
        password: Option<ActivationPassword>,
    ) -> BoxFuture<'a, Result<User>> {
        Box::pin(self.core.run_in(context, ActivateUserSaga { token, password }))
    }

    fn resend_activation<'a>(
        &'a self,
        context: &'a Context,
        email: EmailAddress,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.core.run_in(context, ResendActivationSaga { email }))
    }

    fn update<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
        request: AccountRequest,
    ) -> BoxFuture<'a, Result<User>> {
        Box::pin(self.core.run_in(context, UpdateAccountSaga { user_id, request }))
    }

    fn remove<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
        password: Arc<PlainPassword>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.core.run_in(context, RemoveAccountSaga { current, password }))
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

    fn export<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
    ) -> BoxFuture<'a, Result<Map<String, Value>>> {
        Box::pin(self.core.run_in(context, ExportAccountSaga { current }))
    }
}

impl UserSessionManager for UserManagerFacade {
    fn log_in<'a>(
        &'a self,
        context: &'a Context,
        identifier: String,
        password: Arc<PlainPassword>,
        transport: SessionTransport,
        replaces: Option<TokenDigest>,
    ) -> BoxFuture<'a, Result<OpenedSession>> {
        Box::pin(self.core.run_in(context, LogInSaga { identifier, password, transport, replaces }))
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

    fn reauthenticate<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
        password: Arc<PlainPassword>,
    ) -> BoxFuture<'a, Result<OpenedSession>> {
        Box::pin(self.core.run_in(context, ReauthenticateSaga { current, password }))
    }

    fn sessions<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
    ) -> BoxFuture<'a, Result<Vec<Map<String, Value>>>> {
        Box::pin(self.core.run_in(context, ListSessionsSaga { current }))
    }

    fn revoke<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
        session_id: SessionId,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.core.run_in(context, RevokeSessionSaga { user_id, session_id }))
    }

    fn revoke_others<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.core.run_in(context, RevokeOtherSessionsSaga { current }))
    }
}

impl UserPasswordManager for UserManagerFacade {
    fn forgot_password<'a>(
        &'a self,
        context: &'a Context,
        email: EmailAddress,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.core.run_in(context, ForgotPasswordSaga { email }))
    }

    fn reset_password<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
        password: Arc<PlainPassword>,
    ) -> BoxFuture<'a, Result<User>> {
        Box::pin(self.core.run_in(context, ResetPasswordSaga { token, password }))
    }

    fn change_password<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
        current_password: Arc<PlainPassword>,
        new_password: Arc<PlainPassword>,
    ) -> BoxFuture<'a, Result<OpenedSession>> {
        Box::pin(
            self.core
                .run_in(context, ChangePasswordSaga { current, current_password, new_password }),
        )
    }
}

impl UserAddressManager for UserManagerFacade {
    fn request_email_change<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
        email: EmailAddress,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.core.run_in(context, RequestEmailChangeSaga { current, email }))
    }

    fn confirm_email_change<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
    ) -> BoxFuture<'a, Result<EmailConfirmation>> {
        Box::pin(self.core.run_in(context, ConfirmEmailChangeSaga { token }))
    }

    fn cancel_email_change<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
    ) -> BoxFuture<'a, Result<UserId>> {
        Box::pin(self.core.run_in(context, CancelEmailChangeSaga { token }))
    }
}

impl UserRoleManager for UserManagerFacade {
    fn grant_role<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
        role: Role,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.core.run_in(context, GrantRoleSaga { user_id, role }))
    }

    fn revoke_role<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
        role: Role,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.core.run_in(context, RevokeRoleSaga { user_id, role }))
    }
}
