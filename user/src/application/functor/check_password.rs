//! A password that somebody wants to choose.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, Listener, Result, Violation};

use crate::{
    domain::{EmailAddress, PasswordPolicyViolation, Settings, User},
    port::PasswordStrength,
    presentation::event::transport::CheckPassword,
};

functor! {
    /// Checks a password by its length, and then by how easily it is guessed.
    pub struct CheckPasswordByPolicy {
        strength: Arc<dyn PasswordStrength>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, CheckPassword>> for CheckPasswordByPolicy {
    async fn call(&self, ev: DefaultAction<'_, CheckPassword>) -> Result<()> {
        let violation = match self.settings.password_policy.check(&ev.password) {
            Err(PasswordPolicyViolation::TooShort { min }) => {
                Violation::new(ev.pointer, "too_short").with("min", min)
            }
            Err(PasswordPolicyViolation::TooLong { max }) => {
                Violation::new(ev.pointer, "too_long").with("max", max)
            }
            Ok(()) => {
                let mut personal = ev.personal.clone();
                personal.push(self.settings.service_name.clone());
                match self.strength.judge(&ev.password, &personal) {
                    None => return Ok(()),
                    Some(weakness) => Violation::new(ev.pointer, weakness.as_str()),
                }
            }
        };
        Err(Error::invalid([violation]))
    }
}

/// Words that anybody can expect of whoever has this address.
pub(super) fn personal_of_address(email: &EmailAddress) -> Vec<String> {
    vec![email.local_part().to_owned(), email.domain().to_owned()]
}

/// Words that anybody can expect of this user.
pub(super) fn personal_of(user: &User) -> Vec<String> {
    let mut words = personal_of_address(&user.email);
    words.extend(user.display_name.iter().map(|name| name.as_str().to_owned()));
    words
}
