//! Where builders come from: a new one, and one that begins with the wiring of a sealed core.

use std::any::Any;

use super::CoreBuilder;
use crate::{
    defect::BuildError,
    dispatch::{Core, Inner},
};

impl Core {
    /// Begins to wire a core.
    pub fn builder() -> CoreBuilder {
        CoreBuilder::new()
    }

    /// A core of its own with more listeners laid over this one: for a tenant or a test, for example.
    ///
    /// This core stays as it is. The listeners are the same ones, with the services they were given; those of
    /// the overlay come after them where priorities are equal. It may declare events, add modules and provide
    /// services as well. Building one costs what building this one did, so make it once and keep it.
    ///
    /// ```
    /// # use dullahan_core::{After, Context, Core, DefaultAction, Event};
    /// #[derive(Event)]
    /// #[event(output = String)]
    /// struct Greet;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut core = Core::builder();
    /// core.declare::<Greet>().default(|_: DefaultAction<'_, Greet>| Ok("Hello".to_owned()));
    /// let core = core.build()?;
    ///
    /// let north = core.overlay(|north| {
    ///     north.event::<Greet>().after(|mut ev: After<'_, Greet>| {
    ///         ev.output_mut().push_str(" from the north");
    ///         Ok(())
    ///     });
    /// })?;
    ///
    /// assert_eq!(north.dispatch(&Context::new(), Greet).await?, "Hello from the north");
    /// assert_eq!(core.dispatch(&Context::new(), Greet).await?, "Hello");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// With every defect of the wiring that results, as [`CoreBuilder::build`] does.
    pub fn overlay(&self, change: impl FnOnce(&mut CoreBuilder)) -> Result<Self, BuildError> {
        let mut builder = CoreBuilder::over(self.inner());
        change(&mut builder);
        builder.build()
    }
}

impl CoreBuilder {
    /// A builder with every registration of a sealed core. Listeners that the core has made stay the same ones.
    ///
    /// # Panics
    ///
    /// When the core has kept no wiring, which no builder makes.
    pub(crate) fn over(core: &Inner) -> Self {
        let wiring: &(dyn Any + Send + Sync) = &*core.wiring;
        wiring.downcast_ref::<Self>().expect("a core keeps the builder that made it").clone()
    }
}
