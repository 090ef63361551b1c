//! A password that may be anybody's is dropped.

use dullahan_core::Event;

use crate::domain::User;

/// The password of an account is dropped if the account is pending, since its address was registered again and nobody
/// can tell whose the password is. Its output says whether the account is without one now. Within
/// [`Settings::registration_grace`](crate::domain::Settings::registration_grace) of its registration it is kept.
///
/// It is dispatched in the unit of work of [`NotifyTakenAddressProcess`], with the account locked, whatever its status: a
/// pending account and an active one cost the same work, and an active one keeps its password. An activation mail
/// that is not sent yet is withdrawn. Where an application knows by other means whose the password is, it prevents this
/// and responds with `false`.
///
/// # Rule
///
/// Sudhodanan and Paverd, "Pre-hijacked Accounts" (USENIX Security 2022): whoever registers an address first does not
/// get into the account of its owner by that.
///
/// [`NotifyTakenAddressProcess`]: super::NotifyTakenAddressProcess
#[derive(Debug, Event)]
#[event(output = bool, preventable)]
pub struct DropUnprovenPassword {
    /// Whose account it is.
    pub user: User,
}
