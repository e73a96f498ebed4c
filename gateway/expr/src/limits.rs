//! Every limit of expressions and templates.

/// Bytes of an expression's source; the CRD has the same limit.
pub const SOURCE_BYTES: usize = 8 * 1024;

/// Levels of a parsed expression: what keeps checking and evaluating it off the end of a 2 MiB stack.
pub const DEPTH: usize = 200;

/// Levels of the values that an expression makes, input aside: what compares, writes and frees them recurses. An
/// expression that is written by hand makes a few.
pub const VALUE_DEPTH: usize = 300;

/// Stack of the thread that parses, bytes: the parser recurses per term, and a chain of 4,096 terms, which fits in the
/// longest source, takes between 12 and 16 MiB in a build without optimization. Pages that are not touched cost nothing.
pub(crate) const PARSER_STACK_BYTES: usize = 64 * 1024 * 1024;

/// Fuel of one evaluation, as Kubernetes' PerCallLimit: a node costs 1, so do ten bytes or one element that are read or
/// made. It is spent in well below 50 ms.
pub const CALL_FUEL: u64 = 1_000_000;

/// Fuel of all evaluations for one object, as Kubernetes' RuntimeCELCostBudget.
pub const OBJECT_FUEL: u64 = 10_000_000;

/// Bytes that one unit of fuel reads or makes.
pub(crate) const BYTES_PER_FUEL: u64 = 10;

/// Levels of a template.
pub const TEMPLATE_DEPTH: usize = 64;

/// Errors that are reported for one template; more help nobody.
pub const TEMPLATE_ERRORS: usize = 50;
