//! What a role opens, from the very next request on, and to nobody else: SES-09, AUT-01, LOG-07.

use dullahan_core::{Before, Context, Error, ErrorKind, Result};
use dullahan_user::{
    domain::{Role, SessionTransport, Token, User, UserId},
    port::{UserRepository, UserRoleManager as _, UserSessionManager as _},
    presentation::event::transport::GrantRoleSaga,
};
use http::{Method, header};
use serde_json::json;

use crate::support::{ALICE, App, BOB, PASSWORD, Plan, Send as _, on_both_databases};

on_both_databases!(
    ses_09_a_role_that_is_revoked_opens_nothing_at_the_next_request,
    aut_01_a_role_opens_what_asks_for_it_and_nothing_is_open_without,
    ses_07_whoever_is_removed_takes_the_roles_along,
    roles_are_shown_to_whoever_holds_them,
    log_07_a_new_database_has_nobody_with_a_role,
    granting_and_revoking_say_whether_that_changed_anything,
    a_listener_decides_who_may_grant_a_role,
);

/// Routes of the application that ask for the role of an admin: by an extractor, and by a layer.
const GUARDED: [&str; 2] = ["/desk", "/office"];

async fn user(app: &App, email: &str) -> User {
    let users = app.core.services().get::<dyn UserRepository>().unwrap();
    let found = users.find_credentials(&Context::new(), &email.parse().unwrap()).await;
    found.unwrap().unwrap().user
}

async fn grant(app: &App, email: &str, role: Role) -> bool {
    let id = user(app, email).await.id;
    app.users.users().grant_role(&Context::new(), id, role).await.unwrap()
}

async fn revoke(app: &App, email: &str, role: Role) -> bool {
    let id = user(app, email).await.id;
    app.users.users().revoke_role(&Context::new(), id, role).await.unwrap()
}

async fn ses_09_a_role_that_is_revoked_opens_nothing_at_the_next_request(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let ask = async |path: &str| {
        let get = || app.client.to_application(Method::GET, path);
        let by_bearer = get().bearer_auth(&bearer).answer().await;
        let by_cookie = get().header(header::COOKIE, &session.cookie).answer().await;
        assert_eq!(by_bearer, by_cookie);
        by_bearer
    };
    for path in GUARDED {
        ask(path).await.problem(403, "role_required");
        for _ in 0..2 {
            assert!(grant(&app, ALICE, Role::ADMIN).await);
            assert_eq!(ask(path).await.expect(200).body, "at your service, alice@x.test");
            assert!(revoke(&app, ALICE, Role::ADMIN).await);
            ask(path).await.problem(403, "role_required");
        }
        // The session goes on, and another role is not that one.
        assert!(grant(&app, ALICE, Role::from_static("admins")).await);
        ask(path).await.problem(403, "role_required");
        assert!(revoke(&app, ALICE, Role::from_static("admins")).await);
        app.client.account_of_bearer(&bearer).answer().await.expect(200);
    }
}

async fn aut_01_a_role_opens_what_asks_for_it_and_nothing_is_open_without(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    grant(&app, ALICE, Role::ADMIN).await;
    grant(&app, BOB, Role::from_static("editor")).await;
    let (of_alice, of_bob) = (app.client.bearer(ALICE).await, app.client.bearer(BOB).await);
    let session = app.client.cookie(ALICE).await;
    for path in GUARDED {
        for method in [Method::GET, Method::POST] {
            let ask = || app.client.to_application(method.clone(), path);
            let nobody = ask().answer().await;
            nobody.problem(401, "unauthenticated");
            assert_eq!(nobody.headers[header::WWW_AUTHENTICATE], "Bearer");
            ask().bearer_auth("A".repeat(43)).answer().await.problem(401, "unauthenticated");
            let other = ask().bearer_auth(&of_bob).answer().await;
            assert_eq!(other.problem(403, "role_required"), [""; 0]);
            assert!(!other.body.contains("admin"), "{other:?}");
            ask().bearer_auth(&of_alice).answer().await.expect(200);
            ask().on_own_page(&session).answer().await.expect(200);
        }
        // Who holds the role is not had by a page of somebody else's.
        let forged = app.client.to_application(Method::POST, path);
        let forged = forged.header(header::COOKIE, &session.cookie);
        forged.answer().await.problem(403, "foreign_origin");
    }
}

async fn ses_07_whoever_is_removed_takes_the_roles_along(plan: Plan) {
    let app = plan.start_with_alice().await;
    grant(&app, ALICE, Role::ADMIN).await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.remove_account().bearer_auth(&bearer).answer().await.expect(204);
    assert_eq!(app.database.count("dullahan_user_roles").await, 0);
    for path in GUARDED {
        let ask = app.client.to_application(Method::GET, path).bearer_auth(&bearer);
        ask.answer().await.problem(401, "unauthenticated");
    }
    app.add_user(ALICE).await;
    assert!(user(&app, ALICE).await.roles.is_empty());
}

async fn roles_are_shown_to_whoever_holds_them(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    for role in ["editor", "admin"] {
        grant(&app, ALICE, role.parse().unwrap()).await;
    }
    for (email, expected) in [(ALICE, json!(["admin", "editor"])), (BOB, json!([]))] {
        let signed_in = app.client.log_in(email, PASSWORD).answer().await.expect(200);
        assert_eq!(signed_in.json()["user"]["roles"], expected);
        let bearer = signed_in.text("/access_token");
        let account = app.client.account_of_bearer(&bearer).answer().await.expect(200);
        assert_eq!(account.json()["roles"], expected);
        let update = app.client.update_account(&json!({ "locale": "de" })).bearer_auth(&bearer);
        assert_eq!(update.answer().await.expect(200).json()["roles"], expected);
        let export = app.client.get("/account/export").bearer_auth(&bearer);
        assert_eq!(export.answer().await.expect(200).json()["account"]["roles"], expected);
    }
}

async fn log_07_a_new_database_has_nobody_with_a_role(plan: Plan) {
    let app = plan.start().await;
    for table in ["dullahan_users", "dullahan_user_roles"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
    app.add_user(ALICE).await;
    assert_eq!(app.database.count("dullahan_user_roles").await, 0);
}

async fn granting_and_revoking_say_whether_that_changed_anything(plan: Plan) {
    let app = plan.start_with_alice().await;
    for expected in [true, false] {
        assert_eq!(grant(&app, ALICE, Role::ADMIN).await, expected);
    }
    for expected in [true, false] {
        assert_eq!(revoke(&app, ALICE, Role::ADMIN).await, expected);
    }
    let (users, context, nobody) = (app.users.users(), Context::new(), UserId::new());
    for refused in [
        users.grant_role(&context, nobody, Role::ADMIN).await,
        users.revoke_role(&context, nobody, Role::ADMIN).await,
    ] {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, "not_found"));
    }
}

/// Only an admin makes another one.
fn admins_only(ev: Before<'_, GrantRoleSaga>) -> Result<()> {
    let asks = ev.context().principal();
    if asks.is_some_and(|asks| asks.has_role(Role::ADMIN.as_str())) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Forbidden).with_code("admins_only"))
}

async fn a_listener_decides_who_may_grant_a_role(plan: Plan) {
    let plan = plan.with(|core| {
        core.event::<GrantRoleSaga>().before(admins_only);
    });
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let (users, bob) = (app.users.users(), user(&app, BOB).await.id);
    let token: Token = app.client.bearer(ALICE).await.parse().unwrap();
    let asked_by_alice = async || {
        let context = Context::new();
        let resolved = users.resolve(&context, token.digest(), SessionTransport::Bearer).await;
        assert!(resolved.unwrap().is_some());
        users.grant_role(&context, bob, Role::ADMIN).await
    };
    assert_eq!(asked_by_alice().await.unwrap_err().code(), "admins_only");
    let alice = user(&app, ALICE).await.id.as_uuid();
    let literal = if app.database.is_on_server() {
        format!("'{alice}'")
    } else {
        format!("X'{}'", alice.simple())
    };
    let insert = format!("INSERT INTO dullahan_user_roles VALUES ({literal}, 'admin')");
    app.database.execute(&insert).await;
    assert!(asked_by_alice().await.unwrap());
    assert_eq!(user(&app, BOB).await.roles.len(), 1);
}
