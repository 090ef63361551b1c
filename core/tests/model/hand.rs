//! One form for the handles of all phases.

use dullahan_core::{
    After, Before, BoxFuture, Committed, Context, DefaultAction, Observe, Outcome, Result,
    RolledBack, Violation, Wrap,
};

use super::{
    events::{Event0, Event1, Event2, Event3, Event4, Event5, Event6, Numbered},
    reference::end_of,
};

/// What scripts do with the handles of all phases; what a phase has not is not scripted in it.
pub(super) trait Hand: Send {
    fn context(&self) -> &Context;
    fn value(&self) -> i64;
    /// The phase, and what the listener can see.
    fn facts(&self) -> String;
    fn dispatch(&mut self, event: usize, in_savepoint: bool) -> BoxFuture<'_, Result<i64>>;

    fn compensate(&mut self, event: usize);

    fn add(&mut self, _: i64) {}
    fn prevent(&mut self) {}
    fn respond(&mut self, _: i64) {}
    fn reject(&mut self, _: Violation) {}
    fn stop(&mut self) {}
}

macro_rules! hand {
    ($handle:ident, |$ev:ident| $facts:expr, { $($more:item)* }) => {
        impl<E: Numbered> Hand for $handle<'_, E> {
            fn context(&self) -> &Context {
                $handle::context(self)
            }

            fn value(&self) -> i64 {
                E::value(self)
            }

            fn facts(&self) -> String {
                let $ev = self;
                $facts
            }

            fn dispatch(&mut self, event: usize, in_savepoint: bool) -> BoxFuture<'_, Result<i64>> {
                let value = E::value(self) + 1;
                Box::pin(async move {
                    match (event, in_savepoint) {
                        (1, true) => self.dispatch_in_savepoint(Event1(value)).await,
                        (3, true) => self.dispatch_in_savepoint(Event3(value)).await,
                        (5, true) => self.dispatch_in_savepoint(Event5(value)).await,
                        (0, _) => $handle::run(self, Event0(value)).await,
                        (2, _) => $handle::run(self, Event2(value)).await,
                        (1, _) => $handle::dispatch(self, Event1(value)).await,
                        (3, _) => $handle::dispatch(self, Event3(value)).await,
                        (4, _) => $handle::dispatch(self, Event4(value)).await,
                        (5, _) => $handle::dispatch(self, Event5(value)).await,
                        _ => $handle::dispatch(self, Event6(value)).await,
                    }
                })
            }

            fn compensate(&mut self, event: usize) {
                let value = E::value(self) + 1;
                match event {
                    1 => self.compensate_with(Event1(value)),
                    3 => self.compensate_with(Event3(value)),
                    4 => self.compensate_with(Event4(value)),
                    5 => self.compensate_with(Event5(value)),
                    _ => self.compensate_with(Event6(value)),
                }
            }

            $($more)*
        }
    };
}

hand!(
    Before,
    |ev| format!(
        "before {} v{} prevented {} response {:?}",
        end_of(&ev.chain()),
        Hand::value(ev),
        ev.is_default_prevented(),
        ev.response()
    ),
    {
        fn add(&mut self, number: i64) {
            *self.value_mut() += number;
        }

        fn prevent(&mut self) {
            self.prevent_default();
        }

        fn respond(&mut self, output: i64) {
            Before::respond(self, output);
        }

        fn reject(&mut self, violation: Violation) {
            Before::reject(self, violation);
        }

        fn stop(&mut self) {
            Before::stop(self);
        }
    }
);

hand!(Wrap, |ev| format!("wrap {} v{}", end_of(&ev.chain()), Hand::value(ev)), {
    fn add(&mut self, number: i64) {
        *self.value_mut() += number;
    }
});

hand!(
    DefaultAction,
    |ev| format!(
        "default {} v{} violations {}",
        end_of(&ev.chain()),
        Hand::value(ev),
        ev.violations().len()
    ),
    {
        fn add(&mut self, number: i64) {
            *self.value_mut() += number;
        }
    }
);

hand!(
    After,
    |ev| format!(
        "after {} v{} o{} prevented {}",
        end_of(&ev.chain()),
        Hand::value(ev),
        ev.output(),
        ev.was_default_prevented()
    ),
    {
        fn add(&mut self, number: i64) {
            *self.output_mut() += number;
        }

        fn stop(&mut self) {
            After::stop(self);
        }
    }
);

hand!(
    Observe,
    |ev| {
        let outcome = match ev.outcome() {
            Outcome::Completed(output) => format!("completed {output}"),
            Outcome::Prevented { by, output } => format!("prevented by {by} {output}"),
            Outcome::Failed(error) => format!("failed {}", error.code()),
        };
        format!("observe {} v{} {outcome}", end_of(&ev.chain()), Hand::value(ev))
    },
    {}
);

hand!(Committed, |ev| format!("committed v{} o{}", Hand::value(ev), ev.output()), {});

hand!(RolledBack, |ev| format!("rolled back v{} {}", Hand::value(ev), ev.error().code()), {});
