//! The errors that a test finds in the log.

use super::dullahan_user;

use std::sync::Arc;

use bytes::Bytes;
use dullahan_core::{Before, Core, CoreBuilder, Error};
use dullahan_user::{
    UserModule,
    domain::Settings,
    infrastructure::{Argon2Hasher, Argon2Settings, MemoryStores},
    port::Mailer,
    presentation::{
        event::transport::GetUser,
        http::{ClientAddresses, HttpSettings, UserHttp},
    },
    testing::{Mailbox, SignedIn, show_errors},
};

fn fail(_: Before<'_, GetUser>) -> dullahan_core::Result<()> {
    Err(Error::unavailable("the disk is full"))
}

fn my_listeners(core: &mut CoreBuilder) {
    core.event::<GetUser>().before(fail);
}

#[tokio::test]
async fn the_error_of_a_503_is_found_by_its_id() -> Result<(), Box<dyn std::error::Error>> {
    let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests())?;
    let core = Core::builder()
        .module(UserModule::new(Settings::default()).with_password_hasher(Arc::new(hasher)))
        .module(MemoryStores::new())
        .provide::<dyn Mailer>(Arc::new(Mailbox::default()))
        .module(my_listeners)
        .build()?;
    let client_addresses = ClientAddresses::Absent;
    let users = UserHttp::new(core, HttpSettings { client_addresses, ..HttpSettings::default() })?;
    let alice = SignedIn::by_bearer(&users, "alice@x.test").await;
    let mut request = http::Request::get("/account").body(Bytes::new())?;
    request.headers_mut().extend(alice.headers);

    let errors = show_errors();

    let answer = users.call(request).await;

    assert_eq!(answer.status(), 503);
    let problem: serde_json::Value = serde_json::from_slice(answer.body())?;
    let lines = errors.with(problem["id"].as_str().ok_or("the problem has no id")?);
    assert!(lines[0].contains("the disk is full"));
    assert!(lines[0].contains("GetAccountSaga > GetUser"));
    Ok(())
}
