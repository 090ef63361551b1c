//! The names near one that is not there.

/// No event has the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEvent {
    wanted: String,
    near: Vec<&'static str>,
}

/// How many near names are listed.
const SHOWN: usize = 5;

impl UnknownEvent {
    pub(super) fn new(wanted: &str, names: impl Iterator<Item = &'static str>) -> Self {
        let lower = wanted.to_lowercase();
        let mut near: Vec<_> = names
            .filter_map(|name| distance(&lower, &name.to_lowercase()).map(|far| (far, name)))
            .collect();
        near.sort_unstable();
        near.dedup();
        near.truncate(SHOWN);
        Self { wanted: wanted.to_owned(), near: near.into_iter().map(|(_, name)| name).collect() }
    }

    /// The name that was asked for.
    pub fn wanted(&self) -> &str {
        &self.wanted
    }

    /// The names near it, the nearest first.
    pub fn near(&self) -> &[&'static str] {
        &self.near
    }
}

impl std::error::Error for UnknownEvent {}

impl std::fmt::Display for UnknownEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no event `{}`", self.wanted)?;
        match self.near.split_last() {
            None => f.write_str(", nor one with a name near that"),
            Some((one, [])) => write!(f, "; did you mean `{one}`?"),
            Some((last, others)) => {
                write!(f, "; did you mean `{}` or `{last}`?", others.join("`, `"))
            }
        }
    }
}

/// How far a name is from the one that was asked for; `None` if it is another one altogether.
fn distance(wanted: &str, name: &str) -> Option<usize> {
    let edits = edits(wanted, name);
    let is_part = wanted.len() > 2 && (name.contains(wanted) || wanted.contains(name));
    (is_part || edits <= 1 + wanted.chars().count() / 4).then_some(edits)
}

/// How many letters have to be put in, taken out or replaced to make the one of the other.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, another) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *another);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}
