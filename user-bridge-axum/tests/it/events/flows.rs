//! Every flow, through the facade and over HTTP.

use std::sync::Arc;

use dullahan_core::{
    Context,
    trace::{Trace, TracedDispatch},
};
use dullahan_user::{
    domain::{
        AccountRequest, ActivationPassword, OpenedSession, RegistrationRequest, Role,
        SessionTransport, Token, UserId,
    },
    port::{
        UserAddressManager as _, UserPasswordManager as _, UserPersistManager as _,
        UserRetrievalManager as _, UserRoleManager as _, UserSessionManager as _,
    },
    presentation::event::transport::{DeliverMailSaga, PurgeSaga},
};
use serde_json::json;

use super::Chains;
use crate::support::{ALICE, App, DAY, MINUTE, OTHER_PASSWORD, PASSWORD, Send as _, WRONG};

/// The address that Alice changes to.
pub(super) const NEW: &str = "alice@new.test";

fn request(email: &str) -> RegistrationRequest {
    RegistrationRequest {
        email: email.to_owned(),
        password: Some(PASSWORD.parse().unwrap()),
        ..RegistrationRequest::default()
    }
}

/// The chains of a trace, in the form in which the monitor notes them.
fn chains_of(trace: &Trace) -> Vec<String> {
    fn walk(dispatch: &TracedDispatch, above: &str, chains: &mut Vec<String>) {
        let chain = if above.is_empty() {
            dispatch.event.to_owned()
        } else {
            format!("{above} > {}", dispatch.event)
        };
        chains.push(chain.clone());
        dispatch.children.iter().for_each(|child| walk(child, &chain, chains));
    }
    let mut chains = Vec::new();
    trace.dispatches.iter().for_each(|dispatch| walk(dispatch, "", &mut chains));
    chains
}

/// Does some work in a context that keeps a trace, and notes the chains of it under the name of the flow.
macro_rules! traced {
    ($flows:ident, $flow:literal, |$context:ident| $work:expr) => {{
        let $context = Context::new().with_trace();
        let done = $work;
        $flows.push(($flow, chains_of(&$context.trace().unwrap())));
        done
    }};
}

/// Every flow through the facade and by jobs, each with the chains of its trace.
pub(super) async fn flows_of_the_facade(app: &App) -> Vec<(&'static str, Vec<String>)> {
    let (users, core) = (app.users.users(), &app.core);
    let mut flows = Vec::new();
    let password = |text: &str| Arc::new(text.parse().unwrap());
    let token = |email: &str| app.mailer.token(email).parse::<Token>().ok();
    let deliver =
        async |context: &Context| while core.run_in(context, DeliverMailSaga {}).await.unwrap() {};
    // What HTTP shows of the user is a step of its own.
    let log_in = async |context: &Context, email: &str, text: &str| {
        let (email, transport) = (email.to_owned(), SessionTransport::Bearer);
        let opened = users.log_in(context, email, password(text), transport, None).await.unwrap();
        users.serialize(context, opened.user.clone()).await.unwrap();
        opened
    };
    let resolve = async |context: &Context, opened: &OpenedSession| {
        let digest = opened.token.digest();
        users.resolve(context, digest, SessionTransport::Bearer).await.unwrap().unwrap()
    };

    traced!(flows, "register", |context| users.register(&context, request(ALICE)).await.unwrap());
    traced!(flows, "resend", |context| {
        users.resend_activation(&context, ALICE.parse().unwrap()).await.unwrap();
    });
    traced!(flows, "deliver mails", |context| deliver(&context).await);
    traced!(flows, "register a taken address", |context| {
        users.register(&context, request(ALICE)).await.unwrap()
    });
    traced!(flows, "activate", |context| {
        let password = ActivationPassword::Registered(password(PASSWORD));
        users.activate(&context, token(ALICE), Some(password)).await.unwrap()
    });
    app.age_the_hash().await;
    app.hasher.turn_away(true);
    traced!(flows, "log in where too many do", |context| {
        let transport = SessionTransport::Bearer;
        users
            .log_in(&context, ALICE.to_owned(), password(PASSWORD), transport, None)
            .await
            .unwrap_err()
    });
    app.hasher.turn_away(false);
    traced!(flows, "log in with a wrong password", |context| {
        let transport = SessionTransport::Bearer;
        users
            .log_in(&context, ALICE.to_owned(), password(WRONG), transport, None)
            .await
            .unwrap_err()
    });
    traced!(flows, "log in and renew the hash", |context| log_in(&context, ALICE, PASSWORD).await);
    let mut opened = traced!(flows, "log in", |context| log_in(&context, ALICE, PASSWORD).await);

    app.clock.advance(MINUTE);
    for flow in ["account after a while", "account at once"] {
        let context = Context::new().with_trace();
        let current = resolve(&context, &opened).await;
        users.account(&context, current.user.id).await.unwrap();
        flows.push((flow, chains_of(&context.trace().unwrap())));
    }
    traced!(flows, "csrf", |context| resolve(&context, &opened).await);
    traced!(flows, "update", |context| {
        let current = resolve(&context, &opened).await;
        let changes =
            AccountRequest { locale: Some(Some("de".into())), ..AccountRequest::default() };
        let user = users.update(&context, current.user.id, changes).await.unwrap();
        users.serialize(&context, user).await.unwrap();
    });
    traced!(flows, "list sessions", |context| {
        let current = resolve(&context, &opened).await;
        users.sessions(&context, current).await.unwrap();
    });
    traced!(flows, "export", |context| {
        let current = resolve(&context, &opened).await;
        users.export(&context, current).await.unwrap();
    });
    traced!(flows, "revoke others", |context| {
        let current = resolve(&context, &opened).await;
        assert_eq!(users.revoke_others(&context, current).await.unwrap(), 1);
    });
    opened = traced!(flows, "reauthenticate", |context| {
        let current = resolve(&context, &opened).await;
        let opened = users.reauthenticate(&context, current, password(PASSWORD)).await.unwrap();
        users.serialize(&context, opened.user.clone()).await.unwrap();
        opened
    });
    opened = traced!(flows, "change the password", |context| {
        let current = resolve(&context, &opened).await;
        let (old, new) = (password(PASSWORD), password(OTHER_PASSWORD));
        let opened = users.change_password(&context, current, old, new).await.unwrap();
        users.serialize(&context, opened.user.clone()).await.unwrap();
        opened
    });
    for flow in ["ask for an address", "ask for it again"] {
        let context = Context::new().with_trace();
        let current = resolve(&context, &opened).await;
        users.request_email_change(&context, current, NEW.parse().unwrap()).await.unwrap();
        flows.push((flow, chains_of(&context.trace().unwrap())));
        deliver(&Context::new()).await;
        if flow == "ask for an address" {
            traced!(flows, "cancel", |context| {
                users.cancel_email_change(&context, token(NEW)).await.unwrap()
            });
            app.clock.advance(10 * MINUTE);
        }
    }
    traced!(flows, "confirm", |context| {
        users.confirm_email_change(&context, token(ALICE)).await.unwrap()
    });
    traced!(flows, "confirm too", |context| {
        users.confirm_email_change(&context, token(NEW)).await.unwrap()
    });
    traced!(flows, "forgot", |context| {
        users.forgot_password(&context, NEW.parse().unwrap()).await.unwrap();
    });
    traced!(flows, "deliver the mails about it", |context| deliver(&context).await);
    traced!(flows, "reset", |context| {
        users.reset_password(&context, token(NEW), password(PASSWORD)).await.unwrap()
    });
    let opened = log_in(&Context::new(), NEW, PASSWORD).await;
    traced!(flows, "log out", |context| {
        let current = resolve(&context, &opened).await;
        users.log_out(&context, current.session.id).await.unwrap();
    });
    let opened = log_in(&Context::new(), NEW, PASSWORD).await;
    let ended = log_in(&Context::new(), NEW, PASSWORD).await.session.id;
    traced!(flows, "revoke", |context| {
        let current = resolve(&context, &opened).await;
        users.revoke(&context, current.user.id, ended).await.unwrap();
    });
    let id = opened.user.id;
    traced!(flows, "grant a role", |context| {
        assert!(users.grant_role(&context, id, Role::ADMIN).await.unwrap());
    });
    traced!(flows, "revoke a role", |context| {
        assert!(users.revoke_role(&context, id, Role::ADMIN).await.unwrap());
    });
    traced!(flows, "remove", |context| {
        let current = resolve(&context, &opened).await;
        users.remove(&context, current, password(PASSWORD)).await.unwrap();
    });
    let opened = traced!(flows, "come back", |context| log_in(&context, NEW, PASSWORD).await);
    traced!(flows, "remove again", |context| {
        let current = resolve(&context, &opened).await;
        users.remove(&context, current, password(PASSWORD)).await.unwrap();
    });
    app.clock.advance(DAY * 40);
    traced!(flows, "purge", |context| core.run_in(&context, PurgeSaga {}).await.unwrap());
    flows
}

/// The same flows over HTTP, each with the chains that the monitor saw.
pub(super) async fn flows_of_http(app: &App, chains: &Chains) -> Vec<(&'static str, Vec<String>)> {
    let (client, users) = (&app.client, app.users.users());
    let mut flows = Vec::new();
    let mut note = |flow| flows.push((flow, chains.take()));
    client.register(ALICE).answer().await.expect(202);
    note("register");
    client.resend(ALICE).answer().await.expect(202);
    note("resend");
    app.deliver_mails().await;
    note("deliver mails");
    client.register(ALICE).answer().await.expect(202);
    note("register a taken address");
    client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    note("activate");
    app.age_the_hash().await;
    app.hasher.turn_away(true);
    client.log_in(ALICE, PASSWORD).answer().await.expect(503);
    note("log in where too many do");
    app.hasher.turn_away(false);
    client.log_in(ALICE, WRONG).answer().await.expect(401);
    note("log in with a wrong password");
    client.bearer(ALICE).await;
    note("log in and renew the hash");
    let bearer = client.bearer(ALICE).await;
    note("log in");
    app.clock.advance(MINUTE);
    for flow in ["account after a while", "account at once"] {
        client.account_of_bearer(&bearer).answer().await.expect(200);
        note(flow);
    }
    let get = |path: &str| client.get(path).bearer_auth(&bearer);
    get("/auth/csrf").answer().await.expect(200);
    note("csrf");
    let changes = json!({ "locale": "de" });
    client.update_account(&changes).bearer_auth(&bearer).answer().await.expect(200);
    note("update");
    get("/account/sessions").answer().await.expect(200);
    note("list sessions");
    get("/account/export").answer().await.expect(200);
    note("export");
    client.revoke_others().bearer_auth(&bearer).answer().await.expect(204);
    note("revoke others");
    let again = client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await.expect(200);
    note("reauthenticate");
    let change = client.change_password(PASSWORD, OTHER_PASSWORD);
    let change = change.bearer_auth(again.text("/access_token")).answer().await.expect(200);
    note("change the password");
    let bearer = change.text("/access_token");
    for flow in ["ask for an address", "ask for it again"] {
        client.change_email(NEW).bearer_auth(&bearer).answer().await.expect(202);
        note(flow);
        app.deliver_mails().await;
        chains.take();
        if flow == "ask for an address" {
            client.cancel_email(&app.mailer.token(NEW)).answer().await.expect(204);
            note("cancel");
            app.clock.advance(10 * MINUTE);
        }
    }
    client.confirm_email(&app.mailer.token(ALICE)).answer().await.expect(200);
    note("confirm");
    client.confirm_email(&app.mailer.token(NEW)).answer().await.expect(200);
    note("confirm too");
    client.forgot(NEW).answer().await.expect(202);
    note("forgot");
    app.deliver_mails().await;
    note("deliver the mails about it");
    client.reset(&app.mailer.token(NEW), PASSWORD).answer().await.expect(204);
    note("reset");
    let bearer = client.bearer(NEW).await;
    chains.take();
    client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    note("log out");
    let bearer = client.bearer(NEW).await;
    let id = client.cookie_answer(NEW, PASSWORD).await.text("/session/id");
    chains.take();
    client.revoke(&id).bearer_auth(&bearer).answer().await.expect(204);
    note("revoke");
    // No route leads there.
    let id = client.account_of_bearer(&bearer).answer().await.expect(200).text("/id");
    let id: UserId = id.parse().unwrap();
    chains.take();
    users.grant_role(&Context::new(), id, Role::ADMIN).await.unwrap();
    note("grant a role");
    users.revoke_role(&Context::new(), id, Role::ADMIN).await.unwrap();
    note("revoke a role");
    client.remove_account().bearer_auth(&bearer).answer().await.expect(204);
    note("remove");
    let bearer = client.bearer(NEW).await;
    note("come back");
    client.remove_account().bearer_auth(&bearer).answer().await.expect(204);
    note("remove again");
    app.clock.advance(DAY * 40);
    users.purge().await.unwrap();
    note("purge");
    flows
}
