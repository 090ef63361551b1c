//! What all stores do about processes.

use dullahan_core::{Context, Error};

use crate::{
    domain::{MailId, MailKind, SessionId, TokenPurpose},
    port::Insertion,
    testing::{
        Stores,
        samples::{NOW, after, digest, hash, new_session, new_user},
    },
};

/// With an error that says so.
pub async fn every_write_outside_of_a_process_is_refused(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let (context, id, purpose) = (Context::new(), alice.id, TokenPurpose::Activation);
    let Stores { users, sessions, tokens, mails, .. } = &stores;
    let (bob, digest, old, new) = (new_user("bob@x.test"), digest(1), hash("secret"), hash("new"));
    let refusals: [Option<Error>; 12] = [
        users.insert(&context, &bob).await.err(),
        users.activate(&context, id, NOW).await.err(),
        users.replace_password_hash(&context, id, &old, &new).await.err(),
        sessions.insert(&context, &new_session(id, 1)).await.err(),
        sessions.touch(&context, SessionId::new(), NOW).await.err(),
        sessions.delete(&context, SessionId::new()).await.err(),
        tokens.insert(&context, &digest, purpose, id, NOW).await.err(),
        tokens.consume(&context, &digest, purpose, NOW).await.err(),
        mails.owe(&context, id, MailKind::Activation, NOW, after(-60)).await.err(),
        mails.claim(&context, NOW, after(60)).await.err(),
        mails.sent(&context, MailId::new(), NOW).await.err(),
        mails.postpone(&context, MailId::new(), after(60)).await.err(),
    ];
    for (number, refusal) in refusals.into_iter().enumerate() {
        let said = refusal.map(|error| error.to_string()).unwrap_or_default();
        assert!(said.contains("outside of a process"), "write {number}: {said}");
    }
}

/// Until it is committed.
pub async fn a_process_reads_what_it_wrote_and_nobody_else_does(stores: Stores) {
    let new = new_user("alice@x.test");
    let id = new.id;
    let wrote = stores.rolled_back(move |stores, context| {
        Box::pin(async move {
            let Insertion::Stored(alice) = stores.users.insert(context, &new).await? else {
                panic!("the address is free")
            };
            let session = new_session(id, 1);
            stores.sessions.insert(context, &session).await?;
            assert_eq!(stores.users.find(context, id).await?, Some(alice.clone()));
            let found = stores.users.find_credentials(context, &new.email).await?;
            assert_eq!(found.unwrap().user, alice);
            let found = stores.sessions.find(context, &session.digest).await?;
            assert_eq!(found, Some((session.session, alice)));
            Ok(())
        })
    });
    wrote.await;
    let context = Context::new();
    assert_eq!(stores.users.find(&context, id).await.unwrap(), None);
    assert_eq!(stores.sessions.find(&context, &digest(1)).await.unwrap(), None);
}
