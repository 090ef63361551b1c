//! Every event that the module declares is dispatched, over HTTP as through the facade, and none on the side.

mod flows;

use std::{collections::BTreeSet, sync::Arc};

use dullahan_core::{
    Before, Event, Listener, Result,
    event::Kind,
    monitor::{Dispatch, Monitor},
};
use dullahan_user::presentation::event::transport::{HashPassword, VerifyPassword};
use parking_lot::Mutex;
use serde_json::json;

use self::flows::{NEW, flows_of_http, flows_of_the_facade};
use crate::support::{ALICE, App, DAY, Plan, Send as _, every_event::for_every_event};

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
    let plan = Plan::extended(move |core| {
        core.monitor(monitor);
    });
    plan.set(|settings| settings.removal_grace = DAY).start().await
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
    // The steps that only HTTP has: a browser sends a cookie by itself, and nothing else does that; a route asks for a role.
    assert!(dispatched.insert("CheckForgery") && dispatched.insert("CheckRole"));
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
        let looked_up = 2;
        expected.insert(looked_up, "CheckForgery".to_owned());
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
        core.event::<HashPassword>().before(one);
        core.event::<VerifyPassword>().before(other);
    });
    let app = plan.set(|settings| settings.removal_grace = DAY).start().await;
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

/// Those that store nothing, or whose output is not to be had twice, are not.
#[test]
fn every_process_that_stores_something_is_run_again_when_it_loses() {
    fn not_repeatable<E: Event>(names: &mut Vec<&'static str>) {
        if Kind::of::<E>() == Kind::Process && E::REPEAT.is_none() {
            names.push(E::NAME);
        }
    }
    let mut names = Vec::new();
    for_every_event!(not_repeatable(&mut names));
    assert_eq!(names, ["ValidateRegistrationProcess"]);
}
