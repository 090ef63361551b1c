//! What a listener gets that listens to every event of a kind or of a module: the phases without the type of the event.

use std::any::Any;

use super::{
    Handle, Invocable, Phase, PhaseName, answers_nothing, handle::every_handle, sealed::Sealed,
};
use crate::{
    dispatch::{Invocation, Parts, Scope},
    error::{Result, Violation},
    event::Kind,
    outcome::Outcome,
};

/// What a listener before the default action of any event gets, registered with
/// [`CoreBuilder::every_saga`](crate::CoreBuilder::every_saga) and the like.
///
/// It may refuse, by an error or a [violation](Self::reject), look at the event through a [view](Self::view) that the
/// event offers, and dispatch further steps.
///
/// ```
/// use dullahan_core::{BeforeAny, Core, CoreBuilder, Error, ErrorKind, Result};
///
/// fn members_only(ev: BeforeAny<'_>) -> Result<()> {
///     match ev.context().principal() {
///         Some(_) => Ok(()),
///         None => Err(Error::new(ErrorKind::Unauthenticated)),
///     }
/// }
///
/// fn extensions(core: &mut CoreBuilder) {
///     core.every_saga().of_module("orders").before(members_only);
/// }
/// ```
pub struct BeforeAny<'a> {
    parts: Parts<'a>,
    scope: &'a Scope<'a>,
}

impl BeforeAny<'_> {
    /// Whether a listener before this one has prevented the default.
    pub fn is_default_prevented(&self) -> bool {
        self.parts.control.prevented_by().is_some()
    }

    /// Says what is wrong with the request, as [`Before::reject`](crate::Before::reject) does.
    pub fn reject(&mut self, violation: Violation) {
        self.parts.control.reject(violation);
    }
}

/// What a listener around the default action of any event gets. It calls [`next`](Self::next) never, once or again, and
/// does not see the output.
///
/// ```
/// use std::time::Duration;
///
/// use dullahan_core::{CoreBuilder, Error, ErrorKind, Result, WrapAny};
///
/// async fn time_limit(mut ev: WrapAny<'_>) -> Result<()> {
///     match tokio::time::timeout(Duration::from_secs(5), ev.next()).await {
///         Ok(result) => result,
///         Err(_) => Err(Error::new(ErrorKind::Unavailable)),
///     }
/// }
///
/// fn extensions(core: &mut CoreBuilder) {
///     core.every_process().wrap(time_limit);
/// }
/// ```
pub struct WrapAny<'a> {
    parts: Parts<'a>,
    scope: &'a Scope<'a>,
    inner: usize,
}

impl WrapAny<'_> {
    /// Runs what is wrapped: the next wrap, or the default action, as [`Wrap::next`](crate::Wrap::next) does.
    ///
    /// # Errors
    ///
    /// Whatever error ended it. To return `Ok` without an output of it is the error `step_unhandled`.
    pub async fn next(&mut self) -> Result<()> {
        self.scope.entry.next(self.inner, self.parts.again(), self.scope).await
    }
}

/// What an observer of any event gets: what came of it, to look at.
pub struct ObserveAny<'a> {
    parts: Parts<'a>,
    outcome: Outcome<'a>,
    scope: &'a Scope<'a>,
}

impl<'a> ObserveAny<'a> {
    /// What came of the dispatch.
    pub fn outcome(&self) -> Outcome<'a> {
        self.outcome
    }

    /// The output, for a `downcast_ref` to its type; `None` if the dispatch failed.
    pub fn output(&self) -> Option<&(dyn Any + Send + Sync)> {
        match self.outcome {
            Outcome::Completed(()) | Outcome::Prevented { .. } => self.parts.output.given(),
            Outcome::Failed(_) => None,
        }
    }
}

macro_rules! any {
    ($($handle:ident $phase:ident $name:ident, $invocation:ident => $made:expr;)*) => {
        $(
            impl $handle<'_> {
                /// The name of the event.
                pub fn event(&self) -> &'static str {
                    self.scope.entry.name()
                }

                /// Whether it is a plain event, a process or a saga.
                pub fn kind(&self) -> Kind {
                    self.scope.entry.kind()
                }

                /// The module that declares it.
                pub fn module(&self) -> &'static str {
                    self.scope.entry.description.module
                }

                /// The event, as one of the [views](crate::Event::offer_views) that it offers.
                pub fn view<V: ?Sized + 'static>(&self) -> Option<&V> {
                    self.scope.entry.views.view(self.parts.event)
                }
            }

            #[doc = concat!("The phase of [`", stringify!($handle), "`].")]
            #[derive(Debug)]
            pub struct $phase;

            impl Sealed for $phase {}

            impl Phase for $phase {
                type Handle<'a> = $handle<'a>;
                type Return = ();
                const NAME: PhaseName = PhaseName::$name;
            }

            impl Invocable for $phase {
                answers_nothing!();

                fn handle<'a>($invocation: Invocation<'a>) -> ($handle<'a>, ()) {
                    ($made, ())
                }
            }

            impl Handle for $handle<'_> {
                type Return = ();
            }

            every_handle!($handle);
        )*
    };
}

any! {
    BeforeAny BeforeAnyPhase Before, invocation => BeforeAny { parts: invocation.parts, scope: invocation.scope };
    WrapAny WrapAnyPhase Wrap, invocation => {
        WrapAny { parts: invocation.parts, scope: invocation.scope, inner: invocation.inner }
    };
    ObserveAny ObserveAnyPhase Observe, invocation => {
        let Invocation { parts, scope, error, .. } = invocation;
        let by = parts.control.prevented_by().map(|by| scope.entry.before.name(by, scope));
        ObserveAny { parts, outcome: Outcome::new(error, by, || &()), scope }
    };
}

impl BeforeAny<'_> {
    /// The event as one of its views, to change it.
    pub fn view_mut<V: ?Sized + 'static>(&mut self) -> Option<&mut V> {
        self.scope.entry.views.view_mut(self.parts.event)
    }
}

impl WrapAny<'_> {
    /// The event as one of its views, to change it.
    pub fn view_mut<V: ?Sized + 'static>(&mut self) -> Option<&mut V> {
        self.scope.entry.views.view_mut(self.parts.event)
    }
}
