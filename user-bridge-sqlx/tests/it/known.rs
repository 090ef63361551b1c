//! One row of each table, with values that a test knows.

use dullahan_user::{
    domain::{
        AttemptKey, AttemptLimit, Device, EmailChange, EmailChangeId, MailKind, MailRequest,
        MailRequestKind, NewMail, NewOneTimeToken, NewSession, NewUser, PasswordHash, Role,
        Session, SessionId, SessionTransport, TokenDigest, TokenPurpose, UserId,
    },
    testing::Stores,
};
use time::macros::datetime;
use uuid::Uuid;

/// Alice's identifier.
pub(crate) const ALICE: UserId = UserId::from_uuid(Uuid::from_u128(0xa11ce));

/// Every table that has rows of the module.
pub(crate) const TABLES: [&str; 8] = [
    "dullahan_users",
    "dullahan_user_roles",
    "dullahan_sessions",
    "dullahan_one_time_tokens",
    "dullahan_email_changes",
    "dullahan_owed_mails",
    "dullahan_mail_requests",
    "dullahan_attempts",
];

/// Those whose rows are about a user.
pub(crate) const OF_A_USER: [&str; 6] =
    [TABLES[0], TABLES[1], TABLES[2], TABLES[3], TABLES[4], TABLES[5]];

/// Stores Alice, and a role, a session, a token, a change of the address and a mail of hers; a request for a mail, and a
/// try to sign in.
pub(crate) async fn store_one_of_each(stores: &Stores) {
    let stored = stores.process(|stores, context| {
        Box::pin(async move {
            let at = datetime!(2026-01-02 03:04:05.678_9 UTC);
            let alice = NewUser {
                id: ALICE,
                email: "Alice.Zoë@bücher.example".parse()?,
                display_name: Some("O'Brien 🦆".parse()?),
                locale: Some("pt-BR".parse()?),
                password_hash: PasswordHash::from_phc("$argon2id$v=19$m=1$c2FsdA$aGFzaA".into())?,
                created_at: at,
                registered_from: None,
                activated_at: None,
            };
            stores.users.insert(context, &alice).await?;
            stores.users.activate(context, ALICE, at + time::Duration::DAY).await?;
            stores.users.grant_role(context, ALICE, &Role::ADMIN).await?;
            let session = Session {
                id: SessionId::from_uuid(Uuid::from_u128(0x5e5510)),
                user_id: ALICE,
                transport: SessionTransport::Bearer,
                created_at: at,
                authenticated_at: at,
                last_seen_at: at,
                expires_at: datetime!(9999-12-31 23:59:59.999_999_999 UTC),
            };
            let digest = TokenDigest::from_bytes([0xd1; 32]);
            let device = Device::new(Some("Mozilla/5.0"), Some("2001:db8::7".parse()?));
            stores.sessions.insert(context, &NewSession { session, digest, device }).await?;
            let change = EmailChange {
                id: EmailChangeId::from_uuid(Uuid::from_u128(0xc4a46e)),
                user_id: ALICE,
                email: "Alice@new.example".parse()?,
                confirmed_by_current: false,
                confirmed_by_new: true,
                created_at: at,
                expires_at: at,
            };
            stores.email_changes.replace(context, &change).await?;
            let token = NewOneTimeToken {
                digest: TokenDigest::from_bytes([0xd2; 32]),
                purpose: TokenPurpose::EmailChangeNew,
                user_id: ALICE,
                email_change_id: Some(change.id),
                expires_at: at,
            };
            stores.tokens.insert(context, &token).await?;
            let mail = NewMail {
                user_id: ALICE,
                kind: MailKind::EmailChangeNew,
                recipient: Some(change.email.clone()),
                email_change_id: Some(change.id),
                locale: None,
            };
            stores.mails.owe(context, &mail, at).await?;
            let request = MailRequest {
                email: "Somebody@x.test".parse()?,
                kind: MailRequestKind::PasswordReset,
                requested_at: at,
            };
            stores.mails.request(context, &request).await?;
            let key = AttemptKey::of_identifier("alice@x.test");
            let limit = AttemptLimit::new(5, std::time::Duration::from_mins(15));
            let _ = stores.attempts.count(context, &key, limit, at).await?;
            Ok(())
        })
    });
    stored.await.unwrap();
}
