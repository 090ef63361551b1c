//! A failover of the database: the address leads to a standby for a while, and then to a primary again.

use dullahan_core::ErrorKind;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, Answer, App, BOB, PASSWORD, Plan, Send as _,
    database::Database,
    log,
    postgres_address::{Address, start, start_standby},
};

/// Asserts that a client is told to come back, and says what the log has on it.
#[track_caller]
fn expect_unavailable(answer: &Answer) -> String {
    assert_eq!(answer.headers["retry-after"], "1");
    answer.internal_problem(503, "unavailable")
}

async fn log_in_ten_at_once(app: &App) -> Vec<Answer> {
    let mut logins = JoinSet::new();
    for _ in 0..10 {
        let login = app.client.log_in(ALICE, PASSWORD);
        logins.spawn(async move { login.answer().await });
    }
    logins.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_01_who_signs_in_during_a_failover_is_told_to_come_back_and_is_let_in_after_it() {
    let primary = start().await;
    let address = Address::leading_to(&primary);
    let database = Database::at(address.url());
    let plan = Plan { database, ..Plan::default() }.without_limit_of_passwords();
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.register(BOB).answer().await.expect(202);
    let standby = start_standby(&primary).await;

    // The primary is gone, and its address leads to the standby.
    address.lead_to(&standby);
    address.cut();
    let mut refused_by_standby = 0;
    for _ in 0..3 {
        for answer in log_in_ten_at_once(&app).await {
            refused_by_standby += usize::from(expect_unavailable(&answer).contains("is a standby"));
        }
    }
    assert!(refused_by_standby > 10);
    expect_unavailable(&app.client.register("carol@x.test").answer().await);
    let undelivered = app.users.users().deliver_mail().await.unwrap_err();
    assert_eq!(undelivered.kind(), ErrorKind::Unavailable, "{undelivered}");
    // Those who are signed in are known there, too, once no connection is left that was cut.
    let mut account = app.client.account_of_bearer(&bearer).answer().await;
    for _ in 0..50 {
        if account.status == 200 {
            break;
        }
        expect_unavailable(&account);
        account = app.client.account_of_bearer(&bearer).answer().await;
    }
    account.expect(200);

    // It leads to a primary again, and the connections to the standby are alive.
    address.lead_to(&primary);
    let first = app.client.log_in(ALICE, PASSWORD).answer().await;
    if first.status != 200 {
        expect_unavailable(&first);
    }
    for _ in 0..3 {
        for answer in log_in_ten_at_once(&app).await {
            answer.expect(200);
        }
    }
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.deliver_mails().await;
    app.client.activate(&app.mailer.token(BOB)).answer().await.expect(204);
    assert!(!log::holds(PASSWORD));
}
