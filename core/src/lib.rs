//! Every step of a module as an event with a preventable default.

mod builder;
mod compensation;
mod context;
mod defect;
mod describe;
mod dispatcher;
mod error;
mod event;
mod future;
#[cfg(feature = "inventory")]
mod linked;
mod listener;
mod module;
mod monitor;
mod phase;
mod priority;
#[doc(hidden)]
pub mod private;
mod scope;
mod service;
mod trace;
mod unit_of_work;

#[cfg(feature = "inventory")]
pub use dullahan_core_macros::listener;
pub use dullahan_core_macros::{Event, Process, Saga};

#[cfg(feature = "inventory")]
pub use self::linked::LinkAnchor;
pub use self::{
    builder::{CoreBuilder, EventBuilder, Listening, NotListening},
    context::{Context, Principal, ResponseHead, write_outside_of_a_process},
    defect::{BuildError, Defect},
    describe::{Description, EventDescription, ListenerDescription, Place},
    dispatcher::Core,
    error::{Error, Fault, Result, Violation},
    event::{Event, Kind, Preventable, Process, Saga, Slot, Step},
    future::BoxFuture,
    listener::{IntoListener, Listener},
    module::Module,
    monitor::{Dispatch, Ending, Monitor},
    phase::{
        After, AfterPhase, Before, BeforePhase, Committed, CommittedPhase, Handle, Observe,
        ObservePhase, Outcome, Perform, PerformPhase, Phase, PhaseName, RolledBack,
        RolledBackPhase, Wrap, WrapPhase,
    },
    priority::Priority,
    service::{Port, Service, Services},
    trace::{Fate, Trace, TracedDispatch, TracedListener},
    unit_of_work::{UnitOfWork, UnitOfWorkGuard, UnitOfWorkProvider},
};
