//! The clauses of an Accept header, read and ordered as goautoneg does it, on which apiserver relies.

use super::{Answer, Form, Unfit};

/// More clauses than this are ordered another way (Go's `sort`).
const FEW: usize = 12;

/// One clause.
pub(super) struct Clause<'a> {
    kind: &'a str,
    subtype: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    quality: f32,
}

/// The clauses, those first that are to be tried first. A quality of 0 excludes nothing.
pub(super) fn clauses(accept: &str) -> Vec<Clause<'_>> {
    let mut clauses: Vec<_> = accept.split(',').filter_map(Clause::parse).collect();
    if clauses.len() > FEW {
        clauses.sort_by(|a, b| b.quality.total_cmp(&a.quality).then(a.width().cmp(&b.width())));
        return clauses;
    }
    // What comes before what is not transitive: the way in which it is ordered decides.
    for end in 1..clauses.len() {
        for at in (1..=end).rev() {
            if !clauses[at].comes_before(&clauses[at - 1]) {
                break;
            }
            clauses.swap(at, at - 1);
        }
    }
    clauses
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(' ')
}

// === impl Clause ===

impl<'a> Clause<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = trimmed(text).split(';');
        let media_type = parts.next()?;
        let (kind, subtype) = media_type.split_once('/').unwrap_or((media_type, ""));
        let (kind, subtype) = match (trimmed(kind), subtype) {
            ("*", "") => ("*", "*"),
            (_, "") => return None,
            found => found,
        };
        let (subtype, more) = subtype.split_once('/').unwrap_or((subtype, ""));
        if !more.is_empty() {
            return None;
        }
        let mut clause = Self { kind, subtype: trimmed(subtype), parameters: Vec::new(), quality: 1.0 };
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or_default();
            let (value, more) = value.split_once('=').unwrap_or((value, ""));
            if value.is_empty() || !more.is_empty() {
                continue;
            }
            match trimmed(name) {
                "q" => clause.quality = value.parse().unwrap_or(0.0),
                name => clause.parameters.push((name, trimmed(value))),
            }
        }
        Some(clause)
    }

    /// goautoneg's `Less`.
    fn comes_before(&self, other: &Self) -> bool {
        self.quality > other.quality
            || (self.kind != "*" && other.kind == "*")
            || (self.subtype != "*" && other.subtype == "*")
    }

    /// How many types it stands for, as a rank.
    fn width(&self) -> usize {
        [self.kind, self.subtype].iter().filter(|part| **part == "*").count()
    }

    pub(super) fn is_json(&self) -> bool {
        matches!((self.kind, self.subtype), ("application", "json" | "*") | ("*", "*"))
    }

    pub(super) fn is_yaml(&self) -> bool {
        (self.kind, self.subtype) == ("application", "yaml")
    }

    /// A parameter; of several of one name the last counts.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    /// Whether the answer is to be made into something else.
    fn transforms(&self) -> bool {
        ["as", "g", "v"].iter().any(|name| self.get(name).is_some())
    }

    /// Whether it can be had as a stream, if that is asked for: in JSON alone.
    fn streams(&self) -> bool {
        self.get("stream").is_none_or(|stream| stream == "watch" && self.is_json())
    }

    /// The object itself, if no other form is asked for.
    pub(super) fn plain(&self) -> Option<Form> {
        let version = self.get("sv").is_none();
        (self.streams() && version && !self.transforms()).then_some(Form::Object)
    }

    /// The form that this clause asks for, if it is one that is served.
    pub(super) fn form(&self, answer: Answer) -> Option<(Form, Option<Unfit>)> {
        if !self.streams() || self.get("sv").is_some_and(|version| version != "v1") {
            return None;
        }
        if !self.transforms() {
            return Some((Form::Object, None));
        }
        if self.get("g") != Some("meta.k8s.io") || self.get("v") != Some("v1") {
            return None;
        }
        match (self.get("as")?, answer) {
            ("Table", _) => Some((Form::Table, None)),
            ("PartialObjectMetadata", Answer::List) => Some((Form::Metadata, Some(Unfit::OneOfList))),
            ("PartialObjectMetadataList", Answer::One) => Some((Form::Metadata, Some(Unfit::ListOfOne))),
            ("PartialObjectMetadataList", Answer::Scale) => Some((Form::Metadata, Some(Unfit::ListOfScale))),
            ("PartialObjectMetadata" | "PartialObjectMetadataList", _) => Some((Form::Metadata, None)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        for (accept, expected) in [
            ("", ""),
            (",", ""),
            ("application", ""),
            ("application/", ""),
            ("a/b/c", ""),
            ("a/b/", "a/b"),
            ("*", "*/*"),
            ("*a", ""),
            ("text/html,*", "text/html */*"),
            ("*/*,application/yaml", "application/yaml */*"),
            ("application/*,application/yaml", "application/yaml application/*"),
            ("application/yaml;q=0.1,*/*", "*/* application/yaml"),
            ("a/b;q=0,c/d;q=0.5", "c/d a/b"),
            ("a/b;q=x,c/d;q=0.5", "c/d a/b"),
            ("a/b,c/d", "a/b c/d"),
        ] {
            let found: Vec<_> =
                clauses(accept).iter().map(|clause| format!("{}/{}", clause.kind, clause.subtype)).collect();
            assert_eq!(found.join(" "), expected, "{accept}");
        }
    }

    #[test]
    fn parameters() {
        for (accept, expected) in [
            ("a/b;as=c", Some("c")),
            ("a/b; as = c ", Some("c")),
            ("a/b;as=c;as=d", Some("d")),
            ("a/b;as", None),
            ("a/b;as=", None),
            ("a/b;as=c=d", None),
            ("a/b;as=c=", Some("c")),
        ] {
            assert_eq!(clauses(accept)[0].get("as"), expected, "{accept}");
        }
    }
}
