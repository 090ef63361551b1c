//! Settings that contradict themselves, and how they are checked.

use std::{error::Error, fmt};

/// Settings that contradict themselves or each other: every defect at once.
///
/// Its `Debug` reads as its `Display` does, since that is what a `main` prints that returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidSettings {
    defects: Vec<SettingsDefect>,
}

impl InvalidSettings {
    /// The defects, in the order of the settings.
    pub fn defects(&self) -> &[SettingsDefect] {
        &self.defects
    }
}

impl Error for InvalidSettings {}

impl fmt::Debug for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.defects.len();
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "the settings have {count} defect{plural}:")?;
        for (index, defect) in self.defects.iter().enumerate() {
            write!(f, "\n{}. {defect}", index + 1)?;
        }
        Ok(())
    }
}

/// One setting that cannot be meant as it is. It prints as which, its value, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsDefect {
    setting: String,
    value: String,
    advice: String,
}

impl SettingsDefect {
    /// Which setting it is, such as `Settings::mail_lease`.
    pub fn setting(&self) -> &str {
        &self.setting
    }
}

impl fmt::Display for SettingsDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, value, advice } = self;
        write!(f, "`{setting}` is {value}: {advice}")
    }
}

/// Collects the defects of one struct of settings.
///
/// Each such struct has one function that takes itself apart, field by field, and has a line for each. So a new field does
/// not compile until it is either checked there or ignored by name.
pub(crate) struct Check {
    path: String,
    defects: Vec<SettingsDefect>,
}

impl Check {
    /// Checks the struct of this name.
    pub(crate) fn of(name: &str) -> Self {
        Self { path: format!("{name}::"), defects: Vec::new() }
    }

    /// Notes a setting that does not hold. The value is shown by its `Debug`.
    pub(crate) fn expect(
        &mut self,
        setting: &str,
        value: impl fmt::Debug,
        holds: bool,
        advice: impl Into<String>,
    ) {
        if !holds {
            self.defects.push(SettingsDefect {
                setting: format!("{}{setting}", self.path),
                value: format!("{value:?}"),
                advice: advice.into(),
            });
        }
    }

    /// Notes a setting that is less than it may be.
    pub(crate) fn at_least<T: PartialOrd + fmt::Debug>(
        &mut self,
        setting: &str,
        value: T,
        least: T,
        reason: &str,
    ) {
        let advice = format!("{reason}; set it to {least:?} or more");
        self.expect(setting, &value, value >= least, advice);
    }

    /// Checks a struct that is a field of this one.
    pub(crate) fn nested(&mut self, field: &str, check: impl FnOnce(&mut Self)) {
        let outer = self.path.len();
        self.path.push_str(field);
        self.path.push('.');
        check(self);
        self.path.truncate(outer);
    }

    /// What came of it.
    pub(crate) fn finish(self) -> Result<(), InvalidSettings> {
        if self.defects.is_empty() { Ok(()) } else { Err(self.refuse()) }
    }

    /// The error with what was noted.
    pub(crate) fn refuse(self) -> InvalidSettings {
        InvalidSettings { defects: self.defects }
    }
}
