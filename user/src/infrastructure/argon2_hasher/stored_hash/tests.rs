//! Hashes of other hands, and hashes that no hand should have made.

use argon2::Params;
use proptest::prelude::{prop_assert, proptest};

use super::{Failure, Limits, OUTPUT_BYTES, StoredHash};
use crate::{domain::PasswordHash, infrastructure::argon2_hasher::memory::Memory};

/// From `src/test.c` of the reference implementation, github.com/P-H-C/phc-winner-argon2.
const OF_PASSWORD: [&str; 3] = [
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
    "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
];

fn params() -> Params {
    Params::new(8, 1, 1, Some(OUTPUT_BYTES)).unwrap()
}

fn parse(phc: &str) -> Result<StoredHash, Failure> {
    StoredHash::parse(
        &PasswordHash::from_phc(phc.to_owned()).unwrap(),
        &Limits::including(&params()),
    )
}

#[test]
fn hashes_of_the_reference_implementation_are_checked() {
    let mut memory = Memory::keeping(8);
    for phc in OF_PASSWORD {
        let hash = parse(phc).unwrap();
        assert!(hash.is_of(b"password", &mut memory).unwrap(), "{phc}");
        assert!(!hash.is_of(b"Password", &mut memory).unwrap(), "{phc}");
    }
}

#[test]
fn a_written_hash_reads_back() {
    let mut memory = Memory::keeping(8);
    let hash = StoredHash::derive(params(), b"password", &mut memory).unwrap();
    let phc = hash.to_phc().unwrap();
    assert!(phc.as_phc().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    let read = parse(phc.as_phc()).unwrap();
    assert!(read.is_of(b"password", &mut memory).unwrap());
    assert!(read.is_like(&params()));
    assert_eq!((read.salt.len(), read.output.len()), (16, 32));
}

#[test]
fn a_hash_that_would_be_made_another_way_today_is_not_alike() {
    let alike = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(parse(alike).unwrap().is_like(&params()));
    for (from, to) in [
        ("argon2id", "argon2i"),
        ("v=19", "v=16"),
        ("m=8", "m=16"),
        ("t=1", "t=2"),
        ("m=8,t=1,p=1", "m=16,t=1,p=2"),
        ("p=1", "p=1,data=AAAA"),
        ("p=1$AAAAAAAAAAAAAAAAAAAAAA", "p=1$AAAAAAAAAAA"),
        ("$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "$AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let other = alike.replace(from, to);
        assert_ne!(other, alike);
        assert!(!parse(&other).unwrap().is_like(&params()), "{other}");
    }
}

#[test]
fn a_hash_that_asks_for_absurd_work_is_refused() {
    for costs in [
        "m=262145,t=1,p=1",
        "m=4294967295,t=1,p=1",
        "m=8,t=17,p=1",
        "m=8,t=4294967295,p=1",
        "m=1024,t=1,p=17",
    ] {
        let refused = parse(&format!(
            "$argon2id$v=19${costs}$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
        ));
        assert!(matches!(refused, Err(Failure::Excessive)), "{costs}");
    }
    let generous = Params::new(300_000, 20, 20, Some(OUTPUT_BYTES)).unwrap();
    assert!(Limits::including(&generous).admit(&generous));
}

#[test]
fn what_argon2_did_not_write_is_refused() {
    for phc in [
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
        "$argon2id$v=19$m=8,t=1,p=1",
        "$argon2id$x",
    ] {
        assert!(matches!(parse(phc), Err(Failure::Malformed)), "{phc}");
    }
    let scrypt =
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
    assert!(matches!(parse(scrypt), Err(Failure::Foreign)));
    assert!(matches!(parse(&OF_PASSWORD[0].replace("v=19", "v=20")), Err(Failure::Foreign)));
}

proptest! {
    #[test]
    fn parsing_never_panics(
        costs in r"(v=[0-9]{1,10}\$)?([mtp]=[0-9]{1,10},?){0,4}",
        rest in r"[!-~]{1,80}",
    ) {
        for middle in ["", &costs, &format!("{costs}$c29tZXNhbHQ$")] {
            if let Ok(hash) = parse(&format!("$argon2id${middle}{rest}")) {
                prop_assert!(Limits::including(&params()).admit(&hash.params));
            }
        }
    }
}
