//! Locking an account before what belongs to it.

use dullahan_core::Result;
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::domain::{EmailChangeId, SessionId, TokenDigest, UserId};
use sqlx::query::Query;
use uuid::Uuid;

use super::{Arguments, Connection, Database, WRITERS_TAKE_TURNS};

/// What leads to an account.
///
/// Every method that changes rows of an account locks the row of the account itself first, until the unit of
/// work ends. So of two processes about one account, whatever their order of steps, one begins when the other
/// has ended, and they cannot wait for each other. It keeps nobody from adding a session, a token or a mail.
///
/// So does every one that gives the user back, although its statement locks the row as well: one that has had to wait
/// reads the row as it is then, but the roles, which are rows of another table, as they were when it began.
#[derive(Clone, Copy)]
pub(super) enum AccountOf<'a> {
    User(UserId),
    Session(SessionId),
    Token(&'a TokenDigest),
    EmailChange(EmailChangeId),
}

impl AccountOf<'_> {
    pub(super) async fn lock(self, connection: &mut Connection) -> Result<()> {
        if WRITERS_TAKE_TURNS {
            return Ok(());
        }
        let query = match self {
            Self::User(id) => {
                by_id("SELECT 1 FROM dullahan_users WHERE id = $1 FOR NO KEY UPDATE", id.as_uuid())
            }
            Self::Session(id) => by_id(
                "SELECT 1 FROM dullahan_users WHERE id = (\
                 SELECT user_id FROM dullahan_sessions WHERE id = $1) FOR NO KEY UPDATE",
                id.as_uuid(),
            ),
            Self::EmailChange(id) => by_id(
                "SELECT 1 FROM dullahan_users WHERE id = (\
                 SELECT user_id FROM dullahan_email_changes WHERE id = $1) FOR NO KEY UPDATE",
                id.as_uuid(),
            ),
            Self::Token(digest) => sqlx::query(
                "SELECT 1 FROM dullahan_users WHERE id = (\
                 SELECT user_id FROM dullahan_one_time_tokens WHERE digest = $1) FOR NO KEY UPDATE",
            )
            .bind(digest.as_bytes().as_slice()),
        };
        query.execute(connection).await.map_err(store_error)?;
        Ok(())
    }
}

fn by_id(sql: &'static str, id: Uuid) -> Query<'static, Database, Arguments> {
    sqlx::query(sql).bind(id)
}
