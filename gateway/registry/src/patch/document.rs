//! Where in a document a JSON patch changes something.

use serde_json::Value;

/// What holds the value that a pointer names, and the value's key in it; None: there is no such place. What comes before the
/// first slash does not matter.
pub(super) fn place<'a>(document: &'a Value, pointer: &str) -> Option<(&'a Value, String)> {
    let (parents, key) = parsed(pointer)?;
    let holder = parents.iter().try_fold(document, |holder, key| get(holder, key)?)?;
    holds_others(holder).then_some((holder, key))
}

/// The same, to change it.
pub(super) fn place_mut<'a>(document: &'a mut Value, pointer: &str) -> Option<(&'a mut Value, String)> {
    let (parents, key) = parsed(pointer)?;
    let holder = parents.iter().try_fold(document, |holder, key| get_mut(holder, key))?;
    holds_others(holder).then_some((holder, key))
}

/// The keys that lead to a value's holder, and the value's own.
fn parsed(pointer: &str) -> Option<(Vec<String>, String)> {
    let mut keys: Vec<String> = pointer.split('/').skip(1).map(unescaped).collect();
    let key = keys.pop()?;
    Some((keys, key))
}

fn holds_others(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// What a key leads to in an object, which may be nothing, or in a list, where it has to be something.
pub(super) fn get<'a>(holder: &'a Value, key: &str) -> Option<Option<&'a Value>> {
    match holder {
        Value::Object(fields) => Some(fields.get(key)),
        Value::Array(items) => items.get(index(key, items.len())?).map(Some),
        _ => None,
    }
}

fn get_mut<'a>(holder: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    match holder {
        Value::Object(fields) => fields.get_mut(key),
        Value::Array(items) => {
            let index = index(key, items.len())?;
            items.get_mut(index)
        }
        _ => None,
    }
}

/// Puts a value in the place of one that is there.
pub(super) fn set(holder: &mut Value, key: &str, value: Value) -> Option<()> {
    match holder {
        Value::Object(fields) => {
            fields.insert(key.to_owned(), value);
        }
        holder => *get_mut(holder, key)? = value,
    }
    Some(())
}

/// Adds a value; `-` is the end of a list.
pub(super) fn add(holder: &mut Value, key: &str, value: Value) -> Option<()> {
    match holder {
        Value::Object(fields) => {
            fields.insert(key.to_owned(), value);
        }
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            let index = index(key, items.len() + 1)?;
            items.insert(index, value);
        }
        _ => return None,
    }
    Some(())
}

/// Takes a value out.
pub(super) fn remove(holder: &mut Value, key: &str) -> Option<Value> {
    match holder {
        Value::Object(fields) => fields.remove(key),
        Value::Array(items) => {
            let index = index(key, items.len())?;
            Some(items.remove(index))
        }
        _ => None,
    }
}

/// A place below `length`, as `strconv.Atoi` reads it; a negative one counts from the end.
fn index(key: &str, length: usize) -> Option<usize> {
    let index: i64 = key.parse().ok()?;
    let index = if index < 0 { index.checked_add(i64::try_from(length).ok()?)? } else { index };
    usize::try_from(index).ok().filter(|index| *index < length)
}

fn unescaped(key: &str) -> String {
    let parts: Vec<_> = key.split("~1").map(|part| part.replace("~0", "~")).collect();
    parts.join("/")
}
