//! The errors that are logged, shown to a test.

use std::{
    fmt::{self, Write},
    sync::OnceLock,
};

use parking_lot::Mutex;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// The warnings and errors that this program has logged since [`show_errors`].
#[derive(Debug, Default)]
pub struct Errors {
    lines: Mutex<Vec<String>>,
}

/// Prints every warning and error to the standard error output from now on, and keeps it.
///
/// A client learns nothing of the cause of a 500 or a 503. The answer has an `id`, under which the log has the listener
/// that failed, the events that led there, and every cause. With this at its start, a test shows that line, and
/// [`Errors::with`] finds it by its `id`.
///
/// The first subscriber of a program stays: where a test has installed one of its own, that shows the lines.
pub fn show_errors() -> &'static Errors {
    static ERRORS: OnceLock<Errors> = OnceLock::new();
    let errors = ERRORS.get_or_init(Errors::default);
    // It fails where there is a subscriber already, this one included.
    let _ = tracing::subscriber::set_global_default(Shown(errors));
    errors
}

impl Errors {
    /// The lines that hold this text, the latest last.
    pub fn with(&self, text: &str) -> Vec<String> {
        self.lines.lock().iter().filter(|line| line.contains(text)).cloned().collect()
    }
}

struct Shown(&'static Errors);

impl Subscriber for Shown {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}:", metadata.level(), metadata.target()));
        event.record(&mut line);
        eprintln!("{}", line.0);
        self.0.lines.lock().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// One event as text.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing into a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
