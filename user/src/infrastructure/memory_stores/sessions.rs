//! Sessions in memory.

use std::cmp::Reverse;

use dullahan_core::{BoxFuture, Context, Error, Result};
use time::OffsetDateTime;

use super::{
    MemoryStores,
    tables::{DigestTaken, Tables, count, oldest},
};
use crate::{
    domain::{ListedSession, NewSession, Session, SessionId, TokenDigest, User, UserId},
    port::SessionRepository,
};

fn of_digest<'t>(tables: &'t Tables, digest: &TokenDigest) -> Option<&'t NewSession> {
    tables.sessions.values().find(|session| session.digest == *digest)
}

/// The sessions of a user, the one that was used last first.
fn latest_used(tables: &Tables, user: UserId) -> Vec<&NewSession> {
    let own = tables.sessions.values().filter(|new| new.session.user_id == user);
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|new| {
        let session = &new.session;
        Reverse((session.last_seen_at, session.created_at, session.id))
    });
    own
}

impl SessionRepository for MemoryStores {
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        new: &'a NewSession,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, |tables| {
            tables.check_references(new.session.user_id, None)?;
            if of_digest(tables, &new.digest).is_some() {
                return Err(Error::internal(DigestTaken));
            }
            tables.sessions.insert(new.session.id, new.clone());
            Ok(())
        }))
    }

    fn find<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
    ) -> BoxFuture<'a, Result<Option<(Session, User)>>> {
        Box::pin(self.read(context, |tables| {
            let session = &of_digest(tables, digest)?.session;
            let account = tables.accounts.get(&session.user_id)?;
            Some((session.clone(), account.user.clone()))
        }))
    }

    fn touch<'a>(
        &'a self,
        context: &'a Context,
        id: SessionId,
        at: OffsetDateTime,
        unless_since: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, move |tables| {
            if let Some(NewSession { session, .. }) = tables.sessions.get_mut(&id)
                && (session.last_seen_at <= unless_since
                    || session.last_seen_at >= at + (at - unless_since))
            {
                session.last_seen_at = at;
            }
            Ok(())
        }))
    }

    fn delete<'a>(&'a self, context: &'a Context, id: SessionId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| Ok(tables.sessions.remove(&id).is_some())))
    }

    fn list<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        most: u32,
    ) -> BoxFuture<'a, Result<Vec<ListedSession>>> {
        Box::pin(self.read(context, move |tables| {
            let mut listed: Vec<_> = latest_used(tables, user)
                .into_iter()
                .take(usize::try_from(most).unwrap_or(usize::MAX))
                .map(|new| ListedSession {
                    session: new.session.clone(),
                    device: new.device.clone(),
                })
                .collect();
            listed.sort_by_key(|listed| Reverse((listed.session.created_at, listed.session.id)));
            listed
        }))
    }

    fn renew<'a>(
        &'a self,
        context: &'a Context,
        id: SessionId,
        old: &'a TokenDigest,
        new: &'a TokenDigest,
        authenticated_at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            if of_digest(tables, new).is_some_and(|other| other.session.id != id) {
                return Err(Error::internal(DigestTaken));
            }
            let session = tables.sessions.get_mut(&id).filter(|session| session.digest == *old);
            let Some(session) = session else { return Ok(false) };
            session.digest = *new;
            session.session.authenticated_at = authenticated_at;
            Ok(true)
        }))
    }

    fn delete_own<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        id: SessionId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            let is_own = tables.sessions.get(&id).is_some_and(|new| new.session.user_id == user);
            if is_own {
                tables.sessions.remove(&id);
            }
            Ok(is_own)
        }))
    }

    fn delete_all<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        except: Option<SessionId>,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let before = tables.sessions.len();
            tables.sessions.retain(|id, new| new.session.user_id != user || Some(*id) == except);
            Ok(count(before - tables.sessions.len()))
        }))
    }

    fn end_surplus<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        opened: SessionId,
        most: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let others = latest_used(tables, user).into_iter().map(|new| new.session.id);
            let kept = usize::try_from(most.saturating_sub(1)).unwrap_or(usize::MAX);
            let surplus: Vec<_> = others.filter(|id| *id != opened).skip(kept).collect();
            for id in &surplus {
                tables.sessions.remove(id);
            }
            Ok(count(surplus.len()))
        }))
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        ended_before: OffsetDateTime,
        seen_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let sessions = tables.sessions.iter();
            let ended = sessions.map(|(id, new)| (*id, new.session.expires_at));
            let mut over = oldest(ended, ended_before, limit);
            let sessions = tables.sessions.iter();
            let seen = sessions.map(|(id, new)| (*id, new.session.last_seen_at));
            over.extend(oldest(seen, seen_before, limit));
            let mut gone = 0;
            for id in over {
                if gone < limit && tables.sessions.remove(&id).is_some() {
                    gone += 1;
                }
            }
            Ok(u64::from(gone))
        }))
    }
}
