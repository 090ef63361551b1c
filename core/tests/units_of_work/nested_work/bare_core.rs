//! A listener that dispatches with the core itself.

use dullahan_core::{After, Context, Core, DefaultAction, Error, ErrorKind, Inject, Result};

use super::{CreateUserProcess, GrantRoleProcess, IndexUser, RegisterSaga, create_in_a_saga};
use crate::support::{Log, put, store_builder};

#[tokio::test]
async fn the_core_itself_dispatches_into_the_same_unit_of_work_and_starts_a_chain_of_its_own() {
    async fn create(ev: DefaultAction<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<u32> {
        let core = ev.context().get::<Core>().unwrap();
        core.dispatch(ev.context(), GrantRoleProcess).await?;
        log.add(ev.chain().join(" > "));
        Ok(7)
    }

    async fn grant(mut ev: After<'_, GrantRoleProcess>, log: Inject<'_, Log>) -> Result<()> {
        log.add(ev.chain().join(" > "));
        ev.compensate_with(IndexUser);
        Ok(())
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<RegisterSaga>()
        .default(create_in_a_saga)
        .after(|_: After<'_, RegisterSaga>| Err(Error::new(ErrorKind::Conflict)));
    core.declare::<CreateUserProcess>().before(put("user")).default(create);
    core.declare::<GrantRoleProcess>().default(put("role")).after(grant);
    core.declare::<IndexUser>().default(log.perform("compensated", 0));
    let core = core.build().unwrap();
    let context = Context::new().with_trace();
    context.insert(core.clone());

    core.run_in(&context, RegisterSaga).await.unwrap_err();

    assert_eq!(
        log.entries(),
        [
            "begin",
            "put user",
            "put role",
            "GrantRoleProcess",
            "RegisterSaga > CreateUserProcess",
            "commit",
            "compensated",
        ]
    );
    assert_eq!(store.keys(), ["role", "user"]);
    let trace = context.trace().unwrap();
    let roots: Vec<_> = trace.dispatches.iter().map(|dispatch| dispatch.event).collect();
    assert_eq!(roots, ["RegisterSaga", "GrantRoleProcess"]);
}
