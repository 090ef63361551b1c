//! Changes of addresses in memory.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use super::{
    MemoryStores,
    tables::{Tables, count, oldest},
};
use crate::{
    domain::{EmailChange, EmailChangeId, Mailbox, UserId},
    port::EmailChangeRepository,
};

fn user_of(tables: &Tables, id: EmailChangeId) -> Option<UserId> {
    tables.email_changes.values().find(|change| change.id == id).map(|change| change.user_id)
}

impl EmailChangeRepository for MemoryStores {
    fn replace<'a>(
        &'a self,
        context: &'a Context,
        change: &'a EmailChange,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, |tables| {
            tables.check_references(change.user_id, None)?;
            tables.delete_change(change.user_id);
            tables.email_changes.insert(change.user_id, change.clone());
            Ok(())
        }))
    }

    fn find_of_user<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
    ) -> BoxFuture<'a, Result<Option<EmailChange>>> {
        Box::pin(self.read(context, move |tables| tables.email_changes.get(&user).cloned()))
    }

    fn confirm<'a>(
        &'a self,
        context: &'a Context,
        id: EmailChangeId,
        mailbox: Mailbox,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<EmailChange>>> {
        Box::pin(self.write(context, move |tables| {
            let user = user_of(tables, id);
            let change = user.and_then(|user| tables.email_changes.get_mut(&user));
            Ok(change.filter(|change| change.expires_at > now).map(|change| {
                match mailbox {
                    Mailbox::Current => change.confirmed_by_current = true,
                    Mailbox::New => change.confirmed_by_new = true,
                }
                change.clone()
            }))
        }))
    }

    fn delete<'a>(
        &'a self,
        context: &'a Context,
        id: EmailChangeId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            Ok(user_of(tables, id).is_some_and(|user| tables.delete_change(user)))
        }))
    }

    fn delete_of_user<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| Ok(tables.delete_change(user))))
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        lapsed_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let changes = tables.email_changes.iter();
            let lapsed =
                oldest(changes.map(|(user, c)| (*user, c.expires_at)), lapsed_before, limit);
            for user in &lapsed {
                tables.delete_change(*user);
            }
            Ok(count(lapsed.len()))
        }))
    }
}
