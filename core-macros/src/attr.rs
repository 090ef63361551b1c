//! Reading the options of an attribute: `output = User, preventable`.

mod event;
mod listener;

use std::fmt::Display;

use proc_macro2::TokenTree;
use strsim::levenshtein;
use syn::{
    Error, Ident, LitStr, Path, Result, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
};

pub(crate) use self::{
    event::{EventOptions, Repeatable},
    listener::ListenerOptions,
};
use crate::errors::Errors;

/// The options of one attribute.
trait Options: Default {
    /// How the attribute is written, for messages.
    const ATTRIBUTE: &'static str;

    /// The names of the options there are.
    const KNOWN: &'static [&'static str];

    /// Reads what follows the name of a known option.
    fn read(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()>;
}

/// The options that were read so far, of one attribute or several.
struct Reader<O> {
    options: O,
    seen: Vec<Ident>,
}

impl<O: Options> Reader<O> {
    fn new() -> Self {
        Self { options: O::default(), seen: Vec::new() }
    }

    /// Reads options up to the end of the input. A mistake in one hides none of those after it.
    fn read(&mut self, input: ParseStream<'_>, errors: &mut Errors) {
        while !input.is_empty() {
            if let Err(error) = self.read_one(input) {
                errors.push(error);
                skip_to_comma(input);
            }
            if input.is_empty() {
                return;
            }
            if input.parse::<Token![,]>().is_err() {
                errors.push(input.error("expected a comma between two options"));
                skip_to_comma(input);
                let _ = input.parse::<Token![,]>();
            }
        }
    }

    fn read_one(&mut self, input: ParseStream<'_>) -> Result<()> {
        let name = input.call(Ident::parse_any).map_err(|error| {
            Error::new(error.span(), format!("expected the name of an option: {}", known::<O>()))
        })?;
        let text = name.to_string();
        if !O::KNOWN.contains(&text.as_str()) {
            return Err(unknown::<O>(&name, &text));
        }
        if self.seen.contains(&name) {
            // Read all the same, into nowhere, so that what follows is found.
            O::default().read(&name, input)?;
            return Err(Error::new(name.span(), format!("`{name}` is given twice; keep one")));
        }
        self.options.read(&name, input)?;
        self.seen.push(name);
        Ok(())
    }
}

fn known<O: Options>() -> String {
    let quoted: Vec<_> = O::KNOWN.iter().map(|known| format!("`{known}`")).collect();
    quoted.join(", ")
}

fn unknown<O: Options>(name: &Ident, text: &str) -> Error {
    let attribute = O::ATTRIBUTE;
    let guess = O::KNOWN
        .iter()
        .map(|known| (levenshtein(text, known), known))
        .filter(|(distance, known)| {
            *distance <= known.len().div_ceil(3) || text.len() > 2 && known.starts_with(text)
        })
        .min();
    let guess = guess.map_or_else(String::new, |(_, known)| format!(", did you mean `{known}`?"));
    let list = known::<O>();
    Error::new(
        name.span(),
        format!("`{attribute}` has no option `{text}`{guess}\nthe options are: {list}"),
    )
}

/// Leaves out what belongs to an option that could not be read. The commas of `HashMap<K, V>` belong to it.
fn skip_to_comma(input: ParseStream<'_>) {
    let mut open = 0_usize;
    while !input.is_empty() && (open > 0 || !input.peek(Token![,])) {
        if input.peek(Token![->]) || input.peek(Token![=>]) {
            let _ = input.parse::<TokenTree>();
        } else if input.peek(Token![<]) {
            open += 1;
        } else if input.peek(Token![>]) {
            open = open.saturating_sub(1);
        }
        let _ = input.parse::<TokenTree>();
    }
}

/// Reads an option that is there or not.
fn flag(name: &Ident, input: ParseStream<'_>) -> Result<bool> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(true);
    }
    Err(Error::new(
        name.span(),
        format!("`{name}` takes no value: write `{name}` alone, or leave it out"),
    ))
}

/// Reads `= value`; `wanted` and `example` say what is missing if there is none.
fn value<T: Parse>(
    name: &Ident,
    input: ParseStream<'_>,
    wanted: impl Display,
    example: impl Display,
) -> Result<T> {
    let missing =
        || Error::new(name.span(), format!("`{name}` needs {wanted}: `{name} = {example}`"));
    if !input.peek(Token![=]) {
        return Err(missing());
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(missing());
    }
    let at = input.span();
    input
        .parse()
        .map_err(|_| Error::new(at, format!("`{name}` needs {wanted} here: `{name} = {example}`")))
}

/// Reads `= "name"`, which has to say something.
fn text(name: &Ident, input: ParseStream<'_>, example: &str) -> Result<LitStr> {
    let text = value(name, input, "a text in quotes", example)?;
    check_text(name, &text)?;
    Ok(text)
}

fn check_text(name: &Ident, text: &LitStr) -> Result<()> {
    let value = text.value();
    if value.trim().is_empty() {
        return Err(Error::new(text.span(), format!("`{name}` is empty")));
    }
    if value.trim() != value || value.chars().any(char::is_control) {
        return Err(Error::new(
            text.span(),
            format!("`{name}` must not begin or end with a space or have a control character"),
        ));
    }
    Ok(())
}

/// Reads `= "path"`, where the items of `dullahan_core` are found.
fn krate(name: &Ident, input: ParseStream<'_>) -> Result<Path> {
    let example = "\"my_facade::dullahan_core\"";
    let text: LitStr = value(name, input, "a path in quotes", example)?;
    text.parse_with(Path::parse_mod_style).map_err(|_| {
        Error::new(text.span(), format!("`{name}` needs a path here: `{name} = {example}`"))
    })
}

/// The path that was given, else `::dullahan_core`.
fn krate_or_own(given: Option<Path>) -> Path {
    given.unwrap_or_else(|| syn::parse_quote!(::dullahan_core))
}
