use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{read, read_past_violations};
use crate::presentation::http::problem::Refusal;

/// A body with all that a body may have.
#[derive(Debug, Deserialize)]
struct Order {
    customer: Customer,
    items: Vec<Item>,
    note: Option<String>,
    #[serde(default)]
    extra: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Customer {
    name: String,
    age: u8,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is read, and nothing is done with it")]
struct Item {
    kind: Kind,
    count: u32,
    price: f64,
    is_gift: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Tea,
    Coffee,
}

fn problem_of(text: &str) -> Value {
    match read::<Order>(&Bytes::from(text.to_owned())) {
        Err(Refusal::Problem(problem)) => json!(problem),
        _ => panic!("it was read: {text}"),
    }
}

/// The violations as `pointer code known`.
fn violations_of(body: &Value) -> Vec<String> {
    let (_, violations) =
        read_past_violations::<Order>(&Bytes::from(body.to_string())).unwrap_or_default();
    let line = |violation: &dullahan_core::Violation| {
        let known = violation.params().get("known").map(String::as_str).unwrap_or_default();
        format!("{} {} {known}", violation.pointer(), violation.code()).trim_end().to_owned()
    };
    violations.iter().map(line).collect()
}

fn order() -> Value {
    json!({
        "customer": { "name": "Ada", "age": 36 },
        "items": [{ "kind": "coffee", "count": 2, "price": 3, "is_gift": false }],
        "extra": { "a": [1, -2, 0.5, null, { "b": "\u{e9}\n" }] },
    })
}

#[test]
fn a_good_body_is_read_as_it_is() {
    let read = read::<Order>(&Bytes::from(order().to_string())).ok().unwrap();
    assert_eq!(Value::Object(read.extra), order()["extra"]);
    assert_eq!((read.customer.name.as_str(), read.customer.age, read.note), ("Ada", 36, None));
    let item = &read.items[0];
    assert!(matches!(item.kind, Kind::Coffee) && item.count == 2 && item.price == 3.0);
}

#[test]
fn new_02_all_that_is_wrong_is_named_at_any_depth() {
    let body = json!({
        "customer": { "nmae": "Ada", "age": "36" },
        "items": [
            { "kind": "coffee", "count": 2, "price": 3.5, "is_gift": true },
            { "kind": "milk", "cuont": 1, "price": null, "is_gift": "no" },
            7,
            {},
        ],
        "note": 5,
        "a/b": 1,
        "extra": [],
    });
    let mut violations = violations_of(&body);
    violations.sort_unstable();
    let expected = [
        "/a~1b unknown_member customer, items, note, extra",
        "/customer/age wrong_type",
        "/customer/name required",
        "/customer/nmae unknown_member name, age",
        "/extra wrong_type",
        "/items/1/count required",
        "/items/1/cuont unknown_member kind, count, price, is_gift",
        "/items/1/is_gift wrong_type",
        "/items/1/kind unknown_value tea, coffee",
        "/items/1/price required",
        "/items/2 wrong_type",
        "/items/3/count required",
        "/items/3/is_gift required",
        "/items/3/kind required tea, coffee",
        "/items/3/price required",
        "/note wrong_type",
    ];
    assert_eq!(violations, expected);
}

#[test]
fn what_is_missing_as_a_whole_is_named_as_a_whole() {
    assert_eq!(violations_of(&json!({})), ["/customer required", "/items required"]);
    let mut body = order();
    body["customer"] = Value::Null;
    assert_eq!(violations_of(&body), ["/customer required"]);
}

#[test]
fn a_value_that_its_type_refuses_is_named() {
    let mut body = order();
    body["customer"]["age"] = json!(256);
    body["oops"] = json!(1);
    let expected =
        ["/oops unknown_member customer, items, note, extra", "/customer/age wrong_type"];
    assert_eq!(violations_of(&body), expected);
}

#[test]
fn pub_07_a_small_request_has_no_large_answer() {
    let items: Vec<_> = (0..15_000).map(|_| json!({})).collect();
    let problem = problem_of(&json!({ "customer": 1, "items": items }).to_string());
    assert_eq!(problem["errors"].as_array().unwrap().len(), 50);
    assert!(problem["more_errors"].as_u64().unwrap() >= 1);

    let mut body = order();
    (0..7_000).for_each(|i| body[format!("m{i}")] = json!(0));
    let problem = problem_of(&body.to_string());
    assert_eq!(problem["errors"].as_array().unwrap().len(), 50);
    assert_eq!(problem["more_errors"], 6_950);
}

#[test]
fn pub_20_a_member_that_is_there_twice_makes_a_body_malformed_at_any_depth() {
    for twice in [
        r#"{"note":"a","note":"a"}"#,
        r#"{"note":"a","n\u006fte":"b"}"#,
        r#"{"customer":{"name":"a","age":1,"name":"b"}}"#,
        r#"{"items":[{},{"kind":"tea","kind":"tea"}]}"#,
        r#"{"extra":{"a":[{"b":1,"b":1}]}}"#,
        r#"{"unknown":1,"unknown":1}"#,
        r#"{"":1,"":2}"#,
    ] {
        let problem = problem_of(twice);
        assert_eq!(problem["status"], 400, "{twice}");
        assert_eq!(problem["code"], "malformed", "{twice}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("the body has a member twice: line 1, column "), "{detail}");
    }
}
