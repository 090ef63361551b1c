//! Exclusive access to a unit of work.

use std::any::Any;

use async_lock::MutexGuard;

use super::{UnitOfWork, work::State};

/// Exclusive access to the unit of work of a process, for as long as it lives.
pub struct UnitOfWorkGuard<'a> {
    /// Declared first, as it is free before the permit is.
    state: MutexGuard<'a, State>,
    _permit: MutexGuard<'a, ()>,
}

impl<'a> UnitOfWorkGuard<'a> {
    pub(super) fn new(state: MutexGuard<'a, State>, permit: MutexGuard<'a, ()>) -> Self {
        Self { state, _permit: permit }
    }
}

impl UnitOfWorkGuard<'_> {
    /// The adapter's own unit of work; `None` when another adapter's is in use.
    pub fn downcast_mut<T: UnitOfWork>(&mut self) -> Option<&mut T> {
        find(self.state.unit().ok()?)
    }
}

/// Finds an adapter's own unit of work, behind those that wrap it.
fn find<T: UnitOfWork>(unit: &mut dyn UnitOfWork) -> Option<&mut T> {
    if (&*unit as &dyn Any).is::<T>() {
        return (unit as &mut dyn Any).downcast_mut();
    }
    find(unit.inner()?)
}

impl std::fmt::Debug for UnitOfWorkGuard<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnitOfWorkGuard").finish_non_exhaustive()
    }
}
