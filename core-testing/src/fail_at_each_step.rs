//! Lets each step of a saga fail in turn.

use std::{fmt, panic::Location, sync::Arc};

use super::{
    attempt::Attempt,
    drive::{Ended, checked, drive},
    injector::{Injector, Plan, TriedStep},
    watched_work::{Ledger, WatchedProvider},
};

/// Runs a saga again and again, lets each of its steps fail in turn, and checks each time that all was undone.
///
/// `make` makes an [`Attempt`] for each run, with a core and stores of its own. First it is run as it is and
/// has to succeed. Then
///
/// - each step fails with an error in its place,
/// - each step panics in its place,
/// - the future is dropped before each step and wherever else it waits.
///
/// The steps are all calls of listeners and default actions, in every phase, and of the unit of work: begin,
/// commit, savepoint, release savepoint. What runs only because something has failed, rolled-back listeners
/// and compensations, is not made to fail.
///
/// After each run
///
/// - no unit of work may be left open;
/// - [`nothing_left`](Attempt::nothing_left) has to hold if the run failed, or was dropped before anything was
///   to be committed;
/// - [`all_done`](Attempt::all_done) has to hold if the run succeeded all the same, as it must where the step
///   is an observer or a committed listener.
///
/// A run that is dropped during or after a commit is not asked about: nobody is left who could compensate.
///
/// It depends on no runtime. Steps are found as they are reached, so nothing has to be listed.
///
/// ```
/// use std::sync::Arc;
///
/// use dullahan_core::{After, Core, DefaultAction, Inject, ListenerOptions as _, Process, Result};
/// use dullahan_core_testing::{fail_at_each_step, Attempt, MemoryStore};
///
/// #[derive(Process)]
/// struct OrderProcess;
///
/// async fn order(ev: DefaultAction<'_, OrderProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
///     store.put(ev.context(), "horse", "ordered").await
/// }
///
/// async fn bill(ev: After<'_, OrderProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
///     store.put(ev.context(), "bill", "open").await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tried = fail_at_each_step(async || {
///     let store = MemoryStore::new();
///     let mut core = Core::builder();
///     core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
///     core.declare::<OrderProcess>().default(order.named("order")).after(bill.named("bill"));
///     let core = core.build().expect("the wiring is sound");
///
///     let orders = store.clone();
///     Attempt::process(&core, OrderProcess)
///         .nothing_left(async move || assert!(store.is_empty()))
///         .all_done(async move || assert_eq!(orders.keys(), ["bill", "horse"]))
/// })
/// .await;
///
/// assert_eq!(
///     tried.to_string(),
///     "default of OrderProcess: order\n\
///      unit of work: begin\n\
///      after of OrderProcess: bill\n\
///      unit of work: commit\n"
/// );
/// # }
/// ```
///
/// # Panics
///
/// When anything of that does not hold, with every step at which it did not.
#[track_caller]
pub fn fail_at_each_step(make: impl AsyncFnMut() -> Attempt) -> impl Future<Output = StepsTried> {
    let place = Location::caller();
    async move {
        let (tried, mut complaints) = try_each_step(make).await;
        if complaints.is_empty() {
            return tried;
        }
        let wrong = complaints.len();
        // A future that is dropped twice inside of one step goes wrong twice in one way.
        complaints.dedup();
        let complaints = complaints.join("\n");
        panic!("{wrong} of {} runs went wrong, tried from {place}\n{complaints}", tried.runs);
    }
}

/// The steps that were tried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StepsTried {
    /// The steps of a run in which nothing is made to fail, in order. Each one failed in a run of its own, by
    /// an error and by a panic.
    pub steps: Vec<TriedStep>,
    /// The steps without which the run succeeds, as it does without observers and committed listeners.
    pub dispensable: Vec<TriedStep>,
    /// In how many runs the future was dropped, each time at another place.
    pub dropped: usize,
    /// How many runs there were.
    pub runs: usize,
}

/// One step a line.
impl fmt::Display for StepsTried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

/// What came of one run.
struct Run {
    ended: Ended,
    injector: Arc<Injector>,
    /// What is wrong with it.
    complaint: Option<String>,
}

async fn try_each_step(mut make: impl AsyncFnMut() -> Attempt) -> (StepsTried, Vec<String>) {
    let first = run(make().await, Plan::Nothing).await;
    let mut tried = StepsTried {
        steps: first.injector.reached(),
        dispensable: Vec::new(),
        dropped: 0,
        runs: 1,
    };
    if let Some(complaint) = first.complaint {
        return (tried, vec![format!("- nothing was made to fail: {complaint}")]);
    }
    let mut complaints = Vec::new();
    for (how, plan) in [("an error", Plan::Error as fn(usize) -> Plan), ("a panic", Plan::Panic)] {
        for n in 1.. {
            let run = run(make().await, plan(n)).await;
            tried.runs += 1;
            let step = run.injector.injected();
            if let Some(complaint) = run.complaint {
                let step = step.as_ref().map_or_else(
                    || "nothing was made to fail".to_owned(),
                    |step| format!("{how} at step {n}, {step}"),
                );
                complaints.push(format!("- {step}: {complaint}"));
            }
            match (step, run.ended) {
                (None, _) => break,
                (Some(step), Ended::Succeeded) if !tried.dispensable.contains(&step) => {
                    tried.dispensable.push(step);
                }
                (Some(_), _) => {}
            }
        }
    }
    for n in 1.. {
        let run = run(make().await, Plan::Drop(n)).await;
        tried.runs += 1;
        if let Some(complaint) = run.complaint {
            let reached = run.injector.reached();
            let what = match (&run.ended, reached.last()) {
                (Ended::Dropped, Some(step)) => {
                    format!("the future was dropped at step {}, {step}", reached.len())
                }
                (Ended::Dropped, None) => "the future was dropped before the first step".to_owned(),
                _ => "nothing was made to fail".to_owned(),
            };
            complaints.push(format!("- {what}: {complaint}"));
        }
        let Ended::Dropped = run.ended else { break };
        tried.dropped += 1;
    }
    (tried, complaints)
}

/// Runs an attempt, and checks what is left.
async fn run(attempt: Attempt, plan: Plan) -> Run {
    let Attempt { core, run, nothing_left, all_done } = attempt;
    let injector = Injector::new(plan);
    let ledger = Arc::new(Ledger::default());
    let instrumented = core.overlay(|core| {
        core.tap_each(|event, phase, name| injector.tap(event, phase, name));
        core.surround_units_of_work(|provider| {
            let (injector, ledger) = (Arc::clone(&injector), Arc::clone(&ledger));
            Arc::new(WatchedProvider::new(provider, injector, ledger))
        });
    });
    drop(core);
    let drop_at = match plan {
        Plan::Drop(n) => Some(n),
        Plan::Nothing | Plan::Error(_) | Plan::Panic(_) => None,
    };
    let ended = match instrumented {
        Ok(core) => drive(run(core), drop_at).await,
        Err(error) => Ended::Failed(error.into()),
    };
    let mut complaint = judge(&ended, &injector, &ledger, nothing_left.is_some());
    let check = match (&ended, complaint.is_some()) {
        (_, true) => None,
        (Ended::Succeeded, _) => all_done.map(|check| (check, "it succeeded, but")),
        (Ended::Dropped, _) if ledger.committed() > 0 => None,
        (Ended::Dropped | Ended::Failed(_) | Ended::Panicked(_), _) => {
            nothing_left.map(|check| (check, "something is left:"))
        }
    };
    if let Some((check, what)) = check
        && let Some(said) = checked(check()).await
    {
        complaint = Some(format!("{what} {said}"));
    }
    Run { ended, injector, complaint }
}

/// What is wrong with a run, before the test's own checks.
fn judge(ended: &Ended, injector: &Injector, ledger: &Ledger, has_check: bool) -> Option<String> {
    let open = ledger.open();
    if open > 0 {
        return Some(format!("{} still open", units_of_work(open, "is", "are")));
    }
    let may_fail = injector.injected().is_some_and(|step| !step.is_isolated());
    let committed = ledger.committed();
    match ended {
        Ended::Failed(error) if !may_fail => Some(format!("the run failed: {error}")),
        Ended::Panicked(said) if !may_fail => Some(format!("the run panicked: {said}")),
        Ended::Failed(_) | Ended::Panicked(_) if !has_check && committed > 0 => {
            Some(format!("{} committed", units_of_work(committed, "was", "were")))
        }
        Ended::Succeeded | Ended::Failed(_) | Ended::Panicked(_) | Ended::Dropped => None,
    }
}

fn units_of_work(count: usize, is: &str, are: &str) -> String {
    match count {
        1 => format!("1 unit of work {is}"),
        _ => format!("{count} units of work {are}"),
    }
}
