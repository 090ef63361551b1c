//! Where an application has the routes of the module.

/// Where an application has the routes of the module, beside routes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mount {
    /// At the root; what is not found is answered by the module.
    Merged,
    /// At the root; what is not found is answered by the application.
    WithFallback,
    /// Below a path.
    Nested,
}

impl Mount {
    /// What stands before the paths of the module.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Merged | Self::WithFallback => "",
            Self::Nested => "/api/v1",
        }
    }
}
