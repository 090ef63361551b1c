//! A program that knows the tables of version 2 alone, which has no roles, and goes on while a newer one adds them.
//!
//! Its statements are the ones of that version, word for word; they stay as they are.

use dullahan_core::Context;
use dullahan_user::{
    domain::{Role, TokenDigest, User, UserId},
    port::RoleChange,
    testing::Stores,
};
use dullahan_user_bridge_sqlx::{migrate, module};
use sqlx::Row as _;
use uuid::Uuid;

use super::{Connection, Row, Store, at, version_2};

const INSERT_USER: &str = "INSERT INTO dullahan_users \
    (id, email, email_key, display_name, locale, password_hash, status, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email_key) WHERE status <> 'pending' DO NOTHING";
const FIND_USER: &str = "SELECT id AS user_id, email, display_name, locale, status, \
    created_at AS registered_at, activated_at FROM dullahan_users WHERE id = $1";
const UPDATE: &str = "UPDATE dullahan_users SET \
    display_name = CASE WHEN $3 THEN $4 ELSE display_name END, \
    locale = CASE WHEN $5 THEN $6 ELSE locale END WHERE id = $1 AND email_key <> $2 RETURNING \
    id AS user_id, email, display_name, locale, status, created_at AS registered_at, activated_at";
const INSERT_SESSION: &str = "INSERT INTO dullahan_sessions \
    (id, token_digest, user_id, transport, created_at, authenticated_at, last_seen_at, expires_at, \
    user_agent, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const FIND_SESSION: &str = "SELECT s.id, s.user_id, s.transport, s.created_at, s.authenticated_at, \
    s.last_seen_at, s.expires_at, \
    u.email, u.display_name, u.locale, u.status, u.created_at AS registered_at, u.activated_at \
    FROM dullahan_sessions s JOIN dullahan_users u ON u.id = s.user_id WHERE s.token_digest = $1";
const DELETE: &str = "DELETE FROM dullahan_users WHERE id = $1";

/// The older program, on the one connection that it has had since before the change.
struct Program(Connection);

impl Program {
    async fn write(&mut self, query: super::Query<'_>) {
        assert_eq!(query.execute(&mut self.0).await.unwrap().rows_affected(), 1);
    }

    async fn read(&mut self, query: super::Query<'_>) -> Row {
        query.fetch_one(&mut self.0).await.unwrap()
    }

    /// Does what it does about users and sessions, for a user of this number, and leaves both.
    async fn run(&mut self, number: u8) -> UserId {
        let id = Uuid::from_u128(u128::from(number));
        let (digest, email) = (vec![number; 32], format!("user{number}@x.test"));
        let insert = sqlx::query(INSERT_USER).bind(id).bind(&email).bind(&email);
        let insert = insert.bind(Some("Zoë")).bind(None::<&str>).bind("$a$x");
        self.write(insert.bind("active").bind(at(0))).await;
        let insert = sqlx::query(INSERT_SESSION).bind(id).bind(digest).bind(id).bind("cookie");
        let insert = insert.bind(at(0)).bind(at(0)).bind(at(0)).bind(at(100));
        self.write(insert.bind(None::<&str>).bind(None::<&str>)).await;
        self.look_at(id, &email).await;
        UserId::from_uuid(id)
    }

    async fn look_at(&mut self, id: Uuid, email: &str) {
        let found = self.read(sqlx::query(FIND_USER).bind(id)).await;
        assert_eq!(found.get::<String, _>("email"), email);
        let update = sqlx::query(UPDATE).bind(id).bind(id.to_string()).bind(true).bind("Zoë");
        let updated = self.read(update.bind(false).bind(None::<&str>)).await;
        assert_eq!(updated.get::<String, _>("display_name"), "Zoë");
        let digest = vec![id.as_bytes()[15]; 32];
        let found = self.read(sqlx::query(FIND_SESSION).bind(digest)).await;
        assert_eq!(found.get::<Uuid, _>("user_id"), id);
    }
}

async fn find(stores: &Stores, id: UserId) -> Option<User> {
    stores.users.find(&Context::new(), id).await.unwrap()
}

#[tokio::test]
async fn a_program_of_version_2_goes_on_while_roles_are_added() {
    let (connection, store, _kept): (_, Store, super::Kept) = version_2().await;
    let mut program = Program(connection);
    let one = program.run(1).await;
    migrate(&store).await.unwrap();
    let two = program.run(2).await;
    let stores = Stores::new(module(store)).unwrap();
    for id in [one, two] {
        assert!(find(&stores, id).await.unwrap().roles.is_empty());
        let granted = stores.process(move |stores, context| {
            Box::pin(async move { stores.users.grant_role(context, id, &Role::ADMIN).await })
        });
        assert_eq!(granted.await.unwrap(), RoleChange::Changed);
    }
    program.look_at(one.as_uuid(), "user1@x.test").await;
    let digest = TokenDigest::from_bytes([1; 32]);
    let found = stores.sessions.find(&Context::new(), &digest).await.unwrap().unwrap();
    assert!(found.1.roles.contains(&Role::ADMIN));

    // Whom the older program deletes has no role left either.
    program.write(sqlx::query(DELETE).bind(one.as_uuid())).await;
    assert_eq!(find(&stores, one).await, None);
    program.run(1).await;
    assert!(find(&stores, one).await.unwrap().roles.is_empty());
    assert!(find(&stores, two).await.unwrap().roles.contains(&Role::ADMIN));
}
