//! The options of `#[event(..)]`.

use proc_macro2::Span;
use syn::{
    Attribute, Error, Ident, LitInt, LitStr, Meta, Path, Result, Token, Type, parenthesized,
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
    pub(crate) skippable: bool,
    pub(crate) repeatable: Option<Repeatable>,
    pub(crate) name: Option<LitStr>,
    /// As what those see it that do not know its type.
    pub(crate) views: Vec<Type>,
    krate: Option<Path>,
}

/// How a process is run again, as `repeatable` or `repeatable(attempts = 20)`.
pub(crate) struct Repeatable {
    /// Where it says so.
    pub(crate) at: Span,
    /// The methods of `Repeat` that say how, with their values.
    pub(crate) settings: Vec<(&'static str, LitInt)>,
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
        &["output", "preventable", "skippable", "gathers", "repeatable", "name", "views", "crate"];

    fn read(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "output" => self.output = Some(output(name, input)?),
            "preventable" => self.preventable = flag(name, input)?,
            "gathers" => self.gathers = flag(name, input)?,
            "skippable" => self.skippable = flag(name, input)?,
            "repeatable" => self.repeatable = Some(repeatable(name, input)?),
            "views" => self.views = views(name, input)?,
            "name" => self.name = Some(text(name, input, "\"CreateUser\"")?),
            _ => self.krate = Some(krate(name, input)?),
        }
        Ok(())
    }
}

/// Reads nothing, or `(attempts = 20, first_pause_ms = 5, longest_pause_ms = 200)`.
fn repeatable(name: &Ident, input: ParseStream<'_>) -> Result<Repeatable> {
    let mut repeatable = Repeatable { at: name.span(), settings: Vec::new() };
    if !input.peek(token::Paren) {
        flag(name, input).map_err(|error| {
            Error::new(error.span(), "write `repeatable` alone, or `repeatable(attempts = 20)`")
        })?;
        return Ok(repeatable);
    }
    let listed;
    parenthesized!(listed in input);
    while !listed.is_empty() {
        let setting: Ident = listed.parse()?;
        let method = match setting.to_string().as_str() {
            "attempts" => "attempts",
            "first_pause_ms" => "first_pause",
            "longest_pause_ms" => "longest_pause",
            other => {
                return Err(Error::new(
                    setting.span(),
                    format!(
                        "`{name}` has no setting `{other}`\nthe settings are: `attempts`, `first_pause_ms`, \
                         `longest_pause_ms`"
                    ),
                ));
            }
        };
        repeatable.settings.push((method, value(&setting, &listed, "a number", "20")?));
        if !listed.is_empty() {
            listed.parse::<Token![,]>()?;
        }
    }
    Ok(repeatable)
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
