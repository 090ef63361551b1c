//! Passwords: PWD-01, -03, -04, -06, -07, -08 and -09.

use std::sync::Arc;

use dullahan_user::infrastructure::Argon2Settings;
use http::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, App, OTHER_PASSWORD, PASSWORD, Plan, Send as _, hasher::TestHasher, on_both_databases,
};

async fn pwd_01_the_length_is_counted_in_code_points(plan: Plan) {
    let app = plan.start().await;
    let animals = "🐎🧲🪁🎺🛶🧩🪴🌋🦉🍇🛸🎻🧊🪐🐙";
    for (i, password) in [
        "vqzbm rtwkx phj",
        "žöxqü ñåßwë pčř",
        "海龍書樓雪夜燈影松聲竹徑鶴眠雲",
        animals,
        "vqzbm rtwkx phe\u{308}",
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("user-{i}@x.test");
        let one_less = password.strip_prefix(['v', 'ž', '海', '🐎']).unwrap();
        let answer = app.client.register_with(&email, one_less).answer().await;
        assert_eq!(answer.problem(422, "invalid"), ["/password too_short"], "{one_less:?}");
        assert_eq!(answer.json()["errors"][0]["params"], json!({ "min": "15" }));
        app.client.register_with(&email, password).answer().await.expect(202);
    }
    let long: String = animals.chars().cycle().take(256).collect();
    let answer = app.client.register_with(ALICE, &format!("{long}🐎")).answer().await;
    assert_eq!(answer.problem(422, "invalid"), ["/password too_long"]);
    assert_eq!(answer.json()["errors"][0]["params"], json!({ "max": "256" }));
    let answer = app.client.register_with(ALICE, &"a".repeat(5000)).answer().await;
    assert_eq!(answer.problem(422, "invalid"), ["/password too_long"]);
    app.client.register_with(ALICE, &long).answer().await.expect(202);
}

async fn pwd_03_one_character_class_is_enough(plan: Plan) {
    let app = plan.start().await;
    let passwords = ["correct horse battery staple", "vqzbmrtwkxphjcy", "830517294460912758"];
    for (i, password) in passwords.into_iter().enumerate() {
        let email = format!("user-{i}@x.test");
        app.client.register_with(&email, password).answer().await.expect(202);
    }
}

async fn pwd_04_a_password_counts_to_its_last_character(plan: Plan) {
    let app = plan.without_limit_of_passwords().start().await;
    let password =
        "Sphinx of black quartz,  judge my vow: 47 wafting zephyrs vex bold Jim Tok\u{e9} 83! ";
    assert_eq!(password.chars().count(), 80);
    app.add_user_with(ALICE, password).await;
    let first_72: String = password.chars().take(72).collect();
    for wrong in [
        first_72,
        password.to_lowercase(),
        password.to_uppercase(),
        password.trim_end().to_owned(),
        password.trim().to_owned(),
        format!(" {password}"),
        format!("{password} "),
        password.replace('\u{e9}', "e"),
        password.replace("  ", " "),
    ] {
        if wrong != password {
            let answer = app.client.log_in(ALICE, &wrong).answer().await;
            answer.problem(401, "invalid_credentials");
        }
    }
    app.client.log_in(ALICE, password).answer().await.expect(200);
    let decomposed = password.replace('\u{e9}', "e\u{301}");
    app.client.log_in(ALICE, &decomposed).answer().await.expect(200);
}

async fn pwd_08_what_is_stored_is_argon2id_and_never_the_same_twice(plan: Plan) {
    let plan = Plan { hasher: TestHasher::new(Argon2Settings::default()), ..plan };
    let app = plan.start().await;
    app.client.register(ALICE).answer().await.expect(202);
    app.client.register("bob@x.test").answer().await.expect(202);
    let (one, other) =
        (app.database.password_hash(ALICE).await, app.database.password_hash("bob@x.test").await);
    for hash in [&one, &other] {
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
    assert_ne!(one, other);
    assert!(!app.database.holds(PASSWORD.as_bytes()).await);
}

#[tokio::test]
async fn pwd_08_raised_parameters_reach_a_hash_at_the_next_good_login() {
    let app = App::start().await;
    app.add_user(ALICE).await;
    let old = app.database.password_hash(ALICE).await;
    assert!(old.contains("m=8,t=1"), "{old}");

    let raised = Argon2Settings::insecure_for_tests().with_memory_kib(16).with_iterations(2);
    let database = app.database.clone();
    drop(app);
    let app = Plan { database, hasher: TestHasher::new(raised), ..Plan::default() }.start().await;
    app.client.log_in(ALICE, "wrong horse battery staple").answer().await.expect(401);
    assert_eq!(app.database.password_hash(ALICE).await, old, "only a good login rewrites it");
    assert_eq!(app.hasher.take_counts(), (0, 1));

    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(app.hasher.take_counts(), (1, 1));
    let new = app.database.password_hash(ALICE).await;
    assert!(new.contains("m=16,t=2"), "{new}");
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(app.hasher.take_counts(), (0, 1));
    assert_eq!(app.database.password_hash(ALICE).await, new);
    app.client.log_in(ALICE, "wrong horse battery staple").answer().await.expect(401);
}

#[tokio::test(flavor = "current_thread")]
async fn pwd_09_slow_hashes_keep_nothing_else_waiting_and_the_surplus_is_told_to_come_back() {
    const PLACES: usize = 3;
    let plan = Plan {
        hasher: TestHasher::new(Argon2Settings::insecure_for_tests()).with_places(PLACES),
        ..Plan::default().without_limit_of_passwords()
    };
    let app = plan.start_with_alice().await;

    app.hasher.hold();
    let mut logins = JoinSet::new();
    for _ in 0..PLACES {
        let login = app.client.log_in(ALICE, PASSWORD);
        logins.spawn(async move { login.answer().await });
    }
    app.hasher.wait_until_at_work(PLACES).await;
    for _ in PLACES..64 {
        let answer = app.client.log_in(ALICE, PASSWORD).answer().await;
        answer.internal_problem(503, "busy");
        assert_eq!(answer.headers["retry-after"], "2");
    }
    app.client.register("bob@x.test").answer().await.internal_problem(503, "busy");
    let health = app.client.to_application(Method::GET, "/health").answer().await.expect(200);
    assert_eq!(health.body, "well");
    assert!(!app.database.is_being_written().await, "a transaction is open during a hash");

    app.hasher.go_on();
    while let Some(answer) = logins.join_next().await {
        answer.unwrap().expect(200);
    }
    assert_eq!(app.database.count("dullahan_sessions").await, 3);
    app.client.register("bob@x.test").answer().await.expect(202);
}

async fn pwd_09_the_module_s_own_hasher_answers_every_login_of_a_rush(plan: Plan) {
    let settings = Argon2Settings::insecure_for_tests().with_memory_kib(4096).with_waiting(2);
    let plan = plan.without_limit_of_passwords();
    let plan = Plan { hasher: TestHasher::new(settings), ..plan };
    let app = plan.start_with_alice().await;
    let client = Arc::new(app.client.clone());
    let mut logins = JoinSet::new();
    for _ in 0..64 {
        let client = Arc::clone(&client);
        logins.spawn(async move { client.log_in(ALICE, PASSWORD).answer().await });
    }
    let mut let_in = 0;
    for answer in logins.join_all().await {
        if answer.status == 200 {
            let_in += 1;
        } else {
            answer.problem(503, "busy");
            assert!(answer.headers.contains_key("retry-after"));
        }
    }
    assert!(let_in > 0);
    assert_eq!(app.database.count("dullahan_sessions").await, let_in);
}

async fn no_unit_of_work_is_open_while_a_password_is_hashed(plan: Plan) {
    let app = plan.start().await;
    for (request, what) in [
        (app.client.register(ALICE), "a registration"),
        (app.client.register(ALICE), "one of a taken address"),
        (app.client.log_in(ALICE, PASSWORD), "a login"),
        (app.client.log_in("nobody@x.test", PASSWORD), "one of nobody"),
    ] {
        app.hasher.hold();
        let request = tokio::spawn(async move { request.answer().await });
        app.hasher.wait_until_at_work(1).await;
        assert!(!app.database.is_being_written().await, "{what}");
        app.hasher.go_on();
        request.await.unwrap();
    }
}

on_both_databases!(
    pwd_06_a_common_password_may_be_chosen_nowhere,
    pwd_07_what_can_be_expected_of_a_user_may_be_chosen_nowhere,
    pwd_01_the_length_is_counted_in_code_points,
    pwd_03_one_character_class_is_enough,
    pwd_04_a_password_counts_to_its_last_character,
    pwd_08_what_is_stored_is_argon2id_and_never_the_same_twice,
    pwd_09_the_module_s_own_hasher_answers_every_login_of_a_rush,
    no_unit_of_work_is_open_while_a_password_is_hashed,
);

/// The address of somebody whose name is easily expected.
pub(crate) const MARGARETHE: &str = "margarethe.hollerith@cellar.test";

/// Asserts that nobody may choose the password, neither at first nor later.
pub(crate) async fn expect_refused_everywhere(app: &App, bearer: &str, password: &str, code: &str) {
    let body = json!({
        "email": MARGARETHE, "password": password,
        "display_name": "Grete Wolkenstein"
    });
    let registration = app.client.post("/auth/registration", &body).answer().await;
    assert_eq!(registration.problem(422, "invalid"), [format!("/password {code}")], "{password}");
    let change = app.client.change_password(PASSWORD, password).bearer_auth(bearer).answer().await;
    assert_eq!(change.problem(422, "invalid"), [format!("/new_password {code}")], "{password}");
    let token = app.mailer.token(MARGARETHE);
    let reset = app.client.reset(&token, password).answer().await;
    assert_eq!(reset.problem(422, "invalid"), [format!("/password {code}")], "{password}");
}

/// A service, and a user of it who is signed in and has forgotten her password.
pub(crate) async fn app_with_margarethe(plan: Plan) -> (App, String) {
    let email = MARGARETHE;
    let plan = plan.set(|settings| settings.service_name = "Funkelschrank".to_owned());
    let app = plan.start().await;
    let body = json!({ "email": email, "password": PASSWORD, "display_name": "Grete Wolkenstein" });
    app.client.post("/auth/registration", &body).answer().await.expect(202);
    app.deliver_mails().await;
    app.client.activate(&app.mailer.token(email)).answer().await.expect(204);
    let bearer = app.client.bearer(email).await;
    app.client.forgot(email).answer().await.expect(202);
    app.deliver_mails().await;
    app.hasher.take_counts();
    (app, bearer)
}

async fn pwd_06_a_common_password_may_be_chosen_nowhere(plan: Plan) {
    let (app, bearer) = app_with_margarethe(plan).await;
    for password in
        ["passwordpassword", "qwertyuiopasdfghjkl", "iloveyouiloveyou", "1qaz2wsx3edc4rfv"]
    {
        expect_refused_everywhere(&app, &bearer, password, "compromised").await;
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
}

async fn pwd_07_what_can_be_expected_of_a_user_may_be_chosen_nowhere(plan: Plan) {
    let (app, bearer) = app_with_margarethe(plan).await;
    for password in [
        "margarethe.hollerith",
        "Margarethe.Hollerith7",
        "hollerith.margarethe!",
        "grete wolkenstein",
        "GreteWolkenstein1",
        "funkelschrank funkelschrank",
        "Funkelschrank 2026",
        "margarethe@cellar.test",
    ] {
        expect_refused_everywhere(&app, &bearer, password, "guessable").await;
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    let good = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
    good.answer().await.expect(200);
}
