//! Registering the listeners that the linker collected.

use std::collections::HashSet;

use super::CoreBuilder;
use crate::{
    builder::{LinkAnchor, LinkedListener},
    defect::Defect,
    place::Place,
};

/// The linked listeners that a builder has registered so far.
///
/// Each by the address of its static.
pub(crate) type Discovered = HashSet<usize>;

/// # Linked listeners
///
/// A function with [`#[listener]`](macro@crate::listener) is collected by the linker, and a builder that is told to
/// discover it registers it as if `core.event::<E>().before(function.priority(priority))` stood there: with the module that
/// registers just then, under the path of the function, and checked by [`build`](CoreBuilder::build) like any other.
/// Dumps and defects show the place of the function.
///
/// They are registered by module path, then by the name of the function, whatever order the linker had. Each is
/// registered **once**, however many calls find it, so a module may discover its own listeners in an application that
/// discovers all, and an [overlay](crate::Core::overlay) those that its base has. One that is registered by hand as well is a [`ListenerTwice`](Defect::ListenerTwice) defect.
///
/// | | registers | and if there is none |
/// | --- | --- | --- |
/// | [`discover`](Self::discover) | all | is fine |
/// | [`discover_in`](Self::discover_in) | those of a crate or module, by its path | is a defect |
/// | [`discover_from`](Self::discover_from) | those of a crate or module, by its anchor | is a defect |
///
/// ## When is a crate linked?
///
/// A dependency in `Cargo.toml` is not enough: rustc leaves a crate out that **nothing names**, and its listeners with
/// it. Any path into it will do, even in a function that is never called. Then all of its modules are linked, in debug
/// and release builds, with and without LTO, and so is every crate that it names itself. So a crate that is there for
/// its listeners alone needs a line in the program, `use my_listeners as _;`, or a [`LinkAnchor`] to be discovered
/// from, which names it and cannot be forgotten.
///
/// Two crates are easily overlooked: the library beside a `main.rs` that does not use it, and the one that an
/// integration test is meant to test.
///
/// One exception is known. A C linker that puts a Rust **static library** into a foreign program may leave out, even in
/// part, what no symbol leads to. Link it whole (`--whole-archive`), or register its listeners by hand.
impl CoreBuilder {
    /// Registers every linked listener of the program.
    ///
    /// Finding none is fine, so nothing tells if a crate was not linked; to depend on some, use
    /// [`discover_in`](Self::discover_in) or [`discover_from`](Self::discover_from).
    pub fn discover(&mut self) -> &mut Self {
        self.register_linked(|_| true);
        self
    }

    /// Registers the linked listeners in a crate or module and below it: `my_app` stands for `my_app::x` too,
    /// and not for `my_apple`.
    ///
    /// The path is the one that `module_path!()` gives; the name of a package will do for its crate. Finding no
    /// listener there is a build error, [`Defect::NothingLinked`], since then the crate is most likely not
    /// linked: nothing else would tell that its listeners are missing.
    ///
    /// ```
    /// use dullahan_core::{defect::Defect, Core};
    ///
    /// let error = Core::builder().discover_in("my_listeners").build().unwrap_err();
    /// assert!(matches!(error.defects(), [Defect::NothingLinked { .. }]));
    /// ```
    #[track_caller]
    pub fn discover_in(&mut self, path: &str) -> &mut Self {
        let place = Place::of_caller();
        let path = path.replace('-', "_");
        if !self.register_linked(|listener| listener.is_below(&path)) {
            self.report_nothing_linked(path, None, place);
        }
        self
    }

    /// Registers the linked listeners in the crate or module of an anchor and below it.
    ///
    /// Naming the anchor is what has its crate linked. Finding no listener there is a build error all the same.
    ///
    /// ```
    /// mod my_listeners {
    ///     use dullahan_core::{builder::LinkAnchor, link_anchor, listener, Observe, Result};
    ///
    ///     pub const LISTENERS: LinkAnchor = link_anchor!();
    ///     # #[derive(dullahan_core::Event)]
    ///     # pub struct Greet;
    ///
    ///     #[listener]
    ///     fn log(ev: Observe<'_, Greet>) -> Result<()> {
    ///         println!("{:?}", ev.outcome());
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # use dullahan_core::Core;
    /// # let mut core = Core::builder();
    /// # core.declare::<my_listeners::Greet>();
    /// core.discover_from(my_listeners::LISTENERS);
    /// # assert!(core.build().unwrap().describe().to_string().contains("log"));
    /// ```
    #[track_caller]
    pub fn discover_from(&mut self, anchor: LinkAnchor) -> &mut Self {
        let place = Place::of_caller();
        if !self.register_linked(|listener| listener.is_below(anchor.module_path)) {
            self.report_nothing_linked(anchor.module_path.to_owned(), Some(anchor.place), place);
        }
        self
    }

    /// Registers those of the linked listeners that are wanted and not there yet; whether any is wanted.
    fn register_linked(&mut self, is_wanted: impl Fn(&LinkedListener) -> bool) -> bool {
        let mut found = false;
        for listener in LinkedListener::all() {
            if is_wanted(listener) {
                found = true;
                if self.discovered.insert(std::ptr::from_ref(listener).addr()) {
                    (listener.register)(self, listener.place());
                }
            }
        }
        found
    }

    fn report_nothing_linked(&mut self, path: String, anchor: Option<Place>, place: Place) {
        let mut linked: Vec<_> = LinkedListener::all().iter().map(|one| one.crate_name()).collect();
        linked.dedup();
        self.defects.push(Defect::NothingLinked { path, anchor, linked, place });
    }
}
