//! Markdown tables.

use std::fmt;

use crate::interleaved::Figure;

/// A table whose columns are runs and whose rows are contenders.
#[derive(Debug, Default)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    /// A table without rows; the first name is that of the column of names.
    pub fn new(corner: impl Into<String>) -> Self {
        Self { head: vec![corner.into()], rows: Vec::new() }
    }

    /// Adds a run: a column of nanoseconds, each with its ratio to the first.
    pub fn run(&mut self, name: impl Into<String>, figures: &[Figure]) {
        self.column(
            name,
            figures.iter().map(|figure| {
                (figure.name.as_str(), format!("{} ({:.2})", ns(figure.ns), figure.ratio))
            }),
        );
    }

    /// Adds a column of anything.
    pub fn column<'a>(
        &mut self,
        name: impl Into<String>,
        cells: impl IntoIterator<Item = (&'a str, String)>,
    ) {
        let width = self.head.len() - 1;
        self.head.push(name.into());
        for (row, cell) in cells {
            let index = self.rows.iter().position(|(name, _)| name == row).unwrap_or_else(|| {
                self.rows.push((row.to_owned(), Vec::new()));
                self.rows.len() - 1
            });
            let cells = &mut self.rows[index].1;
            cells.resize(width, String::new());
            cells.push(cell);
        }
    }
}

/// Nanoseconds, as exact as they are.
fn ns(ns: f64) -> String {
    if ns < 100.0 { format!("{ns:.1}") } else { format!("{ns:.0}") }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.head.join(" | "))?;
        writeln!(f, "|{}", " --- |".repeat(self.head.len()))?;
        for (name, cells) in &self.rows {
            let mut cells = cells.clone();
            cells.resize(self.head.len() - 1, String::new());
            writeln!(f, "| {name} | {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}
