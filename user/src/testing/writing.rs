//! What all stores do about processes.

use std::time::Duration;

use dullahan_core::{Context, Error};

use crate::{
    domain::{
        AccountChanges, AttemptKey, AttemptLimit, EmailChangeId, MailId, MailKind, MailRequest,
        MailRequestKind, Mailbox, NewMail, NewOneTimeToken, OneTimeGrant, Role, SessionId,
        TokenPurpose,
    },
    port::Insertion,
    testing::{
        Stores,
        samples::{NOW, address, after, digest, hash, new_change, new_session, new_user},
    },
};

/// With an error that says so.
pub async fn every_write_outside_of_a_process_is_refused(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let (context, id, purpose) = (Context::new(), alice.id, TokenPurpose::Activation);
    let Stores { users, sessions, tokens, email_changes, mails, attempts, .. } = &stores;
    let (bob, digest, old, new) = (new_user("bob@x.test"), digest(1), hash("secret"), hash("new"));
    let token =
        NewOneTimeToken { digest, purpose, user_id: id, email_change_id: None, expires_at: NOW };
    let (email, kind) = (address("new@x.test"), MailRequestKind::Activation);
    let request = MailRequest { email: email.clone(), kind, requested_at: NOW };
    let mail = NewMail::new(id, MailKind::Activation);
    let (session, change) = (SessionId::new(), EmailChangeId::new());
    let key = AttemptKey::of_address(&email);
    let limit = AttemptLimit::new(5, Duration::from_secs(60));
    let refusals: [Option<Error>; 50] = [
        users.insert(&context, &bob).await.err(),
        users.lock(&context, id).await.err(),
        users.activate(&context, id, NOW).await.err(),
        users.replace_password_hash(&context, id, &old, &new).await.err(),
        users.update(&context, id, &AccountChanges::default()).await.err(),
        users.set_password_hash(&context, id, &new).await.err(),
        users.delete_pending(&context, &email).await.err(),
        users.delete_if_pending(&context, id).await.err(),
        users.purge_pending(&context, NOW, 1).await.err(),
        users.drop_password(&context, id).await.err(),
        users.change_email(&context, id, &email).await.err(),
        users.grant_role(&context, id, &Role::ADMIN).await.err(),
        users.revoke_role(&context, id, &Role::ADMIN).await.err(),
        users.close(&context, id, NOW).await.err(),
        users.reopen(&context, id, NOW).await.err(),
        users.anonymise(&context, id).await.err(),
        users.delete(&context, id).await.err(),
        sessions.insert(&context, &new_session(id, 1)).await.err(),
        sessions.touch(&context, session, NOW, NOW).await.err(),
        sessions.delete(&context, session).await.err(),
        sessions.renew(&context, session, &digest, &digest, NOW).await.err(),
        sessions.delete_own(&context, id, session).await.err(),
        sessions.delete_all(&context, id, None).await.err(),
        sessions.end_surplus(&context, id, session, 1).await.err(),
        sessions.purge(&context, NOW, NOW, 1).await.err(),
        tokens.insert(&context, &token).await.err(),
        tokens.consume(&context, &digest, purpose, NOW).await.err(),
        tokens.delete_all(&context, id).await.err(),
        tokens.purge(&context, NOW, 1).await.err(),
        email_changes.replace(&context, &new_change(id, "new@x.test")).await.err(),
        email_changes.confirm(&context, change, Mailbox::New, NOW).await.err(),
        email_changes.delete(&context, change).await.err(),
        email_changes.delete_of_user(&context, id).await.err(),
        email_changes.purge(&context, NOW, 1).await.err(),
        mails.owe(&context, &mail, NOW).await.err(),
        mails.claim(&context, NOW, after(60)).await.err(),
        mails.admit(&context, MailId::new()).await.err(),
        mails.withhold(&context, MailId::new()).await.err(),
        mails.sent(&context, MailId::new(), NOW).await.err(),
        mails.postpone(&context, MailId::new(), after(60)).await.err(),
        mails.give_up(&context, MailId::new(), NOW).await.err(),
        mails.withdraw(&context, id, MailKind::Activation).await.err(),
        mails.delete_all(&context, id).await.err(),
        mails.request(&context, &request).await.err(),
        mails.take_request(&context, 0).await.err(),
        mails.purge(&context, NOW, 1).await.err(),
        attempts.count(&context, &key, limit, NOW).await.err(),
        attempts.give_back(&context, &key, NOW).await.err(),
        attempts.forget(&context, &key).await.err(),
        attempts.purge(&context, NOW, 1).await.err(),
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
            assert_eq!(stores.sessions.list(context, id, 9).await?.len(), 1);
            let found = stores.users.find_own_credentials(context, id).await?;
            assert!(found.unwrap().password_hash.is_some());
            let change = new_change(id, "new@x.test");
            stores.email_changes.replace(context, &change).await?;
            assert_eq!(stores.email_changes.find_of_user(context, id).await?, Some(change.clone()));
            let (purpose, email_change_id) = (TokenPurpose::EmailChangeNew, Some(change.id));
            let (digest, expires_at) = (digest(1), after(100));
            let token =
                NewOneTimeToken { digest, purpose, user_id: id, email_change_id, expires_at };
            stores.tokens.insert(context, &token).await?;
            let found = stores.tokens.find(context, &digest, purpose, NOW).await?;
            assert_eq!(found, Some(OneTimeGrant { user_id: id, email_change_id, expires_at }));
            Ok(())
        })
    });
    wrote.await;
    let context = Context::new();
    assert_eq!(stores.users.find(&context, id).await.unwrap(), None);
    assert_eq!(stores.sessions.find(&context, &digest(1)).await.unwrap(), None);
    assert_eq!(stores.sessions.list(&context, id, 9).await.unwrap(), []);
    assert!(stores.users.find_own_credentials(&context, id).await.unwrap().is_none());
    assert_eq!(stores.email_changes.find_of_user(&context, id).await.unwrap(), None);
    let found = stores.tokens.find(&context, &digest(1), TokenPurpose::EmailChangeNew, NOW).await;
    assert_eq!(found.unwrap(), None);
}
