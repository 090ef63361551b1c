//! EVT-01: an event without an output is never a success, and a step that is replaced keeps what is around it.

use std::sync::Arc;

use dullahan_core::{Before, DefaultAction, Error, ErrorKind, Event, Listener, Result};
use dullahan_user::{
    domain::{NewUser, User, UserStatus},
    port::{Insertion, UserRepository},
    presentation::event::transport::{
        CreateUserProcess, GetAccountSaga, LogInSaga, RegisterUserSaga, RequestMailProcess,
        ResolveSession, VerifyPassword,
    },
};

use crate::support::{
    ALICE, App, Course, PASSWORD, Plan, Send as _, on_both_databases, on_databases_in_turn,
    sabotage::{How, Place},
};

on_databases_in_turn!(
    evt_01_whatever_is_prevented_without_an_output_is_no_success on on_sqlite and on_postgres,
);

async fn evt_01_whatever_is_prevented_without_an_output_is_no_success(plan: Plan) {
    Course::run_for_every_event(plan, Place::Before, How::Prevent).await;
}

fn prevent<E: Event + dullahan_core::event::Preventable>(mut ev: Before<'_, E>) -> Result<()> {
    ev.prevent_default();
    Ok(())
}

on_both_databases!(
    evt_01_nothing_internal_is_in_the_answer_and_everything_in_the_log,
    evt_01_a_user_who_is_created_elsewhere_passed_every_other_step,
    evt_01_a_replaced_creation_keeps_uniqueness_hashing_and_the_unit_of_work,
    evt_01_a_saga_may_be_answered_whole_by_a_listener,
);

async fn evt_01_nothing_internal_is_in_the_answer_and_everything_in_the_log(plan: Plan) {
    let app = plan
        .with(|core| {
            core.event::<CreateUserProcess>().before(prevent::<CreateUserProcess>);
        })
        .start()
        .await;
    let answer = app.client.register(ALICE).answer().await;
    let line = answer.internal_problem(500, "step_unhandled");
    assert!(!answer.body.contains("CreateUser") && !answer.body.contains("prevent"), "{answer:?}");
    assert!(line.contains("nothing supplied the output of `CreateUserProcess`"), "{line}");
    assert_eq!(app.database.count("dullahan_users").await, 0);
    assert_eq!(app.database.count("dullahan_owed_mails").await, 0);
}

#[tokio::test]
async fn evt_01_nobody_is_let_in_where_the_check_is_prevented() {
    let app = App::start().await;
    app.add_user(ALICE).await;
    let database = app.database.clone();
    drop(app);
    let plan = crate::support::app::Plan {
        database,
        ..crate::support::app::Plan::extended(|core| {
            core.event::<VerifyPassword>().before(prevent::<VerifyPassword>);
            core.event::<ResolveSession>().before(prevent::<ResolveSession>);
            core.event::<GetAccountSaga>().before(prevent::<GetAccountSaga>);
            core.event::<RequestMailProcess>().before(prevent::<RequestMailProcess>);
        })
    };
    let app = plan.start().await;
    for password in [PASSWORD, "wrong horse battery staple"] {
        app.client.log_in(ALICE, password).answer().await.internal_problem(500, "step_unhandled");
    }
    app.client
        .account_of_bearer(&"A".repeat(43))
        .answer()
        .await
        .internal_problem(500, "step_unhandled");
    app.client.register("bob@x.test").answer().await.internal_problem(500, "step_unhandled");
    assert_eq!(app.database.count("dullahan_sessions").await, 0);
    assert_eq!(app.database.count("dullahan_users").await, 1);
}

/// Creates the user somewhere else, and says that it is active.
fn create_elsewhere(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
    let user = User { status: UserStatus::Active, ..ev.user.to_user() };
    ev.respond(user);
    Ok(())
}

async fn evt_01_a_user_who_is_created_elsewhere_passed_every_other_step(plan: Plan) {
    let app = plan
        .with(|core| {
            core.event::<CreateUserProcess>().before(create_elsewhere);
        })
        .start()
        .await;
    let answer = app.client.register(ALICE).answer().await.expect(202);
    assert_eq!(answer.body, r#"{"status":"pending"}"#);
    assert_eq!(app.hasher.take_counts(), (1, 0));
    let refused = app.client.register_with(ALICE, "short").answer().await;
    assert_eq!(refused.problem(422, "invalid"), ["/password too_short"]);
    assert_eq!(app.hasher.take_counts(), (0, 0));
    for table in ["dullahan_users", "dullahan_owed_mails"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
}

/// Creates the user in the module's own store, in the application's own way.
struct CreateActive {
    users: Arc<dyn UserRepository>,
}

impl CreateActive {
    fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }
}

impl Listener<DefaultAction<'_, CreateUserProcess>> for CreateActive {
    async fn call(&self, ev: DefaultAction<'_, CreateUserProcess>) -> Result<User> {
        let proven = NewUser { activated_at: Some(ev.user.created_at), ..ev.user.clone() };
        match self.users.insert(ev.context(), &proven).await? {
            Insertion::Stored(user) => Ok(user),
            Insertion::AddressTaken => {
                Err(Error::new(ErrorKind::Conflict)
                    .with_code(dullahan_user::application::EMAIL_TAKEN))
            }
        }
    }
}

async fn evt_01_a_replaced_creation_keeps_uniqueness_hashing_and_the_unit_of_work(plan: Plan) {
    let app = plan
        .with(|core| {
            core.event::<CreateUserProcess>().override_default(CreateActive::new);
        })
        .start()
        .await;
    let free = app.client.register(ALICE).answer().await.expect(202);
    let taken = app.client.register_with("ALICE@x.test", "another battery staple").answer().await;
    assert_eq!(taken, free);
    assert_eq!(app.database.count("dullahan_users").await, 1);
    assert!(app.database.password_hash(ALICE).await.starts_with("$argon2id$"));
    app.client.log_in(ALICE, "another battery staple").answer().await.expect(401);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.deliver_mails().await;
    let subjects: Vec<_> = app.mailer.to(ALICE).into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["You already have an account at Stable"]);
}

async fn evt_01_a_saga_may_be_answered_whole_by_a_listener(plan: Plan) {
    let app = plan
        .with(|core| {
            core.event::<RegisterUserSaga>().before(
                |_: Before<'_, RegisterUserSaga>| -> Result<()> {
                    Err(Error::new(ErrorKind::Forbidden)
                        .with_code("closed")
                        .with_message("come back in May"))
                },
            );
            core.event::<LogInSaga>().before(|mut ev: Before<'_, LogInSaga>| {
                ev.identifier = ev.identifier.replace("ada", "alice");
                Ok(())
            });
        })
        .start()
        .await;
    let answer = app.client.register(ALICE).answer().await;
    answer.problem(403, "closed");
    assert_eq!(answer.json()["detail"], "come back in May");
    assert_eq!(app.hasher.take_counts(), (0, 0));
}
