//! What a [`UserRepository`](crate::port::UserRepository) does about changes of accounts.

use std::sync::{Arc, Mutex, PoisonError};

use dullahan_core::{BoxFuture, Context, Error};

use crate::{
    domain::{AccountChanges, EmailAddress, MailKind, TokenPurpose, User, UserId, UserStatus},
    port::{AddressChange, Insertion},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, address, after, committed, hash, proven_user},
    },
};

async fn find(stores: &Stores, id: UserId) -> Option<User> {
    stores.users.find(&Context::new(), id).await.unwrap()
}

async fn hash_of(stores: &Stores, id: UserId) -> Option<String> {
    let found = stores.users.find_own_credentials(&Context::new(), id).await.unwrap();
    found.unwrap().password_hash.map(|hash| hash.as_phc().to_owned())
}

/// Changes an address, and ends the process with an error if that is not how it came, as the port asks.
async fn change_email(stores: &Stores, id: UserId, email: EmailAddress) -> AddressChange {
    let came = Arc::new(Mutex::new(None));
    let process = stores.process({
        let came = Arc::clone(&came);
        move |stores, context| {
            Box::pin(async move {
                let change = stores.users.change_email(context, id, &email).await?;
                let changed = matches!(change, AddressChange::Changed(_));
                *came.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
                if changed { Ok(()) } else { Err(Error::internal("not changed")) }
            })
        }
    });
    let ended = process.await;
    let came = came.lock().unwrap_or_else(PoisonError::into_inner).take();
    let came = came.unwrap_or_else(|| panic!("no error but an answer: {ended:?}"));
    assert_eq!(ended.is_ok(), matches!(came, AddressChange::Changed(_)), "{ended:?}");
    came
}

/// And nothing for an identifier that nobody has.
pub async fn credentials_are_found_by_the_identifier_too(stores: Stores) {
    let new = proven_user("alice@x.test");
    let (id, stored) = (new.id, new.to_user());
    stores.insert_user(new).await;
    let context = Context::new();
    let found = stores.users.find_own_credentials(&context, id).await.unwrap().unwrap();
    assert_eq!(found.user, stored);
    assert_eq!(found.password_hash.unwrap().as_phc(), hash("secret").as_phc());
    let found = stores.users.find_own_credentials(&context, UserId::new()).await.unwrap();
    assert!(found.is_none());
}

/// Until the unit of work ends: what was read is what is written over.
pub async fn a_user_who_is_locked_is_changed_by_nobody_else(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let name = |number: u32| AccountChanges {
        display_name: Some(Some(number.to_string().parse().unwrap())),
        locale: None,
    };
    committed!(stores.users.update(alice.id, &name(0)));
    let tries = (0..20).map(|_| -> BoxFuture<'_, _> {
        Box::pin(stores.process(move |stores, context| {
            Box::pin(async move {
                let locked = stores.users.lock(context, alice.id).await?.unwrap();
                assert!(locked.password_hash.is_some());
                let number: u32 = locked.user.display_name.unwrap().as_str().parse()?;
                stores.users.update(context, alice.id, &name(number + 1)).await
            })
        }))
    });
    for ended in all_at_once(tries).await {
        ended.unwrap();
    }
    let left = find(&stores, alice.id).await.unwrap();
    assert_eq!(left.display_name.unwrap().as_str(), "20");
    assert!(committed!(stores.users.lock(UserId::new())).is_none());
}

/// What is not named stays, and so do other users.
pub async fn what_a_user_changes_is_changed_and_nothing_else(stores: Stores) {
    let mut alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let name = Some("Alice".parse().unwrap());
    let locale = Some("de".parse().unwrap());
    for changes in [
        AccountChanges { display_name: Some(name.clone()), locale: None },
        AccountChanges { display_name: None, locale: Some(None) },
        AccountChanges { display_name: Some(None), locale: Some(locale) },
        AccountChanges::default(),
    ] {
        if let Some(display_name) = &changes.display_name {
            alice.display_name.clone_from(display_name);
        }
        if let Some(locale) = &changes.locale {
            alice.locale.clone_from(locale);
        }
        assert_eq!(committed!(stores.users.update(alice.id, &changes)), Some(alice.clone()));
        assert_eq!(find(&stores, alice.id).await, Some(alice.clone()));
    }
    assert_eq!(find(&stores, bob.id).await, Some(bob));
    let changes = AccountChanges { display_name: Some(name), locale: None };
    assert_eq!(committed!(stores.users.update(UserId::new(), &changes)), None);
}

/// That of one user.
pub async fn a_password_hash_takes_the_place_of_whatever_there_is(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    for new in ["one", "two"] {
        let changed = committed!(stores.users.set_password_hash(alice.id, &hash(new)));
        assert_eq!(changed, Some(alice.clone()));
        assert_eq!(hash_of(&stores, alice.id).await.as_deref(), Some(hash(new).as_phc()));
    }
    assert_eq!(hash_of(&stores, bob.id).await.as_deref(), Some(hash("secret").as_phc()));
    assert_eq!(committed!(stores.users.set_password_hash(UserId::new(), &hash("new"))), None);
    assert!(committed!(stores.users.drop_password(alice.id)));
    assert_eq!(hash_of(&stores, alice.id).await, None);
    assert_eq!(hash_of(&stores, bob.id).await.as_deref(), Some(hash("secret").as_phc()));
    assert!(!committed!(stores.users.drop_password(UserId::new())));
}

/// And is found by it, as it is spelt. Its former address is free.
pub async fn a_user_gets_another_address(stores: Stores) {
    let alice = stores.active("alice@x.test").await;
    let new = address("Alice.New@x.test");
    let expected = User { email: new.clone(), ..alice.clone() };
    match change_email(&stores, alice.id, new.clone()).await {
        AddressChange::Changed(changed) => assert_eq!(changed, expected),
        other => panic!("{other:?}"),
    }
    let context = Context::new();
    assert_eq!(find(&stores, alice.id).await, Some(expected.clone()));
    let found = stores.users.find_credentials(&context, &address("ALICE.NEW@x.test")).await;
    assert_eq!(found.unwrap().unwrap().user, expected);
    let found = stores.users.find_credentials(&context, &alice.email).await.unwrap();
    assert!(found.is_none());
    stores.active("alice@x.test").await;

    // The same one in another spelling is nobody else's.
    let spelt = change_email(&stores, alice.id, address("alice.new@x.test")).await;
    assert!(matches!(spelt, AddressChange::Changed(_)));
    let nobody = change_email(&stores, UserId::new(), address("free@x.test")).await;
    assert!(matches!(nobody, AddressChange::NoSuchUser));
}

/// Whatever its case; nothing is changed then.
pub async fn eml_03_an_address_that_another_user_has_is_not_given(stores: Stores) {
    let alice = stores.active("alice@x.test").await;
    let bob = stores.active("Bob@x.test").await;
    let taken = change_email(&stores, alice.id, address("bOB@x.test")).await;
    assert!(matches!(taken, AddressChange::Taken));
    assert_eq!(find(&stores, alice.id).await, Some(alice));
    assert_eq!(find(&stores, bob.id).await, Some(bob));
}

/// And without an error for anybody.
///
/// # Rule
///
/// ASVS 5.0 items 2.3.4 and 15.4.2.
pub async fn eml_03_of_twenty_users_who_want_one_address_at_once_one_gets_it(stores: Stores) {
    let mut users = Vec::new();
    for number in 0..20 {
        users.push(stores.active(&format!("user{number}@x.test")).await);
    }
    let tries = users.iter().map(|user| -> BoxFuture<'_, _> {
        Box::pin(change_email(&stores, user.id, address("Wanted@x.test")))
    });
    let came = all_at_once(tries).await;
    let changed: Vec<_> = came
        .iter()
        .filter_map(|came| match came {
            AddressChange::Changed(user) => Some(user),
            AddressChange::Taken => None,
            AddressChange::NoSuchUser => panic!("all are there"),
        })
        .collect();
    assert_eq!(changed.len(), 1);
    let found = stores.users.find_credentials(&Context::new(), &address("wanted@x.test")).await;
    assert_eq!(found.unwrap().unwrap().user, *changed[0]);
}

/// Registering and changing decide about addresses alike.
pub async fn eml_03_of_a_registration_and_a_change_to_one_address_at_once_one_succeeds(
    stores: Stores,
) {
    for round in 0..10 {
        let alice = stores.active(&format!("alice{round}@x.test")).await;
        let wanted = format!("wanted{round}@x.test");
        let tries: [BoxFuture<'_, bool>; 2] = [
            Box::pin(async {
                let came = change_email(&stores, alice.id, address(&wanted)).await;
                matches!(came, AddressChange::Changed(_))
            }),
            Box::pin(async {
                matches!(stores.insert_user(proven_user(&wanted)).await, Insertion::Stored(_))
            }),
        ];
        let succeeded = all_at_once(tries).await.into_iter().filter(|one| *one).count();
        assert_eq!(succeeded, 1);
    }
}

/// And neither waits for the other for ever.
pub async fn eml_03_two_users_do_not_get_each_others_address(stores: Stores) {
    let alice = stores.active("alice@x.test").await;
    let bob = stores.active("bob@x.test").await;
    for _ in 0..10 {
        let tries: [BoxFuture<'_, _>; 2] = [
            Box::pin(change_email(&stores, alice.id, bob.email.clone())),
            Box::pin(change_email(&stores, bob.id, alice.email.clone())),
        ];
        for came in all_at_once(tries).await {
            assert!(matches!(came, AddressChange::Taken));
        }
    }
    assert_eq!(find(&stores, alice.id).await, Some(alice));
}

/// Who is pending cannot be closed, and what comes too late changes nothing.
pub async fn user_11_a_closed_account_holds_its_address_until_it_is_opened_or_removed(
    stores: Stores,
) {
    let alice = stores.active("alice@x.test").await;
    let pending = stores.user("pending@x.test").await;
    let other = stores.active("bob@x.test").await;
    let find_closed = async |seconds, limit| {
        stores.users.find_closed(&Context::new(), after(seconds), limit).await.unwrap()
    };
    for nobody in [pending.id, UserId::new()] {
        assert_eq!(committed!(stores.users.close(nobody, after(100))), None);
    }
    let (status, closed_until) = (UserStatus::Closed, Some(after(100)));
    let closed = User { status, closed_until, ..alice.clone() };
    assert_eq!(committed!(stores.users.close(alice.id, after(100))), Some(closed.clone()));
    assert_eq!(committed!(stores.users.close(alice.id, after(200))), None, "it is closed");
    assert_eq!(find(&stores, alice.id).await, Some(closed.clone()));
    assert!(hash_of(&stores, alice.id).await.is_some());
    assert!(matches!(
        stores.insert_user(proven_user("Alice@x.test")).await,
        Insertion::AddressTaken
    ));

    committed!(stores.users.close(other.id, after(90)));
    assert_eq!(find_closed(89, 9).await, []);
    assert_eq!(find_closed(100, 9).await, [other.id, alice.id]);
    assert_eq!(find_closed(100, 1).await, [other.id]);

    assert_eq!(committed!(stores.users.reopen(other.id, after(90))), None, "too late");
    assert_eq!(committed!(stores.users.reopen(alice.id, after(99))), Some(alice.clone()));
    assert_eq!(committed!(stores.users.reopen(alice.id, after(99))), None, "it is open");
    assert_eq!(find_closed(1000, 9).await, [other.id]);
    assert!(committed!(stores.users.anonymise(other.id)));
    assert_eq!(find_closed(1000, 9).await, []);
    assert_eq!(find(&stores, other.id).await.unwrap().closed_until, None);

    committed!(stores.users.close(alice.id, after(100)));
    stores.owe(alice.id, MailKind::AccountClosed, NOW).await;
    let mail = stores.claim(0).await.unwrap();
    assert_eq!((mail.closed_until, mail.display_name), (Some(after(100)), None));
    stores
        .rolled_back(move |stores, context| {
            Box::pin(async move { stores.users.reopen(context, alice.id, NOW).await.map(drop) })
        })
        .await;
    assert_eq!(find(&stores, alice.id).await.unwrap().status, UserStatus::Closed);
}

/// An owner who comes back in the last moment has the account, or it is removed.
pub async fn user_11_of_a_return_and_a_removal_at_once_one_happens(stores: Stores) {
    for round in 0..8 {
        let alice = stores.active(&format!("alice{round}@x.test")).await.id;
        committed!(stores.users.close(alice, after(100)));
        let reopen: BoxFuture<'_, bool> =
            Box::pin(async { committed!(stores.users.reopen(alice, after(99))).is_some() });
        let remove: BoxFuture<'_, bool> = Box::pin(async {
            let removed = stores.process(move |stores, context| {
                Box::pin(async move {
                    let found = stores.users.lock(context, alice).await?;
                    let is_closed =
                        found.is_some_and(|found| found.user.status == UserStatus::Closed);
                    Ok(is_closed && stores.users.anonymise(context, alice).await?)
                })
            });
            removed.await.unwrap()
        });
        let happened = all_at_once([reopen, remove]).await;
        assert_eq!(happened.iter().filter(|one| **one).count(), 1, "{happened:?}");
        let status = find(&stores, alice).await.unwrap().status;
        let expected = if happened[0] { UserStatus::Active } else { UserStatus::Deactivated };
        assert_eq!(status, expected);
    }
}

/// It can be read, logs in nobody and leads to nobody; and its address is free.
///
/// # Rule
///
/// Regulation (EU) 2016/679, article 17.
pub async fn rem_01_an_anonymised_user_has_nothing_personal_left(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    // Whoever reserves what her address might become does not keep her from going.
    stores.user(&format!("{}@removed.invalid", alice.id)).await;
    committed!(stores.users.activate(alice.id, after(10)));
    assert!(committed!(stores.users.anonymise(alice.id)));

    let left = find(&stores, alice.id).await.unwrap();
    assert_eq!(
        (left.status, left.display_name, left.locale),
        (UserStatus::Deactivated, None, None)
    );
    assert!(!left.email.as_str().contains("alice"));
    assert_eq!(hash_of(&stores, alice.id).await, None);
    let context = Context::new();
    let found = stores.users.find_credentials(&context, &alice.email).await.unwrap();
    assert!(found.is_none());
    let found = stores.users.find_credentials(&context, &left.email).await.unwrap();
    assert!(found.is_none_or(|found| found.user.id != alice.id));
    stores.user("alice@x.test").await;
    assert_eq!(find(&stores, bob.id).await, Some(bob));
    assert!(!committed!(stores.users.anonymise(UserId::new())));
}

/// What comes too late changes nothing about it.
pub async fn rem_01_an_anonymised_user_is_nobody_who_could_be_changed(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    assert!(committed!(stores.users.anonymise(alice.id)));
    let left = find(&stores, alice.id).await;

    let changes = AccountChanges { display_name: Some(alice.display_name), locale: None };
    assert_eq!(committed!(stores.users.update(alice.id, &changes)), None);
    assert_eq!(committed!(stores.users.set_password_hash(alice.id, &hash("new"))), None);
    committed!(stores.users.replace_password_hash(alice.id, &hash("secret"), &hash("new")));
    let came = committed!(stores.users.activate(alice.id, NOW));
    assert!(matches!(came, AddressChange::NoSuchUser));
    let came = change_email(&stores, alice.id, address("new@x.test")).await;
    assert!(matches!(came, AddressChange::NoSuchUser));
    assert!(!committed!(stores.users.anonymise(alice.id)));

    assert_eq!(find(&stores, alice.id).await, left);
    assert_eq!(hash_of(&stores, alice.id).await, None);
}

/// Not even at the same time.
pub async fn rem_01_changes_at_the_time_of_a_removal_bring_nothing_back(stores: Stores) {
    for round in 0..5 {
        let alice = stores.user(&format!("alice{round}@x.test")).await;
        let id = alice.id;
        let mut tries: Vec<BoxFuture<'_, ()>> = Vec::new();
        for number in 0..10 {
            let (stores, name) = (&stores, alice.display_name.clone());
            tries.push(Box::pin(async move {
                let changes = AccountChanges { display_name: Some(name), locale: None };
                committed!(stores.users.update(id, &changes));
                committed!(stores.users.set_password_hash(id, &hash("new")));
            }));
            if number == 5 {
                tries.push(Box::pin(async move {
                    assert!(committed!(stores.users.anonymise(id)));
                }));
            }
        }
        all_at_once(tries).await;
        let left = find(&stores, id).await.unwrap();
        assert_eq!((left.status, left.display_name), (UserStatus::Deactivated, None));
        assert_eq!(hash_of(&stores, id).await, None);
    }
}

/// Sessions, tokens, a change of the address and mails. Others keep theirs.
pub async fn rem_01_a_deleted_user_is_gone_with_all_that_refers_to_it(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    for (user, number) in [(&alice, 1), (&bob, 2)] {
        stores.session(user.id, number).await;
        stores.token_for(user.id, number, TokenPurpose::PasswordReset, None, after(100)).await;
        let change = stores.change(user.id, &format!("new{number}@x.test")).await;
        let (purpose, id) = (TokenPurpose::EmailChangeNew, Some(change.id));
        stores.token_for(user.id, number + 10, purpose, id, after(100)).await;
        assert!(stores.owe(user.id, MailKind::PasswordReset, NOW).await);
    }
    assert!(committed!(stores.users.delete(alice.id)));
    assert!(!committed!(stores.users.delete(alice.id)));

    let context = Context::new();
    assert_eq!(find(&stores, alice.id).await, None);
    assert_eq!(stores.sessions.list(&context, alice.id, 9).await.unwrap(), []);
    assert_eq!(stores.email_changes.find_of_user(&context, alice.id).await.unwrap(), None);
    assert_eq!(committed!(stores.tokens.delete_all(alice.id)), 0);
    assert_eq!(committed!(stores.mails.delete_all(alice.id)), 0);

    assert_eq!(stores.sessions.list(&context, bob.id, 9).await.unwrap().len(), 1);
    assert!(stores.email_changes.find_of_user(&context, bob.id).await.unwrap().is_some());
    assert_eq!(committed!(stores.tokens.delete_all(bob.id)), 2);
    assert_eq!(stores.claim(0).await.unwrap().user_id, bob.id);
    stores.user("alice@x.test").await;
}

/// What failed after it has not removed anybody.
pub async fn what_is_rolled_back_removes_nobody(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let (of_alice, of_bob) = (alice.id, bob.id);
    stores.session(of_bob, 1).await;
    let removed = stores.rolled_back(move |stores, context| {
        Box::pin(async move {
            assert!(stores.users.anonymise(context, of_alice).await?);
            assert!(stores.users.delete(context, of_bob).await?);
            assert_eq!(stores.users.find(context, of_bob).await?, None);
            Ok(())
        })
    });
    removed.await;
    assert_eq!(find(&stores, of_alice).await, Some(alice));
    assert_eq!(find(&stores, of_bob).await, Some(bob));
    assert_eq!(stores.sessions.list(&Context::new(), of_bob, 9).await.unwrap().len(), 1);
}
