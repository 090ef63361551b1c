//! An OpenAPI document as a page.

use serde_json::Value;

/// The title of the document.
pub(super) fn title(document: &Value) -> String {
    escape(text(&document["info"]["title"]))
}

/// All that the document says about operations and schemas.
pub(super) fn body(document: &Value) -> String {
    let operations: Vec<_> = members(&document["paths"])
        .flat_map(|(path, item)| {
            members(item).map(move |(method, operation)| (path, method, operation))
        })
        .collect();
    let about: String = text(&document["info"]["description"])
        .split("\n\n")
        .map(|paragraph| format!("<p>{}</p>", prose(paragraph)))
        .collect();
    let link = |(path, method, operation): &(&str, &str, &Value)| {
        let id = text(&operation["operationId"]);
        format!("<li><a href=\"#{id}\">{}</a></li>", heading(path, method))
    };
    let links: String = operations.iter().map(link).collect();
    let sections: String = operations
        .iter()
        .map(|(path, method, operation)| section(path, method, operation))
        .collect();
    let schemas: String = members(&document["components"]["schemas"])
        .map(|(name, schema)| of_schema(name, schema))
        .collect();
    format!(
        "<h1>{}</h1>{about}<nav><ul>{links}</ul></nav><h2>Operations</h2>{sections}<h2>Schemas</h2>{schemas}",
        title(document)
    )
}

fn heading(path: &str, method: &str) -> String {
    let (path, method) = (escape(path), escape(&method.to_uppercase()));
    format!("<code><span class=\"method\">{method}</span> {path}</code>")
}

fn section(path: &str, method: &str, operation: &Value) -> String {
    let id = escape(text(&operation["operationId"]));
    let security = items(&operation["security"]).map(|way| {
        let names: Vec<_> = members(way).map(|(name, _)| name).collect();
        names.join(" and ")
    });
    let security: Vec<_> = security.collect();
    let access = match security.as_slice() {
        [] => "Needs no session.".to_owned(),
        ways => format!("Needs a session: {}.", escape(&ways.join(", or "))),
    };
    let parameters: String = items(&operation["parameters"])
        .map(|parameter| {
            let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
            format!(
                "<p>In the {place}: <code>{}</code>, {}</p>",
                escape(name),
                kind(&parameter["schema"])
            )
        })
        .collect();
    let request = content(&operation["requestBody"], "<h4>Request</h4>");
    let answers: String = members(&operation["responses"])
        .map(|(status, response)| {
            let description = prose(text(&response["description"]));
            let schema = members(&response["content"]).map(|(_, content)| kind(&content["schema"]));
            format!(
                "<tr><td><code>{}</code></td><td>{description}</td><td>{}</td></tr>",
                escape(status),
                schema.collect::<String>()
            )
        })
        .collect();
    format!(
        "<section id=\"{id}\"><h3>{}</h3><p>{}. <span class=\"note\">{access}</span></p>{parameters}{request}\
         <h4>Responses</h4><table><tr><th>Status</th><th></th><th>Body</th></tr>{answers}</table></section>",
        heading(path, method),
        prose(text(&operation["summary"])),
    )
}

/// The schema and the example of a body, if there is one.
fn content(body: &Value, heading: &str) -> String {
    let content = members(&body["content"]).map(|(_, content)| {
        let example = serde_json::to_string_pretty(&content["example"]).unwrap_or_default();
        format!("{heading}<p>{}</p><pre>{}</pre>", kind(&content["schema"]), escape(&example))
    });
    content.collect()
}

fn of_schema(name: &str, schema: &Value) -> String {
    let required: Vec<_> = items(&schema["required"]).map(text).collect();
    let rows: String = members(&schema["properties"])
        .map(|(name, schema)| {
            let need = if required.contains(&name) { "required" } else { "" };
            format!(
                "<tr><td><code>{}</code></td><td>{}</td><td>{need}</td><td>{}</td></tr>",
                escape(name),
                kind(schema),
                prose(text(&schema["description"]))
            )
        })
        .collect();
    let content = if rows.is_empty() { kind(schema) } else { format!("<table>{rows}</table>") };
    let (name, about) = (escape(name), prose(text(&schema["description"])));
    format!("<section id=\"schema-{name}\"><h3>{name}</h3><p>{about}</p>{content}</section>")
}

/// The type of a schema in a few words, with links to other schemas.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escape(name));
    }
    let several = ["oneOf", "anyOf", "allOf"].into_iter().find(|word| schema[word].is_array());
    if let Some(word) = several {
        let kinds: Vec<_> = items(&schema[word]).map(kind).collect();
        return kinds.join(if word == "allOf" { " with " } else { " or " });
    }
    if schema["enum"].is_array() {
        let values: Vec<_> = items(&schema["enum"])
            .map(|value| format!("<code>{}</code>", escape(text(value))))
            .collect();
        return values.join(", ");
    }
    let mut name = match &schema["type"] {
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(" or "),
        name => text(name).to_owned(),
    };
    if let Some(format) = schema["format"].as_str() {
        name = format!("{name} ({format})");
    }
    let of_what = match () {
        () if schema["items"].is_object() => format!(" of {}", kind(&schema["items"])),
        () if schema["properties"].is_object() => {
            let names: Vec<_> =
                members(&schema["properties"]).map(|(name, _)| escape(name)).collect();
            format!(" of <code>{}</code>", names.join("</code>, <code>"))
        }
        () => String::new(),
    };
    format!("{}{of_what}", escape(&name))
}

/// Text with code in backticks.
fn prose(text: &str) -> String {
    let parts = escape(text);
    let parts = parts.split('`').enumerate();
    parts
        .map(
            |(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() },
        )
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
