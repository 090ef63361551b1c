//! What was sent becomes a user who wants to register, or a list of what is wrong with it.

use std::sync::Arc;

use dullahan_core::{Error, Listener, Perform, Result, Violation};

use crate::{
    domain::{
        DisplayName, EmailAddress, InvalidDisplayName, PasswordPolicyViolation, PlainPassword,
        RegisteringUser, RegistrationRequest, Settings,
    },
    presentation::event::transport::ValidateRegistrationProcess,
};

functor! {
    /// Checks and parses what was sent; one answer names everything that is wrong.
    pub struct ValidateRegistration {
        settings: Arc<Settings>,
    }
}

impl ValidateRegistration {
    fn email(text: &str) -> Result<EmailAddress, Violation> {
        if text.trim().is_empty() {
            return Err(Violation::new("/email", "required"));
        }
        text.parse().map_err(|_| Violation::new("/email", "invalid_email"))
    }

    fn password(&self, password: Option<PlainPassword>) -> Result<PlainPassword, Violation> {
        let password = password.ok_or_else(|| Violation::new("/password", "required"))?;
        match self.settings.password_policy.check(&password) {
            Ok(()) => Ok(password),
            Err(violation) => Err(match violation {
                PasswordPolicyViolation::TooShort { min } => {
                    Violation::new("/password", "too_short").with("min", min)
                }
                PasswordPolicyViolation::TooLong { max } => {
                    Violation::new("/password", "too_long").with("max", max)
                }
            }),
        }
    }

    /// A name of nothing but blanks is no name.
    fn display_name(text: Option<&str>) -> Result<Option<DisplayName>, Violation> {
        let parsed = text.map(str::parse::<DisplayName>);
        match parsed {
            None | Some(Err(InvalidDisplayName::Empty)) => Ok(None),
            Some(Ok(name)) => Ok(Some(name)),
            Some(Err(InvalidDisplayName::TooLong { max })) => {
                Err(Violation::new("/display_name", "too_long").with("max", max))
            }
            Some(Err(_)) => Err(Violation::new("/display_name", "forbidden_character")),
        }
    }

    /// What no listener has taken out of the extra members is known to nobody.
    fn unknown(request: &RegistrationRequest) -> impl Iterator<Item = Violation> {
        request.extra.keys().map(|name| {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            Violation::new(format!("/extra/{escaped}"), "unknown_member")
        })
    }
}

impl Listener<Perform<'_, ValidateRegistrationProcess>> for ValidateRegistration {
    async fn call(
        &self,
        mut ev: Perform<'_, ValidateRegistrationProcess>,
    ) -> Result<RegisteringUser> {
        let mut violations: Vec<_> = Self::unknown(&ev.request).collect();
        let password = ev.request.password.take();
        let email = Self::email(&ev.request.email).map_err(|violation| violations.push(violation));
        let password = self.password(password).map_err(|violation| violations.push(violation));
        let display_name = Self::display_name(ev.request.display_name.as_deref())
            .map_err(|violation| violations.push(violation));
        match (email, password, display_name) {
            (Ok(email), Ok(password), Ok(display_name)) if violations.is_empty() => {
                Ok(RegisteringUser { email, display_name, password })
            }
            _ => Err(Error::invalid(violations)),
        }
    }
}
