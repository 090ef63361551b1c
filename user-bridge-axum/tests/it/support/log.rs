//! Everything that is logged by all tests of the program together: our own at every level, that of others at DEBUG,
//! which is what anybody would switch on.

use std::{io, sync::LazyLock};

use parking_lot::Mutex;
use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log { text: Mutex::new(String::new()) };
    tracing_subscriber::fmt()
        .with_env_filter("debug,dullahan=trace,dullahan_core=trace,dullahan_user=trace")
        // Each span as it begins and as it ends, with its fields; between them they are the same over and over.
        .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(Writer)
        .init();
    log
});

struct Log {
    text: Mutex<String>,
}

/// Begins to record, unless that was done before.
pub(crate) fn record() {
    LazyLock::force(&LOG);
}

/// The last line that holds this text.
pub(crate) fn last_line_with(text: &str) -> Option<String> {
    let log = LOG.text.lock();
    let at = log.rfind(text)?;
    let start = log[..at].rfind('\n').map_or(0, |end| end + 1);
    log[start..].lines().next().map(str::to_owned)
}

/// Whether any line holds this text.
pub(crate) fn holds(text: &str) -> bool {
    LOG.text.lock().contains(text)
}

/// The lines that hold this text.
pub(crate) fn lines_with(text: &str) -> Vec<String> {
    let log = LOG.text.lock();
    log.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
}

/// The last line that holds all of these texts.
pub(crate) fn last_line_with_all(texts: &[&str]) -> Option<String> {
    let log = LOG.text.lock();
    let mut lines = log.lines().rev();
    lines.find(|line| texts.iter().all(|text| line.contains(text))).map(str::to_owned)
}

struct Writer;

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Whoever logs while the log is being made has nothing to say yet.
        if let Some(log) = LazyLock::get(&LOG) {
            log.text.lock().push_str(&String::from_utf8_lossy(bytes));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
