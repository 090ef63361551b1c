use std::ffi::OsString;

use super::{EventsCommandError, answer};
use crate::{Core, DefaultAction, Event, describe::DescriptionFormat};

macro_rules! event {
    ($name:ident) => {
        struct $name;

        impl Event for $name {
            type Output = ();
            type Kind = crate::event::EventKind;
            const NAME: &'static str = stringify!($name);
        }
    };
}

event!(CreateUserProcess);
event!(DeleteUserProcess);
event!(Announce);

fn core() -> Core {
    let mut core = Core::builder();
    core.declare::<CreateUserProcess>().default(|_: DefaultAction<'_, CreateUserProcess>| Ok(()));
    core.declare::<DeleteUserProcess>();
    core.declare::<Announce>();
    core.build().unwrap()
}

fn answer_to(arguments: &str) -> Result<Option<String>, EventsCommandError> {
    let arguments = arguments.split_whitespace().map(OsString::from);
    answer(&core(), [OsString::from("/usr/bin/my_app")].into_iter().chain(arguments))
}

fn shown(arguments: &str) -> String {
    answer_to(arguments).unwrap().unwrap()
}

#[test]
fn other_arguments_are_none_of_its_business() {
    for arguments in ["", "serve", "--format json", "--help", "serve events", "event", "EVENTS"] {
        assert_eq!(answer_to(arguments).unwrap(), None, "{arguments}");
    }
    assert_eq!(answer(&core(), []).unwrap(), None, "not even the name of the program");
}

#[test]
fn it_shows_all_events_or_one_in_every_format() {
    let all = core().describe();
    let one = all.only("CreateUserProcess").unwrap();
    assert_eq!(shown("events"), all.to_string());
    assert_eq!(shown("events CreateUserProcess"), one.to_string());
    for format in DescriptionFormat::ALL {
        let name = format.as_str();
        assert_eq!(shown(&format!("events --format {name}")), all.to_format(format));
        assert_eq!(shown(&format!("events --format={name}")), all.to_format(format));
        let expected = one.to_format(format);
        assert_eq!(shown(&format!("events CreateUserProcess --format {name}")), expected);
        assert_eq!(shown(&format!("events --format {name} CreateUserProcess")), expected);
        assert!(expected.ends_with('\n') && !expected.ends_with("\n\n"), "{name}");
    }
}

#[test]
fn help_names_the_program() {
    for arguments in ["events --help", "events -h", "events CreateUserProcess --help"] {
        let help = shown(arguments);
        assert!(help.contains("Usage: my_app events [NAME] [--format FORMAT]\n"), "{help}");
        for format in DescriptionFormat::ALL {
            assert!(help.contains(format.as_str()), "{help}");
        }
    }
}

#[test]
fn a_mistake_is_an_error_that_says_what_to_do() {
    for (arguments, message) in [
        (
            "events --format yaml",
            "there is no format `yaml`; the formats are text, json, markdown and mermaid",
        ),
        (
            "events --format=",
            "there is no format ``; the formats are text, json, markdown and mermaid",
        ),
        ("events --format", "`--format` wants one of text, json, markdown and mermaid after it"),
        (
            "events --verbose",
            "`events` does not know what to do with `--verbose`; see `events --help`",
        ),
        ("events One Two", "`events` does not know what to do with `Two`; see `events --help`"),
        ("events CreateUser", "there is no event `CreateUser`; did you mean `CreateUserProcess`?"),
    ] {
        let error = answer_to(arguments).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(format!("{error:?}"), message, "as a `main` shows it that returns it");
    }
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_an_argument_like_any_other() {
    use std::os::unix::ffi::OsStringExt;

    let odd = || OsString::from_vec(vec![b'a', 0xff]);
    assert_eq!(answer(&core(), [odd(), odd()]).unwrap(), None);
    assert!(answer(&core(), ["my_app".into(), "events".into(), odd()]).is_err());
}
