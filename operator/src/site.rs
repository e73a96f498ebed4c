//! What the operator was told: where gateways run, and which images they may use.

/// What the children of every group have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// The namespace of namespaced children.
    pub(crate) namespace: String,
    /// The image of gateways whose spec names none.
    pub(crate) gateway_image: String,
    /// Patterns of the images that a spec may name; `*` matches any text.
    pub(crate) allowed_images: Vec<String>,
}

// === impl Site ===

impl Site {
    /// Whether a spec may name `image`.
    pub(crate) fn allows(&self, image: &str) -> bool {
        image == self.gateway_image || self.allowed_images.iter().any(|pattern| matches(pattern, image))
    }
}

/// Whether `text` is `pattern`, in which every `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_images() {
        let check = |patterns: &[&str], image: &str, want: bool| {
            let site = Site {
                namespace: "tributary-system".to_owned(),
                gateway_image: "tributary.dev/gateway:dev".to_owned(),
                allowed_images: patterns.iter().map(|&pattern| pattern.to_owned()).collect(),
            };
            assert_eq!(site.allows(image), want, "{patterns:?} {image}");
        };
        check(&[], "tributary.dev/gateway:dev", true);
        check(&[], "tributary.dev/gateway:1.0", false);
        check(&["tributary.dev/gateway:*"], "tributary.dev/gateway:1.0", true);
        check(&["tributary.dev/gateway:*"], "evil.example/tributary.dev/gateway:1.0", false);
        check(&["*/gateway:1.*"], "mirror.example/team/gateway:1.2", true);
        check(&["*/gateway:1.*"], "mirror.example/team/gateway:2.1.0", false);
        check(&["a*a"], "a", false);
        check(&["exact"], "exact", true);
        check(&["exact"], "exactly", false);
    }
}
