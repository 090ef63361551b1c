//! The options of `#[listener(..)]`.

use proc_macro2::{Span, TokenStream};
use syn::{
    Error, Expr, ExprArray, ExprLit, Ident, Lit, LitStr, Path, Result,
    parse::{ParseStream, Parser as _},
};

use super::{Options, Reader, check_text, flag, krate, krate_or_own, text, value};
use crate::errors::Errors;

/// The options of `#[listener(..)]`.
#[derive(Default)]
pub(crate) struct ListenerOptions {
    /// The priority, and where its name stands.
    pub(crate) priority: Option<(Span, Expr)>,
    pub(crate) name: Option<LitStr>,
    pub(crate) before: Vec<LitStr>,
    pub(crate) after: Vec<LitStr>,
    pub(crate) optional: bool,
    /// Whether its signature is checked and nothing else is done.
    pub(crate) check: bool,
    krate: Option<Path>,
}

impl ListenerOptions {
    /// Reads the options from the tokens between the parentheses.
    pub(crate) fn of(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut reader = Reader::<Self>::new();
        let read = |input: ParseStream<'_>| {
            reader.read(input, errors);
            Ok(())
        };
        let read = read.parse2(tokens);
        errors.check(read);
        reader.options
    }

    /// Whether there are options of how it is registered.
    pub(crate) fn has_others(&self) -> bool {
        self.priority.is_some()
            || self.name.is_some()
            || !self.before.is_empty()
            || !self.after.is_empty()
            || self.optional
    }

    /// Where the items of `dullahan_core` are found.
    pub(crate) fn krate(&self) -> Path {
        krate_or_own(self.krate.clone())
    }
}

impl Options for ListenerOptions {
    const ATTRIBUTE: &'static str = "#[listener(..)]";
    const KNOWN: &'static [&'static str] =
        &["priority", "name", "before", "after", "optional", "check", "crate"];

    fn read(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "priority" => {
                self.priority = Some((name.span(), value(name, input, "a priority", "10")?));
            }
            "name" => self.name = Some(text(name, input, "\"captcha\"")?),
            "before" => self.before = names(name, input)?,
            "after" => self.after = names(name, input)?,
            "check" => self.check = flag(name, input)?,
            "optional" => self.optional = flag(name, input)?,
            _ => self.krate = Some(krate(name, input)?),
        }
        Ok(())
    }
}

/// Reads `= "name"` or `= ["name", "other"]`.
fn names(name: &Ident, input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    let example = "\"captcha\"";
    let given: Expr = value(name, input, "the name of a listener", example)?;
    let elements = match given {
        Expr::Array(ExprArray { elems, .. }) => elems.into_iter().collect(),
        one => vec![one],
    };
    elements
        .into_iter()
        .map(|element| match element {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                check_text(name, &text)?;
                Ok(text)
            }
            other => Err(Error::new_spanned(
                other,
                format!("`{name}` needs the name of a listener here: `{name} = {example}`"),
            )),
        })
        .collect()
}
