//! The contract described: OpenAPI 3.1, made of the types that the contract reads and writes.

mod codes;
mod operation;
mod schema;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use self::{
    operation::{Access, Operation},
    schema::reference,
};
use super::{HttpSettings, Problem, Route, answer::NO_SNIFF};
use crate::domain::{PasswordPolicy, PlainPassword};

/// The description of the routes, as a document.
pub(super) fn document(routes: &[Route], settings: &HttpSettings) -> Value {
    let mut schemas = schema::answers();
    let mut paths = Map::new();
    for route in routes {
        let operation = Operation::of(route);
        if let Some(body) = operation.body {
            schemas.extend((body.schemas)());
        }
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_ascii_lowercase()] = describe(route, &operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Users",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
        },
        "servers": [{ "url": server_url(settings) }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": settings.cookie.name() },
                "csrf": { "type": "apiKey", "in": "header", "name": "X-CSRF-Token" },
            },
        },
    })
}

/// Says of every password that is chosen how long it has to be.
pub(super) fn bound_passwords(document: &mut Value, policy: &PasswordPolicy) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for schema in schemas.into_iter().flat_map(Map::values_mut) {
        let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            continue;
        };
        let is_chosen = |member: &&mut Value| member["maxLength"] == PlainPassword::MAX_BYTES;
        for member in members.values_mut().filter(is_chosen) {
            member["minLength"] = json!(policy.min());
            member["maxLength"] = json!(policy.max());
        }
    }
}

/// Without a slash at its end, since the paths begin with one.
fn server_url(settings: &HttpSettings) -> &str {
    let trimmed = settings.server_url.trim_end_matches('/');
    if trimmed.is_empty() { "/" } else { trimmed }
}

const DESCRIPTION: &str = "Registration, login, sessions and accounts.\n\n\
    Requests that change something send JSON. Browsers may send them from the service's own pages only; if the session is \
    in a cookie, they also send its CSRF token as `X-CSRF-Token`. Programs use a bearer token and need neither.\n\n\
    Failures are problem details (RFC 9457). `code` is stable and meant for programs. More codes may be added without \
    notice, so treat a code that you do not know by the status of the response.";

/// The document as an answer. It is no secret, and the same for everybody.
pub(super) fn answer(document: Bytes) -> Response<Bytes> {
    let mut response = Response::new(document);
    let content_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    response
}

fn describe(route: &Route, operation: &Operation) -> Value {
    let mut described = json!({
        "operationId": operation_id(route),
        "summary": operation.summary,
        "parameters": parameters(route.path, operation),
        "security": security(operation.access, &route.method),
        "responses": responses(route, operation),
    });
    if operation.body.is_none() && route.method == Method::POST {
        described["requestBody"] = json!({
            "description": "An empty object. JSON is required because forms of other sites cannot send it.",
            "required": true,
            "content": { "application/json": { "schema": { "type": "object" }, "example": {} } },
        });
    }
    if let Some(body) = operation.body {
        let schema = reference(body.name);
        described["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema, "example": (body.example)() } },
        });
        if route.method == Method::PATCH {
            let content = &mut described["requestBody"]["content"];
            content["application/merge-patch+json"] = content["application/json"].clone();
        }
    }
    described
}

/// The method and the path in one word.
fn operation_id(route: &Route) -> String {
    let words = route.path.split(['/', '-', '.']).filter(|word| !word.is_empty());
    let words = words.map(|word| word.trim_matches(['{', '}']).to_owned());
    let method = route.method.as_str().to_ascii_lowercase();
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn parameters(path: &str, operation: &Operation) -> Vec<Value> {
    let names = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let schema = json!({ "type": "string", "format": "uuid" });
    let of_path =
        names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    let of_query = operation.query.map(|(name, value)| {
        let schema = json!({ "type": "string", "enum": [value] });
        json!({ "name": name, "in": "query", "required": true, "schema": schema })
    });
    of_path.chain(of_query).collect()
}

fn security(access: Access, method: &Method) -> Value {
    match access {
        Access::Anybody => json!([]),
        Access::SignedIn if *method == Method::GET => json!([{ "bearer": [] }, { "cookie": [] }]),
        Access::SignedIn => json!([{ "bearer": [] }, { "cookie": [], "csrf": [] }]),
    }
}

/// What a route can answer: its success, and every problem that it may have.
fn responses(route: &Route, operation: &Operation) -> Value {
    let mut responses = Map::new();
    for success in &operation.successes {
        let mut response = json!({ "description": success.description });
        if let Some(name) = success.schema {
            let schema = reference(name);
            response["content"] = json!({ "application/json": { "schema": schema } });
        }
        if success.may_set_cookie {
            response["headers"] = json!({ "Set-Cookie": { "schema": { "type": "string" } } });
        }
        responses.insert(success.status.to_string(), response);
    }
    let changes = route.method != Method::GET;
    let always = [500, 503];
    let of_changes: &[u16] = if changes { &[400, 403, 408, 413, 415, 422, 429] } else { &[] };
    let of_sessions: &[u16] = if operation.access == Access::SignedIn { &[401] } else { &[] };
    let of_paths: &[u16] = if route.path.contains('{') { &[404] } else { &[] };
    let all = [&always, of_changes, of_sessions, of_paths, operation.problems].concat();
    for status in all {
        responses.insert(status.to_string(), problem(status));
    }
    Value::Object(responses)
}

fn problem(status: u16) -> Value {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let text = json!({ "schema": { "type": "string" } });
    let headers = match status {
        401 => json!({ "WWW-Authenticate": text }),
        429 | 503 => json!({ "Retry-After": { "schema": { "type": "integer", "minimum": 1 } } }),
        _ => json!({}),
    };
    let example = Problem::example(status);
    let codes = codes::of_status(status).join("`, `");
    json!({
        "description": format!("{}: `{codes}`", reason.unwrap_or("Error")),
        "headers": headers,
        "content": {
            "application/problem+json": { "schema": reference("Problem"), "example": example },
        },
    })
}

#[cfg(test)]
mod tests;
