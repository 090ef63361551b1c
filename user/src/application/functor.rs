//! The default actions: functors whose fields are ports, each for one event.

/// Declares a functor: a struct whose fields are its ports, a constructor that takes them in the same order
/// (called once when the core is sealed), and a `Debug` that shows its name.
macro_rules! functor {
    (
        $(#[$about:meta])*
        pub struct $Functor:ident { $($port:ident: $Port:ty,)* }
    ) => {
        $(#[$about])*
        pub struct $Functor {
            $($port: $Port,)*
        }

        impl $Functor {
            /// The functor with its ports.
            pub fn new($($port: $Port),*) -> Self {
                Self { $($port),* }
            }
        }

        impl std::fmt::Debug for $Functor {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($Functor))
            }
        }
    };
}

mod activate_user;
mod authenticate;
mod create_user;
mod deliver_mail;
mod open_session;
mod owe_mail;
mod register_user;
mod resolve_session;
mod retrieve_user;
mod serialize_user;
mod validate_registration;

pub use self::{
    activate_user::{ActivateUser, activate_with_token},
    authenticate::{FindCredentials, HashWithHasher, LogIn, ReplacePasswordHash, VerifyWithHasher},
    create_user::{CreateUser, NotifyTakenAddress, owe_activation_mail},
    deliver_mail::{
        ClaimMail, ComposeMailText, MintToken, SendWithMailer, SettleMail, deliver_mail,
    },
    open_session::{CloseSession, OpenSession, log_out},
    owe_mail::PutIntoMailQueue,
    register_user::RegisterUser,
    resolve_session::{FindSession, TouchSession, remember_current_session},
    retrieve_user::{FindUser, get_account},
    serialize_user::serialize_user,
    validate_registration::ValidateRegistration,
};
