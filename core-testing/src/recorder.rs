//! What was dispatched, in order.

mod recorded;

use std::{any::type_name, fmt, sync::Arc};

use parking_lot::Mutex;

pub use self::recorded::{Recorded, RecordedEnding};
use dullahan_core::{
    BuildError, Core, Event, Outcome,
    monitor::{Dispatch, Monitor},
};

/// Records every dispatch of a core, in order, and answers for it.
///
/// It is a [`Monitor`], so it sees no data and changes neither order nor outcome. Clones write into one
/// record. Several sagas at once are recorded in the order in which their dispatches began.
///
/// ```
/// use dullahan_core::{Context, Core, DefaultAction, Event};
/// use dullahan_core_testing::Recorder;
///
/// #[derive(Event)]
/// struct Index;
/// #[derive(Event)]
/// struct SendMail;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> dullahan_core::Result<()> {
/// # let mut core = Core::builder();
/// # core.declare::<Index>().default(|_: DefaultAction<'_, Index>| Ok(()));
/// # core.declare::<SendMail>();
/// # let core = core.build()?;
/// let (core, recorder) = Recorder::over(&core)?;
/// core.dispatch(&Context::new(), Index).await?;
///
/// recorder.assert_dispatched::<Index>();
/// recorder.assert_not_dispatched::<SendMail>();
/// assert_eq!(recorder.to_string(), "Index (event): completed\n");
/// # Ok(())
/// # }
/// ```
///
/// Every assertion panics when it does not hold, and then shows what was dispatched instead.
#[derive(Clone, Default)]
pub struct Recorder {
    record: Arc<Mutex<Vec<Entry>>>,
}

struct Entry {
    /// Tells the dispatch from every other one that is under way.
    id: usize,
    recorded: Recorded,
}

impl Recorder {
    /// A recorder to add to a builder: `core.monitor(Arc::new(recorder.clone()))`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same core with a recorder laid over it.
    ///
    /// # Errors
    ///
    /// As [`Core::overlay`] does.
    pub fn over(core: &Core) -> Result<(Core, Self), BuildError> {
        let recorder = Self::new();
        let core = core.overlay(|core| {
            core.monitor(Arc::new(recorder.clone()));
        })?;
        Ok((core, recorder))
    }

    /// Everything that was dispatched, in the order in which it began.
    pub fn dispatches(&self) -> Vec<Recorded> {
        self.record.lock().iter().map(|entry| entry.recorded.clone()).collect()
    }

    /// The dispatches of one event.
    pub fn dispatches_of<E: Event>(&self) -> Vec<Recorded> {
        let mut dispatches = self.dispatches();
        dispatches.retain(|recorded| recorded.type_name == type_name::<E>());
        dispatches
    }

    /// Forgets what was recorded so far: what follows is what a test is about.
    pub fn clear(&self) {
        self.record.lock().clear();
    }

    /// Asserts that an event was dispatched, once or more often.
    ///
    /// # Panics
    ///
    /// When it was not.
    #[track_caller]
    pub fn assert_dispatched<E: Event>(&self) {
        if self.dispatches_of::<E>().is_empty() {
            panic!("`{}` was not dispatched; {}", E::name(), self.shown());
        }
    }

    /// Asserts that an event was dispatched so many times.
    ///
    /// # Panics
    ///
    /// When it was dispatched more or less often.
    #[track_caller]
    pub fn assert_dispatched_times<E: Event>(&self, times: usize) {
        let dispatched = self.dispatches_of::<E>().len();
        if dispatched != times {
            let (dispatched, times) = (in_words(dispatched), in_words(times));
            panic!("`{}` was dispatched {dispatched}, not {times}; {}", E::name(), self.shown());
        }
    }

    /// Asserts that an event was not dispatched.
    ///
    /// # Panics
    ///
    /// When it was.
    #[track_caller]
    pub fn assert_not_dispatched<E: Event>(&self) {
        if !self.dispatches_of::<E>().is_empty() {
            panic!("`{}` was dispatched; {}", E::name(), self.shown());
        }
    }

    /// Asserts that nothing was dispatched at all.
    ///
    /// # Panics
    ///
    /// When something was.
    #[track_caller]
    pub fn assert_nothing_dispatched(&self) {
        if !self.record.lock().is_empty() {
            panic!("something was dispatched; {}", self.shown());
        }
    }

    /// Asserts that these events were dispatched in this order, whatever else was before, between and after.
    ///
    /// # Panics
    ///
    /// When one of them was not, or not after the one before it.
    #[track_caller]
    pub fn assert_order<'n>(&self, names: impl IntoIterator<Item = &'n str>) {
        let dispatches = self.dispatches();
        let mut rest = dispatches.iter();
        let mut earlier: Option<&str> = None;
        for name in names {
            if !rest.any(|recorded| recorded.event == name) {
                match earlier {
                    Some(earlier) => {
                        panic!("`{name}` was not dispatched after `{earlier}`; {}", self.shown())
                    }
                    None => panic!("`{name}` was not dispatched; {}", self.shown()),
                }
            }
            earlier = Some(name);
        }
    }

    /// Asserts that exactly these events were dispatched, in this order.
    ///
    /// # Panics
    ///
    /// When there were others, or another order.
    #[track_caller]
    pub fn assert_exactly<'n>(&self, names: impl IntoIterator<Item = &'n str>) {
        let wanted: Vec<_> = names.into_iter().collect();
        let dispatches = self.dispatches();
        if !dispatches.iter().map(|recorded| recorded.event).eq(wanted.iter().copied()) {
            panic!("not exactly {} was dispatched; {}", wanted.join(", "), self.shown());
        }
    }

    /// Asserts that an event was dispatched and its default action ran.
    ///
    /// # Panics
    ///
    /// When no dispatch of it ended so.
    #[track_caller]
    pub fn assert_completed<E: Event>(&self) {
        self.assert_ended::<E>("completed", |ending| *ending == RecordedEnding::Completed);
    }

    /// Asserts that the default action of an event was prevented by this listener, named by its name or by the
    /// last parts of its path.
    ///
    /// # Panics
    ///
    /// When no dispatch of it ended so.
    #[track_caller]
    pub fn assert_prevented_by<E: Event>(&self, listener: &str) {
        self.assert_ended::<E>(&format!("was prevented by {listener}"), |ending| match ending {
            RecordedEnding::Prevented { by } => by
                .strip_suffix(listener)
                .is_some_and(|path| path.is_empty() || path.ends_with("::")),
            _ => false,
        });
    }

    /// Asserts that a dispatch of an event failed with this code.
    ///
    /// # Panics
    ///
    /// When no dispatch of it ended so.
    #[track_caller]
    pub fn assert_failed<E: Event>(&self, code: &str) {
        self.assert_ended::<E>(
            &format!("failed with {code}"),
            |ending| matches!(ending, RecordedEnding::Failed { code: failed } if failed == code),
        );
    }

    /// What was dispatched, for the message of an assertion.
    fn shown(&self) -> String {
        let record = self.record.lock();
        if record.is_empty() {
            return "nothing was dispatched".to_owned();
        }
        let lines = record.iter().map(|entry| format!("\n  {}", entry.recorded));
        std::iter::once("what was dispatched:".to_owned()).chain(lines).collect()
    }

    #[track_caller]
    fn assert_ended<E: Event>(&self, how: &str, is_so: impl Fn(&RecordedEnding) -> bool) {
        self.assert_dispatched::<E>();
        if !self.dispatches_of::<E>().iter().any(|recorded| is_so(&recorded.ending)) {
            panic!("no dispatch of `{}` {how}; {}", E::name(), self.shown());
        }
    }
}

impl Monitor for Recorder {
    fn entered(&self, dispatch: &Dispatch<'_>) {
        let recorded = Recorded {
            event: dispatch.event(),
            type_name: dispatch.type_name(),
            kind: dispatch.kind(),
            depth: dispatch.depth(),
            chain: dispatch.chain(),
            ending: RecordedEnding::Unfinished,
        };
        self.record.lock().push(Entry { id: dispatch.id(), recorded });
    }

    fn left(&self, dispatch: &Dispatch<'_>, outcome: Outcome<'_>) {
        let mut record = self.record.lock();
        // The last one: an earlier one of this number was dropped before it ended.
        let entry = record.iter_mut().rfind(|entry| {
            entry.id == dispatch.id()
                && entry.recorded.type_name == dispatch.type_name()
                && entry.recorded.ending == RecordedEnding::Unfinished
        });
        if let Some(entry) = entry {
            entry.recorded.ending = RecordedEnding::new(outcome);
        }
    }
}

/// One line for each dispatch, indented by its depth.
impl fmt::Display for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record.lock().iter().try_for_each(|entry| writeln!(f, "{}", entry.recorded))
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recorder").field(&self.dispatches()).finish()
    }
}

/// So many times.
pub(super) fn in_words(times: usize) -> String {
    match times {
        1 => "once".to_owned(),
        _ => format!("{times} times"),
    }
}
