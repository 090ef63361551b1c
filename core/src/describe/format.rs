//! The forms in which a wiring prints.

use std::str::FromStr;

use super::Description;

/// A form in which a [`Description`] prints.
///
/// Its name is what [`from_str`](str::parse) takes and what `--format` of
/// [`events_command`](crate::command::events_command) does: `text`, `json`, `markdown`, `mermaid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DescriptionFormat {
    /// To read in a terminal: one line for each listener.
    #[default]
    Text,
    /// To compare and to evaluate: everything there is.
    Json,
    /// To keep in a repository: a table for each event.
    Markdown,
    /// To look at: a flowchart in the language of Mermaid, which code forges show as a picture.
    Mermaid,
}

impl DescriptionFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Markdown, Self::Mermaid];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Mermaid => "mermaid",
        }
    }
}

/// No format has the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no format `{0}`; the formats are text, json, markdown and mermaid")]
pub struct UnknownFormat(String);

impl FromStr for DescriptionFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let format = Self::ALL.into_iter().find(|format| format.as_str() == name);
        format.ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

impl Description {
    /// It in the form that was asked for.
    pub fn to_format(&self, format: DescriptionFormat) -> String {
        match format {
            DescriptionFormat::Text => self.to_string(),
            DescriptionFormat::Json => self.to_json(),
            DescriptionFormat::Markdown => self.to_markdown(),
            DescriptionFormat::Mermaid => self.to_mermaid(),
        }
    }

    /// It as JSON, indented; in another form of JSON with `serde`.
    #[expect(
        clippy::missing_panics_doc,
        reason = "text, numbers and lists always have a form in JSON"
    )]
    pub fn to_json(&self) -> String {
        let mut json =
            serde_json::to_string_pretty(self).expect("a description has a form in JSON");
        json.push('\n');
        json
    }
}
