//! The subcommand that shows the wiring: `my_app events`.

#[cfg(test)]
mod tests;

use std::{
    ffi::{OsStr, OsString},
    fmt,
    io::{self, Write},
    path::Path,
};

use crate::{
    describe::{DescriptionFormat, UnknownEvent, UnknownFormat},
    dispatch::Core,
};

/// Shows the wiring if the program was started as `my_app events`, and says whether it was.
///
/// One line for the `main` of an application, once the core is built and before anything is started:
///
/// ```
/// # use dullahan_core::Core;
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let core = Core::builder().build()?;
///     if dullahan_core::command::events_command(&core)? {
///         return Ok(());
///     }
///     // Listen to the port ..
///     Ok(())
/// }
/// ```
///
/// ```text
/// my_app events [NAME] [--format text|json|markdown|mermaid]
/// ```
///
/// With a name it shows one event alone. It prints to the standard output; that nobody reads to the end, as with
/// `| head`, is no error. Whatever else the program was started with is none of its business: then it does
/// nothing.
///
/// An application that reads its arguments with a library of its own calls
/// [`describe`](Core::describe), [`only`](crate::describe::Description::only) and
/// [`to_format`](crate::describe::Description::to_format) from there.
///
/// # Errors
///
/// When there is no such event or format, or an argument too many. It reads well where `main` returns it, and the
/// program ends with an exit code that is not zero.
pub fn events_command(core: &Core) -> Result<bool, EventsCommandError> {
    let Some(shown) = answer(core, std::env::args_os())? else { return Ok(false) };
    let mut output = io::stdout().lock();
    match output.write_all(shown.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(EventsCommandError::Output(error))
        }
        _ => Ok(true),
    }
}

/// Why [`events_command`] showed nothing.
///
/// Its `Debug` reads as its `Display` does, since that is what a `main` prints that returns it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum EventsCommandError {
    /// There is no such event.
    #[error("{0}")]
    UnknownEvent(UnknownEvent),
    /// There is no such format.
    #[error("{0}")]
    UnknownFormat(UnknownFormat),
    /// `--format` without a format.
    #[error("`--format` wants one of text, json, markdown and mermaid after it")]
    NoFormat,
    /// An argument that means nothing here.
    #[error("`events` does not know what to do with `{0}`; see `events --help`")]
    UnknownArgument(String),
    /// The standard output does not take it.
    #[error("could not write to the standard output: {0}")]
    Output(io::Error),
}

impl fmt::Debug for EventsCommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What to print, if the arguments, the first of which is the program's name, are those of the command.
fn answer(
    core: &Core,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Option<String>, EventsCommandError> {
    let mut arguments = arguments.into_iter();
    let program = arguments.next().unwrap_or_default();
    if arguments.next().as_deref() != Some(OsStr::new("events")) {
        return Ok(None);
    }
    let (mut event, mut format) = (None, DescriptionFormat::default());
    let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), argument.strip_prefix("--format=")) {
            ("--help" | "-h", _) => return Ok(Some(help(&program))),
            (_, Some(name)) => format = parse(name)?,
            ("--format", _) => {
                format = parse(&arguments.next().ok_or(EventsCommandError::NoFormat)?)?;
            }
            (name, _) if event.is_none() && !name.starts_with('-') => event = Some(argument),
            _ => return Err(EventsCommandError::UnknownArgument(argument)),
        }
    }
    let description = core.describe();
    let description = match event {
        Some(event) => description.only(&event).map_err(EventsCommandError::UnknownEvent)?,
        None => description,
    };
    Ok(Some(description.to_format(format)))
}

fn parse(format: &str) -> Result<DescriptionFormat, EventsCommandError> {
    format.parse().map_err(EventsCommandError::UnknownFormat)
}

fn help(program: &OsStr) -> String {
    let program = Path::new(program).file_stem().unwrap_or(program).to_string_lossy();
    format!(
        "Shows what runs on each event, in the order in which it runs.\n\n\
         Usage: {program} events [NAME] [--format FORMAT]\n\n\
         \x20 NAME             one event alone, by its name or by the last parts of its path\n\
         \x20 --format FORMAT  text (unless told otherwise), json, markdown or mermaid\n"
    )
}
