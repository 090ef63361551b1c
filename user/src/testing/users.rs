//! What a [`UserRepository`](crate::port::UserRepository) does.

use dullahan_core::{BoxFuture, Context};

use crate::{
    domain::{User, UserId, UserStatus},
    port::Insertion,
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, address, after, committed, hash, new_user},
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
    let zoe = stores.user("ZOë@x.test").await;
    for same in ["zoë@x.test", "Zoë@X.TEST"] {
        assert!(matches!(stores.insert_user(new_user(same)).await, Insertion::AddressTaken));
        let found = stores.users.find_credentials(&Context::new(), &address(same)).await.unwrap();
        // With the address as its owner wrote it.
        assert_eq!(found.unwrap().user, zoe);
    }
    for other in ["zoe@x.test", "ZOË@x.test", "\u{17f}u@x.test", "su@x.test"] {
        stores.user(other).await;
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
        let new = new_user(spellings[number % spellings.len()]);
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

async fn activate(stores: &Stores, id: UserId, seconds: i64) -> Option<User> {
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

    let activated = activate(&stores, alice.id, 10).await.unwrap();
    let expected =
        User { status: UserStatus::Active, activated_at: Some(after(10)), ..alice.clone() };
    assert_eq!(activated, expected);
    assert_eq!(activate(&stores, alice.id, 20).await, None);
    assert_eq!(activate(&stores, UserId::new(), 20).await, None);

    let context = Context::new();
    assert_eq!(stores.users.find(&context, alice.id).await.unwrap(), Some(expected));
    assert_eq!(stores.users.find(&context, bob.id).await.unwrap(), Some(bob));
}

/// So that what follows an activation happens once.
pub async fn of_twenty_activations_at_once_one_activates(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let tries = (0..20).map(|_| -> BoxFuture<'_, _> { Box::pin(activate(&stores, alice.id, 10)) });
    let activated = all_at_once(tries).await.into_iter().flatten().count();
    assert_eq!(activated, 1);
}

async fn hash_of(stores: &Stores, id: UserId) -> Option<String> {
    let found = stores.users.find_own_credentials(&Context::new(), id).await.unwrap();
    found.unwrap().password_hash.map(|hash| hash.as_phc().to_owned())
}

/// As often as it is asked; that of an active user, of somebody else and of nobody stays as it is.
pub async fn reg_02_a_pending_user_loses_the_password_and_nobody_else_does(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let carol = stores.user("carol@x.test").await;
    activate(&stores, bob.id, 10).await.unwrap();
    assert!(!committed!(stores.users.drop_unproven_password(alice.id, after(-1))));
    assert_eq!(hash_of(&stores, alice.id).await.as_deref(), Some(hash("secret").as_phc()));
    for _ in 0..2 {
        assert!(committed!(stores.users.drop_unproven_password(alice.id, NOW)));
        assert_eq!(hash_of(&stores, alice.id).await, None);
    }
    assert!(!committed!(stores.users.drop_unproven_password(bob.id, NOW)));
    assert!(!committed!(stores.users.drop_unproven_password(UserId::new(), NOW)));
    for id in [bob.id, carol.id] {
        assert_eq!(hash_of(&stores, id).await.as_deref(), Some(hash("secret").as_phc()));
    }
    assert_eq!(stores.users.find(&Context::new(), alice.id).await.unwrap(), Some(alice.clone()));

    // Whoever is activated without one has none, and then keeps the one that is chosen.
    activate(&stores, alice.id, 20).await.unwrap();
    assert_eq!(hash_of(&stores, alice.id).await, None);
    committed!(stores.users.set_password_hash(alice.id, &hash("chosen")));
    assert!(!committed!(stores.users.drop_unproven_password(alice.id, NOW)));
    assert_eq!(hash_of(&stores, alice.id).await.as_deref(), Some(hash("chosen").as_phc()));
}

/// Either it was dropped before, or it is the one of an active user.
pub async fn reg_02_a_password_that_is_chosen_at_the_same_time_is_not_dropped(stores: Stores) {
    for round in 0..5 {
        let alice = stores.user(&format!("alice{round}@x.test")).await.id;
        let stores = &stores;
        let tries = (0..20).map(|number| -> BoxFuture<'_, ()> {
            Box::pin(async move {
                let chosen = stores.process(move |stores, context| {
                    Box::pin(async move {
                        if number != 10 {
                            stores.users.drop_unproven_password(context, alice, NOW).await?;
                            return Ok(());
                        }
                        stores.users.set_password_hash(context, alice, &hash("chosen")).await?;
                        assert!(stores.users.activate(context, alice, after(10)).await?.is_some());
                        Ok(())
                    })
                });
                chosen.await.unwrap();
            })
        });
        all_at_once(tries).await;
        assert_eq!(hash_of(stores, alice).await.as_deref(), Some(hash("chosen").as_phc()));
    }
}

/// What failed after it has dropped nothing.
pub async fn what_is_rolled_back_leaves_a_pending_user_the_password(stores: Stores) {
    let alice = stores.user("alice@x.test").await.id;
    let dropped = stores.rolled_back(move |stores, context| {
        Box::pin(async move {
            assert!(stores.users.drop_unproven_password(context, alice, NOW).await?);
            let found = stores.users.find_own_credentials(context, alice).await?;
            assert!(found.unwrap().password_hash.is_none());
            Ok(())
        })
    });
    dropped.await;
    assert_eq!(hash_of(&stores, alice).await.as_deref(), Some(hash("secret").as_phc()));
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
