//! What came of every request of the table.

use std::{future::pending, net::SocketAddr};

use serde_json::Value;

use super::{
    answer::Answer,
    aspect::{Aspect, Sender},
    exchange::exchange,
    person::Person,
    request::Request,
    stage::Stage,
    table,
};
use crate::presentation::http::UserHttp;

/// What came of every request of the table.
#[derive(Debug)]
pub struct Transcript {
    lines: Vec<Line>,
}

/// What came of one of them.
#[derive(Debug)]
struct Line {
    row: Request,
    answer: Answer,
}

impl Transcript {
    /// What the function answers, called as it is.
    pub async fn of_function(stage: &Stage) -> Self {
        let ask = async |request: Request| {
            let response = stage.users().serve(request.to_value(), |_| pending()).await;
            Ok(Answer::of_function(&response))
        };
        Self::of(stage, ask).await
    }

    /// What a server answers that has the contract of this stage below a prefix, such as `/api`.
    pub async fn over_socket(stage: &Stage, address: SocketAddr, prefix: &str) -> Self {
        let ask = async |request: Request| {
            let bytes = exchange(address, request.to_bytes(prefix)).await;
            Answer::of_bytes(&bytes.map_err(|error| error.to_string())?, request.method == "HEAD")
        };
        Self::of(stage, ask).await
    }

    async fn of(stage: &Stage, ask: impl AsyncFn(Request) -> Result<Answer, String>) -> Self {
        let mut lines = Vec::new();
        let mut left = None;
        for (number, row) in table::of(stage.users()).into_iter().enumerate() {
            let person = Person::for_request(stage, left.take(), &row, number).await;
            let [.., high, middle, low] = number.to_be_bytes();
            let request =
                person.fill_in(&row).header("x-forwarded-for", format!("10.{high}.{middle}.{low}"));
            let asked = async || {
                let answer = ask(request.clone()).await;
                answer.unwrap_or_else(|error| panic!("{}: {error}", row.name))
            };
            let mut answer = asked().await;
            for _ in 1..request.times {
                answer = asked().await;
            }
            left = person.after(&row, answer.status());
            lines.push(Line { row, answer });
        }
        Self { lines }
    }

    /// How many requests were asked.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many were answered with a status in this range.
    pub fn count(&self, statuses: std::ops::Range<u16>) -> usize {
        self.lines.iter().filter(|line| statuses.contains(&line.answer.status())).count()
    }

    /// Compares status, headers and body of every answer.
    ///
    /// # Panics
    ///
    /// With every request that was answered differently.
    pub fn assert_same(&self, expected: &Self) {
        assert_eq!(self.len(), expected.len(), "the tables differ");
        let mut differences = String::new();
        for (found, expected) in self.lines.iter().zip(&expected.lines) {
            if found.answer != expected.answer {
                let (name, found, expected) = (&found.row.name, &found.answer, &expected.answer);
                differences
                    .push_str(&format!("{name}\n  expected {expected:?}\n  found    {found:?}\n"));
            }
        }
        assert!(differences.is_empty(), "{differences}");
    }

    /// Checks that the table asks everything of every route, and that every route has succeeded for everybody
    /// who may use it: with a bearer token, with a cookie, and with neither where it is for anybody. Every code that was
    /// answered is known to the OpenAPI document.
    ///
    /// # Panics
    ///
    /// With everything that is missing.
    pub fn assert_complete(&self, users: &UserHttp) {
        let document = users.openapi();
        let mut missing = String::new();
        for (number, route) in users.routes().iter().enumerate() {
            let described = &document["paths"][route.path];
            let described = &described[route.method.as_str().to_ascii_lowercase()];
            for what in self.missing_of(number, described) {
                missing.push_str(&format!("{} {}: {what}\n", route.method, route.path));
            }
        }
        for line in &self.lines {
            for code in undescribed(&document, &line.answer.json()) {
                missing.push_str(&format!("{}: {code} is not described\n", line.row.name));
            }
        }
        assert!(missing.is_empty(), "{missing}");
    }

    fn missing_of(&self, route: usize, described: &Value) -> Vec<String> {
        let of_route = || self.lines.iter().filter(move |line| line.row.route == route);
        let good = || of_route().filter(|line| line.row.aspect == Aspect::Good);
        let mut missing = Vec::new();
        for aspect in Aspect::ALL {
            if !of_route().any(|line| line.row.aspect == aspect) {
                missing.push(format!("no row about {aspect:?}"));
            }
        }
        for sender in [Sender::Nobody, Sender::Bearer, Sender::Cookie] {
            let may_send = sender != Sender::Nobody || table::is_for_anybody(described);
            if may_send && !good().any(|line| line.row.sender == sender) {
                missing.push(format!("no good row of {sender:?}"));
            }
        }
        for line in good().filter(|line| !(200..300).contains(&line.answer.status())) {
            missing.push(format!("not good: {} {:?}", line.row.name, line.answer));
        }
        missing
    }
}

/// The codes of a problem and of its violations that the document does not know.
fn undescribed(document: &Value, problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    let codes = errors.map(|error| ("ViolationCode", &error["code"]));
    let codes = codes.chain(std::iter::once(("ProblemCode", &problem["code"])));
    let is_known = |schema: &str, code: &Value| {
        let known = document["components"]["schemas"][schema]["enum"].as_array();
        code.is_null() || known.is_some_and(|known| known.contains(code))
    };
    codes
        .filter(|(schema, code)| !is_known(schema, code))
        .map(|(_, code)| code.to_string())
        .collect()
}
