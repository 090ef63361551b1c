//! A request with a cookie says where it comes from.

use dullahan_core::{DefaultAction, Error, ErrorKind, Result};

use crate::presentation::event::transport::CheckForgery;

/// Refuses a request that does not come from a page of the service, or does not carry the session's CSRF token.
///
/// # Errors
///
/// `foreign_origin` or `csrf_token_invalid`.
pub fn check_forgery(ev: DefaultAction<'_, CheckForgery>) -> Result<()> {
    let forbidden =
        |code, message| Err(Error::new(ErrorKind::Forbidden).with_code(code).with_message(message));
    if !ev.is_own_origin {
        let message = "the request does not come from a page of this service";
        return forbidden("foreign_origin", message);
    }
    if !ev.has_csrf_token {
        let message = "the header X-CSRF-Token does not hold the token of this session";
        return forbidden("csrf_token_invalid", message);
    }
    Ok(())
}
