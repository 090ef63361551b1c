//! Who is signed in.

/// Who is signed in, as far as every module has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    subject: String,
    roles: Vec<String>,
}

impl Principal {
    /// The principal with this identifier and these roles.
    pub fn new(subject: impl Into<String>, roles: impl IntoIterator<Item = String>) -> Self {
        Self { subject: subject.into(), roles: roles.into_iter().collect() }
    }

    /// The stable identifier, such as a user's.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether the principal holds this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }
}
