//! What a [`MailQueue`](crate::port::MailQueue) does about requests for mails.

use dullahan_core::BoxFuture;
use time::OffsetDateTime;

use crate::{
    domain::{MailRequest, MailRequestKind},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, address, after, committed},
    },
};

async fn request(
    stores: &Stores,
    email: &str,
    kind: MailRequestKind,
    at: OffsetDateTime,
) -> MailRequest {
    let request = MailRequest { email: address(email), kind, requested_at: at };
    let written = request.clone();
    committed!(stores.mails.request(&written));
    request
}

async fn take(stores: &Stores) -> Option<MailRequest> {
    committed!(stores.mails.take_request(0))
}

/// As they were written down, whether anybody has the address or not.
pub async fn rst_01_requests_are_taken_the_oldest_first(stores: Stores) {
    stores.user("known@x.test").await;
    let kind = MailRequestKind::PasswordReset;
    let third = request(&stores, "Unknown@x.test", kind, after(30)).await;
    let first = request(&stores, "known@x.test", kind, after(10)).await;
    let second = request(&stores, "other@x.test", MailRequestKind::Activation, after(20)).await;
    for expected in [first, second, third] {
        assert_eq!(take(&stores).await, Some(expected));
    }
    assert_eq!(take(&stores).await, None);
}

/// Those that cannot be answered keep no other waiting.
pub async fn rst_01_the_oldest_requests_can_be_left_alone(stores: Stores) {
    let kind = MailRequestKind::PasswordReset;
    let first = request(&stores, "a@x.test", kind, after(10)).await;
    let third = request(&stores, "c@x.test", kind, after(30)).await;
    let second = request(&stores, "b@x.test", kind, after(20)).await;
    assert_eq!(committed!(stores.mails.take_request(3)), None);
    assert_eq!(committed!(stores.mails.take_request(1)), Some(second));
    assert_eq!(committed!(stores.mails.take_request(1)), Some(third));
    assert_eq!(committed!(stores.mails.take_request(1)), None);
    assert_eq!(take(&stores).await, Some(first));
}

/// However the address is spelt; once it was taken it can be made again.
pub async fn act_02_the_same_request_is_one_until_it_is_taken(stores: Stores) {
    let reset = MailRequestKind::PasswordReset;
    let first = request(&stores, "alice@x.test", reset, after(10)).await;
    request(&stores, "ALICE@x.test", reset, after(5)).await;
    let other = request(&stores, "alice@x.test", MailRequestKind::Activation, after(20)).await;
    assert_eq!(take(&stores).await, Some(first.clone()));
    assert_eq!(take(&stores).await, Some(other));
    assert_eq!(take(&stores).await, None);
    request(&stores, "alice@x.test", reset, after(10)).await;
    assert_eq!(take(&stores).await, Some(first));
}

/// And without an error for anybody.
pub async fn act_02_of_fifty_same_requests_at_once_one_is_written_down(stores: Stores) {
    let tries = (0..50).map(|number| -> BoxFuture<'_, _> {
        let email = if number % 2 == 0 { "alice@x.test" } else { "Alice@x.test" };
        Box::pin(request(&stores, email, MailRequestKind::Activation, NOW))
    });
    all_at_once(tries).await;
    assert!(take(&stores).await.is_some());
    assert!(take(&stores).await.is_none());
}

/// And the rest go away with empty hands.
pub async fn of_ten_workers_at_once_one_takes_a_request(stores: Stores) {
    for round in 0..5 {
        let written =
            request(&stores, "alice@x.test", MailRequestKind::PasswordReset, after(round)).await;
        let workers = (0..10).map(|_| -> BoxFuture<'_, _> { Box::pin(take(&stores)) });
        let taken: Vec<_> = all_at_once(workers).await.into_iter().flatten().collect();
        assert_eq!(taken, [written]);
    }
}

/// A worker that dies has not taken it.
pub async fn what_is_rolled_back_leaves_a_request_there(stores: Stores) {
    let written = request(&stores, "alice@x.test", MailRequestKind::PasswordReset, NOW).await;
    let expected = written.clone();
    let taken = stores.rolled_back(move |stores, context| {
        Box::pin(async move {
            assert_eq!(stores.mails.take_request(context, 0).await?, Some(expected));
            assert_eq!(stores.mails.take_request(context, 0).await?, None);
            Ok(())
        })
    });
    taken.await;
    assert_eq!(take(&stores).await, Some(written));
}

/// However it is spelt, and no other.
pub async fn rem_01_requests_by_an_address_are_forgotten(stores: Stores) {
    for kind in [MailRequestKind::PasswordReset, MailRequestKind::Activation] {
        request(&stores, "Alice@x.test", kind, NOW).await;
    }
    let other = request(&stores, "alice2@x.test", MailRequestKind::Activation, NOW).await;
    assert_eq!(committed!(stores.mails.delete_requests(&address("alice@X.test"))), 2);
    assert_eq!(committed!(stores.mails.delete_requests(&address("alice@X.test"))), 0);
    assert_eq!(take(&stores).await, Some(other));
    assert_eq!(take(&stores).await, None);
}
