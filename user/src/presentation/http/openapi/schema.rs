//! The schemas of what the contract answers with.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::codes;
use crate::presentation::http::problem::Details;

/// A user. An application may add members.
#[derive(ToSchema)]
#[schema(as = User)]
#[expect(dead_code, reason = "it describes what an event writes, which listeners may change")]
struct UserAnswer {
    #[schema(value_type = String, format = "uuid")]
    id: String,
    #[schema(value_type = String, format = Email)]
    email: String,
    #[schema(required)]
    display_name: Option<String>,
    /// The language of mails to the user, as a language tag (RFC 5646).
    #[schema(required)]
    locale: Option<String>,
    #[schema(inline)]
    status: Status,
    /// The names of the user's roles, in alphabetical order.
    roles: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: String,
}

/// A pending user has not activated the account yet. A closed one opens the account again by logging in, a deactivated one
/// cannot log in.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes what an event writes")]
enum Status {
    Pending,
    Active,
    Closed,
    Deactivated,
}

/// A session of the signed-in user. An application may add members.
#[derive(ToSchema)]
#[schema(as = Session)]
#[expect(dead_code, reason = "it describes what an event writes, which listeners may change")]
struct SessionAnswer {
    #[schema(value_type = String, format = "uuid")]
    id: String,
    /// Whether this is the session of the request.
    current: bool,
    #[schema(inline)]
    transport: Transport,
    /// The `User-Agent` of the login.
    #[schema(required)]
    user_agent: Option<String>,
    /// The IP address of the login.
    #[schema(required)]
    address: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: String,
    /// When the user last entered the password.
    #[schema(value_type = String, format = DateTime)]
    authenticated_at: String,
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: String,
}

/// How the session's token travels.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes what an event writes")]
enum Transport {
    Cookie,
    Bearer,
}

/// The schemas of all answers, by name.
pub(super) fn answers() -> Map<String, Value> {
    let schemas = [
        ("User", of::<UserAnswer>()),
        ("Session", of::<SessionAnswer>()),
        ("Problem", problem()),
        ("ProblemCode", known(codes::OF_PROBLEMS.iter().flat_map(|(_, codes)| *codes))),
        ("Violation", violation()),
        ("ViolationCode", known(codes::OF_VIOLATIONS)),
        ("Pending", object("The registration was accepted.", json!({ "status": one("pending") }))),
        ("Registered", object("The new user.", json!({ "user": reference("User") }))),
        ("SignedIn", signed_in()),
        ("SignedInByCookie", by_cookie()),
        ("SignedInByBearer", by_bearer()),
        ("Accepted", object("The request was accepted.", json!({ "status": one("accepted") }))),
        ("CsrfToken", object("A CSRF token.", json!({ "csrf_token": { "type": "string" } }))),
        ("Awaiting", awaiting()),
        ("Sessions", sessions()),
        ("Export", export()),
        ("Document", json!({ "type": "object", "additionalProperties": true })),
    ];
    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// A failure. Its code may be one that an application has added, and a later version may add more.
fn problem() -> Value {
    let mut schema = of::<Details>();
    schema["properties"]["code"] = open(
        "ProblemCode",
        "What went wrong, as a stable name. Treat a code that you do not know by its status.",
    );
    schema["properties"]["errors"]["items"] = reference("Violation");
    schema
}

fn violation() -> Value {
    let mut schema = object(
        "What is wrong with one member of the body.",
        json!({
            "pointer": { "type": "string", "description": "The member, as a JSON Pointer (RFC 6901)." },
            "code": open(
                "ViolationCode",
                "What is wrong, as a stable name. Treat a code that you do not know as `invalid`.",
            ),
            "params": {
                "type": "object",
                "description": "Values for a message, such as `min` of `too_short`.",
                "additionalProperties": { "type": "string" },
            },
        }),
    );
    schema["required"] = json!(["pointer", "code"]);
    schema
}

/// The session that was opened or renewed: `transport` tells which of the two it is.
fn signed_in() -> Value {
    json!({
        "description": "The session. `transport` tells how its token travels.",
        "oneOf": [reference("SignedInByCookie"), reference("SignedInByBearer")],
        "discriminator": {
            "propertyName": "transport",
            "mapping": {
                "cookie": "#/components/schemas/SignedInByCookie",
                "bearer": "#/components/schemas/SignedInByBearer",
            },
        },
    })
}

fn by_cookie() -> Value {
    let session = object(
        "The session.",
        json!({
            "id": { "type": "string", "format": "uuid" },
            "expires_at": { "type": "string", "format": "date-time" },
        }),
    );
    object(
        "A session whose token is in the cookie that the response sets.",
        json!({
            "transport": one("cookie"),
            "user": reference("User"),
            "session": session,
            "csrf_token": {
                "type": "string",
                "description": "Send it as `X-CSRF-Token` with every request that changes something.",
            },
        }),
    )
}

fn by_bearer() -> Value {
    object(
        "A session whose token goes into the `Authorization` header.",
        json!({
            "transport": one("bearer"),
            "user": reference("User"),
            "access_token": { "type": "string" },
            "token_type": one("Bearer"),
            "expires_in": {
                "type": "integer",
                "minimum": 0,
                "description": "The seconds until the session expires.",
            },
        }),
    )
}

fn awaiting() -> Value {
    let mailboxes =
        json!({ "type": "array", "items": { "type": "string", "enum": ["current", "new"] } });
    object("The mailboxes that have not confirmed yet.", json!({ "awaiting": mailboxes }))
}

fn sessions() -> Value {
    object("Sessions.", json!({ "sessions": { "type": "array", "items": reference("Session") } }))
}

fn export() -> Value {
    let at = json!({ "type": "string", "format": "date-time" });
    let mut change = object(
        "The change of the address that is under way.",
        json!({
            "email": { "type": "string", "format": "email" },
            "created_at": at,
            "expires_at": at,
        }),
    );
    change["type"] = json!(["object", "null"]);
    let activated_at = json!({ "type": ["string", "null"], "format": "date-time" });
    let account = json!({
        "allOf": [reference("User"), object("", json!({ "activated_at": activated_at }))],
    });
    object(
        "Everything that is stored about the user. An application may add members.",
        json!({
            "account": account,
            "sessions": { "type": "array", "items": reference("Session") },
            "email_change": change,
        }),
    )
}

/// An object that has all of these members.
fn object(description: &str, properties: Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    let mut schema = json!({ "type": "object", "required": required, "properties": properties });
    if !description.is_empty() {
        schema["description"] = json!(description);
    }
    schema
}

/// A string with a single value.
fn one(value: &str) -> Value {
    json!({ "type": "string", "enum": [value] })
}

/// The values that are known.
fn known<'c>(values: impl IntoIterator<Item = &'c &'c str>) -> Value {
    json!({ "type": "string", "enum": values.into_iter().collect::<Vec<_>>() })
}

/// A string whose known values are those of a schema. Others may be added without notice.
fn open(name: &str, description: &str) -> Value {
    json!({ "description": description, "anyOf": [reference(name), { "type": "string" }] })
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The schema of a type.
pub(super) fn of<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap_or_default()
}

/// The schema of a body: it has no other members.
pub(super) fn closed<T: ToSchema>() -> (String, Value) {
    let mut schema = of::<T>();
    schema["additionalProperties"] = json!(false);
    (T::name().into_owned(), schema)
}
