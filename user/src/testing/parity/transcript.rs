//! What came of every request of the table.

use std::{future::pending, net::SocketAddr};

use super::{
    answer::Answer, exchange::exchange, person::Person, request::Request, stage::Stage, table,
};

/// What came of every request of the table.
#[derive(Debug)]
pub struct Transcript {
    lines: Vec<(String, Answer)>,
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
        let mut unchanged = None;
        for (number, row) in table::of(stage.users()).into_iter().enumerate() {
            let person = match unchanged.take() {
                Some(person) if row.is_content_with_anybody() => person,
                _ => Person::for_request(stage, &row, number).await,
            };
            let [.., high, middle, low] = number.to_be_bytes();
            let request = person
                .fill_in(&row, number)
                .header("x-forwarded-for", format!("10.{high}.{middle}.{low}"));
            let asked = async || {
                let answer = ask(request.clone()).await;
                answer.unwrap_or_else(|error| panic!("{}: {error}", row.name))
            };
            let mut answer = asked().await;
            if request.is_repeated {
                answer = asked().await;
            }
            if answer.status() >= 400 || matches!(row.method.as_str(), "GET" | "HEAD") {
                unchanged = Some(person);
            }
            lines.push((row.name, answer));
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
        self.lines.iter().filter(|(_, answer)| statuses.contains(&answer.status())).count()
    }

    /// Compares status, headers and body of every answer.
    ///
    /// # Panics
    ///
    /// With every request that was answered differently.
    pub fn assert_same(&self, expected: &Self) {
        assert_eq!(self.len(), expected.len(), "the tables differ");
        let mut differences = String::new();
        for ((name, found), (_, expected)) in self.lines.iter().zip(&expected.lines) {
            if found != expected {
                differences
                    .push_str(&format!("{name}\n  expected {expected:?}\n  found    {found:?}\n"));
            }
        }
        assert!(differences.is_empty(), "{differences}");
    }
}
