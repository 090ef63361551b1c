//! A browser that has signed in to an account before is known again.

use std::sync::Arc;

use dullahan_core::{Context, Result};

use crate::{
    domain::{AttemptKey, Credentials, DeviceMark, PasswordHash, UserId},
    port::TokenGenerator,
};

/// The mark of the device that a request comes from, if it has one; and the one that it is to keep from now on.
#[derive(Clone)]
pub(crate) struct MarkedDevice(pub(crate) Arc<DeviceMark>);

/// What the tries of the device are counted for, if it is known to have signed in to this account.
pub(super) fn known_device(context: &Context, found: Option<&Credentials>) -> Option<AttemptKey> {
    let MarkedDevice(mark) = context.get()?;
    let Credentials { user, password_hash } = found?;
    let is_known = mark.is_of(user.id, password_hash.as_ref()?);
    is_known.then(|| AttemptKey::of_device(&mark))
}

/// Has the device keep a mark of the account, unless it has one.
///
/// # Errors
///
/// When there is no randomness to be had.
pub(super) fn mark_device(
    context: &Context,
    tokens: &dyn TokenGenerator,
    user_id: UserId,
    password_hash: &PasswordHash,
) -> Result<()> {
    let marked = context.get::<MarkedDevice>();
    if !marked.is_some_and(|MarkedDevice(mark)| mark.is_of(user_id, password_hash)) {
        let mark = DeviceMark::new(tokens.generate()?, user_id, password_hash);
        context.insert(MarkedDevice(Arc::new(mark)));
    }
    Ok(())
}
