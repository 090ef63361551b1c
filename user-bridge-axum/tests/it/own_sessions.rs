//! Sessions that their user sees and ends: SES-05.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    ALICE, App, BOB, DAY, MINUTE, PASSWORD, Plan, Send as _, client::CookieSession,
    on_both_databases,
};

on_both_databases!(
    ses_05_a_user_sees_the_own_sessions_and_no_token,
    ses_05_a_session_that_is_over_is_not_listed,
    ses_05_one_session_is_ended_and_no_other,
    ses_05_that_of_another_user_is_not_found_and_stays_alive,
    ses_05_all_others_are_ended,
    ses_05_the_query_has_to_say_which_ones,
    ses_05_a_cookie_session_needs_its_own_page,
    ses_05_who_ends_the_own_session_is_told_to_forget_its_cookie,
);

async fn list(app: &App, bearer: &str) -> Vec<Value> {
    let answer = app.client.get("/account/sessions").bearer_auth(bearer).answer().await.expect(200);
    answer.json()["sessions"].as_array().unwrap().clone()
}

fn ids(sessions: &[Value], is_current: bool) -> Vec<String> {
    let of_them = sessions.iter().filter(|session| session["current"] == is_current);
    of_them.map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

async fn ses_05_a_user_sees_the_own_sessions_and_no_token(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    app.client.bearer(BOB).await;
    let login = app.client.log_in_by("cookie", ALICE, PASSWORD).header("User-Agent", "Browser/1.0");
    let cookie = login.answer().await.expect(200);
    app.clock.advance(MINUTE);
    let login = app.client.log_in(ALICE, PASSWORD).header("User-Agent", "Phone/2.0");
    let bearer = login.answer().await.expect(200).text("/access_token");
    let answer =
        app.client.get("/account/sessions").bearer_auth(&bearer).answer().await.expect(200);
    let sessions = list(&app, &bearer).await;
    let id = |n: usize| sessions[n]["id"].clone();
    assert_eq!(
        json!(sessions),
        json!([
            {
                "id": id(0), "current": true, "transport": "bearer", "user_agent": "Phone/2.0",
                "address": "127.0.0.1", "created_at": "2026-01-01T12:01:00Z",
                "authenticated_at": "2026-01-01T12:01:00Z", "last_seen_at": "2026-01-01T12:01:00Z",
                "expires_at": "2026-01-31T12:01:00Z"
            },
            {
                "id": id(1), "current": false, "transport": "cookie", "user_agent": "Browser/1.0",
                "address": "127.0.0.1", "created_at": "2026-01-01T12:00:00Z",
                "authenticated_at": "2026-01-01T12:00:00Z", "last_seen_at": "2026-01-01T12:00:00Z",
                "expires_at": "2026-01-31T12:00:00Z"
            }
        ])
    );
    assert_eq!(id(1), cookie.json()["session"]["id"]);
    let token = cookie.cookie().split_once('=').unwrap().1.to_owned();
    assert!(!answer.body.contains(&token) && !answer.body.contains(&bearer));
    app.client.get("/account/sessions").answer().await.problem(401, "unauthenticated");
}

async fn ses_05_a_session_that_is_over_is_not_listed(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.client.bearer(ALICE).await;
    app.clock.advance(DAY);
    let bearer = app.client.bearer(ALICE).await;
    assert_eq!(list(&app, &bearer).await.len(), 1);
    app.clock.advance(MINUTE);
    assert!(app.users.users().purge().await.unwrap() > 0);
    assert_eq!(app.database.count("dullahan_sessions").await, 1);
}

async fn ses_05_one_session_is_ended_and_no_other(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (one, other) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let third = app.client.bearer(ALICE).await;
    let id = ids(&list(&app, &one).await, true).remove(0);
    app.client.revoke(&id).bearer_auth(&third).answer().await.expect(204);
    app.client.account_of_bearer(&one).answer().await.problem(401, "unauthenticated");
    app.client.account_of_cookie(&other).answer().await.expect(200);
    app.client.account_of_bearer(&third).answer().await.expect(200);
    app.client.revoke(&id).bearer_auth(&third).answer().await.problem(404, "not_found");
    let own = ids(&list(&app, &third).await, true).remove(0);
    app.client.revoke(&own).bearer_auth(&third).answer().await.expect(204);
    app.client.account_of_bearer(&third).answer().await.problem(401, "unauthenticated");
}

async fn ses_05_that_of_another_user_is_not_found_and_stays_alive(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let (of_alice, of_bob) = (app.client.bearer(ALICE).await, app.client.bearer(BOB).await);
    let id = ids(&list(&app, &of_alice).await, true).remove(0);
    let before = app.database.dump().await;
    let unknown = "01890000-0000-7000-8000-000000000000";
    let refused = app.client.revoke(unknown).bearer_auth(&of_bob).answer().await;
    assert_eq!(refused.problem(404, "not_found"), [""; 0]);
    for id in [id.as_str(), "nonsense", "%00", "1", "..%2Fsessions", &id[..35]] {
        let answer = app.client.revoke(id).bearer_auth(&of_bob).answer().await;
        assert_eq!(answer, refused, "{id}");
    }
    app.client.revoke(&id).answer().await.problem(401, "unauthenticated");
    app.client.revoke_others().bearer_auth(&of_bob).answer().await.expect(204);
    assert_eq!(app.database.dump().await, before);
    app.client.account_of_bearer(&of_alice).answer().await.expect(200);
}

async fn ses_05_all_others_are_ended(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let of_bob = app.client.bearer(BOB).await;
    let (one, cookie) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let other = app.client.bearer(ALICE).await;
    app.client.revoke_others().on_own_page(&cookie).answer().await.expect(204);
    for token in [&one, &other] {
        app.client.account_of_bearer(token).answer().await.problem(401, "unauthenticated");
    }
    app.client.account_of_cookie(&cookie).answer().await.expect(200);
    app.client.account_of_bearer(&of_bob).answer().await.expect(200);
}

async fn ses_05_the_query_has_to_say_which_ones(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (one, other) = (app.client.bearer(ALICE).await, app.client.bearer(ALICE).await);
    for path in ["/account/sessions", "/account/sessions?except=", "/account/sessions?except=all"] {
        let answer = app.client.request(Method::DELETE, path).bearer_auth(&one).answer().await;
        answer.problem(400, "malformed");
    }
    app.client.account_of_bearer(&other).answer().await.expect(200);
}

async fn ses_05_a_cookie_session_needs_its_own_page(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let id = ids(&list(&app, &bearer).await, true).remove(0);
    for request in [app.client.revoke(&id), app.client.revoke_others()] {
        let alone = request.header("cookie", &session.cookie).answer().await;
        alone.problem(403, "foreign_origin");
    }
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.revoke(&id).on_own_page(&session).answer().await.expect(204);
    app.client.account_of_bearer(&bearer).answer().await.expect(401);
}

async fn ses_05_who_ends_the_own_session_is_told_to_forget_its_cookie(plan: Plan) {
    let app = plan.start_with_alice().await;
    let other = app.client.cookie_answer(ALICE, PASSWORD).await.text("/session/id");
    let answer = app.client.cookie_answer(ALICE, PASSWORD).await;
    let (session, own) = (CookieSession::of(&answer), answer.text("/session/id"));
    let ended = app.client.revoke(&other).on_own_page(&session).answer().await.expect(204);
    assert!(!ended.headers.contains_key("set-cookie"));
    let ended = app.client.revoke(&own).on_own_page(&session).answer().await.expect(204);
    let cookie = ended.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-session=;") && cookie.ends_with("Max-Age=0"), "{cookie}");
    app.client.account_of_cookie(&session).answer().await.expect(401);
}
