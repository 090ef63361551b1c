//! The roles that a user holds.

use std::{collections::BTreeSet, sync::Arc};

use crate::domain::Role;

/// The roles that a user holds, each once and in the order of their names; none at first.
///
/// A clone of no roles, which most users have, touches no memory that others share, and one of some counts a
/// reference.
///
/// ```
/// use dullahan_user::domain::{Role, Roles};
///
/// let roles: Roles = [Role::from_static("editor"), Role::ADMIN, Role::ADMIN].into_iter().collect();
/// assert!(roles.contains(&Role::ADMIN));
/// let names: Vec<_> = roles.iter().map(Role::as_str).collect();
/// assert_eq!(names, ["admin", "editor"]);
/// assert!(Roles::default().is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles(
    /// Sorted; there if there are any.
    Option<Arc<[Role]>>,
);

impl Roles {
    /// Whether this one is among them.
    pub fn contains(&self, role: &Role) -> bool {
        self.as_slice().binary_search(role).is_ok()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Each of them, in the order of their names.
    pub fn iter(&self) -> std::slice::Iter<'_, Role> {
        self.as_slice().iter()
    }

    fn as_slice(&self) -> &[Role] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        let roles: BTreeSet<Role> = roles.into_iter().collect();
        Self((!roles.is_empty()).then(|| roles.into_iter().collect()))
    }
}

impl<'a> IntoIterator for &'a Roles {
    type Item = &'a Role;
    type IntoIter = std::slice::Iter<'a, Role>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{Role, Roles};

    const EDITOR: Role = Role::from_static("editor");

    #[test]
    fn roles_are_sorted_and_each_is_there_once() {
        let roles: Roles = [EDITOR, Role::ADMIN, EDITOR].into_iter().collect();
        assert_eq!(roles.iter().collect::<Vec<_>>(), [&Role::ADMIN, &EDITOR]);
        assert_eq!(roles, [Role::ADMIN, EDITOR].into_iter().collect());
        assert_eq!((roles.len(), roles.is_empty()), (2, false));
    }

    #[test]
    fn a_role_that_is_not_held_is_not_there() {
        let roles: Roles = [EDITOR].into_iter().collect();
        assert!(roles.contains(&"editor".parse().unwrap()));
        assert!(!roles.contains(&Role::ADMIN) && !Roles::default().contains(&EDITOR));
    }

    #[test]
    fn no_roles_are_no_roles_however_they_were_made() {
        assert_eq!(Roles::default(), std::iter::empty().collect());
        assert!(Roles::default().is_empty());
    }
}
