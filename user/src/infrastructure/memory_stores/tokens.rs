//! One-time tokens in memory, as digests.

use dullahan_core::{BoxFuture, Context, Error, Result};
use time::OffsetDateTime;

use super::{
    MemoryStores,
    tables::{DigestTaken, Tables, count, oldest},
};
use crate::{
    domain::{NewOneTimeToken, OneTimeGrant, TokenDigest, TokenPurpose, UserId},
    port::TokenRepository,
};

fn live(
    tables: &Tables,
    digest: &TokenDigest,
    purpose: TokenPurpose,
    now: OffsetDateTime,
) -> Option<OneTimeGrant> {
    let token = tables.token(digest)?;
    let is_live = token.purpose == purpose && token.expires_at > now;
    let NewOneTimeToken { user_id, email_change_id, expires_at, .. } = *token;
    let grant = OneTimeGrant { user_id, email_change_id, expires_at };
    is_live.then_some(grant)
}

impl TokenRepository for MemoryStores {
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        token: &'a NewOneTimeToken,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, |tables| {
            tables.check_references(token.user_id, token.email_change_id)?;
            if tables.token(&token.digest).is_some() {
                return Err(Error::internal(DigestTaken));
            }
            tables.tokens.push(token.clone());
            Ok(())
        }))
    }

    fn find<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OneTimeGrant>>> {
        Box::pin(self.read(context, move |tables| live(tables, digest, purpose, now)))
    }

    fn consume<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OneTimeGrant>>> {
        Box::pin(self.write(context, move |tables| {
            let grant = live(tables, digest, purpose, now);
            if let Some(OneTimeGrant { user_id, .. }) = grant {
                tables.tokens.retain(|token| token.user_id != user_id || token.purpose != purpose);
            }
            Ok(grant)
        }))
    }

    fn delete_all<'a>(&'a self, context: &'a Context, user: UserId) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let before = tables.tokens.len();
            tables.tokens.retain(|token| token.user_id != user);
            Ok(count(before - tables.tokens.len()))
        }))
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        expired_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let tokens = tables.tokens.iter().map(|token| (token.digest, token.expires_at));
            let expired = oldest(tokens, expired_before, limit);
            tables.tokens.retain(|token| !expired.contains(&token.digest));
            Ok(count(expired.len()))
        }))
    }
}
