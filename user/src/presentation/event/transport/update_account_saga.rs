//! An account is changed by its owner.

use dullahan_core::{Event, Process, Saga};

use crate::domain::{AccountChanges, AccountRequest, Audited, User, UserId};

/// A user changes what may be changed without further ado: the name, the language.
///
/// Its default runs [`ValidateAccountChanges`] and [`UpdateUserProcess`].
#[derive(Debug, Saga)]
#[event(output = User, preventable, views(dyn Audited))]
pub struct UpdateAccountSaga {
    /// Whose account it is.
    pub user_id: UserId,
    /// What was asked for.
    pub request: AccountRequest,
}

/// What was asked for is checked and parsed.
///
/// Listen before it to take out the extra members that you know; what nobody takes is refused.
#[derive(Debug, Event)]
#[event(output = AccountChanges, preventable, gathers)]
pub struct ValidateAccountChanges {
    /// What was asked for.
    pub request: AccountRequest,
}

/// The changes are stored.
#[derive(Debug, Clone, Process)]
#[event(output = User, preventable, repeatable)]
pub struct UpdateUserProcess {
    /// Which user.
    pub user_id: UserId,
    /// What is to be otherwise.
    pub changes: AccountChanges,
}
