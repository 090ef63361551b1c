//! Owed mails in memory, and requests for some.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use super::{
    MemoryStores,
    tables::{Mail, Tables, count, oldest},
};
use crate::{
    domain::{
        EmailAddress, MailId, MailKind, MailRequest, NewMail, OwedMail, RegistrationOrigin, UserId,
        UserStatus,
    },
    port::MailQueue,
};

/// Whether mails to either go to one mailbox.
fn is_same(one: Option<&EmailAddress>, other: Option<&EmailAddress>) -> bool {
    one.map(EmailAddress::key) == other.map(EmailAddress::key)
}

fn owe(tables: &mut Tables, new: &NewMail, now: OffsetDateTime) -> bool {
    let is_alike = |mail: &Mail| mail.new.user_id == new.user_id && mail.new.kind == new.kind;
    let email_of = |id| tables.accounts.get(&id).map(|account| &account.user.email);
    let goes_there = |mail: &&Mail| {
        mail.new.kind == new.kind
            && is_same(email_of(mail.new.user_id), email_of(new.user_id))
            && is_same(mail.new.recipient.as_ref(), new.recipient.as_ref())
    };
    let mut waiting = tables.mails.values().filter(goes_there).filter(|m| m.sent_at.is_none());
    if waiting.any(|mail| mail.new.user_id != new.user_id) {
        return false;
    }
    let unsent = tables.mails.iter().find(|(_, mail)| mail.sent_at.is_none() && is_alike(mail));
    if let Some((id, mail)) = unsent {
        let is_the_same = is_same(mail.new.recipient.as_ref(), new.recipient.as_ref())
            && mail.new.email_change_id == new.email_change_id;
        if is_the_same {
            return false;
        }
        let id = *id;
        tables.mails.remove(&id);
    }
    let mail =
        Mail { new: new.clone(), due_at: now, is_admitted: false, attempts: 0, sent_at: None };
    tables.mails.insert(MailId::new(), mail);
    true
}

fn claim(
    tables: &mut Tables,
    now: OffsetDateTime,
    lease_until: OffsetDateTime,
) -> Option<OwedMail> {
    let latest = OwedMail::due_at_latest(now, lease_until);
    let is_due =
        |mail: &Mail| mail.sent_at.is_none() && (mail.due_at <= now || mail.due_at > latest);
    let due = tables.mails.iter_mut().filter(|(_, mail)| is_due(mail));
    let (id, mail) = due.min_by_key(|(id, mail)| (mail.due_at, **id))?;
    let account = tables.accounts.get(&mail.new.user_id);
    let user = account.map(|account| &account.user);
    let email = mail.new.recipient.as_ref().or(user.map(|user| &user.email))?.clone();
    // What goes elsewhere neither names the user nor says where the account came from.
    let at_home = account.filter(|_| mail.new.recipient.is_none());
    let pending = at_home.filter(|account| account.user.status == UserStatus::Pending);
    let active = at_home.filter(|account| account.user.status == UserStatus::Active);
    let change =
        tables.email_changes.values().find(|change| Some(change.id) == mail.new.email_change_id);
    let (is_admitted, attempts) = (mail.is_admitted, mail.attempts);
    mail.due_at = lease_until;
    mail.attempts += 1;
    Some(OwedMail {
        id: *id,
        user_id: mail.new.user_id,
        email,
        display_name: active.and_then(|account| account.user.display_name.clone()),
        locale: mail.new.locale.clone().or(user.and_then(|user| user.locale.clone())),
        kind: mail.new.kind,
        email_change_id: mail.new.email_change_id,
        new_email: change.map(|change| change.email.clone()),
        registration: pending.map(|account| RegistrationOrigin {
            at: account.user.created_at,
            address: account.registered_from,
        }),
        closed_until: at_home.and_then(|account| account.user.closed_until),
        is_admitted,
        attempts,
    })
}

impl MailQueue for MemoryStores {
    fn owe<'a>(
        &'a self,
        context: &'a Context,
        mail: &'a NewMail,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            if !mail.kind.outlives_account() {
                tables.check_references(mail.user_id, mail.email_change_id)?;
            }
            Ok(owe(tables, mail, now))
        }))
    }

    fn claim<'a>(
        &'a self,
        context: &'a Context,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OwedMail>>> {
        Box::pin(self.write(context, move |tables| Ok(claim(tables, now, lease_until))))
    }

    fn admit<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            let owed = tables.mails.get_mut(&id).filter(|mail| mail.sent_at.is_none());
            Ok(owed.map(|mail| mail.is_admitted = true).is_some())
        }))
    }

    fn withhold<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, move |tables| {
            if tables.mails.get(&id).is_some_and(|mail| mail.sent_at.is_none()) {
                tables.mails.remove(&id);
            }
            Ok(())
        }))
    }

    fn sent<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, move |tables| {
            if tables.mails.get(&id).is_some_and(|mail| mail.new.kind.outlives_account()) {
                tables.mails.remove(&id);
            } else if let Some(mail) = tables.mails.get_mut(&id) {
                mail.sent_at.get_or_insert(at);
            }
            Ok(())
        }))
    }

    fn postpone<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, move |tables| {
            if let Some(mail) = tables.mails.get_mut(&id) {
                mail.due_at = until;
            }
            Ok(())
        }))
    }

    fn give_up<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        self.sent(context, id, at)
    }

    fn withdraw<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        kind: MailKind,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            let before = tables.mails.len();
            tables.mails.retain(|_, mail| {
                mail.new.user_id != user || mail.new.kind != kind || mail.sent_at.is_some()
            });
            Ok(tables.mails.len() < before)
        }))
    }

    fn is_owed<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.read(context, move |tables| {
            tables.mails.get(&id).is_some_and(|mail| mail.sent_at.is_none())
        }))
    }

    fn delete_all<'a>(&'a self, context: &'a Context, user: UserId) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let before = tables.mails.len();
            tables
                .mails
                .retain(|_, mail| mail.new.user_id != user || mail.new.kind.outlives_account());
            Ok(count(before - tables.mails.len()))
        }))
    }

    fn delete_requests<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let before = tables.mail_requests.len();
            tables.mail_requests.retain(|request| request.email.key() != email.key());
            Ok(count(before - tables.mail_requests.len()))
        }))
    }

    fn request<'a>(
        &'a self,
        context: &'a Context,
        request: &'a MailRequest,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, |tables| {
            let is_there = tables.mail_requests.iter().any(|there| {
                there.kind == request.kind && there.email.key() == request.email.key()
            });
            if !is_there {
                tables.mail_requests.push(request.clone());
            }
            Ok(())
        }))
    }

    fn take_request<'a>(
        &'a self,
        context: &'a Context,
        skip: u32,
    ) -> BoxFuture<'a, Result<Option<MailRequest>>> {
        Box::pin(self.write(context, move |tables| {
            // In a stable order, as they were written down.
            tables.mail_requests.sort_by_key(|request| request.requested_at);
            let at = usize::try_from(skip).unwrap_or(usize::MAX);
            Ok((at < tables.mail_requests.len()).then(|| tables.mail_requests.remove(at)))
        }))
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        settled_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let mails = tables.mails.iter();
            let sent = mails.filter_map(|(id, mail)| Some((*id, mail.sent_at?)));
            let sent = oldest(sent, settled_before, limit);
            for id in &sent {
                tables.mails.remove(id);
            }
            Ok(count(sent.len()))
        }))
    }
}
