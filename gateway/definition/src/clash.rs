//! One name, one owner: the names of a group's resources, as a CustomResourceDefinition's `NamesAccepted` judges them.
//!
//! Plural, singular and short names are one set over the whole group, kinds and list kinds another. A resource may
//! repeat its own.

use std::collections::BTreeMap;

use serde_json::Value;
use tributary_crds::Resource;
use tributary_schema::field::{Error, Path};

/// Where a name was first used.
type Owners = BTreeMap<String, Path>;

/// Checks the names of resource after resource against those before it.
pub(crate) fn check(resources: &[Resource], errors: &mut Vec<Error>) {
    let (mut words, mut kinds) = (Owners::new(), Owners::new());
    for (index, resource) in resources.iter().enumerate() {
        let at = Path::new("spec").child("resources").index(index);
        if resources[..index].iter().any(|other| other.name == resource.name) {
            errors.push(Error::duplicate(&at.child("name"), &Value::from(resource.name.as_str())));
            continue;
        }
        claim(&mut words, &at, own_words(resource, &at), errors);
        claim(&mut kinds, &at, own_kinds(resource, &at), errors);
    }
}

fn own_words(resource: &Resource, at: &Path) -> Vec<(Path, String)> {
    let mut names =
        vec![(at.child("name"), resource.name.clone()), (at.child("singular"), resource.singular_name())];
    let short = resource.short_names.iter().enumerate();
    names.extend(short.map(|(i, name)| (at.child("shortNames").index(i), name.clone())));
    names
}

fn own_kinds(resource: &Resource, at: &Path) -> Vec<(Path, String)> {
    vec![(at.child("kind"), resource.kind.clone()), (at.child("listKind"), resource.list_kind_name())]
}

fn claim(owners: &mut Owners, resource: &Path, names: Vec<(Path, String)>, errors: &mut Vec<Error>) {
    for (at, name) in &names {
        if let Some(owner) = owners.get(name) {
            errors.push(Error::invalid(
                at,
                &Value::from(name.as_str()),
                format!("is already in use by {owner}"),
            ));
        }
    }
    for (_, name) in names {
        owners.entry(name).or_insert_with(|| resource.clone());
    }
}
