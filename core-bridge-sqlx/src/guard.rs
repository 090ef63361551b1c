//! The connection that a repository was given.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use dullahan_core::unit_of_work::UnitOfWorkGuard;

use crate::{backend::Backend, cached_pool::Leased, unit::Lent};

/// The connection of a process's transaction, for as long as the guard lives.
///
/// It dereferences to sqlx's connection: `query.execute(&mut *guard)`. No other repository of the process has
/// it meanwhile, so a repository that calls another one drops its guard first. One that does not fails after the
/// pool's `acquire_timeout`.
///
/// The transaction is the process's to end. A `COMMIT` that is said to it is refused by the database, and after a
/// `ROLLBACK` the process fails: nothing of it is stored.
pub struct WriteGuard<'a, DB: Backend> {
    /// Declared first, as it has to go before the turn does.
    transaction: Lent<DB>,
    _turn: UnitOfWorkGuard<'a>,
}

impl<'a, DB: Backend> WriteGuard<'a, DB> {
    pub(crate) fn new(transaction: Lent<DB>, turn: UnitOfWorkGuard<'a>) -> Self {
        Self { transaction, _turn: turn }
    }
}

impl<DB: Backend> Deref for WriteGuard<'_, DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.transaction
    }
}

impl<DB: Backend> DerefMut for WriteGuard<'_, DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.transaction
    }
}

impl<DB: Backend> fmt::Debug for WriteGuard<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteGuard").finish_non_exhaustive()
    }
}

/// A connection to read from, for as long as the guard lives: that of the process's transaction, or outside of
/// a process one of the pool.
///
/// It dereferences to sqlx's connection: `query.fetch_one(&mut *guard)`. Dropped, a connection of the pool goes back
/// there, which pings it before the next one gets it; [`done`](Self::done) saves that.
pub struct ReadGuard<'a, DB: Backend>(pub(crate) Source<'a, DB>);

impl<DB: Backend> ReadGuard<'_, DB> {
    /// Gives the connection to the next reader without a ping, which is half the work of a short statement.
    ///
    /// For after the last statement, when its future has completed, or its stream has ended, without an error. If
    /// it is called earlier, the next reader waits for the rest of that statement. In a process it makes no difference.
    pub fn done(self) {
        match self.0 {
            Source::Process(_) => {}
            Source::Pool(connection) => connection.done(),
        }
    }
}

pub(crate) enum Source<'a, DB: Backend> {
    Process(WriteGuard<'a, DB>),
    Pool(Leased<DB>),
}

impl<DB: Backend> Deref for ReadGuard<'_, DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        match &self.0 {
            Source::Process(guard) => guard,
            Source::Pool(connection) => connection,
        }
    }
}

impl<DB: Backend> DerefMut for ReadGuard<'_, DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match &mut self.0 {
            Source::Process(guard) => guard,
            Source::Pool(connection) => connection,
        }
    }
}

impl<DB: Backend> fmt::Debug for ReadGuard<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadGuard").finish_non_exhaustive()
    }
}
