//! Looking inside: the wiring as data, the trace of a saga, spans, monitors.

mod dump;
