//! The bodies of requests.

mod findings;
mod password;
mod reader;
mod tree;

use std::cell::RefCell;

use bytes::Bytes;
use dullahan_core::Violation;
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;

pub(super) use self::password::Password;
use self::{
    findings::{Findings, Place},
    reader::Reader,
    tree::Node,
};
use super::{Problem, problem::Refusal};
use crate::domain::{EmailAddress, InvalidEmailAddress, Token};

/// Reads a body.
///
/// A body that is not a JSON object, or has a member twice, is malformed (400). An object with unknown members, members
/// of a wrong type or without required ones is not acceptable (422), and the answer names all of them. A required member
/// is one that serde requires: neither an `Option` nor with a default.
pub(super) fn read<B: DeserializeOwned>(body: &Bytes) -> Result<B, Refusal> {
    match read_past_violations(body)? {
        (Some(read), violations) if violations.is_empty() => Ok(read),
        (_, violations) => Err(Problem::invalid(violations).into()),
    }
}

/// Reads a body, with stand-ins for members that are missing or of a wrong type, and says what is wrong with it.
pub(super) fn read_past_violations<B: DeserializeOwned>(
    body: &Bytes,
) -> Result<(Option<B>, Vec<Violation>), Problem> {
    let tree: Node<'_> = serde_json::from_slice(body).map_err(|error| malformed(body, &error))?;
    if !matches!(tree, Node::Object(_)) {
        return Err(Problem::malformed("the body has to be a JSON object".to_owned()));
    }
    let mut absent = Vec::new();
    loop {
        let known = absent.len();
        let findings = RefCell::new(Findings { absent, ..Findings::default() });
        let (place, node) = (&Place::Root, Some(&tree));
        let read = B::deserialize(Reader { node, place, findings: &findings, is_quiet: false });
        let found = findings.into_inner();
        absent = found.absent;
        // serde names one missing member at a time, so it is asked again with a stand-in for that one.
        if absent.len() > known && found.violations.len() <= Problem::MOST_ERRORS {
            continue;
        }
        let mut violations = found.violations;
        if read.is_err() && violations.is_empty() {
            // A type that does not let its members be read one by one, such as a flattened one.
            let missing = absent.iter().map(|(object, name)| format!("{object}/{name}"));
            violations.extend(missing.map(|pointer| Violation::new(pointer, "required")));
            if violations.is_empty() {
                violations.push(Violation::new("", "wrong_type"));
            }
        }
        return Ok((read.ok(), violations));
    }
}

/// Says where the text stops to be JSON, without repeating any of it.
fn malformed(body: &Bytes, error: &serde_json::Error) -> Problem {
    if body.is_empty() {
        return Problem::malformed("the body is empty; a JSON object is expected".to_owned());
    }
    // The tree itself refuses nothing but a name that is there already.
    let what = if error.is_data() { "has a member twice" } else { "is not JSON" };
    let (line, column) = (error.line(), error.column());
    Problem::malformed(format!("the body {what}: line {line}, column {column}"))
}

/// The token of a mail.
#[derive(Deserialize, ToSchema)]
pub(super) struct TokenBody {
    /// The token, as the mail has it.
    token: String,
}

impl TokenBody {
    /// The token; `None` for one that has not even the form of a token.
    pub(super) fn token(&self) -> Option<Token> {
        self.token.trim().parse().ok()
    }
}

/// An email address.
#[derive(Deserialize, ToSchema)]
pub(super) struct EmailBody {
    #[schema(format = Email, max_length = 254)]
    email: String,
}

impl EmailBody {
    /// The address for an account to have.
    pub(super) fn email(&self) -> Result<EmailAddress, Refusal> {
        self.parse(str::parse)
    }

    /// The address of an existing account.
    pub(super) fn email_of_account(&self) -> Result<EmailAddress, Refusal> {
        self.parse(EmailAddress::for_lookup)
    }

    fn parse(
        &self,
        parse: fn(&str) -> Result<EmailAddress, InvalidEmailAddress>,
    ) -> Result<EmailAddress, Refusal> {
        let violation = match self.email.trim() {
            "" => Violation::new("/email", "required"),
            text => match parse(text) {
                Ok(email) => return Ok(email),
                Err(_) => Violation::new("/email", "invalid_email"),
            },
        };
        Err(Problem::invalid(vec![violation]).into())
    }
}

#[cfg(test)]
mod tests;
