//! The labels of one object.

/// Labels by key. Every object version has them: they take little more memory than their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSet(Box<[(Box<str>, Box<str>)]>);

// === impl LabelSet ===

impl LabelSet {
    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&str> {
        let place = self.0.binary_search_by(|(known, _)| known.as_ref().cmp(key)).ok()?;
        Some(&self.0[place].1)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for LabelSet {
    /// Of labels with the same key the first counts.
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(labels: I) -> Self {
        let mut labels: Vec<(Box<str>, Box<str>)> =
            labels.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        labels.sort_by(|(a, _), (b, _)| a.cmp(b));
        labels.dedup_by(|(a, _), (b, _)| a == b);
        Self(labels.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_label() {
        let labels: LabelSet = [("b", "2"), ("a/x", ""), ("c", "3"), ("b", "later")].into_iter().collect();
        assert_eq!(labels.len(), 3);
        for (key, expected) in
            [("a/x", Some("")), ("b", Some("2")), ("c", Some("3")), ("", None), ("d", None)]
        {
            assert_eq!(labels.get(key), expected, "{key}");
        }
        assert!(LabelSet::default().is_empty());
    }
}
