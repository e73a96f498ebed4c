//! The way from the value that is validated to the one at hand.

/// One step of the way; it is printed only when something is wrong.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Start,
    Property(&'a Step<'a>, &'a str),
    /// A key of additionalProperties, or a missing field: kube-openapi puts a dot before it even at the start.
    Key(&'a Step<'a>, &'a str),
    Index(&'a Step<'a>, usize),
}

impl Step<'_> {
    /// kube-openapi's name of the value, which its texts begin with.
    pub(super) fn name(&self) -> String {
        let mut name = String::new();
        self.push_to(&mut name);
        name
    }

    fn push_to(&self, name: &mut String) {
        match self {
            Step::Start => {}
            Step::Property(parent, field) => {
                parent.push_to(name);
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(field);
            }
            Step::Key(parent, key) => {
                parent.push_to(name);
                name.push('.');
                name.push_str(key);
            }
            Step::Index(parent, index) => {
                parent.push_to(name);
                name.push_str(&format!("[{index}]"));
            }
        }
    }
}
