//! Looking inside: the wiring as data, the trace of a saga, spans, monitors.

mod dump;
mod monitor;
mod spans;
mod trace;
mod trace_fates;
mod unchanged;
