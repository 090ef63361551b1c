//! The options of `#[event(..)]`.

use proc_macro2::Span;
use syn::{
    Attribute, Error, Ident, LitStr, Meta, Path, Result, Token, Type, parenthesized,
    parse::{Parse as _, ParseStream},
    token,
};

use super::{Options, Reader, flag, krate, krate_or_own, text, value};
use crate::errors::Errors;

/// The options of `#[event(..)]`.
#[derive(Default)]
pub(crate) struct EventOptions {
    pub(crate) output: Option<Type>,
    pub(crate) preventable: bool,
    pub(crate) gathers: bool,
    /// Where it says so, if it does.
    pub(crate) repeatable: Option<Span>,
    pub(crate) name: Option<LitStr>,
    /// As what those see it that do not know its type.
    pub(crate) views: Vec<Type>,
    krate: Option<Path>,
}

impl EventOptions {
    /// Reads the options from every `#[event(..)]` among the attributes.
    pub(crate) fn of(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut reader = Reader::<Self>::new();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("event")) {
            match &attr.meta {
                Meta::List(list) => {
                    let read = list.parse_args_with(|input: ParseStream<'_>| {
                        reader.read(input, errors);
                        Ok(())
                    });
                    errors.check(read);
                }
                Meta::Path(_) | Meta::NameValue(_) => errors.at(
                    attr,
                    "write the options in parentheses: `#[event(output = User, preventable)]`",
                ),
            }
        }
        reader.options
    }

    /// Where the items of `dullahan_core` are found.
    pub(crate) fn krate(&self) -> Path {
        krate_or_own(self.krate.clone())
    }
}

impl Options for EventOptions {
    const ATTRIBUTE: &'static str = "#[event(..)]";
    const KNOWN: &'static [&'static str] =
        &["output", "preventable", "gathers", "repeatable", "name", "views", "crate"];

    fn read(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "output" => self.output = Some(output(name, input)?),
            "preventable" => self.preventable = flag(name, input)?,
            "gathers" => self.gathers = flag(name, input)?,
            "repeatable" => self.repeatable = flag(name, input)?.then(|| name.span()),
            "views" => self.views = views(name, input)?,
            "name" => self.name = Some(text(name, input, "\"CreateUser\"")?),
            _ => self.krate = Some(krate(name, input)?),
        }
        Ok(())
    }
}

/// Reads `(dyn A, dyn B)`.
fn views(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Type>> {
    let wrong = || {
        Error::new(
            name.span(),
            format!("`{name}` needs types in parentheses: `{name}(dyn EntityEvent)`"),
        )
    };
    if !input.peek(token::Paren) {
        return Err(wrong());
    }
    let listed;
    parenthesized!(listed in input);
    let types = listed.parse_terminated(Type::parse, Token![,])?;
    if types.is_empty() { Err(wrong()) } else { Ok(types.into_iter().collect()) }
}

/// Reads `= Type`; who knows other derives may put the type into quotes.
fn output(name: &Ident, input: ParseStream<'_>) -> Result<Type> {
    let ahead = input.fork();
    if ahead.parse::<Token![=]>().is_ok()
        && let Ok(quoted) = ahead.parse::<LitStr>()
    {
        let example = quoted.value();
        return Err(Error::new(
            quoted.span(),
            format!("write the type without quotes: `{name} = {example}`"),
        ));
    }
    value(name, input, "a type", "User")
}
