//! On which line a field stands. The values themselves are read by [`crate::wire::yaml`]; this goes through the same
//! events of the same parser for their places alone.

use std::collections::BTreeMap;

use granit_parser::{Event, Options, Parser, ScanError, Span, StrInput, options};

/// The most collections within each other; what is deeper is no manifest that could be read.
const DEPTH_MOST: usize = 128;

/// The lines of a document's fields.
#[derive(Debug, Default)]
pub(super) struct Lines {
    root: Place,
    duplicates: Vec<(String, usize)>,
}

/// A node: where its key or it itself begins, and what is in it.
#[derive(Debug, Default)]
struct Place {
    line: usize,
    within: Within,
}

#[derive(Debug, Default)]
enum Within {
    /// A scalar, or an alias.
    #[default]
    Nothing,
    Fields(BTreeMap<String, Place>),
    Items(Vec<Place>),
}

struct Walk<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Lines of the file before the text.
    before: usize,
    path: String,
    duplicates: Vec<(String, usize)>,
}

// === impl Lines ===

impl Lines {
    /// The lines of the first document of `text`, which begins after so many lines of its file. Of a text that cannot
    /// be read only the beginning is known.
    pub(super) fn of(text: &str, before: usize) -> Self {
        let options: Options = options! {
            emit_comments: false,
            block_scalar_eof_without_line_feed: true,
            flow_nesting_limit: DEPTH_MOST,
            block_nesting_limit: DEPTH_MOST,
        };
        let parser = Parser::new_from_str_with_options(text, options);
        let mut walk = Walk { parser, before, path: String::new(), duplicates: Vec::new() };
        let blank = text.lines().take_while(|line| line.trim().is_empty()).count();
        let beginning = Place { line: before + blank + 1, within: Within::Nothing };
        let root = walk.document().ok().flatten().unwrap_or(beginning);
        Self { root, duplicates: walk.duplicates }
    }

    /// The line of the field at `path`, such as `spec.resources[0].name` or `metadata.annotations[a.b/c]`; where there is
    /// no such field, that of the nearest one around it.
    pub(super) fn line(&self, path: &str) -> usize {
        let (mut place, mut rest) = (&self.root, path);
        while let Some((next, left)) = place.step(rest) {
            (place, rest) = (next, left);
        }
        place.line
    }

    /// The fields that are given more than once, each time but the first.
    pub(super) fn duplicates(&self) -> &[(String, usize)] {
        &self.duplicates
    }
}

impl Place {
    /// The node that the path enters, and the path below it.
    fn step<'p>(&self, path: &'p str) -> Option<(&Self, &'p str)> {
        match &self.within {
            Within::Nothing => None,
            Within::Items(items) => {
                let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
                Some((items.get(index.parse::<usize>().ok()?)?, rest))
            }
            Within::Fields(fields) => {
                // Keys may have dots, and paths do not quote them: the longest key that fits.
                let below = |name: &str| {
                    let bracketed = path.strip_prefix('[').and_then(|rest| rest.strip_prefix(name));
                    if let Some(rest) = bracketed.and_then(|rest| rest.strip_prefix(']')) {
                        return Some(rest);
                    }
                    let rest = path.strip_prefix('.').unwrap_or(path).strip_prefix(name)?;
                    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
                };
                let entered = fields.iter().filter_map(|(name, place)| Some((name, place, below(name)?)));
                let (_, place, rest) = entered.max_by_key(|(name, ..)| name.len())?;
                Some((place, rest))
            }
        }
    }
}

// === impl Walk ===

impl<'a> Walk<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), ScanError> {
        self.parser.next().unwrap_or(Ok((Event::StreamEnd, Span::default())))
    }

    fn document(&mut self) -> Result<Option<Place>, ScanError> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(None),
                (event, span) => {
                    let line = self.line(&span);
                    return Ok(Some(Place { line, within: self.within(event)? }));
                }
            }
        }
    }

    fn line(&self, span: &Span) -> usize {
        self.before + span.start.line()
    }

    fn within(&mut self, event: Event<'a>) -> Result<Within, ScanError> {
        match event {
            Event::SequenceStart(..) => self.items(),
            Event::MappingStart(..) => self.fields(),
            _ => Ok(Within::Nothing),
        }
    }

    fn items(&mut self) -> Result<Within, ScanError> {
        let mut items = Vec::new();
        let length = self.path.len();
        loop {
            match self.next()? {
                (Event::SequenceEnd | Event::StreamEnd, _) => return Ok(Within::Items(items)),
                (event, span) => {
                    self.path.push_str(&format!("[{}]", items.len()));
                    let line = self.line(&span);
                    items.push(Place { line, within: self.within(event)? });
                    self.path.truncate(length);
                }
            }
        }
    }

    fn fields(&mut self) -> Result<Within, ScanError> {
        let mut fields = BTreeMap::new();
        let length = self.path.len();
        loop {
            let (name, line) = match self.next()? {
                (Event::MappingEnd | Event::StreamEnd, _) => return Ok(Within::Fields(fields)),
                (Event::Scalar(name, ..), span) => (name.into_owned(), self.line(&span)),
                (other, _) => {
                    // A key that is no scalar names no field.
                    self.within(other)?;
                    let (value, _) = self.next()?;
                    self.within(value)?;
                    continue;
                }
            };
            if length > 0 {
                self.path.push('.');
            }
            self.path.push_str(&name);
            let (value, _) = self.next()?;
            let place = Place { line, within: self.within(value)? };
            // `<<` may stand several times, and names no field.
            if fields.insert(name.clone(), place).is_some() && name != "<<" {
                self.duplicates.push((self.path.clone(), line));
            }
            self.path.truncate(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# a comment
metadata:
  annotations:
    a.b/c: d
    a: e
spec:
  resources:
  - name: a
    versions: [{name: v1}, {name: v2,
      served: true}]
  -
    name: b
    template: &template
      text: |
        one
        two
      after: x
  - *template
  - <<: *template
    name: c
";

    #[test]
    fn lines_of_fields() {
        let lines = Lines::of(TEXT, 0);
        let check = |path: &str, line: usize| assert_eq!(lines.line(path), line, "{path}");
        check("", 2);
        check("<nil>", 2);
        check("metadata", 2);
        check("metadata.annotations[a.b/c]", 4);
        check("metadata.annotations.a.b/c", 4);
        check("metadata.annotations[a]", 5);
        check("metadata.annotations[missing]", 3);
        check("metadata.name", 2);
        check("spec.resources", 7);
        check("spec.resources[0]", 8);
        check("spec.resources[0].versions[0].name", 9);
        check("spec.resources[0].versions[1].served", 10);
        check("spec.resources[0].versions[1].storage", 9);
        check("spec.resources[0].versions[7]", 9);
        check("spec.resources[1].name", 12);
        check("spec.resources[1].template.text", 14);
        check("spec.resources[1].template.after", 17);
        check("spec.resources[2].text", 18);
        check("spec.resources[3].name", 20);
        check("spec.resources[3].text", 19);
        check("spec.gateway.storage", 6);
        assert_eq!(Lines::of(TEXT, 100).line("spec"), 106);
    }

    #[test]
    fn json_is_yaml() {
        let lines = Lines::of("{\n\t\"a\": [\n\t\t1,\n\t\t{\"b\":\n2}\n\t]\n}\n", 3);
        for (path, line) in [("a", 5), ("a[0]", 6), ("a[1]", 7), ("a[1].b", 7), ("c", 4)] {
            assert_eq!(lines.line(path), line, "{path}");
        }
    }

    #[test]
    fn fields_that_are_there_twice() {
        let lines = Lines::of("a: 1\nb: [{c: 1, c: 2}]\na: 2\n<<: {}\n<<: {}\n", 10);
        assert_eq!(lines.duplicates(), [("b[0].c".to_owned(), 12), ("a".to_owned(), 13)]);
    }

    #[test]
    fn of_what_is_no_yaml_the_beginning_is_known() {
        assert_eq!(Lines::of("\n\na: [\n", 4).line("a"), 7);
        assert_eq!(Lines::of("", 4).line("a"), 5);
    }
}
