//! A program that knows the tables of version 1 alone, and goes on while a newer one changes them.
//!
//! Its statements are the ones of that version, word for word; they stay as they are.

use dullahan_core::Context;
use dullahan_user::{
    domain::{MailKind, NewMail, TokenDigest, TokenPurpose},
    testing::Stores,
};
use dullahan_user_bridge_sqlx::{migrate, module};
use sqlx::Row as _;
use time::macros::datetime;
use uuid::Uuid;

use super::{Connection, Row, Store, at, version_1};

const INSERT_USER: &str = "INSERT INTO dullahan_users \
    (id, email, email_key, display_name, password_hash, status, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email_key) WHERE status <> 'pending' DO NOTHING";
const FIND_USER: &str = "SELECT id AS user_id, email, display_name, status, created_at AS registered_at, \
    activated_at FROM dullahan_users WHERE id = $1";
const FIND_CREDENTIALS: &str = "SELECT id AS user_id, email, display_name, status, \
    created_at AS registered_at, activated_at, password_hash FROM dullahan_users WHERE email_key = $1";
const ACTIVATE: &str = "UPDATE dullahan_users SET status = 'active', activated_at = $2 \
    WHERE id = $1 AND status = 'pending' \
    RETURNING id AS user_id, email, display_name, status, created_at AS registered_at, activated_at";
const REPLACE_PASSWORD_HASH: &str =
    "UPDATE dullahan_users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
const INSERT_SESSION: &str = "INSERT INTO dullahan_sessions \
    (id, token_digest, user_id, transport, created_at, authenticated_at, last_seen_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const FIND_SESSION: &str = "SELECT s.id, s.user_id, s.transport, s.created_at, s.authenticated_at, \
    s.last_seen_at, s.expires_at, \
    u.email, u.display_name, u.status, u.created_at AS registered_at, u.activated_at \
    FROM dullahan_sessions s JOIN dullahan_users u ON u.id = s.user_id WHERE s.token_digest = $1";
const TOUCH: &str =
    "UPDATE dullahan_sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";
const DELETE_SESSION: &str = "DELETE FROM dullahan_sessions WHERE id = $1";
const INSERT_TOKEN: &str = "INSERT INTO dullahan_one_time_tokens (digest, purpose, user_id, expires_at) \
    VALUES ($1, $2, $3, $4)";
const CONSUME: &str = "DELETE FROM dullahan_one_time_tokens WHERE purpose = $2 AND user_id = (\
    SELECT user_id FROM dullahan_one_time_tokens \
    WHERE digest = $1 AND purpose = $2 AND expires_at > $3) RETURNING digest, user_id";
const OWE: &str = "INSERT INTO dullahan_owed_mails (id, user_id, kind, created_at, due_at) \
    SELECT $1, $2, $3, $4, $4 WHERE NOT EXISTS (\
    SELECT 1 FROM dullahan_owed_mails WHERE user_id = $2 AND kind = $3 AND sent_at > $5) \
    ON CONFLICT (user_id, kind) WHERE sent_at IS NULL DO NOTHING";
const ASKED_AGAIN: &str = "UPDATE dullahan_owed_mails SET asked_again = asked_again + 1 \
    WHERE id = (SELECT id FROM dullahan_owed_mails WHERE user_id = $1 AND kind = $2 \
    ORDER BY created_at DESC LIMIT 1)";
const SENT: &str = "UPDATE dullahan_owed_mails SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL";
const POSTPONE: &str =
    "UPDATE dullahan_owed_mails SET due_at = $2 WHERE id = $1 AND sent_at IS NULL";

/// The older program, on the one connection that it has had since before the change.
struct Program(Connection);

impl Program {
    async fn write(&mut self, query: super::Query<'_>, rows: u64) {
        assert_eq!(query.execute(&mut self.0).await.unwrap().rows_affected(), rows);
    }

    async fn read(&mut self, query: super::Query<'_>) -> Row {
        query.fetch_one(&mut self.0).await.unwrap()
    }

    async fn owe(&mut self, user: Uuid, mail: Uuid, rows: u64) {
        let owe = sqlx::query(OWE).bind(mail).bind(user).bind("activation");
        self.write(owe.bind(at(0)).bind(at(-1)), rows).await;
    }

    async fn claim(&mut self) -> Row {
        let claim = concat!(
            "UPDATE dullahan_owed_mails SET due_at = $2, attempts = attempts + 1 WHERE id = (\
             SELECT id FROM dullahan_owed_mails WHERE sent_at IS NULL AND due_at <= $1 \
             ORDER BY due_at, id LIMIT 1 ",
            locked!(),
            ") RETURNING id, user_id, kind, attempts, \
             (SELECT email FROM dullahan_users u WHERE u.id = user_id) AS email, \
             (SELECT display_name FROM dullahan_users u WHERE u.id = user_id) AS display_name"
        );
        self.read(sqlx::query(claim).bind(at(0)).bind(at(60))).await
    }

    /// Does all that it ever does, for a user of this number, and leaves a session, a token and a mail.
    async fn run(&mut self, number: u8) {
        let id = Uuid::from_u128(u128::from(number));
        let (digest, email) = ([number; 32], format!("user{number}@x.test"));
        let insert = sqlx::query(INSERT_USER).bind(id).bind(&email).bind(&email);
        let insert = insert.bind(Some("Zoë")).bind("$a$old").bind("pending").bind(at(0));
        self.write(insert, 1).await;
        let found = self.read(sqlx::query(FIND_USER).bind(id)).await;
        assert_eq!(found.get::<String, _>("email"), email);
        let found = self.read(sqlx::query(FIND_CREDENTIALS).bind(&email)).await;
        assert_eq!(found.get::<String, _>("password_hash"), "$a$old");
        let activated = self.read(sqlx::query(ACTIVATE).bind(id).bind(at(1))).await;
        assert_eq!(activated.get::<String, _>("status"), "active");
        let replace = sqlx::query(REPLACE_PASSWORD_HASH).bind(id).bind("$a$old").bind("$a$new");
        self.write(replace, 1).await;

        let other = [number + 100; 32];
        for (session, digest) in [(id, digest), (Uuid::from_bytes([number; 16]), other)] {
            let insert = sqlx::query(INSERT_SESSION).bind(session).bind(&digest[..]).bind(id);
            let insert = insert.bind("cookie").bind(at(0)).bind(at(0)).bind(at(0)).bind(at(100));
            self.write(insert, 1).await;
        }
        self.write(sqlx::query(TOUCH).bind(id).bind(at(1)), 1).await;
        self.write(sqlx::query(DELETE_SESSION).bind(Uuid::from_bytes([number; 16])), 1).await;
        let found = self.read(sqlx::query(FIND_SESSION).bind(&digest[..])).await;
        assert_eq!(found.get::<Uuid, _>("user_id"), id);

        self.insert_token(id, digest).await;
        self.consume(id, digest).await;
        self.insert_token(id, digest).await;

        let (one, another) = (Uuid::from_bytes([number; 16]), Uuid::from_bytes([number + 50; 16]));
        self.owe(id, one, 1).await;
        self.owe(id, another, 0).await;
        self.write(sqlx::query(ASKED_AGAIN).bind(id).bind("activation"), 1).await;
        assert_eq!(self.claim().await.get::<Uuid, _>("id"), one);
        self.write(sqlx::query(POSTPONE).bind(one).bind(at(0)), 1).await;
        let claimed = self.claim().await;
        assert_eq!(claimed.get::<String, _>("email"), email);
        assert_eq!(claimed.get::<i64, _>("attempts"), 2);
        self.write(sqlx::query(SENT).bind(one).bind(at(-2)), 1).await;
        self.owe(id, another, 1).await;
    }

    async fn insert_token(&mut self, user: Uuid, digest: [u8; 32]) {
        let insert = sqlx::query(INSERT_TOKEN).bind(digest.to_vec()).bind("activation");
        self.write(insert.bind(user).bind(at(100)), 1).await;
    }

    async fn consume(&mut self, user: Uuid, digest: [u8; 32]) {
        let consume = sqlx::query(CONSUME).bind(digest.to_vec()).bind("activation").bind(at(0));
        assert_eq!(self.read(consume).await.get::<Uuid, _>("user_id"), user);
    }
}

#[tokio::test]
async fn a_program_of_version_1_goes_on_while_the_tables_change() {
    let (mut program, store, _kept) = start().await;
    program.run(1).await;
    migrate(&store).await.unwrap();
    program.run(2).await;
}

#[tokio::test]
async fn what_a_program_of_version_1_has_written_is_read_and_the_other_way_round() {
    let (mut program, store, _kept) = start().await;
    program.run(1).await;
    migrate(&store).await.unwrap();
    let stores = Stores::new(module(store)).unwrap();
    let now = datetime!(2026-01-01 00:00 UTC);

    // From the older to the newer.
    let digest = TokenDigest::from_bytes([1; 32]);
    let found = stores.sessions.find(&Context::new(), &digest).await.unwrap();
    let user = found.unwrap().1;
    assert_eq!((user.email.as_str(), &user.locale), ("user1@x.test", &None));
    let listed = stores.sessions.list(&Context::new(), user.id, 9).await.unwrap();
    assert_eq!((listed.len(), listed[0].device.user_agent()), (1, None));
    let (grant, mail) = stores
        .process(move |stores, context| {
            Box::pin(async move {
                let purpose = TokenPurpose::Activation;
                let grant = stores.tokens.consume(context, &digest, purpose, now).await?;
                Ok((grant, stores.mails.claim(context, now, now).await?))
            })
        })
        .await
        .unwrap();
    assert_eq!(grant.unwrap().user_id, user.id);
    let mail = mail.unwrap();
    assert_eq!(
        (mail.email, mail.kind, mail.email_change_id),
        (user.email, MailKind::Activation, None)
    );

    // And from the newer to the older.
    stores
        .process(move |stores, context| {
            Box::pin(async move {
                stores.mails.sent(context, mail.id, now - time::Duration::DAY).await?;
                let mail = NewMail::new(user.id, MailKind::Activation);
                assert!(stores.mails.owe(context, &mail, now).await?);
                Ok(())
            })
        })
        .await
        .unwrap();
    program.owe(user.id.as_uuid(), Uuid::from_u128(7), 0).await;
    assert_eq!(program.claim().await.get::<String, _>("email"), "user1@x.test");
}

/// Tables of version 1, and a program that has used its connection already.
async fn start() -> (Program, Store, super::Kept) {
    let (connection, store, kept) = version_1().await;
    (Program(connection), store, kept)
}
