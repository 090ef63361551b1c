//! Rows that would grow without end: PUB-17 and USER-16.

use dullahan_user::{domain::SessionPolicy, presentation::http::HttpSettings};
use reqwest::RequestBuilder;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, App, BOB, DAY, HOUR, MINUTE, PASSWORD, Plan, Send as _, on_both_databases,
};

const STRANGERS: &str = "gravel umbrella 73 tundra kite";

on_both_databases!(
    pub_17_a_registration_that_nobody_activates_is_forgotten,
    pub_17_a_registration_is_kept_while_a_mail_for_it_is_good,
    user_16_a_login_ends_the_session_that_was_not_used_for_the_longest_time,
    user_16_logins_at_once_keep_the_limit,
    user_16_the_list_and_the_export_are_as_short_as_the_limit,
    user_16_a_stranger_who_goes_on_registering_pushes_no_registration_out,
    user_16_registrations_of_one_address_do_not_pile_up,
);

async fn purge(app: &App) {
    app.users.users().purge().await.unwrap();
}

async fn pub_17_a_registration_that_nobody_activates_is_forgotten(plan: Plan) {
    let app = plan.start_with_alice().await;
    let token = app.register(BOB).await;
    app.clock.advance(7 * DAY);
    purge(&app).await;
    assert_eq!(app.database.count("dullahan_users").await, 2, "not yet");
    app.clock.advance(MINUTE);
    purge(&app).await;
    assert_eq!(app.database.texts("SELECT email FROM dullahan_users").await, [ALICE]);
    assert!(!app.database.dump().await.contains(BOB));
    app.client.activate(&token).answer().await.problem(422, "token_invalid");
    // Whoever comes back registers anew.
    app.add_user(BOB).await;
    app.client.log_in(BOB, PASSWORD).answer().await.expect(200);
}

async fn pub_17_a_registration_is_kept_while_a_mail_for_it_is_good(plan: Plan) {
    let app = plan.start().await;
    app.register(BOB).await;
    app.clock.advance(7 * DAY - HOUR);
    app.client.resend(BOB).answer().await.expect(202);
    app.deliver_mails().await;
    app.clock.advance(23 * HOUR);
    purge(&app).await;
    app.client.activate(&app.mailer.token(BOB)).answer().await.expect(204);
}

fn with_sessions(plan: Plan, most: u32) -> Plan {
    let policy = SessionPolicy::default().with_most(most);
    plan.set(|settings| settings.session_policy = policy)
}

async fn user_16_a_login_ends_the_session_that_was_not_used_for_the_longest_time(plan: Plan) {
    let app = with_sessions(plan, 2).start_with_alice().await;
    app.add_user(BOB).await;
    let of_bob = app.client.bearer(BOB).await;
    let (first, second) = (app.client.bearer(ALICE).await, app.client.bearer(ALICE).await);
    app.clock.advance(HOUR);
    app.client.account_of_bearer(&first).answer().await.expect(200);
    let third = app.client.bearer(ALICE).await;
    app.client.account_of_bearer(&second).answer().await.problem(401, "unauthenticated");
    for alive in [&first, &third, &of_bob] {
        app.client.account_of_bearer(alive).answer().await.expect(200);
    }
    // A login that replaces a session ends no other.
    let again = app.client.log_in(ALICE, PASSWORD).bearer_auth(&third).answer().await.expect(200);
    for alive in [&first, &again.text("/access_token")] {
        app.client.account_of_bearer(alive).answer().await.expect(200);
    }
}

async fn user_16_logins_at_once_keep_the_limit(plan: Plan) {
    let app = with_sessions(plan, 3).without_limit_of_passwords().start_with_alice().await;
    let mut logins = JoinSet::new();
    for _ in 0..12 {
        let login = app.client.log_in(ALICE, PASSWORD);
        logins.spawn(async move { login.answer().await.expect(200).text("/access_token") });
    }
    let mut alive = 0;
    for token in logins.join_all().await {
        alive += u8::from(app.client.account_of_bearer(&token).answer().await.status == 200);
    }
    assert_eq!(alive, 3);
    assert_eq!(app.database.count("dullahan_sessions").await, 3);
}

async fn user_16_the_list_and_the_export_are_as_short_as_the_limit(plan: Plan) {
    let app = plan.start_with_alice().await;
    for _ in 0..60 {
        app.client.bearer(ALICE).await;
    }
    let bearer = app.client.bearer(ALICE).await;
    for path in ["/account/sessions", "/account/export"] {
        let answer = app.client.get(path).bearer_auth(&bearer).answer().await.expect(200);
        assert_eq!(answer.json()["sessions"].as_array().unwrap().len(), 50, "{path}");
    }
    assert_eq!(app.database.count("dullahan_sessions").await, 50);

    // Rows of a time with a higher limit: the list is as short at once, and the next login ends them.
    let most = SessionPolicy::default().with_most(5);
    let database = app.database.clone();
    let plan = Plan { database, ..Plan::default() };
    let later = plan.set(|settings| settings.session_policy = most).start().await;
    let sessions = later.client.get("/account/sessions").bearer_auth(&bearer).answer().await;
    assert_eq!(sessions.expect(200).json()["sessions"].as_array().unwrap().len(), 5);
    later.client.bearer(ALICE).await;
    assert_eq!(later.database.count("dullahan_sessions").await, 5);
}

/// From a network of a stranger's, behind a proxy that says so.
fn from(request: RequestBuilder, address: &str) -> RequestBuilder {
    request.header("X-Forwarded-For", address)
}

fn behind_a_proxy(plan: Plan) -> Plan {
    let trusted_proxies = "127.0.0.1".parse().unwrap();
    Plan { http: HttpSettings { trusted_proxies, ..HttpSettings::default() }, ..plan }
}

async fn user_16_a_stranger_who_goes_on_registering_pushes_no_registration_out(plan: Plan) {
    let app = behind_a_proxy(plan).start().await;
    let strangers = async |email: &str| {
        for number in 0..7 {
            let register = app.client.register_with(email, STRANGERS);
            from(register, &format!("2001:db8::{number}")).answer().await.expect(202);
            app.deliver_mails().await;
            app.clock.advance(MINUTE / 6);
        }
    };
    // The mail was sent for hers, and later ones do not matter; or it was sent for one of the stranger's.
    for (email, before) in [(ALICE, false), (BOB, true)] {
        if before {
            strangers(email).await;
        }
        from(app.client.register(email), "192.0.2.1").answer().await.expect(202);
        app.deliver_mails().await;
        strangers(email).await;
        assert_eq!(app.mailer.to(email).len(), 1, "one mail serves all");
        app.client.activate(&app.mailer.token(email)).answer().await.expect(204);
        app.client.log_in(email, PASSWORD).answer().await.expect(200);
        app.client.log_in(email, STRANGERS).answer().await.expect(401);
    }
    assert_eq!(app.database.count("dullahan_users").await, 2);
}

async fn user_16_registrations_of_one_address_do_not_pile_up(plan: Plan) {
    let app = behind_a_proxy(plan).start().await;
    let token = app.register(ALICE).await;
    for number in 0..20 {
        let register = app.client.register_with(ALICE, STRANGERS);
        from(register, &format!("192.0.2.{number}")).answer().await.expect(202);
        if number % 4 == 0 {
            app.deliver_mails().await;
        }
    }
    app.deliver_mails().await;
    // Five, and the one that a mail was sent for.
    assert_eq!(app.database.count("dullahan_users").await, 6);
    app.client.activate(&token).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}
