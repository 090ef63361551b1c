//! Watching all events at once.

use std::sync::Arc;

use super::{context::Context, scope::Scope};
use crate::{event::Kind, future::catch, outcome::Outcome};

/// Watches every event of a core: for metrics, an audit trail, a progress bar.
///
/// It is told of a dispatch before the first listener of the event, and when its outcome is known: after its
/// observers, and before whatever waits for a commit. A dispatch whose future is dropped is entered and never
/// left. It sees no data of the event and changes nothing; a panic in it is logged.
///
/// With a monitor in a core no dispatch takes the shortest path; that costs some tens of nanoseconds each.
pub trait Monitor: Send + Sync + 'static {
    /// A dispatch begins.
    fn entered(&self, dispatch: &Dispatch<'_>) {
        _ = dispatch;
    }

    /// The outcome of a dispatch is known: a process that began its unit of work is committed or rolled back, and
    /// one that is part of another process shares the fate of that.
    fn left(&self, dispatch: &Dispatch<'_>, outcome: Outcome<'_>) {
        _ = (dispatch, outcome);
    }
}

/// A dispatch, as a [`Monitor`] sees it.
pub struct Dispatch<'a> {
    scope: &'a Scope<'a>,
}

impl<'a> Dispatch<'a> {
    pub(crate) fn new(scope: &'a Scope<'a>) -> Self {
        Self { scope }
    }

    /// The name of the event.
    pub fn event(&self) -> &'static str {
        self.scope.entry.name()
    }

    /// Event, process or saga.
    pub fn kind(&self) -> Kind {
        self.scope.entry.kind()
    }

    /// How many dispatches it is inside of.
    pub fn depth(&self) -> usize {
        self.scope.depth
    }

    /// The names of the events that led here, outermost first, this one last.
    pub fn chain(&self) -> Vec<&'static str> {
        self.scope.chain()
    }

    /// What flows down from the saga.
    pub fn context(&self) -> &Context {
        self.scope.context
    }
}

impl Dispatch<'_> {
    /// The path of the event's type.
    pub fn type_name(&self) -> &'static str {
        self.scope.entry.description.type_name
    }

    /// Tells the dispatch from every other one that is under way.
    pub fn id(&self) -> usize {
        self.scope.id()
    }
}

impl std::fmt::Debug for Dispatch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Dispatch").field(&self.chain()).finish()
    }
}

/// The monitors of a core.
#[derive(Clone, Default)]
pub(crate) struct Monitors {
    list: Vec<Arc<dyn Monitor>>,
}

impl Monitors {
    pub(crate) fn add(&mut self, monitor: Arc<dyn Monitor>) {
        self.list.push(monitor);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn entered(&self, scope: &Scope<'_>) {
        self.tell(scope, |monitor, dispatch| monitor.entered(dispatch));
    }

    pub(crate) fn left(&self, scope: &Scope<'_>, outcome: Outcome<'_>) {
        self.tell(scope, |monitor, dispatch| monitor.left(dispatch, outcome));
    }

    fn tell(&self, scope: &Scope<'_>, tell: impl Fn(&dyn Monitor, &Dispatch<'_>)) {
        for monitor in &self.list {
            if let Err(error) = catch(|| tell(&**monitor, &Dispatch::new(scope))) {
                tracing::error!(event = scope.entry.name(), %error, "a monitor panicked");
            }
        }
    }
}
