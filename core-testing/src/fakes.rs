//! Default actions that a test replaces.

use std::{
    any::{TypeId, type_name},
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::recorder::in_words;
use dullahan_core::{
    BuildError, Core, CoreBuilder, DefaultAction, Event, Result, describe::Place,
    listener::IntoListener, phase::DefaultActionPhase, private::Tap,
};

/// The default actions of chosen events, replaced for a test; everything else of the core is real.
///
/// Listeners and wraps around a faked default run as ever, and preventing it works. A fake counts its calls.
///
/// ```
/// use dullahan_core::{Context, Core, DefaultAction, Event};
/// use dullahan_core_testing::Fakes;
///
/// #[derive(Event)]
/// #[event(output = String)]
/// struct HashPassword {
///     password: &'static str,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> dullahan_core::Result<()> {
/// # let mut core = Core::builder();
/// # core.declare::<HashPassword>().default(|_: DefaultAction<'_, HashPassword>| Ok("slow".to_owned()));
/// # let core = core.build()?;
/// let (core, fakes) = Fakes::over(&core)
///     .fake::<HashPassword>(|event| Ok(format!("hash of {}", event.password)))
///     .build()?;
///
/// let hash = core.dispatch(&Context::new(), HashPassword { password: "secret" }).await?;
/// assert_eq!(hash, "hash of secret");
/// assert_eq!(fakes.calls::<HashPassword>(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Fakes {
    calls: HashMap<TypeId, Arc<AtomicUsize>>,
}

/// Chooses which default actions to fake, over one sealed core.
#[must_use = "nothing is faked before `build`"]
pub struct FakesBuilder<'c> {
    core: &'c Core,
    fakes: Fakes,
    install: Vec<Install>,
}

/// Puts one fake into a builder.
type Install = Box<dyn FnOnce(&mut CoreBuilder)>;

impl Fakes {
    /// Fakes default actions of a core, through an overlay: the core itself stays as it is.
    pub fn over(core: &Core) -> FakesBuilder<'_> {
        FakesBuilder { core, fakes: Self { calls: HashMap::new() }, install: Vec::new() }
    }

    /// How often the fake of this event was called.
    ///
    /// # Panics
    ///
    /// When the event was not faked.
    #[track_caller]
    pub fn calls<E: Event>(&self) -> usize {
        match self.calls.get(&TypeId::of::<E>()) {
            Some(calls) => calls.load(Ordering::Relaxed),
            None => panic!("`{}` ({}) was not faked", E::name(), type_name::<E>()),
        }
    }

    /// Asserts that the fake of this event was called so many times.
    ///
    /// # Panics
    ///
    /// When it was called more or less often, or the event was not faked.
    #[track_caller]
    pub fn assert_called<E: Event>(&self, times: usize) {
        let calls = self.calls::<E>();
        if calls != times {
            let (calls, times) = (in_words(calls), in_words(times));
            panic!("the fake of `{}` was called {calls}, not {times}", E::name());
        }
    }
}

impl FakesBuilder<'_> {
    /// Gives this output in the place of the default action.
    #[track_caller]
    pub fn fake_output<E: Event>(self, output: E::Output) -> Self
    where
        E::Output: Clone,
    {
        self.fake::<E>(move |_| Ok(output.clone()))
    }

    /// Calls this in the place of the default action; it may change the event and fail.
    #[track_caller]
    pub fn fake<E: Event>(
        self,
        fake: impl Fn(&mut E) -> Result<E::Output> + Send + Sync + 'static,
    ) -> Self {
        self.fake_action::<E, _>(move |mut ev: DefaultAction<'_, E>| fake(&mut ev))
    }

    /// Puts this into the place of the default action: whatever could be a default action itself, so that the
    /// fake can be async, dispatch, and ask for services.
    ///
    /// Of two fakes of one event the later one counts.
    #[track_caller]
    pub fn fake_action<E: Event, M: 'static>(
        mut self,
        action: impl IntoListener<DefaultActionPhase<E>, M> + 'static,
    ) -> Self {
        let place = Place::of_caller();
        let calls = Arc::new(AtomicUsize::new(0));
        self.fakes.calls.insert(TypeId::of::<E>(), Arc::clone(&calls));
        let tap = Arc::new(Counter(calls));
        self.install.push(Box::new(move |core| core.fake_default::<E, M>(action, tap, place)));
        self
    }

    /// Seals the core with its fakes.
    ///
    /// # Errors
    ///
    /// When an event is faked that the core does not declare, or a fake asks for a service that it does not
    /// have.
    pub fn build(self) -> Result<(Core, Fakes), BuildError> {
        let core = self.core.overlay(|core| {
            for install in self.install {
                install(core);
            }
        })?;
        Ok((core, self.fakes))
    }
}

impl std::fmt::Debug for FakesBuilder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakesBuilder").field("fakes", &self.install.len()).finish_non_exhaustive()
    }
}

/// Counts the calls of a fake.
struct Counter(Arc<AtomicUsize>);

impl Tap for Counter {
    fn arrived(&self) -> Result<()> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
