//! What form a listener has, told from its type alone.
//!
//! A form is recognised first, whether or not everything about it fits. Only then is each part checked, so that the
//! compiler can say which one does not fit; if all were asked at once, it could only say that no form fits.

use std::{marker::PhantomData, sync::Arc};

use super::{Candidate, Listener, SyncListener, checks::IsResult};
use crate::phase::Phase;

/// Marks a sync function with these parameters and this return type.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sync<Parameters, Returned>(PhantomData<(Parameters, Returned)>);

/// Marks an async function with these parameters and this future.
#[doc(hidden)]
#[derive(Debug)]
pub struct Async<Parameters, Returned>(PhantomData<(Parameters, Returned)>);

/// Marks a functor that is registered by a constructor with these parameters.
#[doc(hidden)]
#[derive(Debug)]
pub struct Constructor<Parameters, Functor>(PhantomData<(Parameters, Functor)>);

/// Marks a functor that is registered as a value.
#[doc(hidden)]
#[derive(Debug)]
pub struct Functor;

/// Marks a sync functor that is registered by a constructor with these parameters.
#[doc(hidden)]
#[derive(Debug)]
pub struct SyncConstructor<Parameters, Functor>(PhantomData<(Parameters, Functor)>);

/// Marks a sync functor that is registered as a value.
#[doc(hidden)]
#[derive(Debug)]
pub struct SyncFunctor;

/// Marks a listener of this form with options.
#[doc(hidden)]
#[derive(Debug)]
pub struct WithOptions<Marker>(PhantomData<Marker>);

/// Marks a listener of this form with options, one of which sees the event.
#[doc(hidden)]
#[derive(Debug)]
pub struct WithEventOptions<Marker>(PhantomData<Marker>);

/// A value with the form of a listener.
pub(super) trait Shape<P: Phase, Marker> {
    /// The value's own type. Going on with this one, the compiler asks nothing of a value that has no form at all.
    type Itself;

    fn itself(self) -> Self::Itself;
}

/// A value of this form that can listen.
pub(super) trait Fits<P: Phase, Marker> {
    fn into_candidate(self) -> Candidate;
}

#[diagnostic::do_not_recommend]
impl<P: Phase, L> Shape<P, Functor> for L
where
    L: for<'a> Listener<P::Handle<'a>>,
{
    type Itself = L;

    fn itself(self) -> L {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<P: Phase, L> Shape<P, SyncFunctor> for L
where
    L: for<'a> SyncListener<P::Handle<'a>>,
{
    type Itself = L;

    fn itself(self) -> L {
        self
    }
}

/// Recognises functions with as many parameters as there are names.
macro_rules! functions {
    ($($parameter:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<P: Phase, F, R, $($parameter),*> Shape<P, Sync<($($parameter,)*), R>> for F
        where
            F: Fn($($parameter),*) -> R,
            R: IsResult,
        {
            type Itself = F;

            fn itself(self) -> F {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl<P: Phase, F, R, $($parameter),*> Shape<P, Async<($($parameter,)*), R>> for F
        where
            F: Fn($($parameter),*) -> R,
            R: Future,
        {
            type Itself = F;

            fn itself(self) -> F {
                self
            }
        }
    };
}

functions!();
functions!(A);
functions!(A, B);
functions!(A, B, C);
functions!(A, B, C, D);
functions!(A, B, C, D, G);
functions!(A, B, C, D, G, H);
functions!(A, B, C, D, G, H, I);

/// Recognises constructors with as many ports as there are names.
macro_rules! constructors {
    ($($port:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<P: Phase, F, L, $($port: ?Sized),*> Shape<P, Constructor<($(Arc<$port>,)*), L>> for F
        where
            F: Fn($(Arc<$port>),*) -> L,
            L: for<'a> Listener<P::Handle<'a>>,
        {
            type Itself = F;

            fn itself(self) -> F {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl<P: Phase, F, L, $($port: ?Sized),*> Shape<P, SyncConstructor<($(Arc<$port>,)*), L>> for F
        where
            F: Fn($(Arc<$port>),*) -> L,
            L: for<'a> SyncListener<P::Handle<'a>>,
        {
            type Itself = F;

            fn itself(self) -> F {
                self
            }
        }
    };
}

constructors!();
constructors!(A);
constructors!(A, B);
constructors!(A, B, C);
constructors!(A, B, C, D);
constructors!(A, B, C, D, G);
constructors!(A, B, C, D, G, H);
constructors!(A, B, C, D, G, H, I);
constructors!(A, B, C, D, G, H, I, J);
