//! Listeners to every event of a kind, of a module, or with a view.

use std::any::TypeId;

use super::{
    CoreBuilder,
    expected::Findings,
    registration::{Registrant, Registration},
};
use crate::{
    defect::Defect,
    event::Kind,
    listener::{Candidate, IntoListener},
    phase::{BeforeAnyPhase, ObserveAnyPhase, WrapAnyPhase},
    place::Place,
};

/// A listener to every event of some.
#[derive(Clone)]
pub(super) struct Every {
    pub(super) which: Which,
    pub(super) registrant: Registrant,
}

/// Which events are meant.
#[derive(Clone, Default)]
pub(super) struct Which {
    kind: Option<Kind>,
    module: Option<String>,
    /// The view, and its name.
    view: Option<(TypeId, &'static str)>,
}

impl Which {
    fn has(&self, registration: &Registration) -> bool {
        let event = &registration.event;
        let module = registration.declared.map(|(module, _)| module);
        self.kind.is_none_or(|kind| kind == event.kind)
            && self.module.as_deref().is_none_or(|wanted| module == Some(wanted))
            && self.view.is_none_or(|(view, _)| event.nature.views.has(view))
    }
}

/// # Every event
///
/// Listeners to many events at once, of whatever module, also to those that are declared later. They see an event without
/// its type, and may refuse it, surround it, or look at what came of it: for what is said once for a whole application,
/// as an audit, a time limit or an authorisation.
///
/// They stand before and outside of the listeners of the event itself that have the same priority, and are made once,
/// whatever the number of events.
///
/// ```
/// use dullahan_core::{Context, Core, DefaultAction, ObserveAny, Outcome, Result, Saga};
///
/// #[derive(Saga)]
/// struct RegisterUserSaga;
///
/// fn audit(ev: ObserveAny<'_>) -> Result<()> {
///     let outcome = match ev.outcome() {
///         Outcome::Failed(error) => error.code(),
///         _ => "success",
///     };
///     println!("{}: {outcome}", ev.event());
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let mut core = Core::builder();
/// core.every_saga().observe(audit);
/// core.declare::<RegisterUserSaga>().default(|_: DefaultAction<'_, RegisterUserSaga>| Ok(()));
/// let core = core.build()?;
///
/// core.run(RegisterUserSaga).await?;
/// # Ok(())
/// # }
/// ```
impl CoreBuilder {
    /// Listens to every saga.
    pub fn every_saga(&mut self) -> EveryBuilder<'_> {
        self.every(Some(Kind::Saga))
    }

    /// Listens to every process.
    pub fn every_process(&mut self) -> EveryBuilder<'_> {
        self.every(Some(Kind::Process))
    }

    /// Listens to everything: plain events, processes and sagas.
    pub fn every_event(&mut self) -> EveryBuilder<'_> {
        self.every(None)
    }

    fn every(&mut self, kind: Option<Kind>) -> EveryBuilder<'_> {
        EveryBuilder { which: Which { kind, ..Which::default() }, core: self }
    }

    /// Puts the listeners to every event to each of those that they mean. They are taken away again by
    /// [`take_away_every`], since an overlay may declare more events.
    pub(super) fn put_every(&mut self, findings: &mut Findings) {
        for (index, every) in self.every.iter().enumerate() {
            let mut is_meant = false;
            for registration in &mut self.events {
                if registration.declared.is_some() && every.which.has(registration) {
                    is_meant = true;
                    registration.put_every(index, &every.registrant);
                }
            }
            let Which { module, view, .. } = &every.which;
            let is_narrowed = module.is_some() || view.is_some();
            if !is_meant && is_narrowed && !every.registrant.settings.optional {
                let mut modules: Vec<_> =
                    self.events.iter().filter_map(|one| Some(one.declared?.0)).collect();
                modules.dedup();
                findings.defects.push(Defect::NoSuchEvents {
                    module: module.clone(),
                    view: view.map(|(_, name)| name),
                    listener: every.registrant.name(),
                    modules,
                    place: every.registrant.settings.place,
                });
            }
        }
    }
}

/// Takes the listeners to every event away again.
pub(super) fn take_away_every(registrations: &mut [Registration]) {
    for registration in registrations {
        registration.registrants.retain(|one| one.every.is_none());
    }
}

/// Registers listeners to every event of some; see [`CoreBuilder::every_event`].
pub struct EveryBuilder<'b> {
    core: &'b mut CoreBuilder,
    which: Which,
}

impl EveryBuilder<'_> {
    /// Only those that this module declares. A module without any is a build error, unless the listener is
    /// [optional](crate::ListenerOptions::optional).
    pub fn of_module(mut self, module: impl Into<String>) -> Self {
        self.which.module = Some(module.into());
        self
    }

    /// Only those that offer this [view](crate::event::Views), as in `with_view::<dyn EntityEvent>()`. A view that no event
    /// offers is a build error, unless the listener is [optional](crate::ListenerOptions::optional).
    pub fn with_view<V: ?Sized + 'static>(mut self) -> Self {
        self.which.view = Some((TypeId::of::<V>(), std::any::type_name::<V>()));
        self
    }

    /// Listens before the default action.
    #[track_caller]
    pub fn before<M>(self, listener: impl IntoListener<BeforeAnyPhase, M>) -> Self {
        self.add(listener.into_candidate())
    }

    /// Surrounds the default action.
    #[track_caller]
    pub fn wrap<M>(self, listener: impl IntoListener<WrapAnyPhase, M>) -> Self {
        self.add(listener.into_candidate())
    }

    /// Looks at whatever came of it.
    #[track_caller]
    pub fn observe<M>(self, listener: impl IntoListener<ObserveAnyPhase, M>) -> Self {
        self.add(listener.into_candidate())
    }

    #[track_caller]
    fn add(self, candidate: Candidate) -> Self {
        let Self { core, which } = self;
        let registrant = Registrant::new(core.module, Place::of_caller(), candidate, 0);
        core.every.push(Every { which: which.clone(), registrant });
        Self { core, which }
    }
}

impl std::fmt::Debug for EveryBuilder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EveryBuilder").finish_non_exhaustive()
    }
}
