//! Several registrations of one address, of which one may be its owner's.

use std::{
    cmp::Reverse,
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use crate::domain::Credentials;

/// A pending account among those that were registered with the same address.
#[derive(Clone)]
pub struct PendingUser {
    /// The account.
    pub credentials: Credentials,
    /// From which address of the network it was registered, if that is known.
    pub registered_from: Option<IpAddr>,
    /// Whether the token of an activation mail for it is kept.
    pub has_token: bool,
}

impl PendingUser {
    /// How many registrations of one address are compared with a password, and kept without a token: 5.
    pub const MOST: usize = 5;

    /// Orders registrations of one address by turns: the latest of each network, then the one before it of each, and
    /// so on.
    ///
    /// So a client that registers an address again and again takes one place before the registrations from other
    /// networks, however often it does. A network is an address of version 4, or the first 64 bits of one of version 6.
    pub fn by_turns(mut pending: Vec<Self>) -> Vec<Self> {
        pending.sort_by_key(|one| {
            let user = &one.credentials.user;
            Reverse((user.created_at, user.id))
        });
        let mut seen = HashMap::new();
        let mut turns: Vec<(u32, Self)> = Vec::new();
        for one in pending {
            let turn = seen.entry(one.registered_from.map(network_of)).or_insert(0);
            turns.push((*turn, one));
            *turn += 1;
        }
        turns.sort_by_key(|(turn, _)| *turn);
        turns.into_iter().map(|(_, one)| one).collect()
    }

    /// The registrations of one address that are too many: beyond the first [`MOST`](Self::MOST),
    /// [by turns](Self::by_turns). None of them has a token, as a mail promises that its token works.
    pub fn surplus(mut pending: Vec<Self>) -> Vec<Self> {
        pending.retain(|one| !one.has_token);
        Self::by_turns(pending).into_iter().skip(Self::MOST).collect()
    }
}

/// Where it was registered from stays out.
impl fmt::Debug for PendingUser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PendingUser")
            .field("credentials", &self.credentials)
            .field("has_token", &self.has_token)
            .finish_non_exhaustive()
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::PendingUser;
    use crate::domain::{Credentials, NewUser, PasswordHash, UserId};

    /// The registration of this minute.
    fn registered(minute: i64, from: &str, has_token: bool) -> PendingUser {
        let new = NewUser {
            id: UserId::new(),
            email: "alice@x.test".parse().unwrap(),
            display_name: None,
            locale: None,
            password_hash: PasswordHash::from_phc("$argon2id$x".to_owned()).unwrap(),
            created_at: datetime!(2026-01-02 03:00 UTC) + Duration::minutes(minute),
            registered_from: from.parse().ok(),
            activated_at: None,
        };
        let credentials = Credentials { user: new.to_user(), password_hash: None };
        PendingUser { credentials, registered_from: new.registered_from, has_token }
    }

    fn minutes(pending: &[PendingUser]) -> Vec<u8> {
        pending.iter().map(|one| one.credentials.user.created_at.minute()).collect()
    }

    #[test]
    fn user_16_each_network_has_its_turn() {
        let pending = vec![
            registered(1, "192.0.2.1", false),
            registered(2, "2001:db8::1", false),
            registered(3, "198.51.100.1", false),
            registered(4, "2001:db8::2", false),
            registered(5, "2001:db8:0:0:ffff::", false),
            registered(6, "::ffff:192.0.2.1", false),
            registered(7, "", false),
        ];
        assert_eq!(minutes(&PendingUser::by_turns(pending)), [7, 6, 5, 3, 4, 1, 2]);
    }

    #[test]
    fn user_16_a_stranger_who_goes_on_registering_pushes_nobody_out() {
        let mut pending = vec![registered(0, "192.0.2.1", false)];
        pending.extend((1..30).map(|minute| registered(minute, "2001:db8::1", minute < 4)));
        let surplus = PendingUser::surplus(pending);
        assert_eq!(minutes(&surplus), (4..=25).rev().collect::<Vec<_>>());
    }
}
