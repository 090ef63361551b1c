//! What was refused or prevented, which session it was about, and what a client says of itself: USER-14.

use dullahan_core::{Before, ListenerOptions as _, Result};
use dullahan_user::{
    domain::{AuditEntry, AuditOutcome, Role, SessionId},
    presentation::event::transport::{LogOutSaga, RevokeOtherSessionsSaga},
};
use http::Method;
use serde_json::json;

use super::{Audited, FIRST};
use crate::support::{
    ALICE, PASSWORD, Plan, Send as _, client::CookieSession, log, on_both_databases,
};

on_both_databases!(
    user_14_forged_requests_leave_an_entry,
    user_14_a_role_that_is_missing_leaves_an_entry,
    user_14_a_prevented_step_is_no_success,
    user_14_an_entry_says_which_session_was_opened_and_revoked,
    user_14_what_a_client_says_of_itself_is_bounded,
);

async fn audited(plan: Plan) -> Audited {
    let it = Audited::start(plan).await;
    it.app.add_user(ALICE).await;
    it.entries.0.lock().clear();
    it
}

/// Action, code, whether its user is known, and whether its session is.
fn told(entry: &AuditEntry) -> (&'static str, Option<&str>, bool, bool) {
    let (has_user, has_session) = (entry.user_id.is_some(), entry.session_id.is_some());
    (entry.action, entry.outcome.code(), has_user, has_session)
}

async fn user_14_forged_requests_leave_an_entry(plan: Plan) {
    let it = audited(plan).await;
    let client = it.app.client.clone();
    let session = client.cookie(ALICE).await;
    let cookie = |request: reqwest::RequestBuilder| request.header("cookie", &session.cookie);
    let foreign =
        |request: reqwest::RequestBuilder| request.header("origin", "https://evil.example");
    let own = |request: reqwest::RequestBuilder| request.header("sec-fetch-site", "same-origin");
    let update = || client.update_account(&json!({ "locale": "de" }));
    let comment = || client.to_application(Method::POST, "/comments");
    let note = || client.to_application(Method::POST, "/notes");
    it.entries.0.lock().clear();
    for (request, code, is_known) in [
        (foreign(client.log_in(ALICE, PASSWORD)), "foreign_origin", false),
        (foreign(cookie(update())), "foreign_origin", false),
        (own(cookie(update())), "csrf_token_invalid", true),
        (cookie(client.log_out()), "foreign_origin", true),
        // The application's own routes: by a layer, and by an extractor.
        (foreign(comment()), "foreign_origin", false),
        (own(cookie(comment())), "csrf_token_invalid", true),
        (foreign(cookie(note())), "foreign_origin", true),
    ] {
        request.answer().await.problem(403, code);
        assert_eq!(told(&it.take_one()), ("check_forgery", Some(code), is_known, is_known));
    }
    // What passes leaves none of its own.
    comment().answer().await.expect(200);
    update().on_own_page(&session).answer().await.expect(200);
    assert_eq!(it.take_one().action, "update_account");
    let texts = ["dullahan::audit", "check_forgery", "code=\"csrf_token_invalid\"", "127.0.0.1"];
    assert!(log::last_line_with_all(&texts).is_some(), "{texts:?}");
}

async fn user_14_a_role_that_is_missing_leaves_an_entry(plan: Plan) {
    let it = audited(plan).await;
    let bearer = it.app.client.bearer(ALICE).await;
    let opened = it.take_one();
    for path in ["/desk", "/office"] {
        let get = it.app.client.to_application(Method::GET, path);
        get.bearer_auth(&bearer).answer().await.problem(403, "role_required");
        let entry = it.take_one();
        assert_eq!(told(&entry), ("check_role", Some("role_required"), true, true));
        assert_eq!((entry.user_id, entry.session_id), (opened.user_id, opened.session_id));
        assert_eq!(entry.role, Some(Role::ADMIN));
    }
}

async fn user_14_a_prevented_step_is_no_success(plan: Plan) {
    let it = Audited::start_with(plan, |core| {
        core.event::<LogOutSaga>().before(
            (|mut ev: Before<'_, LogOutSaga>| -> Result<()> {
                ev.prevent_default();
                ev.respond(());
                Ok(())
            })
            .named("stay"),
        );
        core.event::<RevokeOtherSessionsSaga>().before(
            (|mut ev: Before<'_, RevokeOtherSessionsSaga>| -> Result<()> {
                ev.prevent_default();
                Ok(())
            })
            .named("forget to answer"),
        );
    });
    let it = it.await;
    it.app.add_user(ALICE).await;
    let bearer = it.app.client.bearer(ALICE).await;
    it.entries.0.lock().clear();
    it.app.client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    let entry = it.take_one();
    assert_eq!(entry.outcome, AuditOutcome::Prevented { by: "stay".to_owned() });
    assert!(entry.user_id.is_some() && entry.session_id.is_some());
    let texts = ["dullahan::audit", "action=\"log_out\" ", "outcome=\"prevented\"", "by=\"stay\""];
    assert!(log::last_line_with_all(&texts).is_some(), "{texts:?}");
    let others = it.app.client.revoke_others().bearer_auth(&bearer);
    others.answer().await.internal_problem(500, "step_unhandled");
    assert_eq!(it.take_one().outcome.code(), Some("step_unhandled"));
}

async fn user_14_an_entry_says_which_session_was_opened_and_revoked(plan: Plan) {
    let it = audited(plan).await;
    let client = it.app.client.clone();
    let session = CookieSession::of(&client.cookie_answer(ALICE, PASSWORD).await);
    let opened = it.take_one().session_id.unwrap();
    let bearer = client.bearer(ALICE).await;
    let own = it.take_one().session_id.unwrap();
    assert_ne!(opened, own);
    let listed = client.get("/account/sessions").bearer_auth(&bearer).answer().await.json();
    let ids = listed["sessions"].as_array().unwrap().iter();
    let ids: Vec<SessionId> = ids.map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect();
    assert!(ids.contains(&opened) && ids.contains(&own));
    client.revoke(&opened.to_string()).bearer_auth(&bearer).answer().await.expect(204);
    let entry = it.take_one();
    assert_eq!((entry.action, entry.session_id), ("revoke_session", Some(opened)));
    client.account_of_cookie(&session).answer().await.problem(401, "unauthenticated");
    client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    let entry = it.take_one();
    assert_eq!((entry.action, entry.session_id), ("log_out", Some(own)));
}

async fn user_14_what_a_client_says_of_itself_is_bounded(plan: Plan) {
    let it = audited(plan).await;
    let (long, name) = ("x".repeat(129), "y".repeat(300));
    for (id, kept) in [("r-1", Some("r-1")), (long.as_str(), None), ("a b", None), ("", None)] {
        let request = it.app.client.log_in(ALICE, FIRST).header("x-request-id", id);
        request.header("user-agent", &name).answer().await.problem(401, "invalid_credentials");
        let entry = it.take_one();
        assert_eq!(entry.request_id.as_ref().map(|id| id.as_str()), kept);
        assert_eq!(entry.device.user_agent(), Some(&name[..256]));
    }
}
