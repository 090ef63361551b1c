//! Listeners that run on a condition.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Context, Core, DefaultAction, ErrorKind, Event, ListenerOptions as _, Principal,
    Result, Wrap,
};

use crate::support::{Log, Watch, panic_with};

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

#[derive(Clone)]
struct Beta;

fn is_beta(context: &Context) -> bool {
    context.get::<Beta>().is_some()
}

fn forty_two(_: DefaultAction<'_, CountUsers>) -> Result<u32> {
    Ok(42)
}

#[tokio::test]
async fn condition_is_evaluated_each_time() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(log.before("before").when(is_beta))
        .after(log.after("after").when(|context| !is_beta(context)))
        .observe(log.observe("observe").when(is_beta))
        .committed(log.committed("committed").when(is_beta));
    let core = core.build().unwrap();
    let context = Context::new();

    core.dispatch(&context, CountUsers).await.unwrap();
    assert_eq!(log.take(), ["after"]);

    context.insert(Beta);
    core.dispatch(&context, CountUsers).await.unwrap();
    assert_eq!(log.take(), ["before", "observe: completed", "committed"]);

    context.remove::<Beta>();
    core.dispatch(&context, CountUsers).await.unwrap();
    assert_eq!(log.take(), ["after"]);
}

#[tokio::test]
async fn a_condition_sees_what_the_listeners_before_it_have_set() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(log.before("too early").priority(2).when(is_beta))
        .before(
            (|ev: Before<'_, CountUsers>| {
                ev.context().insert(Beta);
                Ok(())
            })
            .priority(1),
        )
        .before(log.before("before").when(is_beta));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CountUsers).await.unwrap();

    assert_eq!(log.entries(), ["before"]);
}

#[tokio::test]
async fn a_wrap_on_a_condition_is_passed_over() {
    async fn double(mut ev: Wrap<'_, CountUsers>) -> Result<u32> {
        Ok(ev.next().await? * 2)
    }

    async fn add_one(mut ev: Wrap<'_, CountUsers>) -> Result<u32> {
        Ok(ev.next().await? + 1)
    }

    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .wrap(double.priority(1).when(is_beta))
        .wrap(add_one);
    let core = core.build().unwrap();
    let context = Context::new();

    assert_eq!(core.dispatch(&context, CountUsers).await.unwrap(), 43);
    context.insert(Beta);
    assert_eq!(core.dispatch(&context, CountUsers).await.unwrap(), 86);
}

#[tokio::test]
async fn a_default_on_a_condition_leaves_the_event_unhandled() {
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two.when(is_beta)).before(
        |mut ev: Before<'_, CountUsers>| {
            if ev.context().principal().is_some() {
                ev.respond(1);
            }
            Ok(())
        },
    );
    let core = core.build().unwrap();
    let context = Context::new();

    let error = core.dispatch(&context, CountUsers).await.unwrap_err();
    assert!(error.is_not_handled(), "{error}");

    context.set_principal(Some(Principal::new("u1", [])));
    assert_eq!(core.dispatch(&context, CountUsers).await.unwrap(), 1, "what was given is there");

    context.set_principal(None);
    context.insert(Beta);
    assert_eq!(core.dispatch(&context, CountUsers).await.unwrap(), 42);
}

#[tokio::test]
async fn who_prevented_is_named_rightly_among_conditional_listeners() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(log.before("skipped").priority(1).named("skipped").when(is_beta))
        .before(
            (|mut ev: Before<'_, CountUsers>| {
                ev.respond(1);
                Ok(())
            })
            .named("the cache"),
        )
        .observe(log.observe("observe"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CountUsers).await.unwrap();

    assert_eq!(log.entries(), ["observe: prevented by the cache"]);
}

#[tokio::test]
async fn a_condition_may_ask_who_is_signed_in() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two).after(
        log.after("for admins")
            .when(|context| context.principal().is_some_and(|who| who.has_role("admin"))),
    );
    let core = core.build().unwrap();
    let context = Context::new();

    core.dispatch(&context, CountUsers).await.unwrap();
    context.set_principal(Some(Principal::new("u1", ["admin".to_owned()])));
    core.dispatch(&context, CountUsers).await.unwrap();
    context.set_principal(Some(Principal::new("u2", ["guest".to_owned()])));
    core.dispatch(&context, CountUsers).await.unwrap();

    assert_eq!(log.entries(), ["for admins"]);
}

#[tokio::test]
async fn a_condition_that_panics_counts_as_its_listener() {
    fn broken(_: &Context) -> bool {
        panic_with("broken condition").unwrap_or_default()
    }

    let log = Log::new();
    let watch = Watch::failures();
    let _listening = watch.listen();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .observe(log.observe("never").named("on a broken condition").when(broken))
        .observe(log.observe("observe"));
    let core = Arc::new(core.build().unwrap());

    assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 42);
    assert_eq!(log.take(), ["observe: completed"]);
    assert_eq!(watch.reports(), ["on a broken condition"]);

    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .after((|_: After<'_, CountUsers>| Ok(())).named("on a broken condition").when(broken))
        .observe(log.observe("observe"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), CountUsers).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(error.listener(), Some("on a broken condition"));
    assert_eq!(log.take(), ["observe: failed, internal"]);
}

#[tokio::test]
async fn core_10_every_condition_of_a_listener_must_hold() {
    #[derive(Clone)]
    struct Open;

    fn is_open(context: &Context) -> bool {
        context.get::<Open>().is_some()
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(log.before("beta and open").when(is_beta).when(is_open).when(|_| true));
    let core = core.build().unwrap();
    let overlay = core.overlay(|_| {}).unwrap();

    for core in [core, overlay] {
        for (beta, open) in [(false, false), (true, false), (false, true), (true, true)] {
            let context = Context::new();
            if beta {
                context.insert(Beta);
            }
            if open {
                context.insert(Open);
            }
            core.dispatch(&context, CountUsers).await.unwrap();
            assert_eq!(log.take().len(), usize::from(beta && open), "beta {beta}, open {open}");
        }
    }
}

#[tokio::test]
async fn core_10_every_condition_is_asked() {
    let log = Log::new();
    let asked = |name: &'static str, holds: bool| {
        let log = log.clone();
        move |_: &Context| {
            log.add(name);
            holds
        }
    };
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(log.before("never").when(asked("first", false)).when(asked("second", true)));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CountUsers).await.unwrap();

    assert_eq!(log.entries(), ["first", "second"]);
}

#[derive(Event)]
#[event(output = u32)]
struct Add {
    number: u32,
}

#[tokio::test]
async fn a_condition_sees_the_event() {
    fn ten_more(mut ev: After<'_, Add>) -> Result<()> {
        *ev.output_mut() += 10;
        Ok(())
    }

    let mut core = Core::builder();
    core.declare::<Add>().default(|ev: DefaultAction<'_, Add>| Ok(ev.number)).after(
        ten_more
            .when(|context| context.principal().is_none())
            .when_event(|add: &Add, _| add.number > 5)
            .named("ten more"),
    );
    let core = core.build().unwrap();
    let context = Context::new();
    assert_eq!(core.dispatch(&context, Add { number: 5 }).await.unwrap(), 5);
    assert_eq!(core.dispatch(&context, Add { number: 6 }).await.unwrap(), 16);
    context.set_principal(Some(Principal::new("u1", [])));
    assert_eq!(core.dispatch(&context, Add { number: 6 }).await.unwrap(), 6, "both must hold");
}

#[tokio::test]
async fn a_default_on_a_condition_may_be_left_out_of_an_event_that_only_notifies() {
    #[derive(dullahan_core::Event)]
    struct Notify;

    let mut core = Core::builder();
    let fails =
        |_: DefaultAction<'_, Notify>| Err(dullahan_core::Error::internal("not to be called"));
    core.declare::<Notify>().default(fails.when(|_| false));
    core.build().unwrap().dispatch(&Context::new(), Notify).await.unwrap();
}
