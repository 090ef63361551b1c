//! How an output came about, and steps that may be skipped.

use dullahan_core::{
    Before, Context, Core, DefaultAction, Error, ErrorKind, Event, ListenerOptions as _, Observe,
    Outcome, Process, Result, Saga,
};

use crate::support::{Log, store_builder};

#[derive(Event)]
#[event(output = u32, preventable)]
struct Count;

#[derive(Saga)]
#[event(output = String)]
struct Ask;

/// A step that an application may leave out.
#[derive(Event)]
#[event(output = Vec<String>, skippable)]
struct Publish;

#[derive(Process)]
#[event(skippable)]
struct NotifyProcess;

async fn ask(mut ev: DefaultAction<'_, Ask>) -> Result<String> {
    Ok(match ev.dispatch_with_outcome(Count).await {
        Ok(counted) => format!("{} by {:?}", counted.output, counted.prevented_by),
        Err(error) => format!("refused by {:?}", error.listener()),
    })
}

fn asking(change: impl FnOnce(&mut dullahan_core::CoreBuilder)) -> Core {
    let mut core = Core::builder();
    core.declare::<Ask>().default(ask);
    core.declare::<Count>().default(|_: DefaultAction<'_, Count>| Ok(1));
    change(&mut core);
    core.build().unwrap()
}

#[tokio::test]
async fn a_dispatch_tells_who_gave_its_output() {
    let core = asking(|_| ());
    assert_eq!(core.run(Ask).await.unwrap(), "1 by None");

    let core = asking(|core| {
        let respond = |mut ev: Before<'_, Count>| {
            ev.respond(2);
            Ok(())
        };
        core.event::<Count>().before(|_: Before<'_, Count>| Ok(())).before(respond.named("cache"));
    });
    assert_eq!(core.run(Ask).await.unwrap(), "2 by Some(\"cache\")");
}

#[tokio::test]
async fn a_dispatch_tells_who_vetoed_it_and_why() {
    #[derive(Debug, thiserror::Error)]
    #[error("the captcha was wrong")]
    struct Captcha;

    let core = asking(|core| {
        let veto = |_: Before<'_, Count>| Err(Error::rejection(ErrorKind::Forbidden, Captcha));
        core.event::<Count>().before(veto.named("captcha"));
    });
    assert_eq!(core.run(Ask).await.unwrap(), "refused by Some(\"captcha\")");
    let error = core.dispatch(&Context::new(), Count).await.unwrap_err();
    assert!(error.is_rejection() && error.downcast_ref::<Captcha>().is_some(), "{error}");
    assert_eq!(error.message(), "this is not allowed", "a client is not told the reason");
}

#[tokio::test]
async fn a_skippable_step_is_skipped_by_preventing_it() {
    let log = Log::new();
    let (mut core, _store) = store_builder(&log);
    let told = log.clone();
    let observe = move |ev: Observe<'_, Publish>| {
        told.add(match ev.outcome() {
            Outcome::Prevented { by, output } => format!("prevented by {by}: {output:?}"),
            other => format!("{other:?}"),
        });
        Ok(())
    };
    core.declare::<Publish>()
        .default(|_: DefaultAction<'_, Publish>| Ok(vec!["published".to_owned()]))
        .observe(observe);
    core.declare::<NotifyProcess>()
        .default(|_: DefaultAction<'_, NotifyProcess>| Err(Error::internal("not to be called")));
    let core = core.build().unwrap();
    let quiet = core.overlay(|core| {
        let skip = |mut ev: Before<'_, Publish>| {
            ev.prevent_default();
            Ok(())
        };
        core.event::<Publish>().before(skip.named("quiet"));
        core.event::<NotifyProcess>().before(|mut ev: Before<'_, NotifyProcess>| {
            ev.prevent_default();
            Ok(())
        });
    });
    let quiet = quiet.unwrap();

    assert_eq!(core.dispatch(&Context::new(), Publish).await.unwrap(), ["published"]);
    assert!(quiet.dispatch(&Context::new(), Publish).await.unwrap().is_empty());
    quiet.dispatch(&Context::new(), NotifyProcess).await.unwrap();
    assert_eq!(log.entries(), ["Completed", "prevented by quiet: []"]);
    let text = core.describe().to_string();
    assert!(text.contains("(event, skippable)") && !text.contains("preventable"), "{text}");
}

#[tokio::test]
async fn a_response_counts_before_a_skip() {
    let mut core = Core::builder();
    core.declare::<Publish>()
        .default(|_: DefaultAction<'_, Publish>| Ok(Vec::new()))
        .before(|mut ev: Before<'_, Publish>| {
            ev.prevent_default();
            Ok(())
        })
        .before(|mut ev: Before<'_, Publish>| {
            ev.respond(vec!["elsewhere".to_owned()]);
            Ok(())
        });
    let core = core.build().unwrap();
    assert_eq!(core.dispatch(&Context::new(), Publish).await.unwrap(), ["elsewhere"]);
}

#[test]
fn a_core_says_what_it_declares_by_type() {
    mod other {
        /// An event of another module, of the same name.
        #[derive(dullahan_core::Event)]
        pub(super) struct Count;
    }

    let core = asking(|core| {
        let listener = |_: Before<'_, other::Count>| Ok(());
        core.event::<other::Count>().before(listener.optional());
    });
    assert!(core.declares::<Count>());
    assert!(!core.declares::<other::Count>());
}
