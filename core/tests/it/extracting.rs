//! Parameters of a listener that are made from the context.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Context, Core, DefaultAction, Error, ErrorKind, Event, Extract, Inject,
    ListenerOptions as _, Observe, Principal, Result, Wrap,
};

use crate::support::Log;

#[derive(Event)]
#[event(output = String, preventable)]
struct Greet {
    name: String,
}

#[derive(Clone)]
struct Tenant(&'static str);

impl Extract for Tenant {
    fn extract(context: &Context) -> Result<Self> {
        context.get().ok_or_else(|| Error::new(ErrorKind::NotFound).with_code("tenant_unknown"))
    }
}

/// A value that no context holds as it is.
struct Path(Vec<&'static str>);

impl Extract for Path {
    fn extract(context: &Context) -> Result<Self> {
        Ok(Self(Tenant::extract(context)?.0.split('/').collect()))
    }
}

fn greet() -> Greet {
    Greet { name: "Ada".to_owned() }
}

fn hello(ev: DefaultAction<'_, Greet>) -> Result<String> {
    Ok(format!("Hello, {}", ev.name))
}

fn with_tenant(mut ev: Before<'_, Greet>, Tenant(tenant): Tenant) -> Result<()> {
    ev.name.push_str(&format!(" of {tenant}"));
    Ok(())
}

async fn with_path(mut ev: After<'_, Greet>, log: Inject<'_, Log>, path: Path) -> Result<()> {
    log.add(path.0.join(" > "));
    ev.output_mut().push('!');
    Ok(())
}

#[tokio::test]
async fn sync_and_async_listeners_take_values_of_the_request_beside_services() {
    let log = Log::new();
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone()));
    core.declare::<Greet>().default(hello).before(with_tenant).after(with_path);
    let core = core.build().unwrap();

    let context = Context::new();
    let greeted = core.dispatch(&context.with(Tenant("north/sea")), greet()).await.unwrap();

    assert_eq!(greeted, "Hello, Ada of north/sea!");
    assert_eq!(log.entries(), ["north > sea"]);
    let described = core.describe();
    let ports: Vec<_> = described.events[0].listeners.iter().map(|one| one.ports.len()).collect();
    assert_eq!(ports, [0, 0, 1], "what is extracted is no port");
}

#[tokio::test]
async fn a_listener_whose_value_is_missing_fails_and_is_not_called() {
    let log = Log::new();
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone()));
    core.declare::<Greet>().default(hello).after(with_path.named("with_path"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), greet()).await.unwrap_err();

    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, "tenant_unknown"));
    assert_eq!(error.listener(), Some("with_path"));
    assert!(log.entries().is_empty());
}

#[tokio::test]
async fn what_is_extracted_follows_the_context_of_each_dispatch() {
    let mut core = Core::builder();
    core.declare::<Greet>().default(hello).before(with_tenant);
    let core = core.build().unwrap();
    let context = Context::new();
    for tenant in ["north", "south"] {
        let greeted = core.dispatch(&context.with(Tenant(tenant)), greet()).await.unwrap();
        assert_eq!(greeted, format!("Hello, Ada of {tenant}"));
    }
}

#[tokio::test]
async fn the_principal_is_extracted_and_may_be_asked_for_as_an_option() {
    fn signed_in(mut ev: Before<'_, Greet>, principal: Principal) -> Result<()> {
        ev.name = principal.subject().to_owned();
        Ok(())
    }

    async fn anybody(mut ev: Wrap<'_, Greet>, principal: Option<Principal>) -> Result<String> {
        if principal.is_none() {
            return Ok("Hello, stranger".to_owned());
        }
        ev.next().await
    }

    fn told(_: Observe<'_, Greet>, _: Option<Principal>) -> Result<()> {
        Ok(())
    }

    let mut core = Core::builder();
    core.declare::<Greet>().default(hello).wrap(anybody).observe(told);
    let core = core.build().unwrap();
    let strict = core.overlay(|core| {
        core.event::<Greet>().before(signed_in);
    });
    let strict = strict.unwrap();

    let context = Context::new();
    assert_eq!(core.dispatch(&context, greet()).await.unwrap(), "Hello, stranger");
    let error = strict.dispatch(&context, greet()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    context.set_principal(Some(Principal::new("ada", [])));
    assert_eq!(strict.dispatch(&context, greet()).await.unwrap(), "Hello, ada");
}
