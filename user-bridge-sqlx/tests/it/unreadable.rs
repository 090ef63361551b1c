//! Rows that this program cannot read.

use std::time::Duration;

use dullahan_user::{
    domain::{EmailAddress, MailKind, NewMail, NewUser, OwedMail, PasswordHash, UserId},
    testing::Stores,
};
use dullahan_user_bridge_sqlx::{migrate, module};
use time::{OffsetDateTime, macros::datetime};

use super::{Connection, Store, version_2};

const NOW: OffsetDateTime = datetime!(2026-01-01 12:00 UTC);
const LEASE: Duration = Duration::from_mins(1);

async fn owe(stores: &Stores, email: &str, kind: MailKind) -> UserId {
    let email: EmailAddress = email.parse().unwrap();
    let hash = PasswordHash::from_phc("$argon2id$v=19$secret".to_owned()).unwrap();
    let id = UserId::new();
    let owed = stores.process(move |stores, context| {
        Box::pin(async move {
            let user = NewUser {
                id,
                email,
                display_name: None,
                locale: None,
                password_hash: hash,
                created_at: NOW,
                registered_from: None,
                activated_at: None,
            };
            stores.users.insert(context, &user).await?;
            stores.users.activate(context, id, NOW).await?;
            stores.mails.owe(context, &NewMail::new(id, kind), NOW).await
        })
    });
    assert!(owed.await.unwrap());
    id
}

async fn claim(stores: &Stores, now: OffsetDateTime) -> Option<OwedMail> {
    let claimed = stores.process(move |stores, context| {
        Box::pin(async move { stores.mails.claim(context, now, now + LEASE).await })
    });
    claimed.await.unwrap()
}

#[tokio::test]
async fn a_mail_of_a_kind_of_a_newer_program_keeps_no_other_waiting() {
    let (mut connection, store, _kept): (Connection, Store, super::Kept) = version_2().await;
    migrate(&store).await.unwrap();
    let stores = Stores::new(module(store)).unwrap();
    owe(&stores, "alice@x.test", MailKind::PasswordReset).await;
    owe(&stores, "bob@x.test", MailKind::Activation).await;
    let newer = "UPDATE dullahan_owed_mails SET kind = 'newer' WHERE kind = 'password_reset'";
    sqlx::query(newer).execute(&mut connection).await.unwrap();
    let found = [claim(&stores, NOW).await, claim(&stores, NOW).await];
    let found: Vec<_> = found.into_iter().flatten().map(|mail| mail.kind).collect();
    assert_eq!(found, [MailKind::Activation]);

    // When the program that knows it is there, it is.
    let known = "UPDATE dullahan_owed_mails SET kind = 'password_reset' WHERE kind = 'newer'";
    sqlx::query(known).execute(&mut connection).await.unwrap();
    assert_eq!(claim(&stores, NOW).await, None, "a program may be at it, until its lease ends");
    let found = [claim(&stores, NOW + LEASE).await, claim(&stores, NOW + LEASE).await];
    assert!(found.into_iter().flatten().any(|mail| mail.kind == MailKind::PasswordReset));
}

#[tokio::test]
async fn a_mail_to_a_user_whose_name_cannot_be_read_is_sent_without_it() {
    let (mut connection, store, _kept): (Connection, Store, super::Kept) = version_2().await;
    migrate(&store).await.unwrap();
    let stores = Stores::new(module(store)).unwrap();
    let alice = owe(&stores, "alice@x.test", MailKind::PasswordReset).await;
    let imported = "UPDATE dullahan_users SET display_name = $2, locale = '!' WHERE id = $1";
    let imported = sqlx::query(imported).bind(alice.as_uuid()).bind("x".repeat(10_000));
    imported.execute(&mut connection).await.unwrap();
    let mail = claim(&stores, NOW).await.unwrap();
    assert_eq!((mail.user_id, mail.display_name, mail.locale), (alice, None, None));
}
