//! Answers in the form in which those of two servers compare: without what differs from one request to the next.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::harness::Answer;

/// Headers that a client acts on. Not Cache-Control: kube-apiserver adds its own to that of any aggregated API.
const HEADERS: [&str; 6] =
    ["Content-Type", "Warning", "Retry-After", "X-Content-Type-Options", "Content-Encoding", "Allow"];
/// What follows in a message is a uid or a resourceVersion, in parentheses.
const RECORDS: [&str; 2] = ["in record (", "too old resource version: "];
/// What follows is a resourceVersion of everything that the server stores.
const CURRENT: &str = ", current: ";

/// What generated names begin with.
pub(super) const GENERATED: [&str; 2] = ["made-", "Made_"];

/// The uids and resourceVersions that a group has answered with so far.
#[derive(Clone, Default)]
pub(super) struct Seen {
    /// Of objects.
    pub(super) objects: HashSet<String>,
    /// Of lists and bookmarks.
    pub(super) lists: HashSet<String>,
}

/// Code, headers and body; the group is `GROUP`. Of a uid or resourceVersion of an object there is left whether it
/// was seen before.
pub(super) fn answer(answer: &Answer, group: &str, seen: &Seen) -> Value {
    let text = without_generated(&answer.text().replace(group, "GROUP"));
    let body = match documents(&text) {
        Some(mut documents) if !documents.is_empty() => {
            // Shortly before its end a watch is told once more how far it has come: one of a second now and then.
            let mut marked = false;
            let is_further = |event: &Value, marked: &mut bool| {
                event["type"] == "BOOKMARK" && std::mem::replace(marked, true)
            };
            documents.retain(|document| !is_further(document, &mut marked));
            documents.iter_mut().for_each(|document| normalise(document, seen));
            if documents.len() == 1 { documents.remove(0) } else { Value::Array(documents) }
        }
        _ => Value::String(yaml(&text, seen)),
    };
    let is_pretty = text.starts_with("{\n  ");
    let headers: Vec<_> = HEADERS.iter().map(|name| answer.header(name).replace(group, "GROUP")).collect();
    json!({"code": answer.code(), "headers": headers, "body": body, "pretty": is_pretty})
}

/// The documents of a body: a watch is one a line.
pub(super) fn documents(text: &str) -> Option<Vec<Value>> {
    serde_json::Deserializer::from_str(text).into_iter::<Value>().collect::<Result<_, _>>().ok()
}

fn normalise(value: &mut Value, seen: &Seen) {
    match value {
        Value::Object(fields) => {
            unordered(fields);
            // Written by server-side apply, which is not built yet.
            fields.remove("managedFields");
            let is_object = fields.contains_key("name");
            for (name, value) in fields.iter_mut() {
                match (name.as_str(), value.as_str()) {
                    ("uid" | "resourceVersion", Some(text)) if !text.is_empty() && is_object => {
                        let known = if seen.objects.contains(text) { "known" } else { "new" };
                        *value = json!(format!("<{known} {name}>"));
                    }
                    (
                        "uid" | "resourceVersion" | "creationTimestamp" | "deletionTimestamp" | "continue",
                        Some(text),
                    ) if !text.is_empty() => {
                        *value = json!(format!("<{name}>"));
                    }
                    ("message", Some(text)) => *value = json!(message(text, seen)),
                    ("cells", _) => ages(value),
                    _ => normalise(value, seen),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| normalise(item, seen)),
        _ => {}
    }
}

/// YAML, line by line, like JSON.
fn yaml(text: &str, seen: &Seen) -> String {
    const CHANGING: [&str; 5] =
        ["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "continue"];
    let mut shown = String::new();
    // The indentation of managedFields, while they last.
    let mut skipped = None;
    for line in text.lines() {
        let words = line.trim_start_matches([' ', '-']);
        let indent = line.len() - words.len();
        let hidden = skipped.is_some_and(|skipped| {
            indent > skipped || line.trim_start().starts_with('-') && indent == skipped + 2
        });
        if hidden {
            continue;
        }
        skipped = None;
        match words.split_once(':') {
            Some(("managedFields", _)) => skipped = Some(indent),
            Some((name, value)) if CHANGING.contains(&name) && value.len() > 3 => {
                shown.push_str(&format!("{:indent$}{name}: <{name}>\n", ""));
            }
            _ => shown.push_str(&format!("{line}\n")),
        }
    }
    if shown.contains("\nkind: Status\n") { yaml_status(&shown, seen) } else { shown }
}

/// A Status: its words, if what differs stood among them, since lines are broken where they are long; and the words
/// sorted, if causes may be, too.
fn yaml_status(text: &str, seen: &Seen) -> String {
    let known = message(text, seen);
    if known.contains("\n  causes:\n") {
        let mut words: Vec<_> = known.split(|letter: char| !letter.is_alphanumeric()).collect();
        words.retain(|word| !word.is_empty());
        words.sort_unstable();
        return words.join(" ");
    }
    match known == text {
        true => known,
        false => known.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// What a message shows of an object, without managedFields: an array in JSON, or in quoted JSON.
fn without_managed_fields(text: &str) -> String {
    let mut text = text.to_owned();
    for start in ["\\\"managedFields\\\":[", "\"managedFields\":["] {
        while let Some((before, after)) = text.split_once(start) {
            let mut depth = 1;
            let end = after.find(|letter| {
                depth += i32::from(letter == '[') - i32::from(letter == ']');
                depth == 0
            });
            let rest = end.map_or("", |end| after[end + 1..].trim_start_matches(','));
            text = format!("{before}{rest}");
        }
    }
    text
}

/// A text without the times of today and later.
fn without_times(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\"20") {
        let (before, time) = rest.split_at(at + 1);
        shown.push_str(before);
        let is_time =
            time.get(..20).is_some_and(|time| time.ends_with('Z') && time.contains('T') && time > "2026");
        if is_time {
            shown.push_str("<time>");
        }
        rest = &time[if is_time { 20 } else { 0 }..];
    }
    shown + rest
}

/// A text in which generated names have no ending: five letters and digits.
fn without_generated(text: &str) -> String {
    GENERATED.iter().fold(text.to_owned(), |text, start| {
        let mut parts = text.split(start);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |shown, part| {
            let is_name =
                part.get(..5).is_some_and(|end| end.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            shown + start + if is_name { &part[5..] } else { part }
        })
    })
}

/// A message without uids and resourceVersions.
fn message(text: &str, seen: &Seen) -> String {
    let text = &without_times(&without_managed_fields(text));
    let record = RECORDS.iter().find_map(|record| Some((record, text.split_once(record)?)));
    let text = match record {
        Some((record, (before, after))) => {
            format!("{before}{record}{}", after.split_once(')').map_or(after, |(_, after)| after))
        }
        None => text.to_owned(),
    };
    let text = match text.split_once(CURRENT) {
        Some((before, after)) => {
            format!("{before}{CURRENT}{}", after.trim_start_matches(|letter: char| letter.is_ascii_digit()))
        }
        None => text,
    };
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let mut shown = String::new();
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()).max(letter.len_utf8());
        let (word, after) = rest.split_at(length);
        // On a young cluster a revision may have the number of an RFC.
        let is_standard = shown.ends_with("RFC ");
        let known = !is_standard && (seen.objects.contains(word) || seen.lists.contains(word));
        shown.push_str(if known { "<seen>" } else { word });
        rest = after;
    }
    shown
}

/// A custom resource's errors come in the order of a Go map: they are sorted, and left out of the message.
fn unordered(status: &mut Map<String, Value>) {
    let causes = status.get_mut("details").and_then(|details| details.get_mut("causes"));
    let Some(causes) = causes.and_then(Value::as_array_mut).filter(|causes| causes.len() > 1) else { return };
    causes.sort_by_key(Value::to_string);
    let message = status["message"].as_str().unwrap_or_default();
    if let Some((before, _)) = message.split_once(" is invalid: [") {
        status["message"] = json!(format!("{before} is invalid: [...]"));
    }
}

/// Ages are rendered when they are asked for.
fn ages(cells: &mut Value) {
    let is_age = |text: &str| {
        let numbers = text.trim_end_matches('s').replace('m', "");
        text.ends_with(['s', 'm']) && !numbers.is_empty() && numbers.bytes().all(|byte| byte.is_ascii_digit())
    };
    for cell in cells.as_array_mut().into_iter().flatten() {
        if cell.as_str().is_some_and(is_age) {
            *cell = json!("<age>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_what_differs() {
        let mut seen = Seen::default();
        seen.objects.insert("17".to_owned());
        for (text, expected) in [
            ("UID in object meta: 17, not 18", "UID in object meta: <seen>, not 18"),
            ("a label of RFC 17: 17", "a label of RFC 17: <seen>"),
            ("too old resource version: 1 (5)", "too old resource version: "),
            (r#"{"managedFields":[{"f":[1]}],"name":"a"}"#, r#"{"name":"a"}"#),
            (r#"{\"managedFields\":[{}],\"name\":\"a\"}"#, r#"{\"name\":\"a\"}"#),
            (r#""2026-11-23T03:33:53Z" "2020-01-01T00:00:00Z""#, r#""<time>" "2020-01-01T00:00:00Z""#),
        ] {
            assert_eq!(message(text, &seen), expected);
        }
    }

    #[test]
    fn yaml_loses_what_differs() {
        let text =
            "kind: Thing\nmetadata:\n  managedFields:\n  - a: 1\n    b: 2\n  name: x\n  uid: abc-def\n";
        let mut seen = Seen::default();
        assert_eq!(yaml(text, &seen), "kind: Thing\nmetadata:\n  name: x\n  uid: <uid>\n");
        seen.objects.extend(["17", "a-1", "123456789", "b-2"].map(str::to_owned));
        let status = |details: &str| yaml(&format!("{details}kind: Status\nstatus: Failure\n"), &seen);
        let causes = |causes: &str| status(&format!("details:\n  causes:\n{causes}"));
        let (one, two) = ("  - field: a\n    message: 'b c'\n", "  - field: d\n    message: e\n");
        assert_eq!(causes(&format!("{one}{two}")), causes(&format!("{two}{one}")));
        let of = |uid: &str| format!("  - field: a\n    message: 'b {{\"uid\":\"{uid}\"}}'\n");
        assert_eq!(causes(&of("a-1")), causes(&of("b-2")));
        assert_ne!(causes(&of("a-1")), causes(&of("c-3")));
        let broken = status("message: 'is of 123456789, not\n  17'\n");
        assert_eq!(broken, status("message: 'is of 17, not 123456789'\n"));
    }

    #[test]
    fn generated_names_are_alike() {
        assert_eq!(without_generated("a made-x1y2z b made- made-é"), "a made- b made- made-é");
    }
}
