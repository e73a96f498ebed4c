//! What of a definition can be read by its types, where not all of it can: so that one field of a wrong type does not hide
//! what the compiler says of all others.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tributary_crds::{Certificates, Endpoint, Gateway, Resource, Upstream};
use tributary_definition::field::{Error, Path};

/// What was left out of a definition.
#[derive(Debug, Default)]
pub(super) struct Omitted {
    /// Why, of each part.
    pub(super) faults: Vec<Error>,
    /// Fields of the spec, as `spec.gateway`.
    fields: Vec<String>,
    /// For each list by its path, which of its items are left.
    lists: Vec<(String, Vec<usize>)>,
}

/// Leaves out of `object` what does not fit its type.
pub(super) fn omit(object: &mut Map<String, Value>) -> Omitted {
    let mut omitted = Omitted::default();
    let Some(Value::Object(spec)) = object.get_mut("spec") else { return omitted };
    omitted.field::<Gateway>(spec, "gateway");
    omitted.field::<Certificates>(spec, "certificates");
    omitted.items::<Resource>(spec, "resources");
    omitted.items::<Endpoint>(spec, "endpoints");
    omitted.items::<Upstream>(spec, "upstreams");
    omitted
}

// === impl Omitted ===

impl Omitted {
    /// The error as it is of the whole definition; none of one that is about what was left out.
    pub(super) fn of_whole(&self, mut error: Error) -> Option<Error> {
        if self.fields.iter().any(|field| error.field.starts_with(field)) {
            return None;
        }
        for (list, left) in &self.lists {
            let indexed =
                error.field.strip_prefix(list).and_then(|rest| rest.strip_prefix('[')?.split_once(']'));
            let Some((index, rest)) = indexed else { continue };
            let whole = index.parse::<usize>().ok().and_then(|index| left.get(index))?;
            error.field = format!("{list}[{whole}]{rest}");
            break;
        }
        Some(error)
    }

    fn field<T: DeserializeOwned>(&mut self, spec: &mut Map<String, Value>, name: &str) {
        let at = Path::new("spec").child(name);
        if spec.get(name).is_some_and(|value| !self.fits::<T>(value, &at)) {
            spec.remove(name);
            self.fields.push(at.to_string());
        }
    }

    fn items<T: DeserializeOwned>(&mut self, spec: &mut Map<String, Value>, name: &str) {
        let at = Path::new("spec").child(name);
        let Some(Value::Array(items)) = spec.get_mut(name) else { return self.field::<Vec<T>>(spec, name) };
        let mut left = Vec::new();
        let mut index = 0;
        items.retain(|item| {
            let fits = self.fits::<T>(item, &at.index(index));
            left.extend(fits.then_some(index));
            index += 1;
            fits
        });
        self.lists.push((at.to_string(), left));
    }

    fn fits<T: DeserializeOwned>(&mut self, value: &Value, at: &Path) -> bool {
        let read = serde_json::from_value::<T>(value.clone());
        let fault = read.err().map(|error| Error::invalid(at, &Value::from("object"), error));
        let fits = fault.is_none();
        self.faults.extend(fault);
        fits
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_of_the_whole() {
        let sound = json!({"name": "a", "kind": "A", "scope": "Cluster", "versions": [], "source": {}});
        let mut object = json!({"spec": {"group": "g", "resources": [5, sound, {}, sound], "gateway": 1,
            "endpoints": {}, "certificates": {}}});
        let Value::Object(object) = &mut object else { unreachable!() };
        let omitted = omit(object);
        assert_eq!(
            json!(object),
            json!({"spec": {"group": "g", "resources": [sound, sound], "certificates": {}}})
        );
        let faults: Vec<_> = omitted.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(faults, ["spec.gateway", "spec.resources[0]", "spec.resources[2]", "spec.endpoints"]);
        for (field, expected) in [
            ("spec.resources[0].kind", Some("spec.resources[1].kind")),
            ("spec.resources[1]", Some("spec.resources[3]")),
            ("spec.resources", Some("spec.resources")),
            ("spec.gateway.storage", None),
            ("spec.endpoints[0]", None),
            ("spec.certificates.duration", Some("spec.certificates.duration")),
        ] {
            let error = omitted.of_whole(Error::required(&Path::new(field), ""));
            assert_eq!(error.map(|error| error.field).as_deref(), expected, "{field}");
        }
    }
}
