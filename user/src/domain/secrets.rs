//! Tests that no secret can be shown, copied or compared by mistake.

use std::sync::Arc;

use crate::domain::{
    AuditKey, Credentials, Device, DeviceMark, MailMessage, NewSession, NewUser,
    PasswordFingerprint, PasswordHash, PlainPassword, RegisteringUser, Session, SessionId,
    SessionPolicy, SessionTransport, Token, User, UserId,
};
use time::macros::datetime;
use zeroize::ZeroizeOnDrop;

/// Fails to compile if the type implements the trait: two implementations of `check` then apply.
macro_rules! assert_not_implemented {
    ($($Type:ty: $Trait:path),+ $(,)?) => {$(
        const _: fn() = || {
            struct Implemented;
            trait Check<Whether> {
                fn check() {}
            }
            impl<T> Check<()> for T {}
            impl<T: $Trait> Check<Implemented> for T {}
            <$Type as Check<_>>::check();
        };
    )+};
}

assert_not_implemented! {
    PlainPassword: Clone,
    PlainPassword: PartialEq,
    PlainPassword: std::fmt::Display,
    PasswordFingerprint: Clone,
    PasswordFingerprint: PartialEq,
    PasswordFingerprint: std::fmt::Display,
    AuditKey: PartialEq,
    AuditKey: std::fmt::Display,
    PasswordHash: PartialEq,
    PasswordHash: std::fmt::Display,
    DeviceMark: Clone,
    DeviceMark: PartialEq,
    DeviceMark: std::fmt::Display,
    Token: Clone,
    Token: PartialEq,
    Token: std::fmt::Display,
    crate::domain::TokenDigest: std::fmt::Display,
    crate::domain::EmailAddress: std::fmt::Display,
    crate::domain::DisplayName: std::fmt::Display,
    RegisteringUser: Clone,
}

#[test]
fn secrets_are_wiped_when_dropped() {
    fn is_wiped<T: ZeroizeOnDrop>() {}
    is_wiped::<PlainPassword>();
    is_wiped::<Token>();
}

#[test]
fn debug_of_a_secret_is_constant() {
    let password: PlainPassword = "canary password".parse().unwrap();
    let hash = PasswordHash::from_phc("$argon2id$canary".to_owned()).unwrap();
    let token = Token::from_bytes([0xca; 32]);
    assert_eq!(format!("{password:?}"), "PlainPassword(…)");
    assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
    assert_eq!(format!("{token:?} {:?}", token.digest()), "Token(…) TokenDigest(…)");
}

#[test]
fn debug_of_what_holds_a_secret_or_personal_data_shows_none() {
    let now = datetime!(2026-01-01 00:00 UTC);
    let email = || "canary.alice@x.test".parse().unwrap();
    let display_name = || Some("canary name".parse().unwrap());
    let hash = || PasswordHash::from_phc("$argon2id$canary".to_owned()).unwrap();
    let token = Token::from_bytes([0xca; 32]);

    let registering = RegisteringUser {
        email: email(),
        display_name: display_name(),
        locale: None,
        password: Arc::new("canary password".parse().unwrap()),
    };
    let new = NewUser {
        id: UserId::new(),
        email: email(),
        display_name: display_name(),
        locale: None,
        password_hash: hash(),
        created_at: now,
        registered_from: Some([202, 202, 202, 202].into()),
        activated_at: None,
    };
    let user: User = new.to_user();
    let credentials = Credentials { user: user.clone(), password_hash: Some(hash()) };
    let session = Session {
        id: SessionId::new(),
        user_id: user.id,
        transport: SessionTransport::Bearer,
        created_at: now,
        authenticated_at: now,
        last_seen_at: now,
        expires_at: SessionPolicy::default().expires_at(now),
    };
    let device = Device::new(Some("canary agent"), Some([202, 202, 202, 202].into()));
    let new_session = NewSession { session, digest: token.digest(), device };
    let canary = format!("canary {}", *token.expose());
    let mail =
        MailMessage { html: Some(canary.clone()), ..MailMessage::new(email(), "Welcome", canary) };

    let shown =
        format!("{registering:#?}{new:#?}{user:#?}{credentials:#?}{new_session:#?}{mail:#?}");
    for secret in ["anary", token.expose().as_str(), "202, 202", "202.202", "cacaca"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("Welcome") && shown.contains("c…@x.test"));
}
