//! What was done is written down.

use dullahan_core::Event;

use crate::domain::AuditEntry;

/// What was done, or tried, is written down for whoever has to find out later. It has been done by then, and
/// whatever happens here does not change it.
///
/// Its default writes a `tracing` event at level INFO with the target `dullahan::audit`. Listen to it to write to
/// somewhere else.
///
/// # Rule
///
/// ASVS 5.0 items 16.2.1, 16.2.5 and 16.3.1 to 16.3.3: when in UTC, who, whose account, from where, what, and how it came
/// out; refusals for a missing role or a forged request too; and no credentials.
#[derive(Debug, Event)]
#[event(output = (), preventable)]
pub struct RecordAudit {
    /// What was done.
    pub entry: AuditEntry,
}
