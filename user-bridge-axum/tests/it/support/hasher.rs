//! A hasher that counts, and that a test can hold up.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
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
    turns_away: AtomicBool,
    turns_new_away: AtomicBool,
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
            turns_away: AtomicBool::new(false),
            turns_new_away: AtomicBool::new(false),
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

    /// From now on tells everybody to come back, those who are held up too, or nobody any more.
    pub(crate) fn turn_away(&self, everybody: bool) {
        self.turns_away.store(everybody, Ordering::SeqCst);
    }

    /// From now on tells whoever wants a new hash to come back, or not any more.
    pub(crate) fn turn_new_away(&self, everybody: bool) {
        self.turns_new_away.store(everybody, Ordering::SeqCst);
    }

    /// How many passwords were hashed and checked since this was last asked; who was turned away was not.
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
        let place = self.places.try_acquire().map_err(|_| BUSY)?;
        turned_away(&self.turns_away)?;
        let at_work = AtWork { hasher: self, _place: place };
        self.at_work.send_modify(|at_work| *at_work += 1);
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        turned_away(&self.turns_away)?;
        Ok(at_work)
    }
}

const BUSY: HashingError = HashingError::Busy { retry_after: Duration::from_millis(1500) };

fn turned_away(switch: &AtomicBool) -> Result<(), HashingError> {
    if switch.load(Ordering::SeqCst) { Err(BUSY) } else { Ok(()) }
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
            turned_away(&self.turns_new_away)?;
            let _place = self.take_place().await?;
            self.hashed.fetch_add(1, Ordering::SeqCst);
            self.inner.hash(password).await
        })
    }

    fn verify<'a>(
        &'a self,
        password: &'a PlainPassword,
        hash: Option<&'a PasswordHash>,
    ) -> BoxFuture<'a, Result<Verification, HashingError>> {
        Box::pin(async move {
            let _place = self.take_place().await?;
            self.verified.fetch_add(1, Ordering::SeqCst);
            self.inner.verify(password, hash).await
        })
    }
}
