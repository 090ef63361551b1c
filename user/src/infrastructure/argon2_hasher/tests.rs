//! What the hasher promises to its callers.

use std::{
    error::Error,
    sync::{Arc, mpsc},
    task::{Context, Waker},
};

use argon2::Block;
use pollster::block_on;

use crate::{
    domain::{PasswordHash, PlainPassword},
    infrastructure::{Argon2Hasher, Argon2Settings, Argon2SetupError},
    port::{HashingError, PasswordHasher, Verification},
};

fn cheap() -> Argon2Hasher {
    Argon2Hasher::new(Argon2Settings::insecure_for_tests()).unwrap()
}

fn password(text: &str) -> PlainPassword {
    text.parse().unwrap()
}

fn hash(hasher: &Argon2Hasher, text: &str) -> PasswordHash {
    block_on(hasher.hash(&password(text))).unwrap()
}

fn verify(hasher: &Argon2Hasher, text: &str, hash: Option<&PasswordHash>) -> Verification {
    block_on(hasher.verify(&password(text), hash)).unwrap()
}

/// Whether a password was hashed since this was last asked: the memory of the one thread is full of it.
fn has_worked(hasher: &Argon2Hasher) -> bool {
    let count = hasher.params.block_count();
    block_on(hasher.pool.run(move |memory| {
        let blocks = memory.blocks(count).unwrap();
        let is_full = blocks.iter().all(|block| block.as_ref().iter().any(|word| *word != 0));
        blocks.fill(Block::new());
        is_full
    }))
    .unwrap()
}

#[test]
fn pwd_08_a_hash_is_argon2id_of_owasps_strength_and_unlike_any_other() {
    let hasher = Argon2Hasher::new(Argon2Settings::default().with_threads(1)).unwrap();
    let text = "correct horse battery staple";
    let (one, other) = (hash(&hasher, text), hash(&hasher, text));
    for hash in [&one, &other] {
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!hash.as_phc().contains("horse"));
    }
    assert_ne!(one.as_phc(), other.as_phc());
    assert_eq!(verify(&hasher, text, Some(&one)), Verification::Match);
}

#[test]
fn pwd_08_raised_parameters_ask_for_a_new_hash_after_the_next_good_check() {
    let text = "correct horse battery staple";
    let old = hash(&cheap(), text);
    for settings in [
        Argon2Settings::insecure_for_tests().with_memory_kib(64),
        Argon2Settings::insecure_for_tests().with_iterations(2),
        Argon2Settings::insecure_for_tests().with_memory_kib(16).with_parallelism(2),
    ] {
        let raised = Argon2Hasher::new(settings).unwrap();
        assert_eq!(verify(&raised, text, Some(&old)), Verification::MatchNeedsRehash);
        assert_eq!(verify(&raised, "wrong", Some(&old)), Verification::Mismatch);
        assert_eq!(verify(&raised, text, Some(&hash(&raised, text))), Verification::Match);
    }
}

#[test]
fn pwd_03_a_password_of_one_class_is_hashed_and_found_right() {
    let hasher = cheap();
    let text = "correct horse battery staple";
    assert_eq!(verify(&hasher, text, Some(&hash(&hasher, text))), Verification::Match);
}

#[test]
fn pwd_04_nothing_of_a_password_is_ignored() {
    let hasher = cheap();
    let text = format!("{} ", "Abcdefghi ".repeat(8).trim_end());
    assert_eq!(text.len(), 80);
    let hash = hash(&hasher, &text);
    assert_eq!(verify(&hasher, &text, Some(&hash)), Verification::Match);
    for wrong in [
        &text[..72],
        &text.to_lowercase(),
        &text.to_uppercase(),
        &text[..79],
        &format!("{text} "),
        "",
    ] {
        assert_eq!(verify(&hasher, wrong, Some(&hash)), Verification::Mismatch);
    }
}

#[test]
fn a_password_is_right_however_its_letters_are_composed() {
    let hasher = cheap();
    let hash = hash(&hasher, "zoe\u{308} zoe\u{308} zoe\u{308}");
    assert_eq!(verify(&hasher, "zo\u{eb} zo\u{eb} zo\u{eb}", Some(&hash)), Verification::Match);
}

#[test]
fn log_02_one_hash_is_made_whether_the_account_is_known_or_not() {
    let hasher = cheap();
    let hash = hash(&hasher, "right");
    assert!(has_worked(&hasher));
    assert!(!has_worked(&hasher));
    for (text, hash, expected) in [
        ("right", Some(&hash), Verification::Match),
        ("wrong", Some(&hash), Verification::Mismatch),
        ("right", None, Verification::Mismatch),
        ("", None, Verification::Mismatch),
    ] {
        assert_eq!(verify(&hasher, text, hash), expected);
        assert!(has_worked(&hasher));
    }
    assert!(hasher.nobody.is_like(&hasher.params));
}

#[test]
fn pwd_09_the_surplus_is_told_to_come_back() {
    let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests().with_waiting(1)).unwrap();
    let secret = password("secret");
    let noop = || Context::from_waker(Waker::noop());

    // The one thread is occupied, and one password waits.
    let (begun, has_begun) = mpsc::channel();
    let (gate, opened) = mpsc::channel::<()>();
    let mut working = Box::pin(hasher.pool.run(move |_| {
        begun.send(()).unwrap();
        let _ = opened.recv();
    }));
    assert!(working.as_mut().poll(&mut noop()).is_pending());
    has_begun.recv().unwrap();
    let mut waiting = hasher.hash(&secret);
    assert!(waiting.as_mut().poll(&mut noop()).is_pending());

    for _ in 0..64 {
        let busy = block_on(hasher.verify(&secret, None)).unwrap_err();
        assert!(matches!(busy, HashingError::Busy { retry_after } if !retry_after.is_zero()));
        assert!(matches!(block_on(hasher.hash(&secret)), Err(HashingError::Busy { .. })));
    }

    drop(gate);
    block_on(working).unwrap();
    assert_eq!(verify(&hasher, "secret", Some(&block_on(waiting).unwrap())), Verification::Match);
}

#[test]
fn a_stored_hash_that_asks_for_absurd_work_is_an_error_and_no_work() {
    let hasher = cheap();
    for phc in [
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$2b$12$x",
    ] {
        let hash = PasswordHash::from_phc(phc.to_owned()).unwrap();
        let error = block_on(hasher.verify(&password("secret"), Some(&hash))).unwrap_err();
        assert_eq!(error.to_string(), "the stored password hash cannot be read");
        assert!(error.source().unwrap().to_string().starts_with("the stored hash "));
    }
    assert!(!has_worked(&hasher));
}

#[test]
fn memory_that_a_foreign_hash_needed_is_given_back() {
    let hasher = cheap();
    let large =
        Argon2Hasher::new(Argon2Settings::insecure_for_tests().with_memory_kib(1024)).unwrap();
    let foreign = hash(&large, "secret");
    assert_eq!(verify(&hasher, "secret", Some(&foreign)), Verification::MatchNeedsRehash);
    let is_new = |block: &Block| block.as_ref().iter().all(|word| *word == 0);
    let work =
        hasher.pool.run(move |memory| memory.blocks(1024).unwrap().iter().skip(8).all(is_new));
    assert_eq!(block_on(work), Ok(true));
}

#[test]
fn weak_settings_make_no_hasher() {
    let weak = Argon2Hasher::new(Argon2Settings::default().with_memory_kib(8)).unwrap_err();
    assert!(matches!(weak, Argon2SetupError::Settings(_)));
    assert!(weak.to_string().contains("set it to 19456 or more"), "{weak}");
}

#[test]
fn the_hasher_is_a_port_and_shows_its_settings_only() {
    let hasher: Arc<dyn PasswordHasher> = Arc::new(cheap());
    let secret = password("secret");
    let hash = std::thread::spawn(move || block_on(hasher.hash(&secret)).unwrap()).join().unwrap();
    assert!(hash.as_phc().starts_with("$argon2id$"));
    assert!(
        format!("{:?}", cheap())
            .starts_with("Argon2Hasher { settings: Argon2Settings { memory_kib: 8,")
    );
}
