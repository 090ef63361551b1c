//! A functor's constructor, called when the core is sealed.

use std::sync::Arc;

use super::{
    Candidate, Constructor, Listener, Options, Source, SyncConstructor, SyncListener,
    functor::{FunctorCall, SyncFunctorCall},
    identity_of, name_of,
    shape::Fits,
};
use crate::{dispatch::Call, phase::Invocable, service::Port};

/// Implements [`Fits`] for constructors with as many ports as there are names.
macro_rules! factory {
    ($($port:ident),*) => {
        factory!(Constructor Listener FunctorCall Async; $($port),*);
        factory!(SyncConstructor SyncListener SyncFunctorCall Sync; $($port),*);
    };
    ($constructor:ident $listener:ident $called:ident $call:ident; $($port:ident),*) => {
        impl<P, F, L, $($port),*> Fits<P, $constructor<($(Arc<$port>,)*), L>> for F
        where
            P: Invocable,
            F: Fn($(Arc<$port>),*) -> L + Send + Sync + 'static,
            L: for<'a> $listener<P::Handle<'a>>,
            $($port: ?Sized + Send + Sync + 'static,)*
        {
            fn into_candidate(self) -> Candidate {
                Candidate {
                    phase: P::NAME,
                    name: name_of::<L>(),
                    identity: identity_of::<F>(),
                    ports: vec![$(Port::of::<$port>()),*],
                    source: Source::of(move |_services| {
                        let functor = self($(_services.get::<$port>()?),*);
                        Some(Call::$call(Arc::new($called::<P, L>::new(functor))))
                    }),
                    options: Options::default(),
                }
            }
        }
    };
}

factory!();
factory!(A);
factory!(A, B);
factory!(A, B, C);
factory!(A, B, C, D);
factory!(A, B, C, D, G);
factory!(A, B, C, D, G, H);
factory!(A, B, C, D, G, H, I);
factory!(A, B, C, D, G, H, I, J);
