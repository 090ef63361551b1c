//! Proving again who one is, and the CSRF token of a page that was loaded anew.

use serde_json::json;

use crate::support::{
    ALICE, MINUTE, PASSWORD, Plan, Send as _, WRONG, client::CookieSession, on_both_databases,
};

on_both_databases!(
    ses_10_a_proof_renews_the_session_and_its_token,
    ses_10_a_wrong_password_renews_nothing,
    csrf_02_the_page_is_told_the_token_of_its_own_session,
);

async fn ses_10_a_proof_renews_the_session_and_its_token(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.clock.advance(20 * MINUTE);
    let answer = app.client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await;
    let renewed = answer.expect(200).text("/access_token");
    app.client.account_of_bearer(&bearer).answer().await.problem(401, "unauthenticated");
    app.client.account_of_bearer(&renewed).answer().await.expect(200);

    let answer = app.client.reauthenticate(PASSWORD).on_own_page(&session).answer().await;
    let answer = answer.expect(200);
    let renewed = CookieSession::of(&answer);
    app.client.account_of_cookie(&session).answer().await.expect(401);
    app.client.account_of_cookie(&renewed).answer().await.expect(200);
    assert_eq!(app.database.count("dullahan_sessions").await, 2);
    // The session does not live longer by it.
    assert_eq!(answer.text("/session/expires_at"), "2026-01-31T12:00:00Z");
    let max_age = format!("Max-Age={}", 30 * 24 * 3600 - 20 * 60);
    assert!(answer.headers["set-cookie"].to_str().unwrap().ends_with(&max_age));
}

async fn ses_10_a_wrong_password_renews_nothing(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let before = app.database.dump_without_attempts().await;
    app.hasher.take_counts();
    let wrong = app.client.reauthenticate(WRONG).bearer_auth(&bearer).answer().await;
    assert_eq!(wrong.problem(422, "invalid"), ["/password wrong_password"]);
    assert_eq!(app.hasher.take_counts(), (0, 1));
    let missing = app.client.post("/auth/reauth", &json!({})).bearer_auth(&bearer).answer().await;
    assert_eq!(missing.problem(422, "invalid"), ["/password required"]);
    app.client.reauthenticate(PASSWORD).answer().await.problem(401, "unauthenticated");
    assert_eq!(app.database.dump_without_attempts().await, before);
}

async fn csrf_02_the_page_is_told_the_token_of_its_own_session(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (session, other) = (app.client.cookie(ALICE).await, app.client.cookie(ALICE).await);
    let csrf =
        |session: &CookieSession| app.client.get("/auth/csrf").header("cookie", &session.cookie);
    let answer = csrf(&session).answer().await.expect(200);
    assert_eq!(answer.json(), json!({ "csrf_token": session.csrf }));
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_ne!(csrf(&other).answer().await.text("/csrf_token"), session.csrf);
    app.client.get("/auth/csrf").answer().await.problem(401, "unauthenticated");
}
