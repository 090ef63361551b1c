//! The application's own routes: extractors and layers that protect them as the module's are.

use std::time::Duration;

use dullahan_core::{After, CoreBuilder, Result};
use dullahan_user::presentation::event::transport::ResolveSession;
use http::{HeaderValue, Method, header};

use crate::support::{ALICE, App, Send as _, client::CookieSession};

async fn app_with_alice() -> App {
    let app = App::start().await;
    app.add_user(ALICE).await;
    app
}

/// A session of a user who has none any more.
fn over() -> CookieSession {
    CookieSession { cookie: format!("__Host-session={}", "A".repeat(43)), csrf: "A".repeat(43) }
}

#[tokio::test]
async fn an_optional_user_is_nobody_or_somebody() {
    let app = app_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let get = || app.client.to_application(Method::GET, "/front");
    let post = || app.client.to_application(Method::POST, "/front");
    for (request, expected) in [
        (get(), "nobody"),
        (get().bearer_auth(&bearer), ALICE),
        (get().header(header::COOKIE, &session.cookie), ALICE),
        (get().header(header::COOKIE, over().cookie), "nobody"),
        (get().header(header::COOKIE, "__Host-session=nonsense"), "nobody"),
        (post(), "nobody"),
        (post().bearer_auth(&bearer), ALICE),
        (post().on_own_page(&session), ALICE),
    ] {
        assert_eq!(request.answer().await.expect(200).body, expected);
    }
    for token in ["nonsense", &"A".repeat(43)] {
        get().bearer_auth(token).answer().await.problem(401, "unauthenticated");
        let with_cookie = get().bearer_auth(token).header(header::COOKIE, &session.cookie);
        with_cookie.answer().await.problem(401, "unauthenticated");
    }
    let forged = post().header(header::COOKIE, &session.cookie);
    forged.answer().await.problem(403, "foreign_origin");
}

#[tokio::test]
async fn ses_10_a_dangerous_route_asks_for_a_recent_proof() {
    let app = app_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let danger = || app.client.to_application(Method::GET, "/danger");
    danger().answer().await.problem(401, "unauthenticated");
    app.clock.advance(Duration::from_secs(60) - Duration::from_millis(1));
    let answer = danger().bearer_auth(&bearer).answer().await.expect(200);
    assert_eq!(answer.body, "as you like, alice@x.test");
    app.clock.advance(Duration::from_millis(1));
    let refused = danger().bearer_auth(&bearer).answer().await;
    refused.problem(401, "reauthentication_required");
    assert_eq!(
        refused.headers[header::WWW_AUTHENTICATE],
        "Bearer error=\"insufficient_user_authentication\", \
         error_description=\"prove again who you are\", max_age=\"60\""
    );
    let again = app.client.bearer(ALICE).await;
    danger().bearer_auth(&again).answer().await.expect(200);
}

#[tokio::test]
async fn several_extractors_of_one_request_look_the_session_up_once() {
    static LOOKED_UP: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let app = App::extended(|core: &mut CoreBuilder| {
        core.event::<ResolveSession>().after(|_: After<'_, ResolveSession>| -> Result<()> {
            LOOKED_UP.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Ok(())
        });
    })
    .await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    // Two extractors, and a layer with an extractor.
    for path in ["/danger", "/members"] {
        let request = app.client.to_application(Method::GET, path).bearer_auth(&bearer);
        request.answer().await.expect(200);
        assert_eq!(LOOKED_UP.swap(0, std::sync::atomic::Ordering::SeqCst), 1, "{path}");
    }
}

#[tokio::test]
async fn a_layer_lets_only_signed_in_users_pass() {
    let app = app_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let members = |method| app.client.to_application(method, "/members");
    for method in [Method::GET, Method::POST] {
        members(method.clone()).answer().await.problem(401, "unauthenticated");
        let over = members(method.clone()).on_own_page(&over());
        over.answer().await.problem(401, "unauthenticated");
        members(method.clone()).bearer_auth(&bearer).answer().await.expect(200);
        members(method).on_own_page(&session).answer().await.expect(200);
    }
    let cookie = || members(Method::POST).header(header::COOKIE, &session.cookie);
    cookie().answer().await.problem(403, "foreign_origin");
    let own = cookie().header("Sec-Fetch-Site", "same-origin");
    own.answer().await.problem(403, "csrf_token_invalid");
}

#[tokio::test]
async fn csrf_01_a_layer_refuses_what_is_forged_on_routes_that_anybody_may_use() {
    let app = app_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let post = || app.client.to_application(Method::POST, "/comments").body("hello");
    let foreign = |request: reqwest::RequestBuilder| request.header("Sec-Fetch-Site", "cross-site");
    for request in [post(), post().bearer_auth(&bearer), post().on_own_page(&session)] {
        assert_eq!(request.answer().await.expect(200).body, "thank you");
    }
    let over = post().on_own_page(&over());
    over.answer().await.expect(200);
    for request in [
        foreign(post()),
        foreign(post().bearer_auth(&bearer)),
        foreign(post().header(header::COOKIE, &session.cookie)),
        post().header(header::COOKIE, &session.cookie),
        post().header("Origin", "https://evil.example"),
    ] {
        request.answer().await.problem(403, "foreign_origin");
    }
    let wrong = CookieSession { csrf: "A".repeat(43), ..session.clone() };
    post().on_own_page(&wrong).answer().await.problem(403, "csrf_token_invalid");
    // What changes nothing passes from anywhere.
    let get = || app.client.to_application(Method::GET, "/comments");
    for request in [get(), foreign(get()), foreign(get().header(header::COOKIE, &session.cookie))] {
        assert_eq!(request.answer().await.expect(200).body, "all comments");
    }
}

#[tokio::test]
async fn what_a_listener_adds_to_the_head_reaches_the_answer_of_a_layered_route() {
    let app = App::extended(|core: &mut CoreBuilder| {
        core.event::<ResolveSession>().after(|ev: After<'_, ResolveSession>| -> Result<()> {
            for seen in ["one", "two"] {
                let value = HeaderValue::from_static(seen);
                ev.context().response(|head| head.headers.append("x-seen", value));
            }
            Ok(())
        });
    })
    .await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    let request = app.client.to_application(Method::GET, "/members").bearer_auth(&bearer);
    let answer = request.answer().await.expect(200);
    let seen: Vec<_> = answer.headers.get_all("x-seen").iter().collect();
    assert_eq!(seen, ["one", "two"]);
}
