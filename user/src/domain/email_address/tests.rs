//! What is an e-mail address and what is not.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use crate::domain::{EmailAddress, InvalidEmailAddress};

fn parse(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn is_refused(text: &str) -> bool {
    text.parse::<EmailAddress>() == Err(InvalidEmailAddress)
}

#[test]
fn common_addresses_are_taken_as_they_are() {
    for text in [
        "alice@x.test",
        "o'brien@example.org",
        "first.last+tag@mail.example.co.uk",
        "1@2.example",
        "under_score-dash@example.org",
        "地址@example.org",
    ] {
        assert_eq!(parse(text).as_str(), text);
    }
}

#[test]
fn outer_blanks_are_trimmed() {
    assert_eq!(parse(" \t\u{a0}alice@x.test \r\n").as_str(), "alice@x.test");
}

#[test]
fn the_local_part_keeps_its_case_and_the_domain_loses_it() {
    let address = parse("Alice@Example.ORG");
    assert_eq!(address.as_str(), "Alice@example.org");
    assert_eq!(address.local_part(), "Alice");
    assert_eq!(address.domain(), "example.org");
}

#[test]
fn addresses_that_differ_in_the_case_of_ascii_letters_have_one_key() {
    for (one, other) in [
        ("ALICE@X.TEST", "alice@x.test"),
        ("Zoë@x.test", "ZOë@x.test"),
        ("alice@BÜCHER.example", "alice@bücher.example"),
    ] {
        assert_eq!(parse(one).key(), parse(other).key());
        assert_eq!(parse(parse(one).key()).key(), parse(one).key());
    }
}

#[test]
fn user_01_addresses_that_differ_in_more_have_two_keys() {
    for (one, other) in [
        ("mike@x.test", "mıke@x.test"),
        ("susan@x.test", "ſuſan@x.test"),
        ("strasse@x.test", "straße@x.test"),
        ("office@x.test", "o\u{fb00}ice@x.test"),
        ("zoë@x.test", "ZOË@x.test"),
        ("οδος@x.test", "οδοσ@x.test"),
        ("alice@x.test", "аlice@x.test"),
        ("alice@x.test", "a.lice@x.test"),
        ("alice@x.test", "alice@y.test"),
    ] {
        assert_ne!(parse(one).key(), parse(other).key());
    }
}

#[test]
fn composed_and_decomposed_spelling_are_one_address() {
    assert_eq!(parse("zoe\u{308}@x.test"), parse("zo\u{eb}@x.test"));
    assert_eq!(parse("a@bu\u{308}cher.example").domain(), "xn--bcher-kva.example");
}

#[test]
fn a_mail_header_cannot_be_injected() {
    for text in [
        "alice@x.test\r\nBcc: eve@x.test",
        "alice\r\n@x.test",
        "alice\n@x.test",
        "alice\u{0}@x.test",
        "alice\u{7f}@x.test",
        "alice\u{85}@x.test",
        "alice\u{2028}@x.test",
        "alice@x.test\u{0}.test",
        "alice@x.test,eve@x.test",
        "alice@x.test;eve@x.test",
        "alice@x.test eve@x.test",
        "\"a\r\nBcc: eve@x.test\"@x.test",
        "\"eve@x.test, alice\"@x.test",
    ] {
        assert!(is_refused(text), "{}", text.escape_debug());
    }
}

#[test]
fn what_only_a_header_may_hold_is_refused() {
    for text in [
        "Alice <alice@x.test>",
        "<alice@x.test>",
        "alice(comment)@x.test",
        "alice@(comment)x.test",
        "\"alice\"@x.test",
        "\"a b\"@x.test",
        "alice@[127.0.0.1]",
        "alice@[IPv6:::1]",
        "mailto:alice@x.test",
    ] {
        assert!(is_refused(text), "{text}");
    }
}

#[test]
fn malformed_addresses_are_refused() {
    for text in [
        "",
        " ",
        "@",
        "alice",
        "alice@",
        "@x.test",
        "alice@@x.test",
        "a@b@x.test",
        ".alice@x.test",
        "alice.@x.test",
        "al..ice@x.test",
        "al ice@x.test",
        "alice@x",
        "alice@localhost",
        "alice@127.0.0.1",
        "alice@.x.test",
        "alice@x.test.",
        "alice@x..test",
        "alice@-x.test",
        "alice@x-.test",
        "alice@x_y.test",
        "alice@x y.test",
        "alice@xn--a.test",
        "alice\u{202e}@x.test",
        "alice\u{200b}@x.test",
        "alice\u{ff20}x.test",
    ] {
        assert!(is_refused(text), "{}", text.escape_debug());
    }
}

#[test]
fn the_bounds_of_rfc_5321_hold() {
    assert_eq!(parse(&format!("{}@x.test", "a".repeat(64))).local_part().len(), 64);
    assert!(is_refused(&format!("{}@x.test", "a".repeat(65))));
    // 32 letters of two bytes each.
    assert_eq!(parse(&format!("{}@x.test", "ë".repeat(32))).local_part().len(), 64);
    assert!(is_refused(&format!("{}@x.test", "ë".repeat(33))));

    let label = format!("{}.", "b".repeat(59));
    let longest = format!("{}@{}{}", "a".repeat(9), label.repeat(4), "test");
    assert_eq!(longest.len(), 254);
    assert_eq!(parse(&longest).as_str(), longest);
    assert!(is_refused(&format!("a{longest}")));
    assert!(is_refused(&format!("alice@{}.test", "b".repeat(64))));
    assert!(is_refused(&format!("{}@x.test", "a".repeat(1_000_000))));
}

#[test]
fn debug_shows_a_masked_form() {
    assert_eq!(format!("{:?}", parse("alice.secret@example.org")), "a…@example.org");
    assert!(!format!("{:?}", Some(vec![parse("alice.secret@example.org")])).contains("lice"));
}

#[test]
fn the_error_does_not_echo_the_input() {
    let error = "alice.secret@".parse::<EmailAddress>().unwrap_err();
    assert_eq!(error.to_string(), "not a valid e-mail address");
    assert_eq!(format!("{error:?}"), "InvalidEmailAddress");
}

#[test]
fn an_address_that_was_stored_under_laxer_rules_is_given_back() {
    for (text, key) in [
        ("\"Alice\"@x.test", "\"alice\"@x.test"),
        ("Alice@[127.0.0.1]", "alice@[127.0.0.1]"),
        ("Alice@LocalHost", "alice@localhost"),
    ] {
        assert!(is_refused(text));
        assert_eq!(EmailAddress::for_lookup(&format!(" {text}\n")).unwrap().key(), key);
        let address = EmailAddress::from_stored(text).unwrap();
        assert_eq!((address.as_str(), address.key()), (text, key));
    }
}

#[test]
fn what_can_never_have_been_an_address_is_not_given_back() {
    for text in [
        "",
        "@",
        "alice",
        "@x.test",
        "alice@",
        "al ice@x.test",
        "a@x.test\r\nBcc: b@x.test",
        "a\0@x",
    ] {
        assert_eq!(EmailAddress::from_stored(text), Err(InvalidEmailAddress), "{text:?}");
        assert_eq!(EmailAddress::for_lookup(text), Err(InvalidEmailAddress), "{text:?}");
    }
}

proptest! {
    #[test]
    fn an_address_that_was_taken_is_given_back(text in "\\PC{1,12}@[a-zA-Zäß]{1,8}\\.[a-zA-Z]{2,6}") {
        if let Ok(address) = text.parse::<EmailAddress>() {
            let stored = EmailAddress::from_stored(address.as_str());
            prop_assert_eq!(stored.as_ref().map(EmailAddress::key), Ok(address.key()));
            prop_assert_eq!(stored, Ok(address));
        }
    }

    #[test]
    fn parsing_never_panics(text in any::<String>()) {
        let _ = text.parse::<EmailAddress>();
    }

    #[test]
    fn an_address_parses_to_itself(text in r"[\PC]{1,12}@[\PC]{1,12}\.[\PC]{2,8}") {
        if let Ok(address) = text.parse::<EmailAddress>() {
            prop_assert_eq!(&parse(address.as_str()), &address);
            prop_assert!(address.as_str().len() <= EmailAddress::MAX_BYTES);
            prop_assert!(address.domain().is_ascii());
            prop_assert!(!address.as_str().contains(|c: char| c.is_control() || c.is_whitespace()));
        }
    }

    #[test]
    fn a_plausible_address_is_taken_and_parses_to_itself(
        text in r"[a-zA-Z0-9äÖßς]{1,8}([.+_-][a-z0-9]{1,4}){0,3}@([a-zA-Z0-9üÉ]{1,8}\.){1,3}[a-zA-Z]{2,5}"
    ) {
        let address = parse(&text);
        prop_assert_eq!(&parse(address.as_str()), &address);
    }

    #[test]
    fn ascii_case_does_not_change_the_key(text in r"[a-zA-Z0-9]{1,8}@([a-zA-Z0-9]{1,8}\.){1,3}[a-zA-Z]{2,5}") {
        let upper = parse(&text.to_ascii_uppercase());
        let lower = parse(&text.to_ascii_lowercase());
        prop_assert_eq!(upper.key(), lower.key());
        prop_assert_eq!(lower.key(), lower.as_str());
    }
}

#[test]
fn pub_29_sub_addresses_are_one_mailbox_and_several_addresses() {
    let key = |text: &str| text.parse::<EmailAddress>().unwrap().mailbox_key().into_owned();
    for same in ["victim@x.test", "Victim+1@x.test", "VICTIM+a+b@X.test", "victim+@x.test"] {
        assert_eq!(key(same), "victim@x.test", "{same}");
    }
    let (one, other): (EmailAddress, EmailAddress) =
        ("victim+1@x.test".parse().unwrap(), "victim+2@x.test".parse().unwrap());
    assert_ne!(one.key(), other.key());
    for own in ["+1@x.test", "victim-1@x.test", "vic.tim@x.test", "zoë@x.test"] {
        assert_eq!(key(own), own);
    }
    assert_eq!(key("Zoë+Ü@x.test"), "zoë@x.test");
}
