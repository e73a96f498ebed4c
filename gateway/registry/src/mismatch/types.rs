//! The types of Go that JSON is read as.

/// A type of Go, as far as metadata has it.
pub(super) enum Type {
    /// A string by its name.
    Text(&'static str),
    Bool,
    Integer,
    /// An int32.
    Short,
    Time,
    /// Of strings.
    Map,
    List(&'static Type),
    /// Of this name in `v1`, with these fields.
    Struct(&'static str, &'static [(&'static str, Type)]),
}

pub(super) const STRING: Type = Type::Text("string");
const UID: Type = Type::Text("types.UID");

pub(super) const OBJECT_META: Type = Type::Struct(
    "ObjectMeta",
    &[
        ("annotations", Type::Map),
        ("creationTimestamp", Type::Time),
        ("deletionGracePeriodSeconds", Type::Integer),
        ("deletionTimestamp", Type::Time),
        ("finalizers", Type::List(&STRING)),
        ("generateName", STRING),
        ("generation", Type::Integer),
        ("labels", Type::Map),
        ("managedFields", Type::List(&MANAGED_FIELDS)),
        ("name", STRING),
        ("namespace", STRING),
        ("ownerReferences", Type::List(&OWNER)),
        ("resourceVersion", STRING),
        ("selfLink", STRING),
        ("uid", UID),
    ],
);

const OWNER: Type = Type::Struct(
    "OwnerReference",
    &[
        ("apiVersion", STRING),
        ("blockOwnerDeletion", Type::Bool),
        ("controller", Type::Bool),
        ("kind", STRING),
        ("name", STRING),
        ("uid", UID),
    ],
);

const MANAGED_FIELDS: Type = Type::Struct(
    "ManagedFieldsEntry",
    &[
        ("apiVersion", STRING),
        ("fieldsType", STRING),
        ("manager", STRING),
        ("operation", Type::Text("v1.ManagedFieldsOperationType")),
        ("subresource", STRING),
        ("time", Type::Time),
    ],
);

/// Of autoscaling/v1.
pub(super) const SCALE: Type = Type::Struct(
    "Scale",
    &[
        ("apiVersion", STRING),
        ("kind", STRING),
        ("metadata", OBJECT_META),
        ("spec", Type::Struct("ScaleSpec", &[("replicas", Type::Short)])),
        ("status", Type::Struct("ScaleStatus", &[("replicas", Type::Short), ("selector", STRING)])),
    ],
);

/// What of DeleteOptions is looked at here, and what else is typed.
pub(super) const DELETE_OPTIONS: Type = Type::Struct(
    "DeleteOptions",
    &[
        ("apiVersion", STRING),
        ("dryRun", Type::List(&STRING)),
        ("gracePeriodSeconds", Type::Integer),
        ("ignoreStoreReadErrorWithClusterBreakingPotential", Type::Bool),
        ("kind", STRING),
        ("orphanDependents", Type::Bool),
        ("preconditions", Type::Struct("Preconditions", &[("resourceVersion", STRING), ("uid", UID)])),
        ("propagationPolicy", Type::Text("v1.DeletionPropagation")),
    ],
);

pub(super) const TOKEN: Type =
    Type::Struct("continueToken", &[("rv", Type::Integer), ("start", STRING), ("v", STRING)]);

// === impl Type ===

impl Type {
    /// As Go names it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Text(name) => (*name).to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Integer => "int64".to_owned(),
            Self::Short => "int32".to_owned(),
            Self::Time => "string".to_owned(),
            Self::Map => "map[string]string".to_owned(),
            Self::List(item) => format!("[]{}", item.name()),
            Self::Struct(name, _) => format!("v1.{name}"),
        }
    }
}
