//! A key for the audit that lives as long as the program.

use zeroize::Zeroizing;

use crate::domain::AuditKey;

/// A key from the operating system's generator.
///
/// # Errors
///
/// When the operating system gives no random bytes.
pub(crate) fn random_audit_key() -> Result<AuditKey, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; AuditKey::BYTES]);
    getrandom::fill(bytes.as_mut())?;
    Ok(AuditKey::from_bytes(*bytes))
}
