//! One event, one format, found by their names.

use dullahan_core::{Core, describe::DescriptionFormat, event::Kind};

use super::{Announce, wired};
use crate::support::Log;

#[test]
fn one_event_by_its_name_or_its_path() {
    let description = wired(&Log::new()).describe();

    for name in ["CreateUserProcess", "dump::CreateUserProcess", "seeing::dump::CreateUserProcess"]
    {
        let one = description.only(name).unwrap();
        let [event] = &one.events[..] else { panic!("{name}") };
        assert_eq!((event.name, event.kind), ("CreateUserProcess", Kind::Process));
    }
    for part in ["UserProcess", "createuserprocess", "ump::CreateUserProcess", ""] {
        assert!(description.only(part).is_err(), "{part}");
    }
}

#[test]
fn one_event_comes_with_the_modules_and_services_that_it_has_to_do_with() {
    let description = wired(&Log::new()).describe();
    assert_eq!((description.modules.len(), description.services.len()), (1, 2));

    let create = description.only("CreateUserProcess").unwrap();
    assert_eq!((create.modules.len(), create.services.len()), (1, 2));

    let announce = description.only("Announce").unwrap();
    assert_eq!((announce.modules.len(), announce.services.len()), (1, 0));
}

#[test]
fn an_unknown_name_lists_near_names() {
    let description = wired(&Log::new()).describe();
    for (wanted, message) in [
        (
            "CreateUserProces",
            "there is no event `CreateUserProces`; did you mean `CreateUserProcess`?",
        ),
        ("createuser", "there is no event `createuser`; did you mean `CreateUserProcess`?"),
        ("anounce", "there is no event `anounce`; did you mean `Announce`?"),
        (
            "User",
            "there is no event `User`; did you mean `RegisterUserSaga` or `CreateUserProcess`?",
        ),
        ("Zebra", "there is no event `Zebra`, nor one with a name near that"),
        ("", "there is no event ``, nor one with a name near that"),
    ] {
        let error = description.only(wanted).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.wanted(), wanted);
    }
    assert_eq!(description.only("anounce").unwrap_err().near(), ["Announce"]);
}

mod other {
    use dullahan_core::Event;

    #[derive(Event)]
    pub(super) struct Announce;
}

#[test]
fn events_of_one_name_are_all_shown() {
    let mut core = Core::builder();
    core.declare::<Announce>();
    core.declare::<other::Announce>();
    let description = core.build().unwrap().describe();

    assert_eq!(description.only("Announce").unwrap().events.len(), 2);
    let one = description.only("other::Announce").unwrap();
    assert_eq!(one.events[0].type_name, "seeing::dump::found::other::Announce");
}

#[test]
fn a_format_is_found_by_its_name() {
    for format in DescriptionFormat::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    assert!("JSON".parse::<DescriptionFormat>().is_err());
}

#[test]
fn nothing_at_all_prints_too() {
    let description = Core::builder().build().unwrap().describe();

    assert_eq!(description.to_string(), "modules: none\nservices: none\n");
    for format in DescriptionFormat::ALL {
        assert!(!description.to_format(format).is_empty());
    }
}
