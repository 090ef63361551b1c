use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{bound_passwords, document, operation::Operation};
use crate::{
    domain::PasswordPolicy,
    presentation::http::{HttpSettings, route::ROUTES},
};

#[test]
fn every_route_is_described() {
    for route in ROUTES {
        let known = Operation::known(&route.method, route.path);
        let described = known.is_some_and(|operation| !operation.successes.is_empty());
        assert!(described, "{} {} is not described", route.method, route.path);
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document(ROUTES, &HttpSettings::default());
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 20, "only {} references", references.len());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(reference) if name == "$ref" => {
                        references.push(reference.clone())
                    }
                    _ => collect(member, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[test]
fn a_body_has_the_members_that_it_is_read_from_and_no_others() {
    let document = document(ROUTES, &HttpSettings::default());
    let login = &document["components"]["schemas"]["LoginBody"];
    let mut members: Vec<_> = login["properties"].as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["identifier", "password", "remember", "transport"]);
    assert_eq!(login["required"].as_array().unwrap().len(), 3);
    assert_eq!(login["additionalProperties"], false);
}

#[test]
fn a_password_that_is_chosen_is_as_long_as_the_policy_says_and_no_other_is() {
    let mut document = document(ROUTES, &HttpSettings::default());
    let policy = PasswordPolicy::default().with_min(20).with_max(200);
    bound_passwords(&mut document, &policy);
    let schemas = &document["components"]["schemas"];
    let chosen = &schemas["RegistrationBody"]["properties"]["password"];
    assert_eq!((&chosen["minLength"], &chosen["maxLength"]), (&json!(20), &json!(200)));
    assert!(schemas["LoginBody"]["properties"]["password"]["minLength"].is_null());
    assert_eq!(schemas["RegistrationBody"]["properties"]["email"]["maxLength"], 254);
}

#[test]
fn operations_have_names_of_their_own() {
    let document = document(ROUTES, &HttpSettings::default());
    let items = document["paths"].as_object().unwrap().values();
    let mut names: Vec<_> = items
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), ROUTES.len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ROUTES.len());
}

#[test]
fn what_a_query_has_to_say_is_described() {
    let document = document(ROUTES, &HttpSettings::default());
    let described = &document["paths"]["/account/sessions"];
    let expected = json!([
        { "name": "except", "in": "query", "required": true, "schema": { "type": "string", "enum": ["current"] } },
    ]);
    assert_eq!(described["delete"]["parameters"], expected);
    assert_eq!(described["get"]["parameters"], json!([]));
}

#[test]
fn a_body_that_need_not_be_there_is_not_asked_for() {
    let document = document(ROUTES, &HttpSettings::default());
    for path in ["/account/sessions", "/account/sessions/{id}"] {
        assert!(document["paths"][path]["delete"]["requestBody"].is_null(), "{path}");
    }
    let removal = &document["paths"]["/account/removal"]["post"];
    assert_eq!(removal["requestBody"]["required"], true);
}

#[test]
fn a_language_has_the_form_of_a_tag() {
    let document = document(ROUTES, &HttpSettings::default());
    for name in ["RegistrationBody", "AccountBody"] {
        let locale = &document["components"]["schemas"][name]["properties"]["locale"];
        assert_eq!(locale["pattern"], "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", "{name}");
        assert_eq!(locale["maxLength"], 35, "{name}");
    }
}

#[test]
fn new_07_values_that_are_known_are_enums() {
    let document = document(ROUTES, &HttpSettings::default());
    let schemas = &document["components"]["schemas"];
    let transports = json!(["cookie", "bearer"]);
    assert_eq!(schemas["LoginBody"]["properties"]["transport"]["enum"], transports);
    assert_eq!(schemas["Session"]["properties"]["transport"]["enum"], transports);
    let statuses = json!(["pending", "active", "closed", "deactivated"]);
    assert_eq!(schemas["User"]["properties"]["status"]["enum"], statuses);
    for name in ["RegistrationBody", "AccountBody"] {
        let extra = &schemas[name]["properties"]["extra"];
        assert_eq!(extra["additionalProperties"], json!({}), "{extra}");
        assert!(!schemas[name]["required"].to_string().contains("extra"));
    }
}

#[test]
fn new_07_a_session_says_which_of_the_two_it_is() {
    let document = document(ROUTES, &HttpSettings::default());
    let signed_in = &document["components"]["schemas"]["SignedIn"];
    assert_eq!(signed_in["discriminator"]["propertyName"], "transport");
    for (transport, reference) in signed_in["discriminator"]["mapping"].as_object().unwrap() {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        let schema = document.pointer(pointer).unwrap();
        assert_eq!(schema["properties"]["transport"]["enum"], json!([transport]));
        assert!(schema["required"].as_array().unwrap().contains(&json!("transport")));
    }
}

#[test]
fn new_07_the_url_of_the_server_and_a_path_make_a_url() {
    for (set, expected) in [
        ("/", "/"),
        ("/api", "/api"),
        ("/api/", "/api"),
        ("https://app.example/", "https://app.example"),
        ("https://app.example/api", "https://app.example/api"),
    ] {
        let settings = HttpSettings { server_url: set.to_owned(), ..HttpSettings::default() };
        assert_eq!(document(ROUTES, &settings)["servers"], json!([{ "url": expected }]), "{set}");
    }
}

#[test]
fn new_07_the_codes_are_those_of_the_readme_and_may_be_others() {
    let document = document(ROUTES, &HttpSettings::default());
    let schemas = &document["components"]["schemas"];
    let known = |name: &str| {
        let known = schemas[name]["enum"].as_array().unwrap().iter();
        known.map(|code| code.as_str().unwrap()).collect::<BTreeSet<_>>()
    };
    let table = include_str!("../../../../README.md").split_once("| status | codes |").unwrap().1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let told: BTreeSet<_> = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).collect();
    let all: BTreeSet<_> = &known("ProblemCode") | &known("ViolationCode");
    assert_eq!(told, all);
    for (name, code) in [("Problem", "ProblemCode"), ("Violation", "ViolationCode")] {
        let expected = json!([
            { "$ref": format!("#/components/schemas/{code}") },
            { "type": "string" },
        ]);
        assert_eq!(schemas[name]["properties"]["code"]["anyOf"], expected);
    }
}

#[test]
fn new_07_nothing_is_told_of_the_inside() {
    let text = document(ROUTES, &HttpSettings::default()).to_string();
    for word in ["in a box", "hold none", "Whoever", "whoever", "nobody", "listener", "say,"] {
        assert!(!text.contains(word), "{word}");
    }
}
