//! What a [`UserRepository`](crate::port::UserRepository) does.

use dullahan_core::{BoxFuture, Context, Error};

use crate::{
    domain::{MailKind, NewUser, User, UserId, UserStatus},
    port::{AddressChange, Insertion},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, address, after, committed, hash, new_user, proven_user},
    },
};

/// All that was stored comes back, by the identifier and by the address.
pub async fn a_user_is_found_as_it_was_stored(stores: Stores) {
    let new = new_user("Alice.Smith@x.test");
    let Insertion::Stored(stored) = stores.insert_user(new.clone()).await else {
        panic!("the address is free")
    };
    assert_eq!(stored, new.to_user());

    let context = Context::new();
    assert_eq!(stores.users.find(&context, new.id).await.unwrap(), Some(stored.clone()));
    let found = stores.users.find_credentials(&context, &new.email).await.unwrap().unwrap();
    assert_eq!(found.user, stored);
    assert_eq!(found.password_hash.unwrap().as_phc(), new.password_hash.as_phc());
}

/// No name is no name, and not an empty one.
pub async fn a_user_without_a_name_is_found_without_one(stores: Stores) {
    let mut new = new_user("alice@x.test");
    new.display_name = None;
    stores.insert_user(new.clone()).await;
    assert_eq!(stores.users.find(&Context::new(), new.id).await.unwrap(), Some(new.to_user()));
}

/// Neither by an identifier nor by an address.
pub async fn nobody_is_found_who_was_not_stored(stores: Stores) {
    stores.user("alice@x.test").await;
    let context = Context::new();
    assert_eq!(stores.users.find(&context, UserId::new()).await.unwrap(), None);
    let found = stores.users.find_credentials(&context, &address("bob@x.test")).await.unwrap();
    assert!(found.is_none());
}

/// Addresses are the same when their keys are.
pub async fn user_01_an_address_is_found_and_taken_whatever_its_case(stores: Stores) {
    let zoe = stores.active("ZOë@x.test").await;
    for same in ["zoë@x.test", "Zoë@X.TEST"] {
        assert!(matches!(stores.insert_user(proven_user(same)).await, Insertion::AddressTaken));
        let found = stores.users.find_credentials(&Context::new(), &address(same)).await.unwrap();
        // With the address as its owner wrote it.
        assert_eq!(found.unwrap().user, zoe);
    }
    for other in ["zoe@x.test", "ZOË@x.test", "\u{17f}u@x.test", "su@x.test"] {
        stores.active(other).await;
    }
}

/// In mixed case, and without an error for anybody.
///
/// # Rule
///
/// ASVS 5.0 items 2.3.4 and 15.4.2.
pub async fn reg_04_of_fifty_registrations_of_one_address_at_once_one_is_stored(stores: Stores) {
    let spellings = ["alice@x.test", "Alice@x.test", "ALICE@X.TEST"];
    let tries = (0..50).map(|number| -> BoxFuture<'_, _> {
        let new = proven_user(spellings[number % spellings.len()]);
        Box::pin(stores.insert_user(new))
    });
    let stored: Vec<User> = all_at_once(tries)
        .await
        .into_iter()
        .filter_map(|insertion| match insertion {
            Insertion::Stored(user) => Some(user),
            Insertion::AddressTaken => None,
        })
        .collect();
    assert_eq!(stored.len(), 1);
    let found =
        stores.users.find_credentials(&Context::new(), &address("alice@x.test")).await.unwrap();
    assert_eq!(found.unwrap().user, stored[0]);
}

/// A process that fails after its user was written has written none.
///
/// # Rule
///
/// ASVS 5.0 item 2.3.3.
pub async fn reg_08_what_is_rolled_back_leaves_the_address_free(stores: Stores) {
    let new = new_user("alice@x.test");
    let id = new.id;
    stores
        .rolled_back(move |stores, context| {
            Box::pin(async move {
                let inserted = stores.users.insert(context, &new).await?;
                assert!(matches!(inserted, Insertion::Stored(_)));
                Ok(())
            })
        })
        .await;
    assert_eq!(stores.users.find(&Context::new(), id).await.unwrap(), None);
    stores.user("alice@x.test").await;
}

async fn activate(stores: &Stores, id: UserId, seconds: i64) -> AddressChange {
    let activated = stores.process(move |stores, context| {
        Box::pin(async move { stores.users.activate(context, id, after(seconds)).await })
    });
    activated.await.unwrap()
}

/// And somebody who is none is not activated at all.
pub async fn a_pending_user_is_activated_once(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    assert_eq!((alice.status, alice.activated_at), (UserStatus::Pending, None));

    let AddressChange::Changed(activated) = activate(&stores, alice.id, 10).await else {
        panic!("nobody holds the address")
    };
    let expected =
        User { status: UserStatus::Active, activated_at: Some(after(10)), ..alice.clone() };
    assert_eq!(activated, expected);
    for id in [alice.id, UserId::new()] {
        assert!(matches!(activate(&stores, id, 20).await, AddressChange::NoSuchUser));
    }

    let context = Context::new();
    assert_eq!(stores.users.find(&context, alice.id).await.unwrap(), Some(expected));
    assert_eq!(stores.users.find(&context, bob.id).await.unwrap(), Some(bob));
}

/// So that what follows an activation happens once.
pub async fn of_twenty_activations_at_once_one_activates(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let tries = (0..20).map(|_| -> BoxFuture<'_, _> { Box::pin(activate(&stores, alice.id, 10)) });
    let came = all_at_once(tries).await.into_iter();
    let activated = came.filter(|came| matches!(came, AddressChange::Changed(_))).count();
    assert_eq!(activated, 1);
}

/// An address is looked up by who holds it, or else by who registered it last.
pub async fn user_03_any_number_of_users_may_be_pending_with_an_address_and_one_holds_it(
    stores: Stores,
) {
    let first = stores.user("alice@x.test").await;
    let mut later = new_user("ALICE@x.test");
    later.created_at = after(5);
    let Insertion::Stored(second) = stores.insert_user(later).await else {
        panic!("a pending user takes no address")
    };
    let context = Context::new();
    let find = || async {
        let found = stores.users.find_credentials(&context, &address("alice@x.test")).await;
        found.unwrap().unwrap().user.id
    };
    let pending = |limit| {
        let (stores, context, id) = (&stores, &context, first.id);
        async move {
            let found = stores.users.find_pending(context, id, limit).await.unwrap();
            found.into_iter().map(|found| found.credentials.user.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(find().await, second.id);
    assert_eq!(pending(9).await, [first.id, second.id]);
    assert_eq!(pending(1).await, [first.id]);

    let bob = stores.user("bob@x.test").await;
    assert!(matches!(activate(&stores, first.id, 10).await, AddressChange::Changed(_)));
    assert_eq!(find().await, first.id);
    assert_eq!(pending(9).await, [second.id]);
    assert!(matches!(activate(&stores, second.id, 20).await, AddressChange::Taken));
    assert!(matches!(
        stores.insert_user(proven_user("Alice@x.test")).await,
        Insertion::AddressTaken
    ));
    stores.user("alice@x.test").await;
    assert_eq!(committed!(stores.users.delete_pending(&address("aLice@x.test"))), 2);
    assert_eq!(committed!(stores.users.delete_pending(&address("aLice@x.test"))), 0);
    assert_eq!(pending(9).await, []);
    assert_eq!(stores.users.find(&context, bob.id).await.unwrap(), Some(bob));
}

/// Each has its own registration.
pub async fn user_03_of_twenty_activations_of_one_address_at_once_one_activates(stores: Stores) {
    for round in 0..5 {
        let email = format!("alice{round}@x.test");
        let mut users = Vec::new();
        for _ in 0..20 {
            users.push(stores.user(&email).await.id);
        }
        let (stores, email) = (&stores, &email);
        let tries = users.into_iter().map(|id| -> BoxFuture<'_, _> {
            Box::pin(async move {
                let email = address(email);
                let came = stores.process(move |stores, context| {
                    Box::pin(async move {
                        match stores.users.activate(context, id, after(10)).await? {
                            AddressChange::Changed(_) => {}
                            other => return Err(Error::internal(format!("{other:?}"))),
                        }
                        stores.users.delete_pending(context, &email).await
                    })
                });
                came.await.is_ok()
            })
        });
        let activated = all_at_once(tries).await.into_iter().filter(|came| *came).count();
        assert_eq!(activated, 1);
    }
}

/// However many there are. It is known of each where it was registered from, and whether it has a token.
pub async fn user_16_the_own_registration_comes_before_all_later_ones_of_the_address(
    stores: Stores,
) {
    let own = stores.user("alice@x.test").await.id;
    let mut ids = vec![own];
    for minutes in 1..=4 {
        let mut later = new_user("Alice@x.test");
        later.created_at = after(60 * minutes);
        later.registered_from = (minutes % 2 == 0).then(|| [192, 0, 2, 9].into());
        ids.push(later.id);
        assert!(matches!(stores.insert_user(later).await, Insertion::Stored(_)));
    }
    stores.token(ids[2], 1, after(100)).await;
    stores.user("bob@x.test").await;
    let found = stores.users.find_pending(&Context::new(), own, 4).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.credentials.user.id, one.registered_from, one.has_token))
        .collect();
    let (first, other) = (Some([192, 0, 2, 7].into()), Some([192, 0, 2, 9].into()));
    let expected =
        [(own, first, false), (ids[4], other, false), (ids[3], None, false), (ids[2], other, true)];
    assert_eq!(found, expected);
}

/// And nobody else's.
pub async fn user_16_one_registration_is_deleted_while_it_is_pending(stores: Stores) {
    let one = stores.user("alice@x.test").await.id;
    let other = stores.user("alice@x.test").await.id;
    let holder = stores.active("alice@x.test").await.id;
    stores.token(one, 1, after(100)).await;
    assert!(committed!(stores.users.delete_if_pending(one)));
    for id in [one, holder, UserId::new()] {
        assert!(!committed!(stores.users.delete_if_pending(id)));
    }
    let context = Context::new();
    assert!(stores.users.find(&context, one).await.unwrap().is_none());
    for id in [other, holder] {
        assert!(stores.users.find(&context, id).await.unwrap().is_some());
    }
    assert_eq!(stores.consume(1, NOW).await, None);
}

/// So many at a time, the oldest first, and none whose mail is still good.
pub async fn pub_17_registrations_that_were_never_activated_are_forgotten(stores: Stores) {
    let mut ids = Vec::new();
    for (number, seconds) in [10, 20, 30, 40, 50].into_iter().enumerate() {
        let new =
            NewUser { created_at: after(seconds), ..new_user(&format!("user{number}@x.test")) };
        ids.push(new.id);
        assert!(matches!(stores.insert_user(new).await, Insertion::Stored(_)));
    }
    let holder = stores.active("holder@x.test").await.id;
    stores.owe(ids[0], MailKind::Activation, NOW).await;
    stores.token(ids[1], 1, after(100)).await;
    for (limit, forgotten) in [(0, 0), (1, 1), (9, 1), (9, 0)] {
        assert_eq!(committed!(stores.users.purge_pending(after(40), limit)), forgotten);
    }
    let context = Context::new();
    for (id, is_there) in [
        (ids[0], false),
        (ids[1], true),
        (ids[2], false),
        (ids[3], true),
        (ids[4], true),
        (holder, true),
    ] {
        assert_eq!(stores.users.find(&context, id).await.unwrap().is_some(), is_there);
    }
    assert!(stores.claim(0).await.is_none(), "its mail has gone with it");
    assert_eq!(stores.consume(1, NOW).await, Some(ids[1]));
    assert_eq!(committed!(stores.users.purge_pending(after(41), 9)), 2);
}

/// And wait for nobody.
pub async fn pub_17_ten_purges_at_once_forget_each_registration_once(stores: Stores) {
    for number in 0..20 {
        stores.user(&format!("user{number}@x.test")).await;
    }
    let purges = (0..10).map(|_| -> BoxFuture<'_, _> {
        Box::pin(stores.process(|stores, context| {
            Box::pin(async move { stores.users.purge_pending(context, after(1), 3).await })
        }))
    });
    let gone: u64 = all_at_once(purges).await.into_iter().map(Result::unwrap).sum();
    assert!((1..=20).contains(&gone), "{gone}");
    assert_eq!(committed!(stores.users.purge_pending(after(1), 100)), 20 - gone);
}

/// A password that was changed meanwhile is not changed back.
pub async fn a_password_hash_is_replaced_only_if_it_is_the_one_that_was_read(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let replace = |old: &'static str, new: &'static str| {
        stores.process(move |stores, context| {
            Box::pin(async move {
                let (old, new) = (hash(old), hash(new));
                stores.users.replace_password_hash(context, alice.id, &old, &new).await
            })
        })
    };
    replace("secret", "stronger").await.unwrap();
    replace("secret", "late").await.unwrap();

    let context = Context::new();
    let mut hashes = Vec::new();
    for user in [&alice, &bob] {
        let found = stores.users.find_credentials(&context, &user.email).await.unwrap();
        hashes.push(found.unwrap().password_hash.unwrap().as_phc().to_owned());
    }
    assert_eq!(hashes, [hash("stronger").as_phc(), hash("secret").as_phc()]);
}
