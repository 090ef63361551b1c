//! Listeners that do one thing each, in any phase of any event.

use dullahan_core::{
    After, Before, Committed, Context, DefaultAction, Error, ErrorKind, Event, Listener,
    ListenerOptions as _, Observe, Process, Result, RolledBack, Saga, Violation, Wrap,
    builder::EventBuilder,
    event::{Preventable, Step},
    listener::Configured,
    phase::PhaseName,
};

use crate::support::{Log, MemoryStore, panic_with, pause};

#[derive(Saga, Default)]
#[event(output = u32, preventable)]
pub(super) struct Outer;

#[derive(Process, Default)]
#[event(output = u32, preventable)]
pub(super) struct Work;

#[derive(Process, Default)]
#[event(output = u32, preventable)]
pub(super) struct Inner;

#[derive(Event, Default)]
#[event(output = u32, preventable)]
pub(super) struct Hook;

/// An event with others to dispatch inside of it.
pub(super) trait Sample: Event<Output = u32> + Preventable {
    type Child: Step + Event<Output = u32> + Default;
    type Alone: Process + Event<Output = u32> + Default;
}

impl Sample for Outer {
    type Child = Work;
    type Alone = Work;
}

impl Sample for Work {
    type Child = Inner;
    type Alone = Inner;
}

impl Sample for Inner {
    type Child = Hook;
    type Alone = Inner;
}

impl Sample for Hook {
    type Child = Hook;
    type Alone = Inner;
}

/// What a listener does; nothing in a phase where it cannot.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing {
    Nothing,
    Pause,
    Put,
    Prevent,
    Replace,
    Respond,
    Stop,
    Reject,
    Fail,
    Panic,
    Dispatch,
    DispatchAlone,
    Compensate,
}

/// A listener that writes its name and does one thing.
#[derive(Clone)]
pub(super) struct Acting {
    name: String,
    doing: Doing,
    log: Log,
    store: MemoryStore,
}

impl Acting {
    pub(super) fn new(name: &str, doing: Doing, log: &Log, store: &MemoryStore) -> Self {
        Self { name: name.to_owned(), doing, log: log.clone(), store: store.clone() }
    }

    /// Registers it: as a closure where it waits for nothing, else as a functor.
    pub(super) fn register<E: Sample>(
        self,
        event: EventBuilder<'_, E>,
        phase: PhaseName,
        priority: i32,
        holds: Option<bool>,
    ) {
        fn configured<L>(listener: L, name: &str, holds: Option<bool>) -> Configured<L> {
            let listener = listener.named(name);
            match holds {
                Some(holds) => listener.when(move |_| holds),
                None => listener,
            }
        }

        let (name, is_sync) = (self.name.clone(), self.is_sync());
        let acting = configured(self.clone(), &name, holds).priority(priority);
        match phase {
            PhaseName::Before if is_sync => {
                let act = move |mut ev: Before<'_, E>| self.act_now(&mut ev);
                event.before(configured(act, &name, holds).priority(priority));
            }
            PhaseName::Default if is_sync => {
                let act = move |mut ev: DefaultAction<'_, E>| {
                    self.act_now(&mut ev)?;
                    Ok(7)
                };
                event.default(configured(act, &name, holds));
            }
            PhaseName::After if is_sync => {
                let act = move |mut ev: After<'_, E>| self.act_now(&mut ev);
                event.after(configured(act, &name, holds).priority(priority));
            }
            PhaseName::Before => drop(event.before(acting)),
            PhaseName::Wrap => drop(event.wrap(acting)),
            PhaseName::Default => drop(event.default(acting)),
            PhaseName::After => drop(event.after(acting)),
            PhaseName::Observe => drop(event.observe(acting)),
            PhaseName::Committed => drop(event.committed(acting)),
            PhaseName::RolledBack => drop(event.rolled_back(acting)),
        }
    }

    fn is_sync(&self) -> bool {
        use Doing::{Dispatch, DispatchAlone, Pause, Put};
        !matches!(self.doing, Pause | Put | Dispatch | DispatchAlone)
    }

    fn act_now(&self, ev: &mut impl Hand) -> Result<()> {
        self.log.add(&self.name);
        match self.doing {
            Doing::Fail => Err(Error::new(ErrorKind::Conflict)),
            Doing::Panic => panic_with("it does"),
            doing => {
                ev.change(doing);
                Ok(())
            }
        }
    }

    async fn act(&self, ev: &mut impl Hand) -> Result<()> {
        if self.is_sync() {
            return self.act_now(ev);
        }
        self.log.add(&self.name);
        match self.doing {
            Doing::Put => self.store.put(ev.seen(), &self.name, "1").await,
            Doing::Dispatch => ev.dispatch_child().await.map(drop),
            Doing::DispatchAlone => {
                _ = ev.dispatch_alone().await;
                Ok(())
            }
            _ => {
                pause().await;
                Ok(())
            }
        }
    }
}

/// What a listener has in its hand.
trait Hand: Send {
    fn change(&mut self, doing: Doing);
    fn seen(&self) -> &Context;
    fn dispatch_child(&mut self) -> impl Future<Output = Result<u32>> + Send;
    fn dispatch_alone(&mut self) -> impl Future<Output = Result<u32>> + Send;
}

/// Implements [`Hand`] for a handle, and [`Listener`] with it; what it may change is said for each.
macro_rules! hand {
    ($handle:ident, $($doing:ident => $change:expr),* ; $acting:ident, $ev:ident => $output:expr, $returned:ty) => {
        impl<E: Sample> Hand for $handle<'_, E> {
            fn change(&mut self, doing: Doing) {
                match doing {
                    $(Doing::$doing => $change(self),)*
                    Doing::Compensate => self.compensate_with(Hook),
                    _ => {}
                }
            }

            fn seen(&self) -> &Context {
                self.context()
            }

            async fn dispatch_child(&mut self) -> Result<u32> {
                self.dispatch(E::Child::default()).await
            }

            async fn dispatch_alone(&mut self) -> Result<u32> {
                self.dispatch_in_savepoint(E::Alone::default()).await
            }
        }

        impl<E: Sample> Listener<$handle<'_, E>> for Acting {
            async fn call(&self, mut $ev: $handle<'_, E>) -> Result<$returned> {
                let $acting = self;
                $acting.act(&mut $ev).await?;
                $output
            }
        }
    };
}

hand!(
    Before,
    Prevent => Self::prevent_default,
    Replace => |ev: &mut Self| ev.respond(70),
    Respond => |ev: &mut Self| ev.respond(71),
    Reject => |ev: &mut Self| ev.reject(Violation::new("/name", "taken")),
    Stop => Self::stop;
    acting, ev => Ok(()), ()
);
hand!(DefaultAction, ; acting, ev => Ok(7), u32);
hand!(
    After,
    Replace => |ev: &mut Self| *ev.output_mut() += 1,
    Stop => Self::stop;
    acting, ev => Ok(()), ()
);
hand!(Observe, ; acting, ev => Ok(()), ());
hand!(Committed, ; acting, ev => Ok(()), ());
hand!(RolledBack, ; acting, ev => Ok(()), ());
hand!(
    Wrap,
    ;
    acting, ev => match acting.doing {
        Doing::Replace => Ok(72),
        Doing::Stop => match ev.next().await {
            Ok(output) => Ok(output),
            Err(_) => ev.next().await,
        },
        Doing::Respond => ev.next().await.or(Ok(73)),
        _ => ev.next().await,
    },
    u32
);
