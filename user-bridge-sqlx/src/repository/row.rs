//! The columns of a row, as values of the domain.

use std::str::FromStr;

use dullahan_core::{Error, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::domain::{EmailAddress, Roles, User, UserId};
use sqlx::{Decode, Row as _, Type};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Database, Row};
use crate::timestamp::Timestamp;

/// A column as it is.
pub(super) fn column<'r, T>(row: &'r Row, name: &'static str) -> Result<T>
where
    T: Decode<'r, Database> + Type<Database>,
{
    row.try_get(name).map_err(store_error)
}

/// A column with an identifier.
pub(super) fn id<T>(row: &Row, name: &'static str, from_uuid: fn(Uuid) -> T) -> Result<T> {
    column(row, name).map(from_uuid)
}

/// A column with an identifier, or without.
pub(super) fn id_if_any<T>(
    row: &Row,
    name: &'static str,
    from_uuid: fn(Uuid) -> T,
) -> Result<Option<T>> {
    Ok(column::<Option<Uuid>>(row, name)?.map(from_uuid))
}

/// A column with a text that means something.
pub(super) fn parsed<T: FromStr>(row: &Row, name: &'static str) -> Result<T> {
    column::<&str>(row, name)?.parse().map_err(|_| unreadable(name))
}

/// A column with such a text, or without.
pub(super) fn parsed_if_any<T: FromStr>(row: &Row, name: &'static str) -> Result<Option<T>> {
    let text: Option<&str> = column(row, name)?;
    text.map(|text| text.parse().map_err(|_| unreadable(name))).transpose()
}

/// A column with an address.
pub(super) fn email(row: &Row, name: &'static str) -> Result<EmailAddress> {
    EmailAddress::from_stored(column(row, name)?).map_err(|_| unreadable(name))
}

/// A column with an address, or without.
pub(super) fn email_if_any(row: &Row, name: &'static str) -> Result<Option<EmailAddress>> {
    let text: Option<&str> = column(row, name)?;
    text.map(|text| EmailAddress::from_stored(text).map_err(|_| unreadable(name))).transpose()
}

/// A column with a time.
pub(super) fn time(row: &Row, name: &'static str) -> Result<OffsetDateTime> {
    column::<Timestamp>(row, name).map(OffsetDateTime::from)
}

/// A column with a time, or without.
pub(super) fn time_if_any(row: &Row, name: &'static str) -> Result<Option<OffsetDateTime>> {
    Ok(column::<Option<Timestamp>>(row, name)?.map(OffsetDateTime::from))
}

/// The column that [`user`] reads the roles from, of the user of a row of this table or alias: in the same
/// statement, and by the key of their own table.
macro_rules! roles_of {
    ($users:literal) => {
        concat!(
            "(SELECT string_agg(role, ',') FROM dullahan_user_roles WHERE user_id = ",
            $users,
            ".id) AS roles"
        )
    };
}

pub(super) use roles_of;

/// The user of a row, whose identifier and time of registration are `user_id` and `registered_at` there, since
/// other things in it have some too.
pub(super) fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: id(row, "user_id", UserId::from_uuid)?,
        email: email(row, "email")?,
        display_name: parsed_if_any(row, "display_name")?,
        locale: parsed_if_any(row, "locale")?,
        status: parsed(row, "status")?,
        roles: roles(row)?,
        created_at: time(row, "registered_at")?,
        activated_at: time_if_any(row, "activated_at")?,
        closed_until: time_if_any(row, "closed_until")?,
    })
}

/// The column with the roles of a user, with a comma between them, which no role has; nothing if there are none.
fn roles(row: &Row) -> Result<Roles> {
    let names: Option<&str> = column(row, "roles")?;
    let names = names.into_iter().flat_map(|names| names.split(','));
    names.map(|name| name.parse().map_err(|_| unreadable("roles"))).collect()
}

/// The error of a value that this version could not have written. It does not say the value.
#[cold]
pub(super) fn unreadable(column: &'static str) -> Error {
    Error::internal(Unreadable { column })
}

#[derive(Debug, thiserror::Error)]
#[error("a value of the column `{column}` is none that this version can read")]
struct Unreadable {
    column: &'static str,
}
