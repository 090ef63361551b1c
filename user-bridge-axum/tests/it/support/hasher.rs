//! A hasher that counts, and that a test can hold up.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use dullahan_core::BoxFuture;
use dullahan_user::{
    domain::{PasswordHash, PlainPassword},
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::{HashingError, PasswordHasher, Verification},
};
use tokio::sync::{Semaphore, watch};

/// Argon2 with next to no cost, counted, that a test can hold up.
pub(crate) struct TestHasher {
    inner: Argon2Hasher,
    hashed: AtomicUsize,
    verified: AtomicUsize,
    /// How many may be at work at once; the surplus is told to come back.
    places: Semaphore,
    at_work: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

impl TestHasher {
    pub(crate) fn new(settings: Argon2Settings) -> Self {
        Self {
            inner: Argon2Hasher::new(settings).unwrap(),
            hashed: AtomicUsize::new(0),
            verified: AtomicUsize::new(0),
            places: Semaphore::new(Semaphore::MAX_PERMITS),
            at_work: watch::Sender::new(0),
            open: watch::Sender::new(true),
        }
    }

    /// One that works on so many passwords at once and turns the others away.
    #[must_use]
    pub(crate) fn with_places(mut self, places: usize) -> Self {
        self.places = Semaphore::new(places);
        self
    }

    /// How many passwords were hashed and checked since this was last asked.
    pub(crate) fn take_counts(&self) -> (usize, usize) {
        (self.hashed.swap(0, Ordering::SeqCst), self.verified.swap(0, Ordering::SeqCst))
    }

    /// Lets nothing be finished until [`go_on`](Self::go_on).
    pub(crate) fn hold(&self) {
        self.open.send_replace(false);
    }

    pub(crate) fn go_on(&self) {
        self.open.send_replace(true);
    }

    /// Waits until so many passwords are being worked on.
    pub(crate) async fn wait_until_at_work(&self, count: usize) {
        self.at_work.subscribe().wait_for(|at_work| *at_work == count).await.unwrap();
    }

    async fn take_place(&self) -> Result<AtWork<'_>, HashingError> {
        let Ok(place) = self.places.try_acquire() else {
            return Err(HashingError::Busy { retry_after: Duration::from_millis(1500) });
        };
        let at_work = AtWork { hasher: self, _place: place };
        self.at_work.send_modify(|at_work| *at_work += 1);
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        Ok(at_work)
    }
}

/// A password that is being worked on.
struct AtWork<'a> {
    hasher: &'a TestHasher,
    _place: tokio::sync::SemaphorePermit<'a>,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.hasher.at_work.send_modify(|at_work| *at_work -= 1);
    }
}

impl PasswordHasher for TestHasher {
    fn hash<'a>(
        &'a self,
        password: &'a PlainPassword,
    ) -> BoxFuture<'a, Result<PasswordHash, HashingError>> {
        Box::pin(async move {
            self.hashed.fetch_add(1, Ordering::SeqCst);
            let _place = self.take_place().await?;
            self.inner.hash(password).await
        })
    }

    fn verify<'a>(
        &'a self,
        password: &'a PlainPassword,
        hash: Option<&'a PasswordHash>,
    ) -> BoxFuture<'a, Result<Verification, HashingError>> {
        Box::pin(async move {
            self.verified.fetch_add(1, Ordering::SeqCst);
            let _place = self.take_place().await?;
            self.inner.verify(password, hash).await
        })
    }
}
