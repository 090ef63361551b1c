//! Whether every mail can be written.

use std::{collections::BTreeSet, time::Duration};

use dullahan_user::domain::MailKind;

use super::Catalogue;
use minijinja::value::Value;

use crate::values::{TokenValues, Values, is_known};

/// Renders every kind in every language with all there may be, and with as little, and tells everything that is
/// wrong, each once.
pub(super) fn check(catalogue: &Catalogue, problems: &mut Vec<String>) {
    let mut found = BTreeSet::new();
    for locale in catalogue.locales() {
        for kind in MailKind::ALL {
            let missing: Vec<_> = ["txt", "html"]
                .into_iter()
                .filter(|extension| catalogue.name(locale, kind, extension).is_none())
                .map(|extension| {
                    format!("the template `{locale}/{}.{extension}` is missing", kind.as_str())
                })
                .collect();
            if missing.is_empty() {
                let unknown = unknown(catalogue, locale, kind);
                if unknown.is_empty() {
                    found.extend(failures(catalogue, locale, kind));
                }
                found.extend(unknown);
            }
            found.extend(missing);
        }
    }
    problems.extend(found);
}

/// Names that no value has, in branches that no sample takes as well.
fn unknown(catalogue: &Catalogue, locale: &str, kind: MailKind) -> Vec<String> {
    let environment = catalogue.environment();
    let is_global = |name: &str| environment.globals().any(|(global, _)| global == name);
    let templates = ["txt", "html"].into_iter().filter_map(|extension| {
        environment.get_template(catalogue.name(locale, kind, extension)?).ok()
    });
    templates
        .flat_map(|template| {
            let names = template.undeclared_variables(false);
            let unknown =
                names.into_iter().filter(|name| !is_known(kind, name) && !is_global(name));
            unknown
                .map(|name| {
                    let line = line_of(template.source(), &name);
                    format!("undefined value `{name}` (in {}:{line})", template.name())
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The first line with a tag in it that has the name.
fn line_of(source: &str, name: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let has_name = |line: &str| {
        let tags = line.split('{').skip(1).flat_map(|tag| tag.split('}').next());
        tags.flat_map(|tag| tag.split(|c| !is_part(c))).any(|word| word == name)
    };
    source.lines().position(has_name).map_or(1, |number| number + 1)
}

/// Samples of what the mails of one kind say besides.
fn samples_about(kind: MailKind, is_full: bool) -> Vec<(&'static str, Value)> {
    let text = |name, text: &str| is_full.then(|| (name, Value::from(text)));
    let samples = [
        text("registered_at", "2026-01-02 03:04 UTC"),
        text("registered_from", "2001:db8::7"),
        text("closed_until", "2026-01-02 03:04 UTC"),
        text("new_email", "new@example.org"),
        text("cancel_link", "https://service.example/stop#token"),
        Some(("asks_password", Value::from(is_full))),
        Some(("needs_current", Value::from(is_full))),
    ];
    samples.into_iter().flatten().filter(|(name, _)| is_known(kind, name)).collect()
}

/// What fails with samples.
fn failures(catalogue: &Catalogue, locale: &str, kind: MailKind) -> Vec<String> {
    let lifetimes = [Duration::from_mins(1), Duration::from_hours(24)];
    let samples =
        [(None, None), (Some("Ada <Lovelace>"), Some("https://service.example/#{token}"))];
    samples
        .into_iter()
        .flat_map(|sample| lifetimes.map(|lifetime| (sample, lifetime)))
        .filter_map(|((name, link), lifetime)| {
            let token =
                kind.token_purpose().map(|_| TokenValues::of("A".repeat(43), link, lifetime));
            let about = samples_about(kind, link.is_some());
            let values =
                Values { service: "Service", name, email: "ada@example.org", locale, token, about };
            let failure = catalogue.render(locale, kind, &values.to_value()).err()?;
            Some(failure.in_detail())
        })
        .collect()
}
