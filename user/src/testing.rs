//! Tests of an application, and the tests that every adapter of the stores has to pass.
//!
//! An application's tests take [`SignedIn`], [`Mailbox`] and [`show_errors`]; the page on
//! [testing](crate::docs::testing) shows them.
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

pub mod accounts;
mod all_at_once;
pub mod at_once;
pub mod attempts;
pub mod email_changes;
mod errors;
pub mod mail_requests;
mod mailbox;
pub mod mails;
pub mod parity;
pub mod roles;
mod samples;
pub mod sessions;
mod signed_in;
mod stores;
pub mod tokens;
pub mod users;
pub mod writing;

pub use self::{
    errors::{Errors, show_errors},
    mailbox::Mailbox,
    signed_in::{PASSWORD, SignedIn},
    stores::Stores,
};

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
            users::user_01_an_address_is_found_and_taken_whatever_its_case
            users::reg_04_of_fifty_registrations_of_one_address_at_once_one_is_stored
            users::reg_08_what_is_rolled_back_leaves_the_address_free
            users::a_pending_user_is_activated_once
            users::of_twenty_activations_at_once_one_activates
            users::user_03_any_number_of_users_may_be_pending_with_an_address_and_one_holds_it
            users::user_03_of_twenty_activations_of_one_address_at_once_one_activates
            users::user_16_the_own_registration_comes_before_all_later_ones_of_the_address
            users::user_16_one_registration_is_deleted_while_it_is_pending
            users::pub_17_registrations_that_were_never_activated_are_forgotten
            users::pub_17_ten_purges_at_once_forget_each_registration_once
            users::a_password_hash_is_replaced_only_if_it_is_the_one_that_was_read
            accounts::credentials_are_found_by_the_identifier_too
            accounts::a_user_who_is_locked_is_changed_by_nobody_else
            accounts::what_a_user_changes_is_changed_and_nothing_else
            accounts::a_password_hash_takes_the_place_of_whatever_there_is
            accounts::a_user_gets_another_address
            accounts::eml_03_an_address_that_another_user_has_is_not_given
            accounts::eml_03_of_twenty_users_who_want_one_address_at_once_one_gets_it
            accounts::eml_03_of_a_registration_and_a_change_to_one_address_at_once_one_succeeds
            accounts::eml_03_two_users_do_not_get_each_others_address
            accounts::user_11_a_closed_account_holds_its_address_until_it_is_opened_or_removed
            accounts::user_11_of_a_return_and_a_removal_at_once_one_happens
            accounts::rem_01_an_anonymised_user_has_nothing_personal_left
            accounts::rem_01_an_anonymised_user_is_nobody_who_could_be_changed
            accounts::rem_01_changes_at_the_time_of_a_removal_bring_nothing_back
            accounts::rem_01_a_deleted_user_is_gone_with_all_that_refers_to_it
            accounts::what_is_rolled_back_removes_nobody
            roles::a_user_is_given_roles_and_loses_them
            roles::many_roles_are_found_in_their_order
            roles::a_user_is_never_read_without_the_roles
            roles::ses_09_a_session_is_found_with_the_roles_of_the_moment
            roles::of_twenty_grants_of_one_role_at_once_one_changes_something
            roles::a_user_who_is_locked_or_changed_has_the_roles_of_that_moment
            roles::rem_01_whoever_is_removed_has_no_role_left
            roles::rem_01_grants_at_the_time_of_a_removal_bring_nothing_back
            roles::what_is_rolled_back_leaves_the_roles_as_they_were
            sessions::a_session_is_found_with_its_user_by_its_digest_alone
            sessions::a_session_is_found_even_when_it_is_over
            sessions::a_session_remembers_its_latest_use
            sessions::pub_06_a_use_in_the_future_is_written_over
            sessions::a_session_that_is_ended_is_gone_and_others_are_not
            sessions::two_sessions_cannot_have_one_digest
            sessions::ses_05_a_user_lists_own_sessions_with_their_devices_the_latest_first
            sessions::ses_05_a_session_of_another_user_is_not_ended
            sessions::ses_06_all_sessions_of_a_user_end_but_one
            sessions::ses_06_all_sessions_of_a_user_end_without_exception
            sessions::ses_06_a_renewed_session_is_found_by_its_new_token_alone
            sessions::what_is_rolled_back_leaves_a_session_its_token
            sessions::user_16_a_new_session_ends_those_that_were_not_used_for_the_longest_time
            sessions::user_16_of_sessions_that_begin_at_once_none_is_too_many
            sessions::sessions_that_ended_or_were_not_used_for_long_are_forgotten
            tokens::a_token_is_used_up_once
            tokens::a_token_that_is_over_or_unknown_is_nobodys
            tokens::a_token_takes_all_others_of_its_user_with_it
            tokens::rst_02_of_twenty_uses_of_one_token_at_once_one_succeeds
            tokens::of_two_tokens_of_one_user_used_at_once_one_succeeds
            tokens::what_is_rolled_back_does_not_use_a_token_up
            tokens::a_token_is_looked_up_without_being_used_up
            tokens::tok_02_a_token_is_worth_nothing_for_another_purpose
            tokens::rem_01_all_tokens_of_a_user_are_forgotten
            tokens::tokens_that_are_over_are_forgotten
            tokens::ten_purges_at_once_forget_each_token_once
            email_changes::a_change_is_found_as_it_was_stored
            email_changes::eml_02_a_later_change_takes_the_place_of_an_earlier_one_and_all_its_tokens
            email_changes::eml_02_of_twenty_changes_of_one_user_at_once_one_is_left
            email_changes::eml_02_a_change_and_a_confirmation_of_the_earlier_one_at_once_do_not_mix
            email_changes::both_mailboxes_agree_to_a_change
            email_changes::eml_02_of_both_mailboxes_at_once_one_is_the_last
            email_changes::a_change_that_is_stopped_is_gone_with_its_tokens
            email_changes::changes_that_lapsed_are_forgotten_with_their_tokens
            email_changes::what_is_rolled_back_leaves_a_change_as_it_was
            mails::a_mail_is_owed_once_until_it_is_sent
            mails::mails_to_others_and_of_other_kinds_are_owed_besides
            mails::of_fifty_debts_of_one_mail_at_once_one_is_new
            mails::a_mail_of_the_application_goes_through_the_queue
            mails::a_mail_is_claimed_with_what_it_takes_to_write_it
            mails::mails_are_claimed_in_the_order_in_which_they_are_due
            mails::ops_05_a_mail_that_is_due_later_than_any_pause_is_due
            mails::a_claimed_mail_is_left_alone_until_its_lease_ends
            mails::a_postponed_mail_waits_and_a_sent_one_is_done
            mails::a_mail_that_was_given_up_is_claimed_no_more_and_makes_way_for_another
            mails::user_05_a_mail_is_admitted_once_or_withheld
            mails::ten_workers_at_once_claim_five_mails_once_each
            mails::what_is_rolled_back_leaves_a_mail_unclaimed
            mails::eml_01_a_mailbox_that_is_not_proven_gets_no_name
            mails::eml_01_a_mail_goes_to_the_mailbox_that_it_is_owed_to
            mails::a_mail_to_an_account_follows_it_to_its_address
            mails::eml_02_a_mail_to_another_mailbox_or_about_another_change_takes_the_place
            mails::eml_02_a_mail_that_gave_way_while_it_was_sent_is_not_taken_for_the_other
            mails::user_03_registering_again_owes_no_mail_while_one_waits
            mails::reg_02_a_mail_that_is_withdrawn_is_not_sent_and_others_are
            mails::rem_01_all_mails_to_a_user_are_forgotten
            mails::mails_that_were_sent_long_ago_are_forgotten
            mail_requests::rst_01_requests_are_taken_the_oldest_first
            mail_requests::rst_01_the_oldest_requests_can_be_left_alone
            mail_requests::act_02_the_same_request_is_one_until_it_is_taken
            mail_requests::act_02_of_fifty_same_requests_at_once_one_is_written_down
            mail_requests::of_ten_workers_at_once_one_takes_a_request
            mail_requests::what_is_rolled_back_leaves_a_request_there
            mail_requests::rem_01_requests_by_an_address_are_forgotten
            attempts::log_03_so_many_tries_are_allowed_from_the_first_one_on
            attempts::tries_are_counted_for_each_key_by_itself
            attempts::log_06_of_fifty_tries_at_once_five_are_allowed
            attempts::log_03_tries_that_are_forgotten_do_not_count
            attempts::log_03_a_try_that_is_given_back_does_not_count
            attempts::log_03_a_try_is_given_back_to_its_own_time_only
            attempts::log_06_of_tries_given_back_at_once_each_makes_room_for_one
            attempts::the_limit_is_the_one_of_the_moment
            attempts::ops_05_a_time_that_began_in_the_future_begins_now
            attempts::user_05_mails_are_counted_by_mailbox_whatever_account_they_are_about
            attempts::counts_that_are_over_are_forgotten
            attempts::what_is_rolled_back_counts_nothing
            at_once::processes_that_change_one_account_at_once_do_not_wait_for_each_other_for_ever
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
            ("accounts", include_str!("testing/accounts.rs")),
            ("roles", include_str!("testing/roles.rs")),
            ("sessions", include_str!("testing/sessions.rs")),
            ("tokens", include_str!("testing/tokens.rs")),
            ("email_changes", include_str!("testing/email_changes.rs")),
            ("mails", include_str!("testing/mails.rs")),
            ("mail_requests", include_str!("testing/mail_requests.rs")),
            ("attempts", include_str!("testing/attempts.rs")),
            ("at_once", include_str!("testing/at_once.rs")),
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
