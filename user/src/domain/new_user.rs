//! An account that is ready to be stored.

use std::{fmt, net::IpAddr};

use time::OffsetDateTime;

use crate::domain::{
    DisplayName, EmailAddress, Locale, PasswordHash, Roles, User, UserId, UserStatus,
};

/// An account that is ready to be stored, without a role.
///
/// Until its address is proven it is [pending](UserStatus::Pending), and holds no address: any number of pending accounts
/// may have the same one.
#[derive(Clone)]
pub struct NewUser {
    /// Who it will be.
    pub id: UserId,
    /// The address.
    pub email: EmailAddress,
    /// The name to show, if one was given.
    pub display_name: Option<DisplayName>,
    /// The language to write to the user in, if that is known.
    pub locale: Option<Locale>,
    /// What its password will be checked against.
    pub password_hash: PasswordHash,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// Where from, if that is known; it is kept while the account is pending.
    pub registered_from: Option<IpAddr>,
    /// When its address was proven; `None` if that is still to come.
    pub activated_at: Option<OffsetDateTime>,
}

/// Where it was registered from stays out.
impl fmt::Debug for NewUser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NewUser")
            .field("id", &self.id)
            .field("email", &self.email)
            .field("created_at", &self.created_at)
            .field("activated_at", &self.activated_at)
            .finish_non_exhaustive()
    }
}

impl NewUser {
    /// The account as it is once stored.
    pub fn to_user(&self) -> User {
        User {
            id: self.id,
            email: self.email.clone(),
            display_name: self.display_name.clone(),
            locale: self.locale.clone(),
            status: match self.activated_at {
                Some(_) => UserStatus::Active,
                None => UserStatus::Pending,
            },
            roles: Roles::default(),
            created_at: self.created_at,
            activated_at: self.activated_at,
            closed_until: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use crate::domain::{NewUser, PasswordHash, UserId, UserStatus};

    #[test]
    fn a_new_user_is_pending_and_holds_no_role() {
        let new = NewUser {
            id: UserId::new(),
            email: "alice@x.test".parse().unwrap(),
            display_name: None,
            locale: None,
            password_hash: PasswordHash::from_phc("$argon2id$x".to_owned()).unwrap(),
            created_at: datetime!(2026-01-02 03:04:05 UTC),
            registered_from: None,
            activated_at: None,
        };
        let user = new.to_user();
        assert_eq!((user.id, &user.email, user.created_at), (new.id, &new.email, new.created_at));
        assert_eq!((user.status, user.activated_at), (UserStatus::Pending, None));
        assert!(user.roles.is_empty());
        let proven = NewUser { activated_at: Some(new.created_at), ..new };
        assert_eq!(proven.to_user().status, UserStatus::Active);
    }
}
