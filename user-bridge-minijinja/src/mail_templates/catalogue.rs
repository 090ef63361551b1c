//! The templates by language and kind.

use std::collections::{BTreeMap, BTreeSet};

use dullahan_user::domain::{Locale, MailKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

/// The templates by language and kind. It shows none of the values that they were given.
pub(crate) struct Catalogue {
    environment: Environment<'static>,
    locales: BTreeSet<String>,
    names: BTreeSet<String>,
    default_locale: String,
}

/// What the templates of a mail have become.
#[derive(PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Catalogue {
    /// Takes the templates in, and tells what is wrong with each.
    pub(super) fn new(
        default_locale: String,
        sources: BTreeMap<String, String>,
        problems: &mut Vec<String>,
    ) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        let (mut locales, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (name, source) in sources {
            match parts(&name) {
                Some((locale, _, _)) => {
                    locales.insert(locale.to_owned());
                }
                None => problems.push(format!(
                    "`{name}` is no name of a template, which are like `pt-BR/activation.txt`, or \
                     `pt-BR/_part.html` for what others include"
                )),
            }
            match environment.add_template_owned(name.clone(), source) {
                Ok(()) => {
                    names.insert(name);
                }
                Err(error) => problems.push(explain(&error)),
            }
        }
        if !locales.contains(&default_locale) {
            problems
                .push(format!("there are no templates for the default locale {default_locale}"));
        }
        Self { environment, locales, names, default_locale }
    }

    pub(super) const fn locales(&self) -> &BTreeSet<String> {
        &self.locales
    }

    pub(super) const fn environment(&self) -> &Environment<'static> {
        &self.environment
    }

    /// The language to write in, for somebody who wants this one.
    ///
    /// # Rule
    ///
    /// RFC 4647 section 3.4: the tag is shortened from its end until there is something for it, and a subtag of one
    /// letter goes with the one after it; the default comes last.
    pub(crate) fn locale(&self, wanted: Option<&str>) -> &str {
        let found = wanted.into_iter().flat_map(ranges).find_map(|tag| self.locales.get(tag));
        found.unwrap_or(&self.default_locale)
    }

    /// The name of a template in this language, or in what it is a form of.
    pub(super) fn name(&self, locale: &str, kind: MailKind, extension: &str) -> Option<&str> {
        ranges(locale).find_map(|tag| {
            self.names.get(&format!("{tag}/{}.{extension}", kind.as_str())).map(String::as_str)
        })
    }

    /// Writes a mail.
    pub(crate) fn render(
        &self,
        locale: &str,
        kind: MailKind,
        values: &Value,
    ) -> Result<Written, TemplateFailure> {
        let text = self.render_one(locale, kind, "txt", values)?;
        let html = self.render_one(locale, kind, "html", values)?;
        let (subject, text) = text
            .strip_prefix("Subject: ")
            .and_then(|text| text.split_once('\n'))
            .map(|(subject, text)| (subject.trim().to_owned(), format!("{}\n", text.trim())))
            .filter(|(subject, text)| !subject.is_empty() && text.len() > 1)
            .ok_or_else(|| TemplateFailure {
                template: self.name(locale, kind, "txt").unwrap_or_default().to_owned(),
                line: 1,
                why: "it does not begin with a line like `Subject: Welcome` and go on with a text",
                error: None,
            })?;
        Ok(Written { subject, text, html })
    }

    fn render_one(
        &self,
        locale: &str,
        kind: MailKind,
        extension: &str,
        values: &Value,
    ) -> Result<String, TemplateFailure> {
        let name = self.name(locale, kind, extension).unwrap_or_default();
        let template = self.environment.get_template(name);
        template.and_then(|template| template.render(values)).map_err(|error| TemplateFailure {
            template: error.name().unwrap_or(name).to_owned(),
            line: error.line().unwrap_or_default(),
            why: reason(error.kind()),
            error: Some(Detail(explain(&error))),
        })
    }
}

/// Locale, base and extension of a template's name.
fn parts(name: &str) -> Option<(&str, &str, &str)> {
    let (locale, rest) = name.split_once('/')?;
    let (base, extension) = rest.rsplit_once('.')?;
    let is_canonical = locale.parse::<Locale>().is_ok_and(|tag| tag.as_str() == locale);
    let is_known = base.starts_with('_') || base.parse::<MailKind>().is_ok();
    (is_canonical && is_known && matches!(extension, "txt" | "html"))
        .then_some((locale, base, extension))
}

/// A tag and what it is a form of: `zh-Hant-TW`, `zh-Hant`, `zh`.
fn ranges(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |tag| {
        let (shorter, _) = tag.rsplit_once('-')?;
        match shorter.rsplit_once('-') {
            Some((before, single)) if single.len() == 1 => Some(before),
            _ => Some(shorter),
        }
    })
}

/// An error of minijinja with all its causes: what, in which template, in which line.
fn explain(error: &Error) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        told = format!("{told}: {source}");
        cause = source.source();
    }
    told
}

/// In words that hold nothing of the values.
const fn reason(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UndefinedError => "it asks for what is not there",
        ErrorKind::TemplateNotFound => "there is no such template",
        ErrorKind::SyntaxError => "it is malformed",
        _ => "it could not be rendered",
    }
}

/// A template that cannot be rendered.
#[derive(Debug, thiserror::Error)]
#[error("the template `{template}` failed in line {line}: {why}")]
pub(crate) struct TemplateFailure {
    template: String,
    line: usize,
    why: &'static str,
    /// For whoever writes the templates, with samples; it may hold values.
    error: Option<Detail>,
}

impl TemplateFailure {
    /// What is wrong, in all detail: for samples, which have no secrets.
    pub(super) fn in_detail(&self) -> String {
        match &self.error {
            Some(Detail(detail)) => detail.clone(),
            None => self.to_string(),
        }
    }
}

/// What may hold values, and shows nothing.
struct Detail(String);

impl std::fmt::Debug for Detail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::{parts, ranges};

    #[test]
    fn a_tag_is_shortened_from_its_end() {
        let shortened = |tag| ranges(tag).collect::<Vec<_>>();
        assert_eq!(shortened("zh-Hant-TW"), ["zh-Hant-TW", "zh-Hant", "zh"]);
        assert_eq!(shortened("de-x-formal"), ["de-x-formal", "de"]);
        assert_eq!(shortened("en"), ["en"]);
    }

    #[test]
    fn a_name_has_a_language_a_kind_and_an_extension() {
        assert_eq!(parts("pt-BR/activation.txt"), Some(("pt-BR", "activation", "txt")));
        assert_eq!(parts("de/_layout.html"), Some(("de", "_layout", "html")));
        for name in
            ["activation.txt", "pt-br/activation.txt", "de/welcome.txt", "de/activation.md", "../x"]
        {
            assert_eq!(parts(name), None, "{name}");
        }
    }
}
