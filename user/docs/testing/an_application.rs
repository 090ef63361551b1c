//! A test of an application.

use super::dullahan_user;

use std::sync::Arc;

use bytes::Bytes;
use dullahan_core::{Core, CoreBuilder};
use dullahan_user::{
    UserModule,
    domain::Settings,
    infrastructure::{Argon2Hasher, Argon2Settings, MemoryStores},
    port::Mailer,
    presentation::http::{ClientAddresses, HttpSettings, UserHttp},
    testing::{Mailbox, SignedIn},
};

fn my_listeners(_core: &mut CoreBuilder) {}

fn app(mailbox: Arc<Mailbox>) -> Result<UserHttp, Box<dyn std::error::Error>> {
    let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests())?;
    let core = Core::builder()
        .module(UserModule::new(Settings::default()).with_password_hasher(Arc::new(hasher)))
        .module(MemoryStores::new())
        .provide::<dyn Mailer>(mailbox)
        .module(my_listeners)
        .build()?;
    // Without a socket there is no address of a client.
    let client_addresses = ClientAddresses::Absent;
    Ok(UserHttp::new(core, HttpSettings { client_addresses, ..HttpSettings::default() })?)
}

#[tokio::test]
async fn alice_sees_her_account() -> Result<(), Box<dyn std::error::Error>> {
    let users = app(Arc::default())?;
    let alice = SignedIn::by_bearer(&users, "alice@x.test").await;

    let mut request = http::Request::get("/account").body(Bytes::new())?;
    request.headers_mut().extend(alice.headers);
    assert_eq!(users.call(request).await.status(), 200);
    Ok(())
}
