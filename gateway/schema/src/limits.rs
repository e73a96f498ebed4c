//! What one schema or column may cost. A definition beyond a limit is refused when it is compiled.

/// Levels of nested schemas. An object cannot be nested deeper either: serde_json stops at 128.
pub const SCHEMA_DEPTH: usize = 64;

/// Nodes (schemas within the schema) of one `openAPIV3Schema`. The largest well-known CRDs have about 5,000.
pub const SCHEMA_NODES: usize = 16_384;

/// Patterns of one schema, each of which costs up to [`PATTERN_MEMORY`].
pub const SCHEMA_PATTERNS: usize = 256;

/// Length of one pattern, in bytes.
pub const PATTERN_LENGTH: usize = 4_096;

/// Memory of one compiled pattern, in bytes: keeps `(\pL{99}){99}` from costing more than a definition is worth.
pub const PATTERN_MEMORY: usize = 1 << 20;

/// Memory that matching one pattern may cache, in bytes, per thread.
pub const PATTERN_CACHE: usize = 1 << 18;

/// Length of one JSONPath, in bytes.
pub const JSONPATH_LENGTH: usize = 1_024;

/// Values that one step of a JSONPath may find: repeated `..` multiply.
pub const JSONPATH_RESULTS: usize = 4_096;

/// Errors that one validation collects before it stops; a Status with more helps nobody and could be as large as the object.
pub const VALIDATION_ERRORS: usize = 1_024;

/// Printer columns of one version.
pub const COLUMNS: usize = 64;

/// How many unknown fields are reported of one object, and how many bytes their paths may have together: an object of
/// 3 MiB can have a million of them, or few of a megabyte each.
pub const UNKNOWN_FIELDS: usize = 256;
/// See [`UNKNOWN_FIELDS`].
pub const UNKNOWN_BYTES: usize = 64 << 10;
