//! One row of each table, with values that a test knows.

use dullahan_user::{
    domain::{
        MailKind, NewSession, NewUser, PasswordHash, Session, SessionId, SessionTransport,
        TokenDigest, TokenPurpose, UserId,
    },
    testing::Stores,
};
use time::macros::datetime;
use uuid::Uuid;

/// Alice's identifier.
pub(crate) const ALICE: UserId = UserId::from_uuid(Uuid::from_u128(0xa11ce));

/// Stores Alice, a session, a token and a mail of hers.
pub(crate) async fn store_one_of_each(stores: &Stores) {
    let stored = stores.process(|stores, context| {
        Box::pin(async move {
            let at = datetime!(2026-01-02 03:04:05.678_9 UTC);
            let alice = NewUser {
                id: ALICE,
                email: "Alice.Zoë@bücher.example".parse()?,
                display_name: Some("O'Brien 🦆".parse()?),
                password_hash: PasswordHash::from_phc("$argon2id$v=19$m=1$c2FsdA$aGFzaA".into())?,
                created_at: at,
            };
            stores.users.insert(context, &alice).await?;
            stores.users.activate(context, ALICE, at + time::Duration::DAY).await?;
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
            stores.sessions.insert(context, &NewSession { session, digest }).await?;
            let digest = TokenDigest::from_bytes([0xd2; 32]);
            stores.tokens.insert(context, &digest, TokenPurpose::Activation, ALICE, at).await?;
            stores.mails.owe(context, ALICE, MailKind::AlreadyRegistered, at, at).await?;
            Ok(())
        })
    });
    stored.await.unwrap();
}
