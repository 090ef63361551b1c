//! What every adapter of the stores has to do, as tests that its own crate runs.
//!
//! An adapter's crate opens an empty store for each test, and runs all of them by one line:
//!
//! ```ignore
//! async fn open() -> Stores {
//!     let folder = tempfile::tempdir().unwrap();
//!     let store = SqliteStore::open(&format!("sqlite://{}/x.sqlite", folder.path().display())).await.unwrap();
//!     dullahan_user_bridge_sqlx::migrate(&store).await.unwrap();
//!     Stores::new(dullahan_user_bridge_sqlx::module(store)).unwrap().keeping(folder)
//! }
//!
//! dullahan_user::test_stores!(#[tokio::test] open());
//! ```

#![expect(clippy::missing_panics_doc, reason = "a test that fails panics")]
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod all_at_once;
pub mod mails;
pub mod parity;
mod samples;
pub mod sessions;
mod stores;
pub mod tokens;
pub mod users;
pub mod writing;

pub use self::stores::Stores;

/// Runs every test of [`testing`](crate::testing) on stores of its own.
///
/// The attribute is that of a test function which may be `async`; the expression is awaited for each test and
/// gives empty [`Stores`](crate::testing::Stores).
#[macro_export]
macro_rules! test_stores {
    (#[$test:meta] $open:expr) => {
        $crate::test_stores! { @each #[$test] $open;
            users::a_user_is_found_as_it_was_stored
            users::a_user_without_a_name_is_found_without_one
            users::nobody_is_found_who_was_not_stored
            users::an_address_is_found_and_taken_whatever_its_case
            users::reg_04_of_fifty_registrations_of_one_address_at_once_one_is_stored
            users::reg_08_what_is_rolled_back_leaves_the_address_free
            users::a_pending_user_is_activated_once
            users::of_twenty_activations_at_once_one_activates
            users::a_password_hash_is_replaced_only_if_it_is_the_one_that_was_read
            sessions::a_session_is_found_with_its_user_by_its_digest_alone
            sessions::a_session_is_found_even_when_it_is_over
            sessions::a_session_remembers_its_latest_use
            sessions::a_session_that_is_ended_is_gone_and_others_are_not
            sessions::two_sessions_cannot_have_one_digest
            tokens::a_token_is_used_up_once
            tokens::a_token_that_is_over_or_unknown_is_nobodys
            tokens::a_token_takes_all_others_of_its_user_with_it
            tokens::rst_02_of_twenty_uses_of_one_token_at_once_one_succeeds
            tokens::of_two_tokens_of_one_user_used_at_once_one_succeeds
            tokens::what_is_rolled_back_does_not_use_a_token_up
            mails::a_mail_is_owed_once_until_it_was_sent_long_ago
            mails::mails_to_others_and_of_other_kinds_are_owed_besides
            mails::of_fifty_debts_of_one_mail_at_once_one_is_new
            mails::a_mail_is_claimed_with_what_it_takes_to_write_it
            mails::mails_are_claimed_in_the_order_in_which_they_are_due
            mails::a_claimed_mail_is_left_alone_until_its_lease_ends
            mails::a_postponed_mail_waits_and_a_sent_one_is_done
            mails::ten_workers_at_once_claim_five_mails_once_each
            mails::what_is_rolled_back_leaves_a_mail_unclaimed
            writing::every_write_outside_of_a_process_is_refused
            writing::a_process_reads_what_it_wrote_and_nobody_else_does
        }
    };
    (@each #[$test:meta] $open:expr; $($module:ident :: $case:ident)*) => {
        $(
            #[$test]
            async fn $case() {
                $crate::testing::$module::$case($open.await).await;
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_run() {
        let list = include_str!("testing.rs");
        let cases = [
            ("users", include_str!("testing/users.rs")),
            ("sessions", include_str!("testing/sessions.rs")),
            ("tokens", include_str!("testing/tokens.rs")),
            ("mails", include_str!("testing/mails.rs")),
            ("writing", include_str!("testing/writing.rs")),
        ];
        for (module, source) in cases {
            let names = source.split("pub async fn ").skip(1);
            for name in names.filter_map(|rest| rest.split('(').next()) {
                let entry = format!("{module}::{name}\n");
                assert!(list.contains(&entry), "{module}::{name} is run by nobody");
            }
        }
    }
}
