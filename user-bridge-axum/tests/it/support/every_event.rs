//! Every event that the module declares, by its type.

/// Calls a generic function for every event that the module declares.
macro_rules! for_every_event {
    ($function:ident($($argument:expr),*)) => {
        $crate::support::every_event::for_every_event!(
            @of $function($($argument),*)
            ActivateUserProcess ActivateUserSaga AdmitMailProcess AnswerMailRequestProcess CancelEmailChangeProcess
            CancelEmailChangeSaga ChangeEmail ChangePasswordProcess ChangePasswordSaga CheckForgery
            CheckPassword CheckRole ClaimMailProcess CloseAccountProcess CloseSessionProcess ComposeMail
            ConfirmEmailChangeProcess ConfirmEmailChangeSaga CountAttemptProcess CountClientFailure CreateUserProcess
            DeliverMailSaga DropPendingUsers DropSurplusPendingUsers ExportAccount ExportAccountSaga FindToken
            ForgetAttemptsProcess ForgotPasswordSaga
            GetAccountSaga GetUser GiveBackAttemptProcess GrantRoleProcess GrantRoleSaga HashPassword ListSessions ListSessionsSaga LoadCredentials
            LoadOwnCredentials LoadPendingCredentials LogInSaga LogOutSaga MintTokenProcess
            OpenSessionProcess OweMail ProveOwnPassword PurgeProcess PurgeSaga ReauthenticateSaga
            RecordAudit RegisterUserSaga RemoveAccountSaga RemoveClosedUserProcess RemoveUserProcess RenewSessionProcess
            ReopenAccountProcess
            ReplacePasswordHashProcess RequestEmailChangeProcess RequestEmailChangeSaga
            RequestMailProcess RequireRecentAuthentication ResendActivationSaga ResetPasswordProcess
            ResetPasswordSaga ResolveSession RevokeOtherSessionsSaga RevokeRoleProcess RevokeRoleSaga
            RevokeSessionProcess
            RevokeSessionSaga RevokeSessionsProcess SendMail SerializeSession SerializeUser
            SettleMailProcess ThrottleClient TouchSessionProcess UpdateAccountSaga UpdateUserProcess
            ValidateAccountChanges ValidateRegistrationProcess VerifyPassword
        )
    };
    (@of $function:ident $arguments:tt $($Event:ident)+) => {
        $($crate::support::every_event::for_every_event!(@one $function $Event $arguments);)+
    };
    (@one $function:ident $Event:ident ($($argument:expr),*)) => {
        $function::<dullahan_user::presentation::event::transport::$Event>($($argument),*)
    };
}

pub(crate) use for_every_event;
