//! What is over is forgotten.

use dullahan_core::{Process, Saga};

use crate::domain::Audited;

/// What is over is forgotten: sessions, tokens, changes of addresses, counts of tries, mails that were sent long
/// ago, and registrations that were never activated. Its output is how many rows it was.
///
/// Its default runs [`PurgeProcess`] until there is nothing left, and [`RemoveClosedUserProcess`](super::RemoveClosedUserProcess)
/// for each account that was closed long enough.
#[derive(Debug, Saga)]
#[event(output = u64, preventable, views(dyn Audited))]
pub struct PurgeSaga {}

/// A batch of what is over is forgotten. Its output is how many rows it was.
///
/// Not more at once, so that nobody waits for long.
#[derive(Debug, Clone, Process)]
#[event(output = u64, preventable, repeatable)]
pub struct PurgeProcess {
    /// The most rows of a table that go at once.
    pub limit: u32,
}
