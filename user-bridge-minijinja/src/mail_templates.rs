//! The templates of all mails, as an application adds them to its core.

mod catalogue;
mod check;
mod compose;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use dullahan_core::{CoreBuilder, Module};
use dullahan_user::{domain::Locale, presentation::event::transport::ComposeMail};

pub(crate) use self::catalogue::Catalogue;
use self::compose::ComposeFromTemplates;
use crate::shipped::SHIPPED;

/// The templates of all mails, as an application adds them to its core: those that come with this crate, and its own.
///
/// ```
/// use dullahan_core::Core;
/// use dullahan_user::{UserModule, domain::Settings};
/// use dullahan_user_bridge_minijinja::MailTemplates;
///
/// let templates = MailTemplates::new()
///     .default_locale("de")
///     .template("en/activation.txt", "Subject: Come in\n\nHello! Enter {{ token }}.\n");
/// Core::builder().module(UserModule::new(Settings::default())).module(templates);
/// ```
#[derive(Debug, Clone)]
pub struct MailTemplates {
    default_locale: String,
    sources: BTreeMap<String, String>,
    folders: Vec<PathBuf>,
}

impl MailTemplates {
    /// The templates that come with this crate: English, which is the default, and German.
    pub fn new() -> Self {
        let sources = SHIPPED.map(|(name, source)| (name.to_owned(), source.to_owned()));
        Self {
            default_locale: "en".to_owned(),
            sources: BTreeMap::from(sources),
            folders: Vec::new(),
        }
    }

    /// Which language users get who have said none, or one that there are no templates for; English unless set.
    #[must_use]
    pub fn default_locale(mut self, locale: impl Into<String>) -> Self {
        self.default_locale = locale.into();
        self
    }

    /// Adds a template, or replaces one: `de/activation.txt`. The first line of the text has the subject.
    #[must_use]
    pub fn template(mut self, name: impl Into<String>, source: impl Into<String>) -> Self {
        self.sources.insert(name.into(), source.into());
        self
    }

    /// Adds all templates of a folder, which are named like `de/activation.html` in it, or replaces those that are
    /// there. It is read when the module is added, and what stands in it precedes everything else.
    #[must_use]
    pub fn folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.folders.push(path.into());
        self
    }
}

impl Default for MailTemplates {
    fn default() -> Self {
        Self::new()
    }
}

impl Module for MailTemplates {
    fn register(mut self, core: &mut CoreBuilder) {
        let mut problems = Vec::new();
        for folder in &self.folders {
            if let Err(error) = read(folder, &mut self.sources) {
                problems.push(format!("the folder {} cannot be read: {error}", folder.display()));
            }
        }
        let default_locale = self.default_locale.parse::<Locale>();
        if default_locale.is_err() {
            problems.push("the default locale is not a language tag".to_owned());
        }
        let default_locale = default_locale.map_or_else(|_| "en".to_owned(), |tag| tag.to_string());
        let catalogue = Catalogue::new(default_locale, self.sources, &mut problems);
        if problems.is_empty() {
            check::check(&catalogue, &mut problems);
        }
        for problem in problems {
            core.report(problem);
        }
        core.provide(Arc::new(catalogue));
        core.event::<ComposeMail>().override_default(ComposeFromTemplates::new);
    }
}

/// Reads `<locale>/<name>` out of a folder.
fn read(folder: &Path, sources: &mut BTreeMap<String, String>) -> io::Result<()> {
    for locale in fs::read_dir(folder)? {
        let locale = locale?;
        if !locale.file_type()?.is_dir() {
            continue;
        }
        for template in fs::read_dir(locale.path())? {
            let path = template?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".txt") || name.ends_with(".html") {
                let name = format!("{}/{name}", locale.file_name().to_string_lossy());
                sources.insert(name, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(())
}
