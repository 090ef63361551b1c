//! What was sent becomes a user who wants to register, or a list of what is wrong with it.

use std::sync::Arc;

use dullahan_core::{Context, DefaultAction, Error, ErrorKind, Result, Violation};
use http::header;

use crate::{
    application::{
        functor::check_password::personal_of_address,
        members::{display_name, locale, unknown},
    },
    domain::{DisplayName, EmailAddress, Locale, RegisteringUser},
    presentation::event::transport::{CheckPassword, ValidateRegistrationProcess},
};

/// Checks and parses what was sent; one answer names everything that is wrong.
///
/// # Errors
///
/// [`ErrorKind::Invalid`] with everything that is wrong.
pub async fn validate_registration(
    mut ev: DefaultAction<'_, ValidateRegistrationProcess>,
) -> Result<RegisteringUser> {
    let request = std::mem::take(&mut ev.request);
    let mut violations: Vec<_> = unknown(&request.extra).collect();
    let email = email(&request.email).map_err(|violation| violations.push(violation));
    let display_name = display_name(request.display_name.as_deref())
        .map_err(|violation| violations.push(violation));
    let locale = locale(request.locale.as_deref()).map_err(|violation| violations.push(violation));
    let Some(password) = request.password.map(Arc::new) else {
        violations.push(Violation::new("/password", "required"));
        return Err(Error::invalid(violations));
    };
    let personal = personal(email.as_ref().ok(), display_name.as_ref().ok());
    let checked = CheckPassword { password: Arc::clone(&password), personal, pointer: "/password" };
    match ev.dispatch(checked).await {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::Invalid => {
            violations.extend_from_slice(error.violations());
        }
        Err(error) => return Err(error),
    }
    match (email, display_name, locale) {
        (Ok(email), Ok(display_name), Ok(locale)) if violations.is_empty() => {
            let locale = locale.or_else(|| preferred(ev.context()));
            Ok(RegisteringUser { email, display_name, locale, password })
        }
        _ => Err(Error::invalid(violations)),
    }
}

fn email(text: &str) -> Result<EmailAddress, Violation> {
    if text.trim().is_empty() {
        return Err(Violation::new("/email", "required"));
    }
    text.parse().map_err(|_| Violation::new("/email", "invalid_email"))
}

/// The language that the client asks for, where the request says one.
pub(super) fn preferred(context: &Context) -> Option<Locale> {
    let header = context.request()?.headers.get(header::ACCEPT_LANGUAGE)?;
    Locale::from_accept_language(header.to_str().ok()?)
}

/// Words that anybody can expect of a user.
fn personal(
    email: Option<&EmailAddress>,
    display_name: Option<&Option<DisplayName>>,
) -> Vec<String> {
    let mut words = email.map(personal_of_address).unwrap_or_default();
    if let Some(Some(name)) = display_name {
        words.push(name.as_str().to_owned());
    }
    words
}
