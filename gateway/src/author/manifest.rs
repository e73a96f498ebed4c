//! Manifests: the objects of a file, as kubectl reads them from one, with the lines of their fields.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use super::lines::Lines;
use super::problem::Problem;
use crate::wire::yaml;

/// What `kubectl -f FOLDER` takes.
const EXTENSIONS: [&str; 3] = ["json", "yaml", "yml"];
/// What divides documents, at the beginning of a line.
const SEPARATOR: &str = "---";

/// One object of a file.
#[derive(Debug)]
pub(super) struct Manifest {
    document: Arc<Document>,
    /// Where the object is in its document: empty, or `items[3]` of a list.
    place: String,
    pub(super) object: Map<String, Value>,
}

/// What a file has.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) manifests: Vec<Manifest>,
    pub(super) problems: Vec<Problem>,
}

/// A part of a file: a YAML document, or a JSON value.
#[derive(Debug)]
struct Document {
    file: Arc<str>,
    text: String,
    /// Lines of the file before it.
    before: usize,
    /// Found when they are asked for: of most documents nothing is wrong.
    lines: OnceLock<Lines>,
}

/// A part of a text.
struct Chunk<'a> {
    text: &'a str,
    before: usize,
}

// === impl Manifest ===

impl Manifest {
    /// `apiVersion`, or another field of text; empty if it is none.
    pub(super) fn text(&self, field: &str) -> &str {
        self.object.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The line of a field of the object.
    pub(super) fn line(&self, field: &str) -> usize {
        self.document.line(&self.at(field))
    }

    /// Something wrong with a field of the object.
    pub(super) fn problem(&self, field: &str, message: impl Into<String>) -> Problem {
        let field = if field == "<nil>" { "" } else { field };
        self.document.problem(self.line(field), self.at(field), message)
    }

    /// The fields that are given more than once: a strict API server refuses them.
    pub(super) fn duplicates(&self) -> Vec<Problem> {
        let below = |field: &str| self.place.is_empty() || field.starts_with(&format!("{}.", self.place));
        let given = self.document.lines().duplicates().iter().filter(|(field, _)| below(field));
        let message = "Duplicate value: the field is given more than once";
        given.map(|(field, line)| self.document.problem(*line, field.clone(), message)).collect()
    }

    fn at(&self, field: &str) -> String {
        match (self.place.is_empty(), field.is_empty()) {
            (true, _) => field.to_owned(),
            (false, true) => self.place.clone(),
            (false, false) => format!("{}.{field}", self.place),
        }
    }
}

// === impl Content ===

impl Content {
    /// Reads the bytes of `file`: YAML documents, or JSON ones; the items of lists are objects of their own.
    pub(super) fn read(file: &str, bytes: &[u8]) -> Self {
        let mut content = Self::default();
        let file: Arc<str> = file.into();
        let of_file = |text: &str, before| Document {
            file: file.clone(),
            text: text.to_owned(),
            before,
            lines: OnceLock::new(),
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                for (chunk, value) in divided(text).into_iter().flat_map(values) {
                    content.document(of_file(chunk.text, chunk.before), value);
                }
            }
            Err(error) => {
                let before = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
                content.problems.push(of_file("", before).problem(before + 1, "", "the file is not UTF-8"));
            }
        }
        content
    }

    fn document(&mut self, document: Document, value: Result<Value, String>) {
        match value {
            Ok(Value::Null) => {}
            Ok(Value::Object(object)) => self.object(&Arc::new(document), String::new(), object),
            Ok(_) => {
                self.problems.push(document.problem(document.line(""), "", "the document is not an object"))
            }
            Err(why) => self.problems.push(document.unreadable(&why)),
        }
    }

    fn object(&mut self, document: &Arc<Document>, place: String, mut object: Map<String, Value>) {
        let is_list = object.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        let items = object.get_mut("items").filter(|items| is_list && items.is_array()).map(Value::take);
        let manifest = Manifest { document: document.clone(), place, object };
        let Some(Value::Array(items)) = items else {
            if manifest.text("kind").is_empty() {
                self.problems.push(manifest.problem("kind", "Required value"));
            } else if manifest.text("apiVersion").is_empty() {
                self.problems.push(manifest.problem("apiVersion", "Required value"));
            } else {
                self.manifests.push(manifest);
            }
            return;
        };
        for (index, item) in items.into_iter().enumerate() {
            let place = format!("items[{index}]");
            match item {
                Value::Object(item) => self.object(document, manifest.at(&place), item),
                _ => self.problems.push(manifest.problem(&place, "the item is not an object")),
            }
        }
    }
}

// === impl Document ===

impl Document {
    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.text, self.before))
    }

    fn line(&self, field: &str) -> usize {
        self.lines().line(field)
    }

    fn problem(&self, line: usize, field: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { file: self.file.to_string(), line, field: field.into(), message: message.into() }
    }

    /// The parsers count lines from the beginning of their text.
    fn unreadable(&self, why: &str) -> Problem {
        let located = why.split_once(": line ").and_then(|(format, rest)| {
            let (line, why) = rest.split_once(": ")?;
            Some((line.parse::<usize>().ok()?, format!("{format}: {why}")))
        });
        match located {
            Some((line, why)) => self.problem(self.before + line, "", why),
            None => self.problem(self.line(""), "", why),
        }
    }
}

/// Divides a file as kubectl does: at lines of `---`, after which only a comment may stand.
fn divided(text: &str) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let (mut start, mut before, mut at) = (0, 0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let rest = line.strip_prefix(SEPARATOR).map(str::trim);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) {
            chunks.push(Chunk { text: &text[start..at], before });
            (start, before) = (at + line.len(), number + 1);
        }
        at += line.len();
    }
    chunks.push(Chunk { text: &text[start..], before });
    chunks
}

/// What a part of a file holds, as JSON objects, which may follow each other without a separator, or else as one YAML
/// document.
fn values(chunk: Chunk<'_>) -> Vec<(Chunk<'_>, Result<Value, String>)> {
    if !chunk.text.trim_start().starts_with('{') {
        let value = yaml(chunk.text);
        return vec![(chunk, value)];
    }
    let mut parts = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(chunk.text).into_iter::<Value>();
    let (mut start, mut before) = (0, chunk.before);
    while let Some(next) = stream.next() {
        let end = stream.byte_offset();
        match next {
            Ok(value) => parts.push((Chunk { text: &chunk.text[start..end], before }, Ok(value))),
            Err(error) => {
                // Flow mappings of YAML look like JSON. What is neither is told what is wrong with it as JSON.
                let why = |_| format!("json: line {}: {error}", error.line());
                let value = yaml(chunk.text).map_err(why);
                return vec![(chunk, value)];
            }
        }
        before += chunk.text[start..end].matches('\n').count();
        start = end;
    }
    parts
}

fn yaml(text: &str) -> Result<Value, String> {
    yaml::decode(text.as_bytes()).map(|decoded| decoded.value).map_err(|error| error.to_string())
}

/// The manifests at a path: the file itself, or those of a folder by name. Like kubectl, it does not look into folders of
/// a folder.
pub(super) fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        let known = file.extension().and_then(|extension| extension.to_str());
        if known.is_some_and(|extension| EXTENSIONS.contains(&extension)) && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let content = Content::read("f", text.as_bytes());
        let shown = content.manifests.iter().map(|manifest| {
            format!(
                "{} {} {}",
                manifest.line(""),
                manifest.line("metadata.name"),
                manifest.object["metadata"]["name"]
            )
        });
        (shown.collect(), content.problems.iter().map(Problem::to_string).collect())
    }

    fn check(text: &str, manifests: &[&str], problems: &[&str]) {
        let (read, wrong) = read(text);
        assert_eq!((read, wrong), (strings(manifests), strings(problems)), "{text}");
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn documents_are_divided_as_kubectl_divides_them() {
        let a = "kind: A\napiVersion: v1\nmetadata:\n  name: a\n";
        check("", &[], &[]);
        check("# nothing\n---\n---\n", &[], &[]);
        check(&format!("---\n{a}--- # b\n{a}---\n"), &[r#"2 5 "a""#, r#"7 10 "a""#], &[]);
        check("kind: A\napiVersion: v1\nmetadata: {name: \"---\"}\ntext: |\n  ---\n", &[r#"1 3 "---""#], &[]);
        let crlf = a.replace('\n', "\r\n");
        check(&format!("{crlf}---\r\n{crlf}"), &[r#"1 4 "a""#, r#"6 9 "a""#], &[]);
    }

    #[test]
    fn json_and_lists() {
        let one = "{\"kind\": \"A\", \"apiVersion\": \"v1\",\n\"metadata\": {\"name\": 1}}";
        check(one, &["1 2 1"], &[]);
        check(&format!("\n{one}\n{one}\n---\n{one}"), &["2 3 1", "4 5 1", "7 8 1"], &[]);
        let list =
            "apiVersion: v1\nkind: List\nitems:\n- kind: A\n  apiVersion: v1\n  metadata: {name: a}\n- 5\n";
        check(list, &[r#"4 6 "a""#], &["f:7: items[1]: the item is not an object"]);
        // Flow mappings that are no JSON are YAML.
        check("{kind: A, apiVersion: v1,\n metadata: {name: yes}}", &["1 2 true"], &[]);
    }

    #[test]
    fn what_is_no_manifest() {
        check("- a\n", &[], &["f:1: the document is not an object"]);
        check("---\n# c\n\napiVersion: v1\n", &[], &["f:4: kind: Required value"]);
        check("kind: A\n", &[], &["f:1: apiVersion: Required value"]);
        let (_, wrong) = read("kind: A\n---\nkind: A\na: b: c\n");
        assert!(wrong[1].starts_with("f:4: yaml: "), "{wrong:?}");
        let (_, wrong) = read("{\"kind\": \"A\"\n\"b\": 1}\n");
        assert_eq!(wrong, ["f:2: json: expected `,` or `}` at line 2 column 1"]);
        let content = Content::read("f", b"a: b\nc: \xff\n");
        assert_eq!(content.problems[0].to_string(), "f:2: the file is not UTF-8");
    }
}
