//! A functor's constructor, called when the core is sealed.

use std::sync::Arc;

use super::{
    Call, Candidate, Constructor, Listener, functor::FunctorCall, identity_of, name_of, shape::Fits,
};
use crate::{phase::Phase, service::Port};

/// Implements [`Fits`] for constructors with as many ports as there are names.
macro_rules! factory {
    ($($port:ident),*) => {
        impl<P, F, L, $($port),*> Fits<P, Constructor<($(Arc<$port>,)*), L>> for F
        where
            P: Phase,
            F: Fn($(Arc<$port>),*) -> L + Send + Sync + 'static,
            L: for<'a> Listener<P::Handle<'a>>,
            $($port: ?Sized + Send + Sync + 'static,)*
        {
            fn into_candidate(self) -> Candidate<P> {
                Candidate {
                    name: name_of::<L>(),
                    identity: identity_of::<F>(),
                    ports: vec![$(Port::of::<$port>()),*],
                    resolve: Arc::new(move |_services| {
                        let functor = self($(_services.get::<$port>()?),*);
                        Some(Call::Async(Arc::new(FunctorCall(functor))))
                    }),
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
