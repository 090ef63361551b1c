//! Every event that the module declares, by its type.

/// Calls a generic function for every event that the module declares.
macro_rules! for_every_event {
    ($function:ident($($argument:expr),*)) => {
        $crate::support::every_event::for_every_event!(
            @of $function($($argument),*)
            ActivateUserProcess ActivateUserSaga ClaimMailProcess CloseSessionProcess ComposeMail
            CreateUserProcess DeliverMailSaga GetAccountSaga GetUser HashPassword LoadCredentials LogInSaga
            LogOutSaga MintTokenProcess NotifyTakenAddressProcess OpenSessionProcess OweMail RegisterUserSaga
            ReplacePasswordHashProcess ResolveSession SendMail SerializeUser SettleMailProcess
            TouchSessionProcess ValidateRegistrationProcess VerifyPassword
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
