//! A listener that runs in some requests only.

use dullahan_core::{Before, Context, Core, Event, ListenerOptions as _, Principal, Result};

use crate::log::Log;

#[derive(Clone)]
struct Beta;

#[derive(Event)]
struct ShowPage;

fn is_tester(context: &Context) -> bool {
    context.principal().is_some_and(|who| who.has_role("tester"))
}

fn let_beta_testers_in(ev: Before<'_, ShowPage>) -> Result<()> {
    ev.context().insert(Beta);
    Ok(())
}

#[tokio::test]
async fn a_condition_sees_what_listeners_before_it_have_set()
-> Result<(), Box<dyn std::error::Error>> {
    let log = Log::new();
    let new_page = log.before("the new page");
    let mut core = Core::builder();
    core.declare::<ShowPage>()
        .before(let_beta_testers_in.priority(1).when(is_tester))
        .before(new_page.when(|context| context.get::<Beta>().is_some()));
    let core = core.build()?;

    core.dispatch(&Context::new(), ShowPage).await?;
    assert!(log.take().is_empty());

    let context = Context::new();
    context.set_principal(Some(Principal::new("ada", ["tester".to_owned()])));
    core.dispatch(&context, ShowPage).await?;
    assert_eq!(log.take(), ["the new page"]);
    Ok(())
}
