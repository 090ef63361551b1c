//! What every handle can do.

/// Implements what every handle can do: look at the context, dispatch further steps.
macro_rules! every_handle {
    ($handle:ident $($event:ident)?) => {
        impl<$($event: $crate::event::Event)?> $handle<'_ $(, $event)?> {
            /// What flows down from the saga: request, response, principal, extensions.
            ///
            /// Repositories take it as their first argument.
            pub fn context(&self) -> &$crate::dispatch::Context {
                self.scope.context
            }

            /// The names of the events that led here, outermost first, this one last.
            pub fn chain(&self) -> Vec<&'static str> {
                self.scope.chain()
            }

            /// Dispatches a step, an event or a process, and waits for its output.
            ///
            /// It shares the context. A process inside of a process joins its unit of work: when it fails, the outer one
            /// cannot be committed any more, even if the error is swallowed, unless that is a
            /// [rejection](crate::Error::rejection).
            ///
            /// # Errors
            ///
            /// Whatever error ended the step; [`Error::is_not_handled`](crate::Error::is_not_handled) if
            /// nothing gave it an output.
            pub async fn dispatch<S: $crate::event::Step>(
                &mut self,
                step: S,
            ) -> $crate::error::Result<S::Output> {
                let scope = self.scope;
                let propagation = $crate::dispatch::Propagation::Whole;
                scope.core.dispatch(scope.context, Some(scope), propagation, step).await
            }

            /// Dispatches a step, and tells how its output came about: by its default action, or by a listener that
            /// prevented it. Of a step that failed, [`Error::listener`](crate::Error::listener) says who refused it.
            ///
            /// # Errors
            ///
            /// As [`dispatch`](Self::dispatch).
            pub async fn dispatch_with_outcome<S: $crate::event::Step>(
                &mut self,
                step: S,
            ) -> $crate::error::Result<$crate::outcome::Dispatched<S::Output>> {
                let scope = self.scope;
                let propagation = $crate::dispatch::Propagation::Whole;
                scope.core.dispatch_with_outcome(scope.context, Some(scope), propagation, step).await
            }

            /// Dispatches a process that may fail alone: it takes a savepoint in the unit of work around it.
            ///
            /// Outside of a process it runs in a unit of work of its own, as with
            /// [`dispatch`](Self::dispatch).
            ///
            /// # Errors
            ///
            /// Whatever error ended the process; what it did is undone then, and the unit of work around it
            /// goes on.
            pub async fn dispatch_in_savepoint<P: $crate::event::Process>(
                &mut self,
                process: P,
            ) -> $crate::error::Result<P::Output> {
                let scope = self.scope;
                let propagation = $crate::dispatch::Propagation::Savepoint;
                scope.core.dispatch(scope.context, Some(scope), propagation, process).await
            }

            /// Dispatches with a value that counts for that dispatch and what is below it:
            /// `ev.with(Tenant("north")).dispatch(Import).await?`. See [`With`](crate::phase::With).
            pub fn with<T: Clone + Send + Sync + 'static>(
                &mut self,
                value: T,
            ) -> $crate::phase::With<'_> {
                $crate::phase::With::new(self.scope, value)
            }

            /// A core and a context to own, for what runs beside this saga and may outlive it: a spawned task, or
            /// several steps at once.
            ///
            /// The context shares the values of this one. It is outside of any unit of work and has no deadline
            /// and no trace, so what is dispatched in it succeeds and fails by itself, whatever becomes of the
            /// saga. Where it is to start only once everything is stored, spawn it in a committed listener.
            ///
            /// ```
            /// use dullahan_core::{Committed, Event, Process, Result};
            ///
            /// #[derive(Process)]
            /// struct CreateUserProcess;
            ///
            /// #[derive(Event)]
            /// struct WarmCache;
            ///
            /// fn warm_cache(ev: Committed<'_, CreateUserProcess>) -> Result<()> {
            ///     let (core, context) = ev.detached();
            ///     tokio::spawn(async move {
            ///         if let Err(error) = core.dispatch(&context, WarmCache).await {
            ///             tracing::warn!(%error, "the cache stays cold");
            ///         }
            ///     });
            ///     Ok(())
            /// }
            /// ```
            pub fn detached(&self) -> ($crate::dispatch::Core, $crate::dispatch::Context) {
                (self.scope.core.to_core(), self.scope.context.detached())
            }

            /// Keeps a step that takes back what was done here, in case the saga fails later on.
            ///
            /// Inside of a process it counts once that is committed: what is rolled back needs no
            /// compensation. Compensations run in reverse, each as a step of its own; one that fails is
            /// logged. They do not run when the future of the saga is dropped before it has failed, and outside of a
            /// saga there is nothing to compensate.
            pub fn compensate_with<S: $crate::event::Step>(&mut self, step: S) {
                self.scope.compensate(Box::new($crate::dispatch::Kept::new(
                    step,
                    self.scope.context,
                )));
            }

            /// Runs a saga inside of this one; it shares the context.
            ///
            /// # Errors
            ///
            /// Whatever error ended the saga.
            pub async fn run<S: $crate::event::Saga>(
                &mut self,
                saga: S,
            ) -> $crate::error::Result<S::Output> {
                let scope = self.scope;
                let propagation = $crate::dispatch::Propagation::Whole;
                scope.core.dispatch(scope.context, Some(scope), propagation, saga).await
            }
        }

        impl<$($event: $crate::event::Event)?> $crate::phase::sealed::Sealed for $handle<'_ $(, $event)?> {}

        impl<$($event: $crate::event::Event)?> std::fmt::Debug for $handle<'_ $(, $event)?> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}<{}>", stringify!($handle), self.scope.entry.name())
            }
        }
    };
}

/// Implements access to the event, mutable.
macro_rules! event_to_change {
    ($handle:ident) => {
        impl<E: $crate::event::Event> std::ops::Deref for $handle<'_, E> {
            type Target = E;

            fn deref(&self) -> &E {
                self.event
            }
        }

        impl<E: $crate::event::Event> std::ops::DerefMut for $handle<'_, E> {
            fn deref_mut(&mut self) -> &mut E {
                self.event
            }
        }
    };
}

pub(super) use {event_to_change, every_handle};
