//! The schemas of what the contract answers with.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::presentation::http::problem::Details;

/// A user, as clients see it. An application may add members.
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
    #[schema(required)]
    locale: Option<String>,
    /// `pending`, `active` or `deactivated`.
    status: String,
    /// In the order of their names.
    roles: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: String,
}

/// A session, as its user sees it. An application may add members.
#[derive(ToSchema)]
#[schema(as = Session)]
#[expect(dead_code, reason = "it describes what an event writes, which listeners may change")]
struct SessionAnswer {
    #[schema(value_type = String, format = "uuid")]
    id: String,
    /// Whether it is the one of the request.
    current: bool,
    /// `cookie` or `bearer`.
    transport: String,
    #[schema(required)]
    user_agent: Option<String>,
    #[schema(required)]
    address: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: String,
    #[schema(value_type = String, format = DateTime)]
    authenticated_at: String,
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: String,
}

/// What is wrong with one member of a request.
#[derive(ToSchema)]
#[schema(as = Violation)]
#[expect(dead_code, reason = "it describes a type of the core, which knows nothing of HTTP")]
pub(in crate::presentation::http) struct ViolationAnswer {
    /// Where, as a JSON Pointer (RFC 6901).
    pointer: String,
    /// What, as a stable name.
    code: String,
    /// The figures that a message needs.
    #[schema(value_type = Object, required = false)]
    params: Option<()>,
}

/// The schemas of all answers, by name.
pub(super) fn answers() -> Map<String, Value> {
    let mut schemas = Map::new();
    schemas.insert("User".to_owned(), of::<UserAnswer>());
    schemas.insert("Violation".to_owned(), of::<ViolationAnswer>());
    schemas.insert("Problem".to_owned(), of::<Details>());
    let user = json!({ "$ref": "#/components/schemas/User" });
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties });
    let pending = json!({ "status": { "const": "pending" } });
    schemas.insert("Pending".to_owned(), object(&["status"], pending));
    schemas.insert("Registered".to_owned(), object(&["user"], json!({ "user": user })));
    let session = object(
        &["id", "expires_at"],
        json!({
            "id": { "type": "string", "format": "uuid" },
            "expires_at": { "type": "string", "format": "date-time" },
        }),
    );
    let by_cookie = object(
        &["user", "session", "csrf_token"],
        json!({ "user": user, "session": session, "csrf_token": { "type": "string" } }),
    );
    let by_bearer = object(
        &["user", "access_token", "token_type", "expires_in"],
        json!({
            "user": user,
            "access_token": { "type": "string" },
            "token_type": { "const": "Bearer" },
            "expires_in": { "type": "integer", "minimum": 0 },
        }),
    );
    schemas.insert("SignedIn".to_owned(), json!({ "oneOf": [by_cookie, by_bearer] }));
    let accepted = json!({ "status": { "const": "accepted" } });
    schemas.insert("Accepted".to_owned(), object(&["status"], accepted));
    let csrf_token = json!({ "csrf_token": { "type": "string" } });
    schemas.insert("CsrfToken".to_owned(), object(&["csrf_token"], csrf_token));
    let mailboxes = json!({ "type": "array", "items": { "enum": ["current", "new"] } });
    schemas.insert("Awaiting".to_owned(), object(&["awaiting"], json!({ "awaiting": mailboxes })));
    schemas.insert("Session".to_owned(), of::<SessionAnswer>());
    let sessions = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Session" } });
    schemas.insert("Sessions".to_owned(), object(&["sessions"], json!({ "sessions": sessions })));
    let export = json!({ "account": user, "sessions": sessions, "email_change": {} });
    schemas.insert("Export".to_owned(), object(&["account", "sessions", "email_change"], export));
    schemas.insert("Document".to_owned(), json!({ "type": "object" }));
    schemas
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
