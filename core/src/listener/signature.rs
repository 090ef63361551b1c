//! What `#[listener]` asks of a function, piece by piece, so that the compiler names the piece that is wrong.

use super::Extract;
use crate::{error::Result, service::Inject};

/// Accepts what may follow the handle of a function.
pub fn check_parameter<P: IsParameter>() {}

/// Accepts what a function may return.
pub fn check_result<T>(_returned: Result<T>) {}

/// Accepts what an async function may return.
pub fn check_future<T, F: Future<Output = Result<T>> + Send>(_returned: F) {}

/// What may follow the handle of a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a service nor a value of the request",
    label = "neither a service nor a value of the request",
    note = "after the handle a function takes services, `Inject<'_, dyn Port>`, and types that implement \
            `dullahan_core::Extract`"
)]
pub trait IsParameter {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Send + Sync + 'static> IsParameter for Inject<'_, T> {}

#[diagnostic::do_not_recommend]
impl<T: Extract> IsParameter for T {}

/// What `#[listener]` writes where listeners are not collected.
#[cfg(not(feature = "inventory"))]
#[doc(hidden)]
#[macro_export]
macro_rules! submit_listener {
    ($($listener:tt)*) => {
        ::core::compile_error!(
            "`#[listener]` is collected at link time, which needs the feature `inventory` of `dullahan-core`; \
             `#[listener(check)]` only checks the signature"
        );
    };
}
