//! Listeners that the linker collected, and the anchors that tie their crates to a program.

use crate::{builder::CoreBuilder, place::Place};

/// A function with [`#[listener]`](macro@crate::listener), as the linker collected it.
#[derive(Debug)]
pub struct LinkedListener {
    /// The module in which the function stands.
    pub module_path: &'static str,
    /// The name of the function.
    pub name: &'static str,
    /// The file in which it stands.
    pub file: &'static str,
    /// The line in which it stands.
    pub line: u32,
    /// The column in which it stands.
    pub column: u32,
    /// Registers it, as if that were done at the given place.
    pub register: fn(&mut CoreBuilder, Place),
}

inventory::collect!(LinkedListener);

impl LinkedListener {
    /// All that are linked into this program: by module path, then by name, never as the linker had them.
    pub(crate) fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>.into_iter().collect();
        all.sort_by_key(|listener| listener.rank());
        all
    }

    /// What orders it. Two functions of one name in one module stand in the bodies of two others.
    fn rank(&self) -> impl Ord + use<> {
        (self.module_path, self.name, self.file, self.line, self.column)
    }

    pub(crate) fn place(&self) -> Place {
        Place { file: self.file, line: self.line }
    }

    /// Whether it stands in this module or below: `my_app` has `my_app::x` and not `my_apple`.
    pub(crate) fn is_below(&self, path: &str) -> bool {
        self.module_path
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }

    /// The crate in which it stands.
    pub(crate) fn crate_name(&self) -> &'static str {
        self.module_path.split("::").next().unwrap_or_default()
    }
}

/// Hands a listener to the linker.
#[doc(hidden)]
#[macro_export]
macro_rules! submit_listener {
    ($($listener:tt)*) => {
        $crate::private::inventory::submit! { $($listener)* }
    };
}

/// Ties the listeners of a crate to the programs that discover them.
///
/// A crate of linked listeners has one, made by [`link_anchor!`](crate::link_anchor) in its root:
///
/// ```
/// use dullahan_core::{builder::LinkAnchor, link_anchor};
///
/// /// The listeners of this crate, for `discover_from`.
/// pub const LISTENERS: LinkAnchor = link_anchor!();
/// ```
///
/// Whoever names it, in [`discover_from(my_listeners::LISTENERS)`](CoreBuilder::discover_from), has the crate
/// linked by that alone, and a misspelt name does not compile.
#[derive(Debug, Clone, Copy)]
pub struct LinkAnchor {
    pub(crate) module_path: &'static str,
    pub(crate) place: Place,
}

impl LinkAnchor {
    /// What [`link_anchor!`](crate::link_anchor) writes.
    #[doc(hidden)]
    pub const fn new(module_path: &'static str, file: &'static str, line: u32) -> Self {
        Self { module_path, place: Place { file, line } }
    }
}

/// The [`LinkAnchor`] of the listeners in this module and below; in the root, of those of the whole crate.
#[macro_export]
macro_rules! link_anchor {
    () => {
        $crate::builder::LinkAnchor::new(::core::module_path!(), ::core::file!(), ::core::line!())
    };
}

#[cfg(test)]
mod tests {
    use super::LinkedListener;

    fn listener(module_path: &'static str, name: &'static str) -> LinkedListener {
        LinkedListener { module_path, name, file: "", line: 0, column: 0, register: |_, _| () }
    }

    #[test]
    fn rank_is_module_path_then_name() {
        let mut listeners = [
            listener("b::c", "a"),
            listener("a::x", "a"),
            listener("a", "z"),
            listener("b", "b"),
            listener("a", "b"),
        ];
        let ranked = ["a b", "a z", "a::x a", "b b", "b::c a"];
        for _ in 0..listeners.len() {
            listeners.rotate_left(1);
            let mut all: Vec<_> = listeners.iter().collect();
            all.sort_by_key(|listener| listener.rank());
            let all: Vec<_> =
                all.iter().map(|one| format!("{} {}", one.module_path, one.name)).collect();
            assert_eq!(all, ranked);
        }
    }

    #[test]
    fn below_a_path_ends_at_a_path_separator() {
        let below = |module_path, path| listener(module_path, "f").is_below(path);
        assert!(below("my_app", "my_app"));
        assert!(below("my_app::x::y", "my_app"));
        assert!(below("my_app::x::y", "my_app::x"));
        assert!(!below("my_apple", "my_app"));
        assert!(!below("my_app::xy", "my_app::x"));
        assert!(!below("my_app", "my_app::x"));
        assert!(!below("other::my_app", "my_app"));
    }
}
