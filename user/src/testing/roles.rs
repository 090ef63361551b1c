//! What a [`UserRepository`](crate::port::UserRepository) does about roles.

use dullahan_core::{BoxFuture, Context};

use crate::{
    domain::{AccountChanges, Role, Roles, User, UserId},
    port::{AddressChange, RoleChange},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{address, after, committed, digest, hash},
    },
};

const EDITOR: Role = Role::from_static("editor");

async fn grant(stores: &Stores, id: UserId, role: Role) -> RoleChange {
    committed!(stores.users.grant_role(id, &role))
}

async fn revoke(stores: &Stores, id: UserId, role: Role) -> RoleChange {
    committed!(stores.users.revoke_role(id, &role))
}

async fn roles_of(stores: &Stores, id: UserId) -> Roles {
    stores.users.find(&Context::new(), id).await.unwrap().unwrap().roles
}

fn roles(roles: &[Role]) -> Roles {
    roles.iter().cloned().collect()
}

/// Nobody else's. Doing so again changes nothing, and is no error.
pub async fn a_user_is_given_roles_and_loses_them(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    assert!(alice.roles.is_empty());
    for (role, expected) in [(EDITOR, vec![EDITOR]), (Role::ADMIN, vec![Role::ADMIN, EDITOR])] {
        assert_eq!(grant(&stores, alice.id, role.clone()).await, RoleChange::Changed);
        assert_eq!(grant(&stores, alice.id, role).await, RoleChange::Unchanged);
        assert_eq!(roles_of(&stores, alice.id).await, roles(&expected));
    }
    assert_eq!(grant(&stores, bob.id, EDITOR).await, RoleChange::Changed);
    assert_eq!(revoke(&stores, alice.id, EDITOR).await, RoleChange::Changed);
    assert_eq!(revoke(&stores, alice.id, EDITOR).await, RoleChange::Unchanged);
    assert_eq!(roles_of(&stores, alice.id).await, roles(&[Role::ADMIN]));
    assert_eq!(roles_of(&stores, bob.id).await, roles(&[EDITOR]));
    assert_eq!(grant(&stores, UserId::new(), EDITOR).await, RoleChange::NoSuchUser);
    assert_eq!(revoke(&stores, UserId::new(), EDITOR).await, RoleChange::NoSuchUser);
}

/// Down to the longest name.
pub async fn many_roles_are_found_in_their_order(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let mut all: Vec<Role> =
        (0..40).map(|number| format!("r-{number:_>62}").parse().unwrap()).collect();
    for role in all.iter().rev() {
        assert_eq!(grant(&stores, alice.id, role.clone()).await, RoleChange::Changed);
    }
    all.sort();
    let found = roles_of(&stores, alice.id).await;
    assert!(found.iter().eq(&all));
}

/// Whatever it is read by, and whatever has just been changed about it.
pub async fn a_user_is_never_read_without_the_roles(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.session(alice.id, 1).await;
    for role in [Role::ADMIN, EDITOR] {
        grant(&stores, alice.id, role).await;
    }
    let held = roles(&[Role::ADMIN, EDITOR]);
    let (context, id) = (Context::new(), alice.id);
    let found = stores.users.find_credentials(&context, &alice.email).await.unwrap().unwrap();
    assert_eq!(found.user, User { roles: held.clone(), ..alice.clone() });
    let found = stores.users.find_own_credentials(&context, id).await.unwrap().unwrap();
    assert_eq!(found.user.roles, held);
    let found = stores.sessions.find(&context, &digest(1)).await.unwrap().unwrap();
    assert_eq!(found.1.roles, held);
    assert_eq!(committed!(stores.users.lock(id)).unwrap().user.roles, held);
    let AddressChange::Changed(user) = committed!(stores.users.activate(id, after(1))) else {
        panic!("nobody holds the address")
    };
    assert_eq!(user.roles, held);
    let changes = AccountChanges::default();
    assert_eq!(committed!(stores.users.update(id, &changes)).unwrap().roles, held);
    let changed = committed!(stores.users.set_password_hash(id, &hash("new")));
    assert_eq!(changed.unwrap().roles, held);
    match committed!(stores.users.change_email(id, &address("new@x.test"))) {
        AddressChange::Changed(changed) => assert_eq!(changed.roles, held),
        other => panic!("{other:?}"),
    }
}

/// Nothing of the session is written for it.
///
/// # Rule
///
/// ASVS 5.0 item 8.3.2.
pub async fn ses_09_a_session_is_found_with_the_roles_of_the_moment(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.session(alice.id, 1).await;
    let found = async || {
        let found = stores.sessions.find(&Context::new(), &digest(1)).await.unwrap();
        found.unwrap().1.roles
    };
    assert!(found().await.is_empty());
    grant(&stores, alice.id, EDITOR).await;
    assert_eq!(found().await, roles(&[EDITOR]));
    revoke(&stores, alice.id, EDITOR).await;
    assert!(found().await.is_empty());
}

/// And without an error for anybody.
pub async fn of_twenty_grants_of_one_role_at_once_one_changes_something(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let tries = (0..20).map(|_| -> BoxFuture<'_, _> { Box::pin(grant(&stores, alice.id, EDITOR)) });
    let came = all_at_once(tries).await;
    assert_eq!(came.iter().filter(|came| **came == RoleChange::Changed).count(), 1);
    assert_eq!(came.iter().filter(|came| **came == RoleChange::Unchanged).count(), 19);
    assert_eq!(roles_of(&stores, alice.id).await, roles(&[EDITOR]));
    let tries =
        (0..20).map(|_| -> BoxFuture<'_, _> { Box::pin(revoke(&stores, alice.id, EDITOR)) });
    let came = all_at_once(tries).await;
    assert_eq!(came.iter().filter(|came| **came == RoleChange::Changed).count(), 1);
    assert!(roles_of(&stores, alice.id).await.is_empty());
}

/// Whoever has had to wait for the account sees what was done to it meanwhile.
pub async fn a_user_who_is_locked_or_changed_has_the_roles_of_that_moment(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let tries = (0..20).map(|number| -> BoxFuture<'_, _> {
        Box::pin(stores.process(move |stores, context| {
            Box::pin(async move {
                let user = if number % 2 == 0 {
                    stores.users.lock(context, alice.id).await?.unwrap().user
                } else {
                    let changes = AccountChanges::default();
                    stores.users.update(context, alice.id, &changes).await?.unwrap()
                };
                let next: Role = format!("role-{}", user.roles.len()).parse()?;
                stores.users.grant_role(context, alice.id, &next).await
            })
        }))
    });
    for came in all_at_once(tries).await {
        assert_eq!(came.unwrap(), RoleChange::Changed);
    }
    assert_eq!(roles_of(&stores, alice.id).await.len(), 20);
}

/// Neither of what remains nor of whoever comes after; and there is nobody to give one to.
pub async fn rem_01_whoever_is_removed_has_no_role_left(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    for id in [alice.id, bob.id] {
        grant(&stores, id, EDITOR).await;
    }
    assert!(committed!(stores.users.anonymise(alice.id)));
    assert!(roles_of(&stores, alice.id).await.is_empty());
    assert_eq!(grant(&stores, alice.id, EDITOR).await, RoleChange::NoSuchUser);
    assert_eq!(revoke(&stores, alice.id, EDITOR).await, RoleChange::NoSuchUser);
    assert!(roles_of(&stores, alice.id).await.is_empty());
    assert!(committed!(stores.users.delete(bob.id)));
    assert_eq!(grant(&stores, bob.id, EDITOR).await, RoleChange::NoSuchUser);
    for email in ["alice@x.test", "bob@x.test"] {
        assert!(stores.user(email).await.roles.is_empty());
    }
}

/// Not even at the same time.
pub async fn rem_01_grants_at_the_time_of_a_removal_bring_nothing_back(stores: Stores) {
    for round in 0..5 {
        let id = stores.user(&format!("alice{round}@x.test")).await.id;
        let mut tries: Vec<BoxFuture<'_, ()>> = Vec::new();
        for number in 0..10 {
            let stores = &stores;
            tries.push(Box::pin(async move {
                let role: Role = format!("role-{number}").parse().unwrap();
                grant(stores, id, role).await;
            }));
            if number == 5 {
                tries.push(Box::pin(async move {
                    assert!(committed!(stores.users.anonymise(id)));
                }));
            }
        }
        all_at_once(tries).await;
        assert!(roles_of(&stores, id).await.is_empty());
    }
}

/// A process that fails has given and taken nothing.
pub async fn what_is_rolled_back_leaves_the_roles_as_they_were(stores: Stores) {
    let id = stores.user("alice@x.test").await.id;
    grant(&stores, id, EDITOR).await;
    let changed = stores.rolled_back(move |stores, context| {
        Box::pin(async move {
            stores.users.grant_role(context, id, &Role::ADMIN).await?;
            stores.users.revoke_role(context, id, &EDITOR).await?;
            let found = stores.users.find(context, id).await?.unwrap();
            assert_eq!(found.roles, roles(&[Role::ADMIN]));
            Ok(())
        })
    });
    changed.await;
    assert_eq!(roles_of(&stores, id).await, roles(&[EDITOR]));
}
