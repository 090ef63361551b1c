//! What the memory stores keep.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

use dullahan_core::{Error, Result};
use time::OffsetDateTime;

use crate::{
    domain::{
        AttemptKey, Credentials, EmailAddress, EmailChange, EmailChangeId, MailId, MailRequest,
        NewMail, NewOneTimeToken, NewSession, PasswordHash, Roles, SessionId, TokenDigest, User,
        UserId, UserStatus,
    },
    port::RoleChange,
};

/// What the memory stores keep.
#[derive(Clone, Default)]
pub(super) struct Tables {
    pub(super) accounts: BTreeMap<UserId, Account>,
    pub(super) sessions: BTreeMap<SessionId, NewSession>,
    pub(super) tokens: Vec<NewOneTimeToken>,
    pub(super) email_changes: BTreeMap<UserId, EmailChange>,
    pub(super) mails: BTreeMap<MailId, Mail>,
    pub(super) mail_requests: Vec<MailRequest>,
    pub(super) attempts: HashMap<AttemptKey, Tries>,
}

/// A user, and what a login is checked against.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) user: User,
    pub(super) password_hash: Option<PasswordHash>,
    pub(super) registered_from: Option<IpAddr>,
    /// Whether it is anonymised: its address is nobody's then.
    pub(super) is_removed: bool,
}

impl Account {
    pub(super) fn credentials(&self) -> Credentials {
        Credentials { user: self.user.clone(), password_hash: self.password_hash.clone() }
    }
}

/// A mail that is owed, was sent, or was given up, which comes to the same in memory.
#[derive(Clone)]
pub(super) struct Mail {
    pub(super) new: NewMail,
    pub(super) due_at: OffsetDateTime,
    pub(super) is_admitted: bool,
    pub(super) attempts: u32,
    pub(super) sent_at: Option<OffsetDateTime>,
}

/// Tries that were counted.
#[derive(Clone, Copy)]
pub(super) struct Tries {
    pub(super) count: u64,
    pub(super) over_at: OffsetDateTime,
}

impl Tables {
    /// The account that holds this address, or else the one that was registered with it last.
    pub(super) fn account_of(&self, email: &EmailAddress) -> Option<&Account> {
        let last = |account: &&Account| (account.user.created_at, account.user.id);
        self.holder_of(email).or_else(|| self.pending(email).max_by_key(last))
    }

    /// The account that holds this address.
    pub(super) fn holder_of(&self, email: &EmailAddress) -> Option<&Account> {
        self.of_address(email).find(|account| account.user.status != UserStatus::Pending)
    }

    /// The accounts that were registered with this address and do not hold it.
    pub(super) fn pending(&self, email: &EmailAddress) -> impl Iterator<Item = &Account> {
        self.of_address(email).filter(|account| account.user.status == UserStatus::Pending)
    }

    fn of_address(&self, email: &EmailAddress) -> impl Iterator<Item = &Account> {
        let key = email.key().to_owned();
        let accounts = self.accounts.values().filter(|account| !account.is_removed);
        accounts.filter(move |account| account.user.email.key() == key)
    }

    /// The account of a user who is not anonymised.
    pub(super) fn changeable(&mut self, id: UserId) -> Option<&mut Account> {
        self.accounts.get_mut(&id).filter(|account| !account.is_removed)
    }

    /// Gives a user who is not anonymised other roles.
    pub(super) fn change_roles(
        &mut self,
        id: UserId,
        change: impl FnOnce(&Roles) -> Roles,
    ) -> RoleChange {
        let Some(account) = self.changeable(id) else { return RoleChange::NoSuchUser };
        let roles = change(&account.user.roles);
        if roles == account.user.roles {
            return RoleChange::Unchanged;
        }
        account.user.roles = roles;
        RoleChange::Changed
    }

    pub(super) fn token(&self, digest: &TokenDigest) -> Option<&NewOneTimeToken> {
        self.tokens.iter().find(|token| token.digest == *digest)
    }

    /// Whether a token of this user is kept.
    pub(super) fn has_token(&self, user: UserId) -> bool {
        self.tokens.iter().any(|token| token.user_id == user)
    }

    /// Fails if a row refers to a user or a change of an address that is not there.
    pub(super) fn check_references(
        &self,
        user: UserId,
        change: Option<EmailChangeId>,
    ) -> Result<()> {
        let has_change = |id| self.email_changes.values().any(|change| change.id == id);
        if self.accounts.contains_key(&user) && change.is_none_or(has_change) {
            Ok(())
        } else {
            Err(Error::internal(NoSuchRow))
        }
    }

    /// Deletes the change of a user, and the tokens and mails about it.
    pub(super) fn delete_change(&mut self, user: UserId) -> bool {
        let Some(change) = self.email_changes.remove(&user) else { return false };
        self.tokens.retain(|token| token.email_change_id != Some(change.id));
        self.mails.retain(|_, mail| mail.new.email_change_id != Some(change.id));
        true
    }

    /// Deletes a user, and all that refers to it.
    pub(super) fn delete_account(&mut self, id: UserId) -> bool {
        self.delete_change(id);
        self.sessions.retain(|_, session| session.session.user_id != id);
        self.tokens.retain(|token| token.user_id != id);
        self.mails.retain(|_, mail| mail.new.user_id != id || mail.new.kind.outlives_account());
        self.accounts.remove(&id).is_some()
    }
}

/// Those whose time is before the given one, the oldest first, and no more than the limit.
pub(super) fn oldest<K>(
    rows: impl IntoIterator<Item = (K, OffsetDateTime)>,
    before: OffsetDateTime,
    limit: u32,
) -> Vec<K> {
    let mut rows: Vec<_> = rows.into_iter().filter(|(_, time)| *time < before).collect();
    rows.sort_by_key(|(_, time)| *time);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows.into_iter().map(|(key, _)| key).collect()
}

/// How many there are.
pub(super) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// A row refers to one that is not there.
#[derive(Debug, thiserror::Error)]
#[error("the user or the change that a row refers to is not there")]
struct NoSuchRow;

/// Another row has the digest already.
#[derive(Debug, thiserror::Error)]
#[error("another row has the digest already")]
pub(super) struct DigestTaken;
