//! What an expression may name.

/// The variables of expressions: JSON of any shape, and whatever else a binding gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: Vec<String>,
}

impl Environment {
    /// An environment with these variables.
    pub fn new<Name: Into<String>>(variables: impl IntoIterator<Item = Name>) -> Self {
        Self { variables: variables.into_iter().map(Into::into).collect() }
    }

    /// The variables' names, in order of declaration.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|variable| variable == name)
    }

    pub(crate) fn len(&self) -> usize {
        self.variables.len()
    }
}
