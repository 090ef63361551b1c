//! Users in memory.

use std::cmp::Reverse;

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use super::{
    MemoryStores,
    tables::{Account, count, oldest},
};
use crate::{
    domain::{
        AccountChanges, Credentials, EmailAddress, NewUser, PasswordHash, PendingUser, Role, Roles,
        User, UserId, UserStatus,
    },
    port::{AddressChange, Insertion, RoleChange, UserRepository},
};

impl UserRepository for MemoryStores {
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        new: &'a NewUser,
    ) -> BoxFuture<'a, Result<Insertion>> {
        Box::pin(self.write(context, |tables| {
            if new.activated_at.is_some() && tables.holder_of(&new.email).is_some() {
                return Ok(Insertion::AddressTaken);
            }
            let user = new.to_user();
            let password_hash = Some(new.password_hash.clone());
            let registered_from = new.registered_from;
            let account =
                Account { user: user.clone(), password_hash, registered_from, is_removed: false };
            tables.accounts.insert(user.id, account);
            Ok(Insertion::Stored(user))
        }))
    }

    fn find<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(self.read(context, move |tables| {
            tables.accounts.get(&id).map(|account| account.user.clone())
        }))
    }

    fn find_credentials<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<Option<Credentials>>> {
        Box::pin(self.read(context, |tables| tables.account_of(email).map(Account::credentials)))
    }

    fn find_own_credentials<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<Option<Credentials>>> {
        Box::pin(
            self.read(context, move |tables| tables.accounts.get(&id).map(Account::credentials)),
        )
    }

    /// Writers take turns, so there is nobody else.
    fn lock<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<Option<Credentials>>> {
        Box::pin(
            self.write(context, move |tables| {
                Ok(tables.accounts.get(&id).map(Account::credentials))
            }),
        )
    }

    fn find_pending<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<PendingUser>>> {
        Box::pin(self.read(context, move |tables| {
            let Some(account) = tables.accounts.get(&id) else { return Vec::new() };
            let mut pending: Vec<_> = tables.pending(&account.user.email).collect();
            pending.sort_by_key(|account| {
                let user = &account.user;
                Reverse((user.id == id, user.created_at, user.id))
            });
            pending.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let found = pending.into_iter().map(|account| PendingUser {
                credentials: account.credentials(),
                registered_from: account.registered_from,
                has_token: tables.has_token(account.user.id),
            });
            found.collect()
        }))
    }

    fn activate<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<AddressChange>> {
        Box::pin(self.write(context, move |tables| {
            let account = tables.changeable(id);
            let account = account.filter(|account| account.user.status == UserStatus::Pending);
            let Some(email) = account.map(|account| account.user.email.clone()) else {
                return Ok(AddressChange::NoSuchUser);
            };
            let is_held = tables.holder_of(&email).is_some();
            Ok(match tables.changeable(id).filter(|_| !is_held) {
                None => AddressChange::Taken,
                Some(account) => {
                    account.user.status = UserStatus::Active;
                    account.user.activated_at = Some(at);
                    account.registered_from = None;
                    AddressChange::Changed(account.user.clone())
                }
            })
        }))
    }

    fn delete_pending<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let pending: Vec<_> = tables.pending(email).map(|account| account.user.id).collect();
            for id in &pending {
                tables.delete_account(*id);
            }
            Ok(count(pending.len()))
        }))
    }

    fn delete_if_pending<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            let account = tables.accounts.get(&id);
            let is_pending =
                account.is_some_and(|account| account.user.status == UserStatus::Pending);
            Ok(is_pending && tables.delete_account(id))
        }))
    }

    fn purge_pending<'a>(
        &'a self,
        context: &'a Context,
        registered_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let waiting = tables.accounts.values().filter(|account| {
                account.user.status == UserStatus::Pending && !tables.has_token(account.user.id)
            });
            let waiting = waiting.map(|account| (account.user.id, account.user.created_at));
            let over = oldest(waiting, registered_before, limit);
            for id in &over {
                tables.delete_account(*id);
            }
            Ok(count(over.len()))
        }))
    }

    fn replace_password_hash<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        old: &'a PasswordHash,
        new: &'a PasswordHash,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, move |tables| {
            if let Some(account) = tables.changeable(id) {
                let stored = account.password_hash.as_ref().map(PasswordHash::as_phc);
                if stored == Some(old.as_phc()) {
                    account.password_hash = Some(new.clone());
                }
            }
            Ok(())
        }))
    }

    fn update<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        changes: &'a AccountChanges,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(self.write(context, move |tables| {
            Ok(tables.changeable(id).map(|account| {
                if let Some(display_name) = &changes.display_name {
                    account.user.display_name.clone_from(display_name);
                }
                if let Some(locale) = &changes.locale {
                    account.user.locale.clone_from(locale);
                }
                account.user.clone()
            }))
        }))
    }

    fn set_password_hash<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        hash: &'a PasswordHash,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(self.write(context, move |tables| {
            Ok(tables.changeable(id).map(|account| {
                account.password_hash = Some(hash.clone());
                account.user.clone()
            }))
        }))
    }

    fn drop_password<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            Ok(tables.changeable(id).map(|account| account.password_hash = None).is_some())
        }))
    }

    fn change_email<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<AddressChange>> {
        Box::pin(self.write(context, move |tables| {
            let owner = tables.holder_of(email).map(|owner| owner.user.id);
            let Some(account) = tables.changeable(id) else {
                return Ok(AddressChange::NoSuchUser);
            };
            if owner.is_some_and(|owner| owner != id) {
                return Ok(AddressChange::Taken);
            }
            account.user.email = email.clone();
            Ok(AddressChange::Changed(account.user.clone()))
        }))
    }

    fn grant_role<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        role: &'a Role,
    ) -> BoxFuture<'a, Result<RoleChange>> {
        Box::pin(self.write(context, move |tables| {
            Ok(tables.change_roles(id, |roles| roles.iter().chain([role]).cloned().collect()))
        }))
    }

    fn revoke_role<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        role: &'a Role,
    ) -> BoxFuture<'a, Result<RoleChange>> {
        Box::pin(self.write(context, move |tables| {
            Ok(tables.change_roles(id, |roles| {
                roles.iter().filter(|held| *held != role).cloned().collect()
            }))
        }))
    }

    fn close<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(self.write(context, move |tables| {
            let account = tables.changeable(id);
            let account = account.filter(|account| account.user.status == UserStatus::Active);
            Ok(account.map(|account| {
                account.user.status = UserStatus::Closed;
                account.user.closed_until = Some(until);
                account.user.clone()
            }))
        }))
    }

    fn reopen<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(self.write(context, move |tables| {
            let account = tables.changeable(id);
            let account = account.filter(|one| one.user.closed_until.is_some_and(|at| at > now));
            Ok(account.map(|account| {
                account.user.status = UserStatus::Active;
                account.user.closed_until = None;
                account.user.clone()
            }))
        }))
    }

    fn find_closed<'a>(
        &'a self,
        context: &'a Context,
        now: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<UserId>>> {
        Box::pin(self.read(context, move |tables| {
            let closed = tables.accounts.values();
            let closed = closed.filter_map(|one| Some((one.user.id, one.user.closed_until?)));
            oldest(closed, now + time::Duration::NANOSECOND, limit)
        }))
    }

    fn anonymise<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            let Some(account) = tables.changeable(id) else { return Ok(false) };
            account.user = User {
                email: format!("{id}@removed.invalid").parse()?,
                display_name: None,
                locale: None,
                status: UserStatus::Deactivated,
                roles: Roles::default(),
                closed_until: None,
                ..account.user.clone()
            };
            account.password_hash = None;
            account.registered_from = None;
            account.is_removed = true;
            Ok(true)
        }))
    }

    fn delete<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| Ok(tables.delete_account(id))))
    }
}
