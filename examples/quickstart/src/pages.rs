//! The pages of this application: what there is, and the API to read. They have no script and load nothing from elsewhere.

mod api;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, HeaderName, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::Value;

/// What there is, as text and as HTML.
const HOME: &[(&str, &str)] = &[
    ("/docs", "the API, to read"),
    ("/auth/openapi.json", "the API as an OpenAPI document, to generate clients from"),
    ("/account", "the signed-in user's account"),
    ("/hello", "a route of this application's own, for signed-in users"),
];

/// The routes of the pages, for an API that this document describes.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(document: &Value) -> Router<S> {
    let api: Arc<str> = page(&api::title(document), &api::body(document)).into();
    Router::new()
        .route("/", get(home))
        .route("/docs", get(async move || as_page(api.to_string())))
        .route("/docs/style.css", get(async || ([(header::CONTENT_TYPE, "text/css")], STYLE)))
}

/// Answers a browser with a page, and other clients with text.
async fn home(headers: HeaderMap) -> Response {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let vary = [(header::VARY, "accept")];
    if accepts.into_iter().any(|accepts| accepts.contains("text/html")) {
        let link = |(path, what): &(&str, &str)| {
            format!("<dt><a href=\"{path}\"><code>{path}</code></a></dt><dd>{what}</dd>")
        };
        let links: String = HOME.iter().map(link).collect();
        let body =
            format!("<h1>Quickstart</h1><p>It runs. This is what there is:</p><dl>{links}</dl>");
        (vary, as_page(page("Quickstart", &body))).into_response()
    } else {
        let line = |(path, what): &(&str, &str)| format!("  {path:<20} {what}\n");
        let lines: String = HOME.iter().map(line).collect();
        (vary, format!("Quickstart: it runs. This is what there is:\n\n{lines}")).into_response()
    }
}

/// # Rule
///
/// ASVS 5.0 items 3.4.3 to 3.4.6: a page says what it may load, and who may show it in a frame.
fn as_page(page: String) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                          frame-ancestors 'none'";
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(page)).into_response()
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/docs/style.css\"></head>\
         <body><main>{body}</main></body></html>\n"
    )
}

const STYLE: &str = include_str!("pages/style.css");
