//! The activation mail once more: ACT-02 and REG-09.

use serde_json::json;

use crate::support::{
    ALICE, App, HOUR, MINUTE, PASSWORD, Plan, Send as _, mailer::Trouble, on_both_databases,
};

const PENDING: &str = "pending@x.test";

on_both_databases!(
    act_02_unknown_pending_and_active_addresses_answer_alike,
    act_02_however_often_it_is_asked_one_mail_goes_out_each_five_minutes,
    act_02_a_mail_after_the_first_token_expired_activates,
    act_02_a_body_without_an_address_is_refused,
    reg_09_a_failing_transport_delays_the_second_mail_too,
);

async fn deactivate(app: &App, email: &str) {
    let sql = format!("UPDATE dullahan_users SET status = 'deactivated' WHERE email = '{email}'");
    app.database.execute(&sql).await;
}

async fn act_02_unknown_pending_and_active_addresses_answer_alike(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.register(PENDING).await;
    app.add_user("deactivated@x.test").await;
    deactivate(&app, "deactivated@x.test").await;
    app.clock.advance(HOUR);
    app.mailer.clear();

    let unknown = app.client.resend("nobody@x.test").answer().await.expect(202);
    assert_eq!(unknown.json(), json!({ "status": "accepted" }));
    for email in [ALICE, PENDING, "PENDING@X.test", "deactivated@x.test"] {
        assert_eq!(app.client.resend(email).answer().await, unknown, "{email}");
    }
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(PENDING), ["Activate your account at Stable"]);
    assert_eq!(app.mailer.count(), 1);
    app.client.activate(&app.mailer.token(PENDING)).answer().await.expect(204);
    app.client.log_in(PENDING, PASSWORD).answer().await.expect(200);
}

async fn act_02_however_often_it_is_asked_one_mail_goes_out_each_five_minutes(plan: Plan) {
    let app = plan.start().await;
    app.register(PENDING).await;
    for minutes in 0..15_usize {
        for _ in 0..3 {
            app.client.resend(PENDING).answer().await.expect(202);
            app.deliver_mails().await;
        }
        assert_eq!(app.mailer.to(PENDING).len(), 1 + minutes / 5, "after {minutes} minutes");
        app.clock.advance(MINUTE);
    }
    assert_eq!(app.database.count("dullahan_mail_requests").await, 0);
}

async fn act_02_a_mail_after_the_first_token_expired_activates(plan: Plan) {
    let app = plan.start().await;
    let first = app.register(PENDING).await;
    app.clock.advance(24 * HOUR);
    app.client.activate(&first).answer().await.problem(422, "token_invalid");
    app.client.resend(PENDING).answer().await.expect(202);
    app.deliver_mails().await;
    let second = app.mailer.token(PENDING);
    assert_ne!(first, second);
    app.client.activate(&second).answer().await.expect(204);
}

async fn act_02_a_body_without_an_address_is_refused(plan: Plan) {
    let app = plan.start().await;
    for path in ["/auth/activation/resend", "/auth/password/forgot"] {
        for (body, violation) in [
            (json!({}), "/email required"),
            (json!({ "email": null }), "/email required"),
            (json!({ "email": " " }), "/email required"),
            (json!({ "email": "nobody" }), "/email invalid_email"),
            (json!({ "email": 7 }), "/email wrong_type"),
            (json!({ "email": ALICE, "token": "x" }), "/token unknown_member"),
        ] {
            let answer = app.client.post(path, &body).answer().await;
            assert_eq!(answer.problem(422, "invalid"), [violation], "{body}");
        }
    }
    assert_eq!(app.database.count("dullahan_mail_requests").await, 0);
}

async fn reg_09_a_failing_transport_delays_the_second_mail_too(plan: Plan) {
    let app = plan.start().await;
    app.register(PENDING).await;
    app.clock.advance(24 * HOUR);
    app.mailer.clear();
    app.mailer.set(Trouble::Fails);
    app.client.resend(PENDING).answer().await.expect(202);
    app.deliver_mails().await;
    let owed = "SELECT count(*) FROM dullahan_owed_mails WHERE sent_at IS NULL AND attempts = 1";
    assert_eq!(app.database.number(owed).await, 1);
    assert_eq!(app.database.count("dullahan_users").await, 1);

    app.mailer.set(Trouble::None);
    app.clock.advance(MINUTE);
    app.deliver_mails().await;
    app.clock.advance(HOUR);
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 1);
    app.client.activate(&app.mailer.token(PENDING)).answer().await.expect(204);
}
