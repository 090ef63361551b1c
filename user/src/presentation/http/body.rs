//! The bodies of requests.

use std::fmt;

use bytes::Bytes;
use dullahan_core::Violation;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Problem, problem::Refusal};
use crate::domain::{EmailAddress, InvalidEmailAddress, PlainPassword, Token};

/// A body whose unknown members are caught, so that all of them can be named at once.
pub(super) trait Body: de::DeserializeOwned {
    fn unknown(&self) -> &Map<String, Value>;
}

/// Reads a body.
///
/// What is no JSON object is malformed (400). What is one and has unknown members, or members of a wrong
/// type, is not acceptable (422). Whether a member is missing is the question of whoever needs it.
pub(super) fn read<B: Body>(body: &Bytes) -> Result<B, Refusal> {
    let value: Value = serde_json::from_slice(body).map_err(|error| malformed(body, &error))?;
    if !value.is_object() {
        return Err(Problem::malformed("the body has to be a JSON object".to_owned()).into());
    }
    let read: B = serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = pointer_of(error.path());
        Problem::invalid(vec![Violation::new(pointer, "wrong_type")])
    })?;
    if read.unknown().is_empty() {
        return Ok(read);
    }
    let unknown = read.unknown().keys();
    let violations = unknown.map(|name| Violation::new(pointer_to(name), "unknown_member"));
    Err(Problem::invalid(violations.collect()).into())
}

/// Says where the text stops to be JSON, and nothing of what it says.
fn malformed(body: &Bytes, error: &serde_json::Error) -> Problem {
    if body.is_empty() {
        return Problem::malformed("the body is empty; a JSON object is expected".to_owned());
    }
    Problem::malformed(format!(
        "the body is not JSON: line {}, column {}",
        error.line(),
        error.column()
    ))
}

fn pointer_to(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(pointer_to(key)),
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// The token of a mail.
#[derive(Deserialize, ToSchema)]
pub(super) struct TokenBody {
    #[schema(required, value_type = String)]
    token: Option<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Map<String, Value>,
}

impl Body for TokenBody {
    fn unknown(&self) -> &Map<String, Value> {
        &self.unknown
    }
}

impl TokenBody {
    /// The token; `None` for one that has not even the form of a token.
    pub(super) fn token(self) -> Result<Option<Token>, Refusal> {
        match self.token {
            Some(token) => Ok(token.trim().parse().ok()),
            None => Err(Problem::invalid(vec![Violation::new("/token", "required")]).into()),
        }
    }
}

/// An address.
#[derive(Deserialize, ToSchema)]
pub(super) struct EmailBody {
    #[schema(required, value_type = String, format = Email, max_length = 254)]
    email: Option<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Map<String, Value>,
}

impl Body for EmailBody {
    fn unknown(&self) -> &Map<String, Value> {
        &self.unknown
    }
}

impl EmailBody {
    /// The address that an account is to have.
    pub(super) fn email(self) -> Result<EmailAddress, Refusal> {
        self.read(str::parse)
    }

    /// The address of the account that this is about.
    pub(super) fn email_of_account(self) -> Result<EmailAddress, Refusal> {
        self.read(EmailAddress::for_lookup)
    }

    fn read(
        self,
        parse: fn(&str) -> Result<EmailAddress, InvalidEmailAddress>,
    ) -> Result<EmailAddress, Refusal> {
        let violation = match self.email.as_deref().map(str::trim) {
            None | Some("") => Violation::new("/email", "required"),
            Some(text) => match parse(text) {
                Ok(email) => return Ok(email),
                Err(_) => Violation::new("/email", "invalid_email"),
            },
        };
        Err(Problem::invalid(vec![violation]).into())
    }
}

/// A password in a body.
pub(super) enum Password {
    Plain(PlainPassword),
    /// Longer than any password may be.
    Oversized,
}

impl Password {
    /// A password that somebody wants to have.
    pub(super) fn chosen(self, pointer: &'static str) -> Result<PlainPassword, Violation> {
        match self {
            Self::Plain(password) => Ok(password),
            Self::Oversized => Err(Violation::new(pointer, "too_long")),
        }
    }

    /// A password that somebody says they have. Nobody has one of such a size, so another one that nobody has takes its
    /// place: it is refused like any other that is wrong, and counts as a try.
    pub(super) fn presented(self) -> PlainPassword {
        match self {
            Self::Plain(password) => password,
            Self::Oversized => Uuid::now_v7().to_string().parse().expect("it is short"),
        }
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(PasswordVisitor)
    }
}

struct PasswordVisitor;

impl de::Visitor<'_> for PasswordVisitor {
    type Value = Password;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Password, E> {
        Ok(text.parse().map_or(Password::Oversized, Password::Plain))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Password, E> {
        Ok(text.try_into().map_or(Password::Oversized, Password::Plain))
    }
}
