//! Bare functions and closures, sync and async.
//!
//! A function is called through a helper trait with one lifetime, because `for<'a> Fn(P::Handle<'a>) -> Fut`
//! cannot name a future that depends on `'a`, while `for<'a> AsyncFunction<'a, ..>` can.

use std::{marker::PhantomData, sync::Arc};

use super::{AsyncCall, Call, Candidate, IntoListener, SyncCall, identity_of, path_of_function};
use crate::{
    error::Result,
    future::BoxFuture,
    phase::Phase,
    service::{Port, Service, Services},
};

/// Marks a sync function with these ports.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sync<Ports>(PhantomData<Ports>);

/// Marks an async function with these ports.
#[doc(hidden)]
#[derive(Debug)]
pub struct Async<Ports>(PhantomData<Ports>);

/// The services of a function, held for as long as the core lives.
trait Ports: Send + std::marker::Sync + Sized + 'static {
    fn list() -> Vec<Port>;
    fn resolve(services: &Services) -> Option<Self>;
}

/// A sync function, for one lifetime of the handle.
trait SyncFunction<'a, P: Phase, S> {
    fn call(&'a self, handle: P::Handle<'a>, services: &'a S) -> Result<P::Return>;
}

/// An async function, for one lifetime of the handle.
trait AsyncFunction<'a, P: Phase, S> {
    fn call(&'a self, handle: P::Handle<'a>, services: &'a S) -> BoxFuture<'a, Result<P::Return>>;
}

/// A function and its services. The function is shared with overlays that give it other services.
struct Bound<F, S> {
    function: Arc<F>,
    services: S,
}

impl<P: Phase, F, S: Ports> SyncCall<P> for Bound<F, S>
where
    F: for<'a> SyncFunction<'a, P, S> + Send + std::marker::Sync,
{
    #[inline]
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> Result<P::Return> {
        F::call(&self.function, handle, &self.services)
    }
}

impl<P: Phase, F, S: Ports> AsyncCall<P> for Bound<F, S>
where
    F: for<'a> AsyncFunction<'a, P, S> + Send + std::marker::Sync,
{
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> BoxFuture<'a, Result<P::Return>> {
        F::call(&self.function, handle, &self.services)
    }
}

#[diagnostic::do_not_recommend]
impl<P: Phase, F, S: Ports> IntoListener<P, Sync<S>> for F
where
    F: for<'a> SyncFunction<'a, P, S> + Send + std::marker::Sync + 'static,
{
    fn into_candidate(self) -> Candidate<P> {
        let function = Arc::new(self);
        let name = path_of_function::<F>();
        Candidate {
            name,
            identity: name.and_then(|_| identity_of::<F>()),
            ports: S::list(),
            resolve: Arc::new(move |services| {
                let services = S::resolve(services)?;
                let function = Arc::clone(&function);
                Some(Call::Sync(Arc::new(Box::new(Bound { function, services }))))
            }),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<P: Phase, F, S: Ports> IntoListener<P, Async<S>> for F
where
    F: for<'a> AsyncFunction<'a, P, S> + Send + std::marker::Sync + 'static,
{
    fn into_candidate(self) -> Candidate<P> {
        let function = Arc::new(self);
        let name = path_of_function::<F>();
        Candidate {
            name,
            identity: name.and_then(|_| identity_of::<F>()),
            ports: S::list(),
            resolve: Arc::new(move |services| {
                let services = S::resolve(services)?;
                let function = Arc::clone(&function);
                Some(Call::Async(Arc::new(Bound { function, services })))
            }),
        }
    }
}

/// Implements the helper traits for functions with as many services as there are names.
macro_rules! function {
    ($($port:ident $index:tt),*) => {
        impl<$($port: ?Sized + Send + std::marker::Sync + 'static),*> Ports for ($(Arc<$port>,)*) {
            fn list() -> Vec<Port> {
                vec![$(Port::of::<$port>()),*]
            }

            fn resolve(_services: &Services) -> Option<Self> {
                Some(($(_services.get::<$port>()?,)*))
            }
        }

        impl<'a, P, F, $($port),*> SyncFunction<'a, P, ($(Arc<$port>,)*)> for F
        where
            P: Phase,
            F: Fn(P::Handle<'a>, $(Service<'a, $port>),*) -> Result<P::Return>,
            $($port: ?Sized + Send + std::marker::Sync + 'static,)*
        {
            #[inline]
            fn call(
                &'a self,
                handle: P::Handle<'a>,
                _services: &'a ($(Arc<$port>,)*),
            ) -> Result<P::Return> {
                self(handle, $(Service(&*_services.$index)),*)
            }
        }

        impl<'a, P, F, R, $($port),*> AsyncFunction<'a, P, ($(Arc<$port>,)*)> for F
        where
            P: Phase,
            F: Fn(P::Handle<'a>, $(Service<'a, $port>),*) -> R,
            R: Future<Output = Result<P::Return>> + Send + 'a,
            $($port: ?Sized + Send + std::marker::Sync + 'static,)*
        {
            fn call(
                &'a self,
                handle: P::Handle<'a>,
                _services: &'a ($(Arc<$port>,)*),
            ) -> BoxFuture<'a, Result<P::Return>> {
                Box::pin(self(handle, $(Service(&*_services.$index)),*))
            }
        }
    };
}

function!();
function!(A 0);
function!(A 0, B 1);
function!(A 0, B 1, C 2);
function!(A 0, B 1, C 2, D 3);
function!(A 0, B 1, C 2, D 3, G 4);
function!(A 0, B 1, C 2, D 3, G 4, H 5);
