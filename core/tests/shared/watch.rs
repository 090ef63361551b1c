//! A subscriber of `tracing` that keeps what it is told.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tracing::{
    Dispatch, Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
    subscriber::{DefaultGuard, Interest},
};
use tracing_core::span::Current;

/// Watches what this thread reports, for as long as the guard of [`listen`](Self::listen) lives.
#[derive(Clone)]
pub(crate) struct Watch {
    level: LevelFilter,
    /// A target that it does not hear.
    deaf_to: Option<&'static str>,
    /// Whether it takes the first span only, and decides so for each.
    is_sampling: bool,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    reports: Mutex<Vec<Told>>,
    spans: Mutex<Spans>,
    next: AtomicU64,
}

#[derive(Default)]
struct Spans {
    open: BTreeMap<u64, Open>,
    entered: Vec<u64>,
    closed: Vec<(String, Told)>,
}

struct Open {
    metadata: &'static Metadata<'static>,
    name: String,
    told: Told,
    handles: usize,
}

/// The fields of a span or of a report, by name, as far as they are text.
pub(crate) type Told = BTreeMap<&'static str, String>;

/// Hears nothing and never ends. While a subscriber is the only one of the program, `tracing` asks the first
/// thread that comes to a span whether anybody wants it, and a thread that listens to nothing says no for all.
static BACKGROUND: LazyLock<Dispatch> =
    LazyLock::new(|| Dispatch::new(Watch::new(LevelFilter::OFF)));

impl Watch {
    /// Watches failures that are reported, and no span.
    pub(crate) fn failures() -> Self {
        Self::of(LevelFilter::ERROR)
    }

    /// Watches the spans of dispatches as well.
    pub(crate) fn dispatches() -> Self {
        Self::of(LevelFilter::DEBUG)
    }

    /// Watches the spans of listeners too.
    pub(crate) fn listeners() -> Self {
        Self::of(LevelFilter::TRACE)
    }

    /// Watches everything but what has this target, as a filter of `target=off` does.
    pub(crate) fn all_but(target: &'static str) -> Self {
        Self { deaf_to: Some(target), ..Self::of(LevelFilter::TRACE) }
    }

    /// Watches the first span of a dispatch, and none after it.
    pub(crate) fn sampling_first() -> Self {
        Self { is_sampling: true, ..Self::of(LevelFilter::DEBUG) }
    }

    fn of(level: LevelFilter) -> Self {
        LazyLock::force(&BACKGROUND);
        Self::new(level)
    }

    fn new(level: LevelFilter) -> Self {
        Self { level, deaf_to: None, is_sampling: false, seen: Arc::default() }
    }

    pub(crate) fn listen(&self) -> DefaultGuard {
        tracing::subscriber::set_default(self.clone())
    }

    /// The listeners whose failure was reported, in order.
    pub(crate) fn reports(&self) -> Vec<String> {
        let reports = self.seen.reports.lock();
        reports.iter().map(|told| told.get("listener").cloned().unwrap_or_default()).collect()
    }

    /// What was reported, in order, field by field.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.seen.reports.lock().clone()
    }

    /// The spans that have ended, in order: kind and event.
    pub(crate) fn closed_spans(&self) -> Vec<String> {
        self.seen.spans.lock().closed.iter().map(|(name, _)| name.clone()).collect()
    }

    /// What the spans that have ended said, in order: their fields, their `level`, `name` and `target`, and as
    /// `inside` the span that they were begun in.
    pub(crate) fn closed_fields(&self) -> Vec<Told> {
        self.seen.spans.lock().closed.iter().map(|(_, told)| told.clone()).collect()
    }

    /// How many spans are open, and how many are entered.
    pub(crate) fn open_and_entered(&self) -> (usize, usize) {
        let spans = self.seen.spans.lock();
        (spans.open.len(), spans.entered.len())
    }
}

impl Subscriber for Watch {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match (self.is_sampling, self.enabled(metadata)) {
            (true, _) => Interest::sometimes(),
            (false, true) => Interest::always(),
            (false, false) => Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_sampled = !self.is_sampling || self.seen.next.load(Ordering::Relaxed) == 0;
        *metadata.level() <= self.level && self.deaf_to != Some(metadata.target()) && is_sampled
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let id = self.seen.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fields = Fields::default();
        span.record(&mut fields);
        let name = match span.metadata().name() {
            "listener" => format!("{} listener", fields.get("phase")),
            _ => format!("{} {}", fields.get("kind"), fields.get("event")),
        };
        let metadata = span.metadata();
        let mut told = fields.0;
        told.insert("name", metadata.name().to_owned());
        told.insert("target", metadata.target().to_owned());
        told.insert("level", metadata.level().to_string());
        let mut spans = self.seen.spans.lock();
        if let Some(outer) = spans.entered.last().and_then(|id| spans.open.get(id)) {
            told.insert("inside", outer.name.clone());
        }
        spans.open.insert(id, Open { metadata, name, told, handles: 1 });
        span::Id::from_u64(id)
    }

    fn record(&self, span: &span::Id, record: &span::Record<'_>) {
        if let Some(open) = self.seen.spans.lock().open.get_mut(&span.into_u64()) {
            let mut fields = Fields::default();
            record.record(&mut fields);
            open.told.append(&mut fields.0);
        }
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::ERROR {
            let mut fields = Fields::default();
            event.record(&mut fields);
            self.seen.reports.lock().push(fields.0);
        }
    }

    fn current_span(&self) -> Current {
        let spans = self.seen.spans.lock();
        let current = spans.entered.last().and_then(|id| Some((id, spans.open.get(id)?)));
        current.map_or_else(Current::none, |(id, open)| {
            Current::new(span::Id::from_u64(*id), open.metadata)
        })
    }

    fn enter(&self, span: &span::Id) {
        self.seen.spans.lock().entered.push(span.into_u64());
    }

    fn exit(&self, span: &span::Id) {
        let left = self.seen.spans.lock().entered.pop();
        assert_eq!(left, Some(span.into_u64()), "spans are left in the reverse order");
    }

    fn clone_span(&self, span: &span::Id) -> span::Id {
        if let Some(open) = self.seen.spans.lock().open.get_mut(&span.into_u64()) {
            open.handles += 1;
        }
        span.clone()
    }

    fn try_close(&self, span: span::Id) -> bool {
        let mut spans = self.seen.spans.lock();
        let Some(open) = spans.open.get_mut(&span.into_u64()) else { return false };
        open.handles -= 1;
        if open.handles > 0 {
            return false;
        }
        if let Some(Open { name, told, .. }) = spans.open.remove(&span.into_u64()) {
            spans.closed.push((name, told));
        }
        true
    }
}

/// The fields that the tests ask for.
#[derive(Default)]
struct Fields(Told);

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.insert("message", format!("{value:?}"));
        }
    }
}
