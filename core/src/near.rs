//! The names near one that is not there.

use strsim::levenshtein;

/// How many near names are listed.
const SHOWN: usize = 5;

/// The names near one that is not there, the nearest first. Of a path the last part counts.
pub(crate) fn near<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let lower = wanted.to_lowercase();
    let last = |name: &str| name.rsplit("::").next().unwrap_or_default().to_lowercase();
    let mut near: Vec<_> =
        names.filter_map(|name| distance(&lower, &last(name)).map(|far| (far, name))).collect();
    near.sort_unstable();
    near.dedup();
    near.truncate(SHOWN);
    near.into_iter().map(|(_, name)| name).collect()
}

/// How far a name is from the one that was asked for; `None` if it is another one altogether.
fn distance(wanted: &str, name: &str) -> Option<usize> {
    let edits = levenshtein(wanted, name);
    let is_part = wanted.len() > 2 && (name.contains(wanted) || wanted.contains(name));
    (is_part || edits <= 1 + wanted.chars().count() / 4).then_some(edits)
}
