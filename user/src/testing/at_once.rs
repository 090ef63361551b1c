//! What processes do to each other that are about one account.

use std::sync::Arc;

use dullahan_core::{BoxFuture, Context, Result};

use crate::{
    domain::{
        AccountChanges, EmailChange, MailId, MailKind, Mailbox, NewMail, Role, SessionId,
        TokenPurpose, UserId,
    },
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, after, digest, hash, new_change, new_session},
    },
};

/// An account with all that belongs to one.
#[derive(Clone)]
struct Account {
    user: UserId,
    session: SessionId,
    change: EmailChange,
    /// A worker has it and is about to settle it.
    claimed: MailId,
}

/// Runs each step of a process, in this order or in the other one.
macro_rules! steps {
    ($is_reversed:expr; $one:expr; $two:expr; $three:expr $(;)?) => {
        if $is_reversed {
            $three;
            $two;
            $one;
        } else {
            $one;
            $two;
            $three;
        }
    };
}

/// A password is reset: a token is used up, and sessions and a change of the address end.
async fn reset(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    let (tokens, user) = (&stores.tokens, account.user);
    if tokens.consume(context, &digest(1), TokenPurpose::PasswordReset, NOW).await?.is_some() {
        stores.users.set_password_hash(context, user, &hash("new")).await?;
    }
    steps! { way;
        stores.sessions.delete_all(context, user, None).await?;
        stores.email_changes.delete_of_user(context, user).await?;
        stores.tokens.delete_all(context, user).await?;
    }
    stores.mails.owe(context, &NewMail::new(user, MailKind::PasswordChanged), NOW).await?;
    Ok(())
}

/// A password is changed by somebody who is signed in.
async fn change(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    let (user, kept) = (account.user, account.session);
    steps! { way;
        stores.users.set_password_hash(context, user, &hash("new")).await?;
        stores.sessions.renew(context, kept, &digest(10), &digest(90), NOW).await?;
        stores.email_changes.delete_of_user(context, user).await?;
    }
    stores.sessions.delete_all(context, user, Some(kept)).await?;
    Ok(())
}

/// A mailbox agrees, and the change comes to its end.
async fn confirm(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    let (number, mailbox, purpose) = if way {
        (2, Mailbox::Current, TokenPurpose::EmailChangeCurrent)
    } else {
        (3, Mailbox::New, TokenPurpose::EmailChangeNew)
    };
    stores.tokens.consume(context, &digest(number), purpose, NOW).await?;
    stores.email_changes.confirm(context, account.change.id, mailbox, NOW).await?;
    stores.email_changes.delete(context, account.change.id).await?;
    stores.sessions.delete_all(context, account.user, None).await?;
    Ok(())
}

/// Another address is asked for, and a mail about it.
async fn replace(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    let change = new_change(account.user, if way { "one@x.test" } else { "two@x.test" });
    stores.email_changes.replace(context, &change).await?;
    let mail = NewMail {
        email_change_id: Some(change.id),
        ..NewMail::new(account.user, MailKind::EmailChangeCurrent)
    };
    stores.mails.owe(context, &mail, NOW).await?;
    Ok(())
}

/// Somebody proves the address, with which others have registered.
async fn register(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    let user = account.user;
    steps! { way;
        stores.users.lock(context, user).await?;
        stores.users.delete_pending(context, &account.change.email).await?;
        stores.mails.withdraw(context, user, MailKind::Activation).await?;
    }
    stores.mails.owe(context, &NewMail::new(user, MailKind::Activation), NOW).await?;
    Ok(())
}

/// A user leaves.
async fn remove(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    let user = account.user;
    steps! { way;
        stores.sessions.delete_all(context, user, None).await?;
        stores.tokens.delete_all(context, user).await?;
        stores.mails.delete_all(context, user).await?;
    }
    stores.email_changes.delete_of_user(context, user).await?;
    stores.users.update(context, user, &AccountChanges::default()).await?;
    stores.users.close(context, user, after(100)).await?;
    stores.users.reopen(context, user, NOW).await?;
    Ok(())
}

/// An admin changes what the user may do.
async fn roles(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    let (user, editor) = (account.user, Role::from_static("editor"));
    steps! { way;
        stores.users.grant_role(context, user, &Role::ADMIN).await?;
        stores.users.revoke_role(context, user, &editor).await?;
        stores.sessions.delete_all(context, user, None).await?;
    }
    Ok(())
}

/// A client signs in or is in use, and a worker takes a mail.
async fn use_it(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    if way {
        let new = new_session(account.user, 80);
        stores.sessions.insert(context, &new).await?;
        stores.sessions.end_surplus(context, account.user, new.session.id, 3).await?;
    } else {
        stores.sessions.touch(context, account.session, after(60), NOW).await?;
    }
    stores.mails.claim(context, NOW, after(60)).await?;
    Ok(())
}

/// A worker settles the mail that it has claimed before.
async fn settle(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    if way {
        stores.mails.sent(context, account.claimed, NOW).await
    } else {
        stores.mails.postpone(context, account.claimed, NOW).await
    }
}

/// A worker counts the mail that it has claimed before, or has it withheld.
async fn admit(stores: &Stores, context: &Context, account: &Account, way: bool) -> Result<()> {
    if way {
        return stores.mails.admit(context, account.claimed).await.map(drop);
    }
    stores.mails.withhold(context, account.claimed).await
}

/// What is over is forgotten; here all of it is.
async fn purge(stores: &Stores, context: &Context, _: &Account, way: bool) -> Result<()> {
    let over = after(100_000);
    steps! { way;
        stores.sessions.purge(context, over, over, 100).await?;
        stores.email_changes.purge(context, over, 100).await?;
        stores.tokens.purge(context, over, 100).await?;
    }
    stores.mails.purge(context, over, 100).await?;
    // None is so old, but all are looked at.
    stores.users.purge_pending(context, after(-100_000), 100).await?;
    Ok(())
}

/// What a process does about an account, in either order.
type Steps = for<'a> fn(&'a Stores, &'a Context, &'a Account, bool) -> BoxFuture<'a, Result<()>>;

const PROCESSES: [Steps; 11] = [
    |stores, context, account, way| Box::pin(reset(stores, context, account, way)),
    |stores, context, account, way| Box::pin(change(stores, context, account, way)),
    |stores, context, account, way| Box::pin(confirm(stores, context, account, way)),
    |stores, context, account, way| Box::pin(replace(stores, context, account, way)),
    |stores, context, account, way| Box::pin(register(stores, context, account, way)),
    |stores, context, account, way| Box::pin(remove(stores, context, account, way)),
    |stores, context, account, way| Box::pin(roles(stores, context, account, way)),
    |stores, context, account, way| Box::pin(use_it(stores, context, account, way)),
    |stores, context, account, way| Box::pin(admit(stores, context, account, way)),
    |stores, context, account, way| Box::pin(settle(stores, context, account, way)),
    |stores, context, account, way| Box::pin(purge(stores, context, account, way)),
];

async fn account(stores: &Stores, round: usize) -> Account {
    let user = stores.user(&format!("alice{round}@x.test")).await.id;
    let session = stores.session(user, 10).await;
    for number in 11..15 {
        stores.session(user, number).await;
    }
    let change = stores.change(user, "new@x.test").await;
    let mail = NewMail {
        email_change_id: Some(change.id),
        ..NewMail::new(user, MailKind::EmailChangeNew)
    };
    stores.owe_mail(mail, NOW).await;
    let claimed = stores.claim(0).await.unwrap().id;
    for (number, purpose, about) in [
        (1, TokenPurpose::PasswordReset, None),
        (2, TokenPurpose::EmailChangeCurrent, Some(change.id)),
        (3, TokenPurpose::EmailChangeNew, Some(change.id)),
    ] {
        stores.token_for(user, number, purpose, about, after(100)).await;
    }
    stores.owe(user, MailKind::Activation, NOW).await;
    Account { user, session, change, claimed }
}

/// Whatever they do, and in whatever order their steps are, all come to an end and none is turned away.
pub async fn processes_that_change_one_account_at_once_do_not_wait_for_each_other_for_ever(
    stores: Stores,
) {
    for round in 0..8 {
        let account = Arc::new(account(&stores, round).await);
        let mut running: Vec<BoxFuture<'_, Result<()>>> = Vec::new();
        for steps in PROCESSES {
            for way in [false, true] {
                let account = Arc::clone(&account);
                running.push(Box::pin(stores.process(move |stores, context| {
                    Box::pin(async move { steps(stores, context, &account, way).await })
                })));
            }
        }
        // Not the same ones first each time.
        let shift = round * 3 % running.len();
        running.rotate_left(shift);
        for ended in all_at_once(running).await {
            ended.unwrap();
        }
        let user = account.user;
        stores
            .process(move |stores, context| {
                Box::pin(async move { stores.users.delete(context, user).await })
            })
            .await
            .unwrap();
    }
}
