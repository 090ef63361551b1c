//! The own account: what may be changed without further ado.

use dullahan_core::{Before, Result};
use dullahan_user::presentation::event::transport::ValidateAccountChanges;
use http::{Method, header};
use serde_json::{Value, json};

use crate::support::{ALICE, Plan, Send as _, on_both_databases};

on_both_databases!(
    what_is_sent_is_changed_and_nothing_else,
    everything_that_is_wrong_is_named_at_once,
    reg_06_what_a_user_may_not_choose_is_refused,
    an_extra_member_is_taken_by_whoever_knows_it,
    pub_22_a_merge_patch_is_taken_and_advertised,
);

async fn pub_22_a_merge_patch_is_taken_and_advertised(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let patch = |content_type: &str, body: &'static str| {
        let request = app.client.request(Method::PATCH, "/account").bearer_auth(&bearer);
        request.header(header::CONTENT_TYPE, content_type).body(body)
    };
    let merge = |body| patch("application/merge-patch+json; charset=utf-8", body);
    let named = merge(r#"{"display_name":"Alice","locale":"de"}"#).answer().await.expect(200);
    assert_eq!(named.text("/display_name"), "Alice");
    let unnamed = merge(r#"{"display_name":null}"#).answer().await.expect(200);
    assert_eq!(unnamed.json()["display_name"], Value::Null);
    assert_eq!(unnamed.text("/locale"), "de");

    let advertised = "application/merge-patch+json, application/json";
    let refused = patch("application/json-patch+json", "[]").answer().await;
    refused.problem(415, "unsupported_media_type");
    assert_eq!(refused.headers["accept-patch"], advertised);
    let options = app.client.request(Method::OPTIONS, "/account").answer().await.expect(405);
    assert_eq!(options.headers["accept-patch"], advertised);
    let shown = app.client.account_of_bearer(&bearer).answer().await.expect(200);
    assert_eq!(shown.headers["accept-patch"], advertised);
    // Nothing else takes it.
    let log_out = app.client.request(Method::POST, "/auth/logout").bearer_auth(&bearer).body("{}");
    let log_out = log_out.header(header::CONTENT_TYPE, "application/merge-patch+json");
    let refused = log_out.answer().await;
    refused.problem(415, "unsupported_media_type");
    assert!(!refused.headers.contains_key("accept-patch"));
}

async fn what_is_sent_is_changed_and_nothing_else(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let before = app.client.account_of_bearer(&bearer).answer().await.expect(200).json();
    for (body, display_name, locale) in [
        (json!({}), Value::Null, Value::Null),
        (json!({ "display_name": "Alice" }), json!("Alice"), Value::Null),
        (json!({ "locale": "de-at" }), json!("Alice"), json!("de-AT")),
        (json!({ "display_name": " Älice " }), json!("Älice"), json!("de-AT")),
        (json!({ "display_name": null }), Value::Null, json!("de-AT")),
        (json!({ "locale": null, "display_name": "" }), Value::Null, Value::Null),
    ] {
        let answer = app.client.update_account(&body).bearer_auth(&bearer).answer().await;
        let account = answer.expect(200).json();
        let mut expected = before.clone();
        expected["display_name"] = display_name;
        expected["locale"] = locale;
        assert_eq!(account, expected, "{body}");
        let shown = app.client.account_of_bearer(&bearer).answer().await.expect(200);
        assert_eq!(shown.json(), expected, "{body}");
    }
}

async fn everything_that_is_wrong_is_named_at_once(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let before = app.database.dump().await;
    let body = json!({
        "display_name": "a".repeat(500), "locale": "not a tag", "extra": { "shoe_size": 43 }
    });
    let answer = app.client.update_account(&body).bearer_auth(&bearer).answer().await;
    let mut violations = answer.problem(422, "invalid");
    violations.sort();
    assert_eq!(
        violations,
        ["/display_name too_long", "/extra/shoe_size unknown_member", "/locale invalid_locale"]
    );
    let body = json!({ "display_name": "a\u{202e}b" });
    let answer = app.client.update_account(&body).bearer_auth(&bearer).answer().await;
    assert_eq!(answer.problem(422, "invalid"), ["/display_name forbidden_character"]);
    app.client.update_account(&json!({})).answer().await.problem(401, "unauthenticated");
    assert_eq!(app.database.dump().await, before);
}

async fn reg_06_what_a_user_may_not_choose_is_refused(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let before = app.database.dump().await;
    for name in ["email", "id", "roles", "status", "activated_at", "password", "password_hash"] {
        let body = json!({ name: "x", "display_name": "Mallory" });
        let answer = app.client.update_account(&body).bearer_auth(&bearer).answer().await;
        assert_eq!(answer.problem(422, "invalid"), [format!("/{name} unknown_member")]);
    }
    assert_eq!(app.database.dump().await, before);
}

fn take_shoe_size(mut ev: Before<'_, ValidateAccountChanges>) -> Result<()> {
    ev.request.extra.remove("shoe_size");
    Ok(())
}

async fn an_extra_member_is_taken_by_whoever_knows_it(plan: Plan) {
    let plan = plan.with(|core| {
        core.event::<ValidateAccountChanges>().before(take_shoe_size);
    });
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let body = json!({ "extra": { "shoe_size": 43 } });
    app.client.update_account(&body).bearer_auth(&bearer).answer().await.expect(200);
    let body = json!({ "extra": { "hat_size": 58 } });
    let answer = app.client.update_account(&body).bearer_auth(&bearer).answer().await;
    assert_eq!(answer.problem(422, "invalid"), ["/extra/hat_size unknown_member"]);
}
