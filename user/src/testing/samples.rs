//! Users, sessions and digests to test with.

use time::{Duration, OffsetDateTime, macros::datetime};

use crate::{
    domain::{
        Device, EmailAddress, EmailChange, EmailChangeId, MailId, MailKind, NewMail,
        NewOneTimeToken, NewSession, NewUser, OneTimeGrant, OwedMail, PasswordHash, Session,
        SessionId, SessionTransport, TokenDigest, TokenPurpose, User, UserId,
    },
    port::Insertion,
    testing::Stores,
};

/// Calls one method of a store as a process: `committed!(stores.users.anonymise(id))`. What it is given is moved.
macro_rules! committed {
    ($stores:ident.$store:ident.$method:ident($($argument:expr),* $(,)?)) => {
        $stores
            .process(move |stores, context| {
                Box::pin(async move { stores.$store.$method(context, $($argument),*).await })
            })
            .await
            .unwrap()
    };
}

pub(super) use committed;

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
        locale: Some("pt-BR".parse().unwrap()),
        password_hash: hash("secret"),
        created_at: NOW,
        registered_from: Some([192, 0, 2, 7].into()),
        activated_at: None,
    }
}

/// One whose address is proven.
pub(super) fn proven_user(email: &str) -> NewUser {
    NewUser { activated_at: Some(NOW), ..new_user(email) }
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
        device: Device::new(Some("Mozilla/5.0 (🦆)"), Some([192, 0, 2, number].into())),
    }
}

/// A change to an address that nobody has agreed to yet.
pub(super) fn new_change(user: UserId, email: &str) -> EmailChange {
    EmailChange {
        id: EmailChangeId::new(),
        user_id: user,
        email: address(email),
        confirmed_by_current: false,
        confirmed_by_new: false,
        created_at: NOW,
        expires_at: after(1000),
    }
}

impl Stores {
    /// Stores a user who holds the address.
    pub(super) async fn active(&self, email: &str) -> User {
        match self.insert_user(proven_user(email)).await {
            Insertion::Stored(user) => user,
            Insertion::AddressTaken => panic!("{email} is free"),
        }
    }

    /// Stores a user who is pending.
    pub(super) async fn user(&self, email: &str) -> User {
        match self.insert_user(new_user(email)).await {
            Insertion::Stored(user) => user,
            Insertion::AddressTaken => panic!("a pending user takes no address"),
        }
    }

    pub(super) async fn insert_user(&self, user: NewUser) -> Insertion {
        let inserted = self.process(|stores, context| {
            Box::pin(async move { stores.users.insert(context, &user).await })
        });
        inserted.await.unwrap()
    }

    pub(super) async fn session(&self, user: UserId, number: u8) -> SessionId {
        let session = new_session(user, number);
        let id = session.session.id;
        committed!(self.sessions.insert(&session));
        id
    }

    pub(super) async fn token(&self, user: UserId, number: u8, expires_at: OffsetDateTime) {
        self.token_for(user, number, TokenPurpose::Activation, None, expires_at).await;
    }

    pub(super) async fn token_for(
        &self,
        user_id: UserId,
        number: u8,
        purpose: TokenPurpose,
        email_change_id: Option<EmailChangeId>,
        expires_at: OffsetDateTime,
    ) {
        let digest = digest(number);
        let token = NewOneTimeToken { digest, purpose, user_id, email_change_id, expires_at };
        committed!(self.tokens.insert(&token));
    }

    pub(super) async fn consume(&self, number: u8, now: OffsetDateTime) -> Option<UserId> {
        let grant = self.consume_for(number, TokenPurpose::Activation, now).await;
        grant.map(|grant| grant.user_id)
    }

    pub(super) async fn consume_for(
        &self,
        number: u8,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Option<OneTimeGrant> {
        committed!(self.tokens.consume(&digest(number), purpose, now))
    }

    pub(super) async fn change(&self, user: UserId, email: &str) -> EmailChange {
        let change = new_change(user, email);
        let stored = change.clone();
        committed!(self.email_changes.replace(&stored));
        change
    }

    pub(super) async fn owe(&self, user: UserId, kind: MailKind, now: OffsetDateTime) -> bool {
        self.owe_mail(NewMail::new(user, kind), now).await
    }

    pub(super) async fn owe_mail(&self, mail: NewMail, now: OffsetDateTime) -> bool {
        committed!(self.mails.owe(&mail, now))
    }

    /// Claims as of so many seconds, for a minute.
    pub(super) async fn claim(&self, seconds: i64) -> Option<OwedMail> {
        committed!(self.mails.claim(after(seconds), after(seconds + 60)))
    }

    pub(super) async fn sent(&self, id: MailId, seconds: i64) {
        committed!(self.mails.sent(id, after(seconds)));
    }
}
