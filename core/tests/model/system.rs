//! The same wiring in a real core.

use std::collections::BTreeMap;

use dullahan_core::{
    After, Before, Committed, Context, Core, CoreBuilder, DefaultAction, Error, Listener,
    ListenerOptions as _, Observe, Result, RolledBack, Violation, Wrap, listener::Configured,
};

use super::{
    events::{Event0, Event1, Event2, Event3, Event4, Event5, Event6, Numbered},
    failure::Failure,
    hand::Hand,
    wiring::{Act, End, Listeners, Next, Script, Wiring},
};
use crate::support::{Log, MemoryStore, Stepper, Watch, panic_with, pause};

/// The remembered number.
#[derive(Clone)]
struct Remembered(u32);

fn remembered(context: &Context) -> u32 {
    context.get::<Remembered>().map_or(0, |Remembered(number)| number)
}

pub(super) struct System {
    core: Core,
    pub(super) log: Log,
    pub(super) store: MemoryStore,
}

/// What a run came to.
pub(super) struct Ran {
    pub(super) log: Vec<String>,
    pub(super) stored: BTreeMap<String, String>,
    pub(super) result: Result<i64, Failure>,
}

impl System {
    pub(super) fn new(wiring: &Wiring) -> Self {
        let log = Log::new();
        let store = MemoryStore::new(&log);
        for call in &wiring.failing {
            store.fail_next(*call);
        }
        let mut core = Core::builder();
        core.units_of_work(store.provider());
        let env = Env { log: log.clone(), store: store.clone() };
        env.wire::<Event0>(&mut core, &wiring.events[0]);
        env.wire::<Event1>(&mut core, &wiring.events[1]);
        env.wire::<Event2>(&mut core, &wiring.events[2]);
        env.wire::<Event3>(&mut core, &wiring.events[3]);
        env.wire::<Event4>(&mut core, &wiring.events[4]);
        env.wire::<Event5>(&mut core, &wiring.events[5]);
        env.wire::<Event6>(&mut core, &wiring.events[6]);
        Self { core: core.build().unwrap(), log, store }
    }

    pub(super) fn run(&self, wiring: &Wiring, watched: bool) -> Ran {
        let _listening = watched.then(|| Watch::dispatches().listen());
        let result = Stepper::new(self.dispatch(wiring)).finish().map_err(Failure::from);
        Ran { log: self.log.entries(), stored: self.store.committed(), result }
    }

    /// The dispatch from outside.
    pub(super) async fn dispatch(&self, wiring: &Wiring) -> Result<i64> {
        let context = Context::new();
        match wiring.first {
            0 => self.core.run_in(&context, Event0(1)).await,
            1 => self.core.dispatch(&context, Event1(1)).await,
            2 => self.core.run_in(&context, Event2(1)).await,
            3 => self.core.dispatch(&context, Event3(1)).await,
            4 => self.core.dispatch(&context, Event4(1)).await,
            5 => self.core.dispatch(&context, Event5(1)).await,
            _ => self.core.dispatch(&context, Event6(1)).await,
        }
    }
}

/// What every listener needs.
#[derive(Clone)]
struct Env {
    log: Log,
    store: MemoryStore,
}

/// A listener that follows a script.
struct Scripted {
    script: Script,
    env: Env,
}

/// A wrap that follows a script.
struct Wrapping {
    scripted: Scripted,
    next: Next,
}

impl Env {
    fn scripted(&self, script: &Script) -> Scripted {
        Scripted { script: script.clone(), env: self.clone() }
    }

    fn wire<E: Numbered>(&self, core: &mut CoreBuilder, listeners: &Listeners) {
        macro_rules! register {
            ($method:ident, $handle:ident, $script:expr) => {{
                let script: &Script = $script;
                let scripted = self.scripted(script);
                let event = core.event::<E>();
                if script.is_sync() {
                    let listener = move |ev: $handle<'_, E>| {
                        Stepper::new(Listener::call(&scripted, ev)).finish()
                    };
                    event.$method(configured(listener, script));
                } else {
                    event.$method(configured(scripted, script));
                }
            }};
        }
        core.declare::<E>();
        for script in &listeners.before {
            register!(before, Before, script);
        }
        for (script, next) in &listeners.wrap {
            let wrapping = Wrapping { scripted: self.scripted(script), next: *next };
            core.event::<E>().wrap(configured(wrapping, script));
        }
        register!(default, DefaultAction, &listeners.default);
        for script in &listeners.after {
            register!(after, After, script);
        }
        for script in &listeners.observe {
            register!(observe, Observe, script);
        }
        for script in &listeners.committed {
            register!(committed, Committed, script);
        }
        for script in &listeners.rolled_back {
            register!(rolled_back, RolledBack, script);
        }
    }
}

/// Names a listener, and sets its priority and its condition.
fn configured<L>(listener: L, script: &Script) -> Configured<L> {
    let listener = listener.named(script.id.to_string()).priority(script.priority);
    match script.when_odd {
        Some(odd) => listener.when(move |context| (remembered(context) % 2 == 1) == odd),
        None => listener,
    }
}

impl Scripted {
    /// Notes what it sees, and acts.
    async fn act(&self, ev: &mut impl Hand) -> Result<()> {
        let Self { script, env } = self;
        let id = script.id;
        env.log.add(format!("{id} {}", ev.facts()));
        for act in &script.acts {
            match act {
                Act::Add(number) => ev.add(*number),
                Act::Prevent => ev.prevent(),
                Act::Respond(output) => ev.respond(*output),
                Act::Reject => ev.reject(Violation::new(format!("/{id}"), "rejected")),
                Act::Stop => ev.stop(),
                Act::Remember => {
                    let number = remembered(ev.context());
                    ev.context().insert(Remembered(number + 1));
                }
                Act::Put => {
                    let value = ev.value().to_string();
                    env.store.put(ev.context(), format!("k{id}"), value).await?;
                }
                Act::Dispatch { event, in_savepoint, swallow } => {
                    let result = ev.dispatch(*event, *in_savepoint).await;
                    env.log.add(format!("{id} got {}", shown_result(&result)));
                    if !swallow {
                        result?;
                    }
                }
                Act::Compensate { event } => ev.compensate(*event),
                Act::Pause => pause().await,
            }
        }
        Ok(())
    }

    fn end(&self) -> Result<()> {
        match self.script.end {
            End::Well => Ok(()),
            End::Error(fault) => {
                Err(Error::new(fault).with_code(format!("code {}", self.script.id)))
            }
            End::Panic => panic_with("as the script says"),
        }
    }
}

fn shown_result(result: &Result<i64>) -> String {
    match result {
        Ok(output) => output.to_string(),
        Err(error) => {
            let violations: Vec<_> = error.violations().iter().map(Violation::pointer).collect();
            format!("{} {violations:?}", error.code())
        }
    }
}

macro_rules! follows_its_script {
    ($($handle:ident),*) => {$(
        impl<E: Numbered> Listener<$handle<'_, E>> for Scripted {
            async fn call(&self, mut ev: $handle<'_, E>) -> Result<()> {
                self.act(&mut ev).await?;
                self.end()
            }
        }
    )*};
}

follows_its_script!(Before, After, Observe, Committed, RolledBack);

impl<E: Numbered> Listener<DefaultAction<'_, E>> for Scripted {
    async fn call(&self, mut ev: DefaultAction<'_, E>) -> Result<i64> {
        self.act(&mut ev).await?;
        self.end()?;
        Ok(Hand::value(&ev) + 100)
    }
}

impl<E: Numbered> Listener<Wrap<'_, E>> for Wrapping {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<i64> {
        self.scripted.act(&mut ev).await?;
        let result = match self.next {
            Next::Never(output) => Ok(output),
            Next::Once => ev.next().await.map(|output| output + 1),
            Next::Twice => match ev.next().await {
                Ok(first) => ev.next().await.map(|second| first + second),
                Err(error) => Err(error),
            },
            Next::Retry => match ev.next().await {
                Ok(output) => Ok(output),
                Err(_) => ev.next().await,
            },
            Next::Recover(output) => Ok(ev.next().await.unwrap_or(output)),
        };
        let Scripted { script, env } = &self.scripted;
        env.log.add(format!("{} out {}", script.id, shown_result(&result)));
        let output = result?;
        self.scripted.end()?;
        Ok(output)
    }
}
