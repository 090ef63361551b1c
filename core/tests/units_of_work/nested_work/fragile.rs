//! Outputs that cannot be copied for those who wait for the commit.

use dullahan_core::{After, Context, DefaultAction, Error, ErrorKind, Event, Inject, Result};

use super::CreateUserProcess;
use crate::support::{Log, Watch, put, store_builder};

/// An output that cannot be copied for the listeners that wait for the commit.
struct Fragile;

impl Clone for Fragile {
    fn clone(&self) -> Self {
        std::panic::resume_unwind(Box::new("it breaks"))
    }
}

#[derive(Event)]
#[event(output = Fragile)]
struct BlowGlass;

#[tokio::test]
async fn a_panic_while_an_output_is_copied_for_committed_listeners_is_isolated() {
    async fn create(
        mut ev: DefaultAction<'_, CreateUserProcess>,
        log: Inject<'_, Log>,
    ) -> Result<u32> {
        let Fragile = ev.dispatch(BlowGlass).await?;
        log.add("create goes on");
        Ok(7)
    }

    for fails in [false, true] {
        let log = Log::new();
        let (mut core, store) = store_builder(&log);
        core.declare::<CreateUserProcess>()
            .before(put("user"))
            .default(create)
            .after(move |_: After<'_, CreateUserProcess>| match fails {
                true => Err(Error::new(ErrorKind::Conflict)),
                false => Ok(()),
            })
            .committed(log.committed("create committed"));
        core.declare::<BlowGlass>()
            .default(|_: DefaultAction<'_, BlowGlass>| Ok(Fragile))
            .committed(log.committed("glass committed"))
            .rolled_back(log.rolled_back("glass rolled back"));
        let core = core.build().unwrap();
        let watch = Watch::failures();
        let _guard = watch.listen();

        let result = core.dispatch(&Context::new(), CreateUserProcess).await;

        let told: Vec<_> = watch.told().iter().map(|told| told["event"].clone()).collect();
        assert_eq!(told, ["BlowGlass"], "reported once");
        let begun = ["begin", "put user", "create goes on"];
        assert_eq!(log.entries()[..3], begun);
        if fails {
            assert_eq!(result.unwrap_err().code(), "conflict");
            assert_eq!(log.entries()[3..], ["rollback", "glass rolled back: conflict"]);
        } else {
            assert_eq!(result.unwrap(), 7);
            assert_eq!(log.entries()[3..], ["commit", "create committed"]);
            assert_eq!(store.keys(), ["user"]);
        }
    }
}
