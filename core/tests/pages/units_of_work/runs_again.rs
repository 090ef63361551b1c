//! A repeatable process is run again when its unit of work loses.

use std::sync::Arc;

use dullahan_core::{Context, Core, DefaultAction, Error, Process, Result};

use crate::memory_store::MemoryStore;

#[derive(Clone, Process)]
#[event(output = u32, repeatable)]
struct TransferProcess {
    amount: u32,
}

async fn transfer(ev: DefaultAction<'_, TransferProcess>) -> Result<u32> {
    let attempt = ev.context().attempt();
    if attempt == 1 {
        // What an adapter reports for a deadlock.
        return Err(Error::transient("deadlock detected"));
    }
    Ok(ev.amount * attempt)
}

#[tokio::test]
async fn a_lost_process_is_run_again() -> Result<(), Box<dyn std::error::Error>> {
    let mut core = Core::builder();
    core.units_of_work(Arc::new(MemoryStore::default()));
    core.declare::<TransferProcess>().default(transfer);
    let core = core.build()?;

    assert_eq!(core.dispatch(&Context::new(), TransferProcess { amount: 5 }).await?, 10);
    Ok(())
}
