//! Every event that the module declares is dispatched, over HTTP as through the facade, and none on the side.

use std::{collections::BTreeSet, sync::Arc};

use dullahan_core::{
    Before, Context, Dispatch, Event, Kind, Listener, Monitor, Result, Trace, TracedDispatch,
};
use dullahan_user::{
    domain::{
        AccountRequest, OpenedSession, RegistrationRequest, Role, SessionTransport, Token, UserId,
    },
    port::{
        UserAddressManager as _, UserPasswordManager as _, UserPersistManager as _,
        UserRetrievalManager as _, UserRoleManager as _, UserSessionManager as _,
    },
    presentation::event::transport::{DeliverMailSaga, HashPassword, PurgeSaga, VerifyPassword},
};
use parking_lot::Mutex;
use serde_json::json;

use crate::support::{
    ALICE, App, DAY, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _,
    every_event::for_every_event,
};

/// The address that Alice changes to.
const NEW: &str = "alice@new.test";

/// Notes every dispatch as the chain of events that led to it.
#[derive(Default)]
struct Chains {
    chains: Mutex<Vec<String>>,
}

impl Chains {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.chains.lock())
    }
}

impl Monitor for Chains {
    fn entered(&self, dispatch: &Dispatch<'_>) {
        self.chains.lock().push(dispatch.chain().join(" > "));
    }
}

async fn app_with(chains: &Arc<Chains>) -> App {
    let monitor = Arc::clone(chains);
    App::extended(move |core| {
        core.monitor(monitor);
    })
    .await
}

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
async fn flows_of_the_facade(app: &App) -> Vec<(&'static str, Vec<String>)> {
    let (users, core) = (app.users.users(), &app.core);
    let mut flows = Vec::new();
    let password = |text: &str| Arc::new(text.parse().unwrap());
    let token = |email: &str| app.mailer.token(email).parse::<Token>().ok();
    let deliver =
        async |context: &Context| while core.run_in(context, DeliverMailSaga {}).await.unwrap() {};
    // What HTTP shows of the user is a step of its own.
    let log_in = async |context: &Context, email: &str, text: &str| {
        let (email, transport) = (email.to_owned(), SessionTransport::Bearer);
        let opened = users.log_in(context, email, password(text), transport).await.unwrap();
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
    traced!(flows, "activate", |context| users.activate(&context, token(ALICE)).await.unwrap());
    app.age_the_hash().await;
    app.hasher.turn_away(true);
    traced!(flows, "log in where too many do", |context| {
        let transport = SessionTransport::Bearer;
        users.log_in(&context, ALICE.to_owned(), password(PASSWORD), transport).await.unwrap_err()
    });
    app.hasher.turn_away(false);
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
                users.cancel_email_change(&context, token(ALICE)).await.unwrap()
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
        users.remove(&context, current).await.unwrap();
    });
    app.clock.advance(DAY * 40);
    traced!(flows, "purge", |context| core.run_in(&context, PurgeSaga {}).await.unwrap());
    flows
}

/// The same flows over HTTP, each with the chains that the monitor saw.
async fn flows_of_http(app: &App, chains: &Chains) -> Vec<(&'static str, Vec<String>)> {
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
            client.cancel_email(&app.mailer.token(ALICE)).answer().await.expect(204);
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
    app.clock.advance(DAY * 40);
    users.purge().await.unwrap();
    note("purge");
    flows
}

#[tokio::test]
async fn every_event_that_is_declared_is_dispatched_by_some_flow() {
    let chains = Arc::new(Chains::default());
    let app = app_with(&chains).await;
    let declared: BTreeSet<_> = app.core.describe().events.iter().map(|event| event.name).collect();
    let flows = flows_of_the_facade(&app).await;
    let mut dispatched: BTreeSet<_> = flows
        .iter()
        .flat_map(|(_, chains)| chains)
        .map(|chain| chain.rsplit(" > ").next().unwrap())
        .collect();
    // The one step that only HTTP has: a browser sends a cookie by itself, and nothing else does that.
    assert!(dispatched.insert("CheckForgery"));
    assert_eq!(dispatched, declared);

    fn name<E: Event>(names: &mut BTreeSet<&'static str>) {
        names.insert(E::NAME);
    }
    let mut listed = BTreeSet::new();
    for_every_event!(name(&mut listed));
    assert_eq!(listed, declared, "the list that other tests go through is complete");
}

#[tokio::test]
async fn http_and_the_facade_go_through_the_same_events() {
    let of_facade = {
        let app = app_with(&Arc::default()).await;
        flows_of_the_facade(&app).await
    };
    let chains = Arc::new(Chains::default());
    let app = app_with(&chains).await;
    let of_http = flows_of_http(&app, &chains).await;
    for (facade, http) in of_facade.iter().zip(&of_http) {
        assert_eq!(facade, http);
    }
    assert_eq!(of_facade.len(), of_http.len());
}

#[tokio::test]
async fn a_cookie_adds_a_check_and_nothing_else() {
    let chains = Arc::new(Chains::default());
    let app = app_with(&chains).await;
    app.add_user(ALICE).await;
    let requests = || {
        [
            app.client.update_account(&json!({ "locale": "de" })),
            app.client.change_email(NEW),
            app.client.revoke_others(),
            app.client.log_out(),
        ]
    };
    for (of_bearer, of_cookie) in requests().into_iter().zip(requests()) {
        let bearer = app.client.bearer(ALICE).await;
        let session = app.client.cookie(ALICE).await;
        chains.take();
        let status = of_bearer.bearer_auth(&bearer).answer().await.status;
        let mut expected = chains.take();
        // It may have ended the other session.
        let session = if status == 204 { app.client.cookie(ALICE).await } else { session };
        chains.take();
        of_cookie.on_own_page(&session).answer().await.expect(status);
        expected.insert(1, "CheckForgery".to_owned());
        assert_eq!(chains.take(), expected);
    }
}

#[tokio::test]
async fn what_is_asked_from_outside_is_a_saga() {
    let chains = Arc::new(Chains::default());
    let app = app_with(&chains).await;
    let flows = flows_of_http(&app, &chains).await;
    let description = app.core.describe();
    let kind =
        |name: &str| description.events.iter().find(|event| event.name == name).unwrap().kind;
    for (flow, chains) in flows {
        for outermost in chains.iter().filter(|chain| !chain.contains(" > ")) {
            let asks_only = ["ResolveSession", "SerializeUser"].contains(&outermost.as_str());
            assert!(asks_only || kind(outermost) == Kind::Saga, "{flow}: {outermost}");
        }
    }
}

/// Notes for every password whether it is hashed or checked inside of a unit of work.
struct InWork(Arc<Mutex<Vec<(&'static str, bool)>>>);

impl<E: Event> Listener<Before<'_, E>> for InWork {
    async fn call(&self, ev: Before<'_, E>) -> Result<()> {
        let is_inside = ev.context().unit_of_work().await?.is_some();
        self.0.lock().push((E::NAME, is_inside));
        Ok(())
    }
}

#[tokio::test]
async fn no_password_is_hashed_inside_of_a_unit_of_work() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (one, other) = (InWork(Arc::clone(&seen)), InWork(Arc::clone(&seen)));
    let plan = Plan::extended(|core| {
        core.event::<HashPassword>().before(0, one);
        core.event::<VerifyPassword>().before(0, other);
    });
    let app = plan.start().await;
    let flows = flows_of_the_facade(&app).await;
    let seen = seen.lock();
    assert!(!seen.is_empty() && seen.iter().all(|(_, is_inside)| !is_inside), "{seen:?}");
    let of_both: BTreeSet<_> = seen.iter().map(|(event, _)| *event).collect();
    assert_eq!(of_both.len(), 2);
    let inside = |chain: &String| {
        let (above, name) = chain.rsplit_once(" > ").unwrap_or(("", chain));
        above.contains("Process") && ["HashPassword", "VerifyPassword"].contains(&name)
    };
    assert!(!flows.iter().flat_map(|(_, chains)| chains).any(inside));
}
