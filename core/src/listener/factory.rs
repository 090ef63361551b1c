//! A functor's constructor, called when the core is sealed.

use std::{marker::PhantomData, sync::Arc};

use super::{Call, Candidate, IntoListener, Listener, functor::FunctorCall, identity_of, name_of};
use crate::{phase::Phase, service::Port};

/// Marks a functor that is registered by its constructor.
#[doc(hidden)]
#[derive(Debug)]
pub struct Factory<Ports>(PhantomData<Ports>);

/// Implements [`IntoListener`] for constructors with as many ports as there are names.
macro_rules! factory {
    ($($port:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<P, F, L, $($port),*> IntoListener<P, Factory<fn($(PhantomData<$port>),*)>> for F
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
