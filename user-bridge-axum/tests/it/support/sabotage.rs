//! Makes any event go wrong, in any place and any way.

use std::{
    collections::BTreeSet,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use dullahan_core::{
    After, Before, CoreBuilder, Error, Event, Listener, ListenerOptions as _, Observe, Result,
    Wrap, event::Preventable,
};
use parking_lot::Mutex;

use super::every_event::for_every_event;

/// What no client may ever read.
pub(crate) const SECRET: &str = "the cellar is below the kitchen";

/// Where in an event something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Before,
    /// Once the default action has acted.
    Wrap,
    After,
    Observe,
}

/// How it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Error,
    Panic,
    /// The default action is prevented, and nothing given in its place.
    Prevent,
}

/// What goes wrong, if anything does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plot {
    pub(crate) event: &'static str,
    pub(crate) place: Place,
    pub(crate) how: How,
}

/// Lets one event after the other go wrong.
#[derive(Default)]
pub(crate) struct Saboteur {
    plot: Mutex<Option<Plot>>,
    hits: AtomicUsize,
    seen: Mutex<BTreeSet<&'static str>>,
}

impl Saboteur {
    /// Listens to every event there is.
    pub(crate) fn register(self: &Arc<Self>, core: &mut CoreBuilder) {
        fn listen<E: Event + Preventable>(core: &mut CoreBuilder, saboteur: &Arc<Saboteur>) {
            let listener = || Sabotage::<E> { saboteur: Arc::clone(saboteur), event: PhantomData };
            core.event::<E>()
                .before(listener())
                .wrap(listener())
                .after(listener().priority(-1000))
                .observe(listener());
        }
        for_every_event!(listen(core, self));
    }

    /// From now on this goes wrong.
    pub(crate) fn set(&self, plot: Option<Plot>) {
        *self.plot.lock() = plot;
    }

    /// How often something went wrong.
    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    /// The events that were dispatched since this was last asked.
    pub(crate) fn take_seen(&self) -> BTreeSet<&'static str> {
        std::mem::take(&mut self.seen.lock())
    }

    fn act(&self, event: &'static str, place: Place) -> Result<bool> {
        self.seen.lock().insert(event);
        let plot = self.plot.lock().filter(|plot| (plot.event, plot.place) == (event, place));
        let Some(plot) = plot else { return Ok(false) };
        self.hits.fetch_add(1, Ordering::SeqCst);
        match plot.how {
            How::Error => Err(Error::internal(SECRET)),
            How::Panic => panic!("{SECRET}"),
            How::Prevent => Ok(true),
        }
    }
}

struct Sabotage<E> {
    saboteur: Arc<Saboteur>,
    event: PhantomData<fn() -> E>,
}

impl<E: Event + Preventable> Listener<Before<'_, E>> for Sabotage<E> {
    async fn call(&self, mut ev: Before<'_, E>) -> Result<()> {
        if self.saboteur.act(E::NAME, Place::Before)? {
            ev.prevent_default();
        }
        Ok(())
    }
}

impl<E: Event> Listener<Wrap<'_, E>> for Sabotage<E> {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<E::Output> {
        let output = ev.next().await?;
        self.saboteur.act(E::NAME, Place::Wrap)?;
        Ok(output)
    }
}

impl<E: Event> Listener<After<'_, E>> for Sabotage<E> {
    async fn call(&self, _: After<'_, E>) -> Result<()> {
        self.saboteur.act(E::NAME, Place::After).map(drop)
    }
}

impl<E: Event> Listener<Observe<'_, E>> for Sabotage<E> {
    async fn call(&self, _: Observe<'_, E>) -> Result<()> {
        self.saboteur.act(E::NAME, Place::Observe).map(drop)
    }
}
