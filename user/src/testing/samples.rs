//! Users, sessions and digests to test with.

use time::{Duration, OffsetDateTime, macros::datetime};

use crate::{
    domain::{
        EmailAddress, MailKind, NewSession, NewUser, PasswordHash, Session, SessionId,
        SessionTransport, TokenDigest, TokenPurpose, User, UserId,
    },
    port::Insertion,
    testing::Stores,
};

/// A moment, with as much of a second as a store keeps.
pub(super) const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05.678 UTC);

/// The moment so many seconds later.
pub(super) fn after(seconds: i64) -> OffsetDateTime {
    NOW + Duration::seconds(seconds)
}

pub(super) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(super) fn hash(rest: &str) -> PasswordHash {
    PasswordHash::from_phc(format!("$argon2id$v=19${rest}")).unwrap()
}

pub(super) fn new_user(email: &str) -> NewUser {
    NewUser {
        id: UserId::new(),
        email: address(email),
        display_name: Some("Zoë 🦆 O'Brien".parse().unwrap()),
        password_hash: hash("secret"),
        created_at: NOW,
    }
}

/// The digest of a token, by a number.
pub(super) fn digest(number: u8) -> TokenDigest {
    TokenDigest::from_bytes([number; 32])
}

pub(super) fn new_session(user: UserId, number: u8) -> NewSession {
    NewSession {
        session: Session {
            id: SessionId::new(),
            user_id: user,
            transport: SessionTransport::Cookie,
            created_at: NOW,
            authenticated_at: after(1),
            last_seen_at: after(2),
            expires_at: after(1000),
        },
        digest: digest(number),
    }
}

impl Stores {
    /// Stores a user whose address is free.
    pub(super) async fn user(&self, email: &str) -> User {
        match self.insert_user(new_user(email)).await {
            Insertion::Stored(user) => user,
            Insertion::AddressTaken => panic!("{email} is free"),
        }
    }

    pub(super) async fn insert_user(&self, user: NewUser) -> Insertion {
        let inserted = self.process(|stores, context| {
            Box::pin(async move { stores.users.insert(context, &user).await })
        });
        inserted.await.unwrap()
    }

    pub(super) async fn token(&self, user: UserId, number: u8, expires_at: OffsetDateTime) {
        let inserted = self.process(move |stores, context| {
            Box::pin(async move {
                let digest = digest(number);
                let purpose = TokenPurpose::Activation;
                stores.tokens.insert(context, &digest, purpose, user, expires_at).await
            })
        });
        inserted.await.unwrap();
    }

    pub(super) async fn consume(&self, number: u8, now: OffsetDateTime) -> Option<UserId> {
        let consumed = self.process(move |stores, context| {
            Box::pin(async move {
                let purpose = TokenPurpose::Activation;
                stores.tokens.consume(context, &digest(number), purpose, now).await
            })
        });
        consumed.await.unwrap()
    }

    pub(super) async fn owe(
        &self,
        user: UserId,
        kind: MailKind,
        now: OffsetDateTime,
        not_since: OffsetDateTime,
    ) -> bool {
        let owed = self.process(move |stores, context| {
            Box::pin(async move { stores.mails.owe(context, user, kind, now, not_since).await })
        });
        owed.await.unwrap()
    }
}
