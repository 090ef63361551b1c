//! Every event that the module declares is dispatched, over HTTP as through the facade, and none on the side.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use dullahan_core::{
    Before, Context, Dispatch, Event, Kind, Listener, Monitor, Result, Trace, TracedDispatch,
};
use dullahan_user::{
    domain::{RegistrationRequest, SessionTransport, Token},
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::{
        PasswordHasher as _, UserPersistManager as _, UserRetrievalManager as _,
        UserSessionManager as _,
    },
    presentation::event::transport::{HashPassword, VerifyPassword},
};
use parking_lot::Mutex;

use crate::support::{ALICE, App, PASSWORD, Send as _, app::Plan, every_event::for_every_event};

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

/// Puts a hash into the place of the user's that asks to be renewed.
async fn age_the_hash(app: &App) {
    let other = Argon2Settings::insecure_for_tests().with_memory_kib(16);
    let hash = Argon2Hasher::new(other).unwrap().hash(&PASSWORD.parse().unwrap()).await.unwrap();
    let update = format!("UPDATE dullahan_users SET password_hash = '{}'", hash.as_phc());
    app.database.execute(&update).await;
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

/// Every flow through the facade, each with the chains of its trace.
async fn flows_of_the_facade(app: &App) -> Vec<(&'static str, Vec<String>)> {
    let users = app.users.users();
    let mut flows = Vec::new();
    let mut note =
        |flow, context: &Context| flows.push((flow, chains_of(&context.trace().unwrap())));

    let context = Context::new().with_trace();
    users.register(&context, request(ALICE)).await.unwrap();
    note("register", &context);

    let context = Context::new().with_trace();
    users.register(&context, request(ALICE)).await.unwrap();
    note("register a taken address", &context);

    let context = Context::new().with_trace();
    let saga = dullahan_user::presentation::event::transport::DeliverMailSaga {};
    assert!(app.core.run_in(&context, saga).await.unwrap());
    note("deliver a mail", &context);

    let context = Context::new().with_trace();
    let token: Token = app.mailer.token(ALICE).parse().unwrap();
    users.activate(&context, Some(token)).await.unwrap();
    note("activate", &context);

    age_the_hash(app).await;
    let log_in = async |context: &Context| {
        let password = Arc::new(PASSWORD.parse().unwrap());
        let opened = users
            .log_in(context, ALICE.to_owned(), password, SessionTransport::Bearer)
            .await
            .unwrap();
        // What HTTP shows of the user is a step of its own.
        users.serialize(context, opened.user.clone()).await.unwrap();
        opened
    };
    let context = Context::new().with_trace();
    log_in(&context).await;
    note("log in and renew the hash", &context);
    let context = Context::new().with_trace();
    let opened = log_in(&context).await;
    note("log in", &context);

    app.clock.advance(Duration::from_mins(1));
    for flow in ["account after a while", "account at once"] {
        let context = Context::new().with_trace();
        let digest = opened.token.digest();
        let current = users.resolve(&context, digest, SessionTransport::Bearer).await.unwrap();
        users.account(&context, current.unwrap().user.id).await.unwrap();
        note(flow, &context);
    }

    let context = Context::new().with_trace();
    users.resolve(&context, opened.token.digest(), SessionTransport::Bearer).await.unwrap();
    users.log_out(&context, opened.session.id).await.unwrap();
    note("log out", &context);
    flows
}

/// The same flows over HTTP, each with the chains that the monitor saw.
async fn flows_of_http(app: &App, chains: &Chains) -> Vec<(&'static str, Vec<String>)> {
    let client = &app.client;
    let mut flows = Vec::new();
    let mut note = |flow| flows.push((flow, chains.take()));
    client.register(ALICE).answer().await.expect(202);
    note("register");
    client.register(ALICE).answer().await.expect(202);
    note("register a taken address");
    app.users.users().deliver_mail().await.unwrap();
    note("deliver a mail");
    client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    note("activate");
    age_the_hash(app).await;
    client.bearer(ALICE).await;
    note("log in and renew the hash");
    let bearer = client.bearer(ALICE).await;
    note("log in");
    app.clock.advance(Duration::from_mins(1));
    for flow in ["account after a while", "account at once"] {
        client.account_of_bearer(&bearer).answer().await.expect(200);
        note(flow);
    }
    client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    note("log out");
    flows
}

#[tokio::test]
async fn every_event_that_is_declared_is_dispatched_by_some_flow() {
    let chains = Arc::new(Chains::default());
    let app = app_with(&chains).await;
    let declared: BTreeSet<_> = app.core.describe().events.iter().map(|event| event.name).collect();
    let flows = flows_of_the_facade(&app).await;
    let dispatched: BTreeSet<_> = flows
        .iter()
        .flat_map(|(_, chains)| chains)
        .map(|chain| chain.rsplit(" > ").next().unwrap())
        .collect();
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
    let expected: Vec<_> = flows
        .iter()
        .flat_map(|(_, chains)| chains)
        .filter_map(|chain| match chain.rsplit(" > ").next() {
            Some("HashPassword") => Some(("HashPassword", false)),
            Some("VerifyPassword") => Some(("VerifyPassword", false)),
            _ => None,
        })
        .collect();
    assert_eq!(expected.len(), 5);
    assert_eq!(*seen.lock(), expected);
    let inside = |chain: &String| {
        let (above, name) = chain.rsplit_once(" > ").unwrap_or(("", chain));
        above.contains("Process") && ["HashPassword", "VerifyPassword"].contains(&name)
    };
    assert!(!flows.iter().flat_map(|(_, chains)| chains).any(inside));
}
