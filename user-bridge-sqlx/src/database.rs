//! A database that the stores can be in.

use dullahan_core::CoreBuilder;
use dullahan_core_bridge_sqlx::{Backend, Migration, Store};

/// A database that the stores of the user module can be in: `sqlx::Sqlite` or `sqlx::Postgres`, each with the
/// feature of its name.
#[diagnostic::on_unimplemented(
    message = "the stores of the user module cannot be in `{Self}`",
    note = "enable the feature `sqlite` or `postgres` of `dullahan-user-bridge-sqlx`"
)]
pub trait UserDatabase: Sealed {}

/// What a database brings.
#[expect(unnameable_types, reason = "sealed: it is asked for, and not added from outside")]
pub trait Sealed: Backend + Sized {
    /// How the tables came about.
    const MIGRATIONS: &'static [Migration];

    /// Provides the stores.
    fn provide(store: Store<Self>, core: &mut CoreBuilder);
}
