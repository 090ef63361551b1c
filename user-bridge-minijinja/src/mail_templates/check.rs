//! Whether every mail can be written.

use std::{collections::BTreeSet, time::Duration};

use dullahan_user::domain::MailKind;
use minijinja::value::Value;

use super::{Catalogue, catalogue::Written};
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
        text("cancel_link", "https://service.example/stop"),
        Some(("asks_password", Value::from(is_full))),
        Some(("needs_current", Value::from(is_full))),
    ];
    samples.into_iter().flatten().filter(|(name, _)| is_known(kind, name)).collect()
}

/// A token that no template has in its text.
const TOKEN: &str = "sample-of-a-token-sample-of-a-token-sample-";

/// What fails with samples, and what does not say the token.
fn failures(catalogue: &Catalogue, locale: &str, kind: MailKind) -> Vec<String> {
    let lifetimes = [Duration::from_mins(1), Duration::from_hours(24)];
    let samples =
        [(None, None), (Some("Ada <Lovelace>"), Some("https://service.example/#{token}"))];
    samples
        .into_iter()
        .flat_map(|sample| lifetimes.map(|lifetime| (sample, lifetime)))
        .flat_map(|((name, link), lifetime)| {
            let token =
                kind.token_purpose().map(|_| TokenValues::of(TOKEN.to_owned(), link, lifetime));
            let about = samples_about(kind, link.is_some());
            let values =
                Values { service: "Service", name, email: "ada@example.org", locale, token, about };
            match catalogue.render(locale, kind, &values.to_value()) {
                Ok(written) => without_token(catalogue, locale, kind, &written, link),
                Err(failure) => vec![failure.in_detail()],
            }
        })
        .collect()
}

/// The templates of a mail that its user can do nothing with.
fn without_token(
    catalogue: &Catalogue,
    locale: &str,
    kind: MailKind,
    written: &Written,
    link: Option<&str>,
) -> Vec<String> {
    if kind.token_purpose().is_none() {
        return Vec::new();
    }
    let (name, where_none) = match link {
        Some(_) => ("link", ""),
        None => ("token", ", where the settings have no link"),
    };
    let templates = [("txt", &written.text), ("html", &written.html)];
    let useless = templates.into_iter().filter(|(_, text)| !text.contains(TOKEN));
    let useless = useless.filter_map(|(extension, _)| catalogue.name(locale, kind, extension));
    useless
        .map(|template| {
            format!(
                "`{template}` does not say the {name}{where_none}, and the mail is of no use without it: write \
                 `{{{{ link or token }}}}`"
            )
        })
        .collect()
}
