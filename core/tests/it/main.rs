//! The semantics of dispatching, unit of work and wiring.

mod smoke;
