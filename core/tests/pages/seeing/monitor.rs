//! A monitor that counts failures.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use dullahan_core::{
    Context, Core, Event, Outcome,
    monitor::{Dispatch, Monitor},
};

#[derive(Default)]
struct CountFailures(AtomicU64);

impl Monitor for CountFailures {
    fn left(&self, dispatch: &Dispatch<'_>, outcome: Outcome<'_>) {
        if let Outcome::Failed(error) = outcome {
            self.0.fetch_add(1, Ordering::Relaxed);
            eprintln!("{}: {}", dispatch.chain().join(" > "), error.code());
        }
    }
}

#[derive(Event)]
#[event(output = u32)]
struct NotHandled;

#[tokio::test]
async fn a_monitor_sees_a_failure() -> Result<(), Box<dyn std::error::Error>> {
    let failures = Arc::new(CountFailures::default());
    let mut core = Core::builder();
    core.monitor(failures.clone());
    core.declare::<NotHandled>();
    let core = core.build()?;

    assert!(core.dispatch(&Context::new(), NotHandled).await.is_err());
    assert_eq!(failures.0.load(Ordering::Relaxed), 1);
    Ok(())
}
