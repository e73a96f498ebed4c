//! CEL, the dialect of Kubernetes 1.36, over borrowed JSON; and templates of it.
//!
//! An [`Expression`] is compiled once, in an [`Environment`] that names its variables, and evaluated with [`Bindings`]
//! that borrow their values. A [`Template`] is JSON whose strings hold `${expressions}`. Every evaluation takes
//! [`Fuel`], for nodes as for bytes and elements that are read or made: none runs longer than 50 ms, whatever it says.
//! What is read of each variable is known ([`Reads`]).
//!
//! Names, numbers of arguments and, as far as they are known, types are checked when an expression is compiled. What
//! Kubernetes has and this version does not build is refused then, by name.
//!
//! Pure: no clock, no IO.

pub mod go_regex;
pub mod gotext;
pub mod limits;
pub mod names;
pub mod rfc3339;
pub mod strfmt;

mod address;
mod bindings;
mod check;
mod compare;
mod convert;
mod depth;
mod environment;
mod error;
mod evaluate;
mod expression;
mod format;
mod functions;
mod gonumber;
mod ir;
mod kind;
mod meter;
mod pattern;
mod quantity;
mod reads;
mod semver;
mod shape;
mod syntax;
mod template;
mod time;
mod url;
mod value;

pub use bindings::{Bindings, Input};
pub use environment::Environment;
pub use error::{CompileError, ErrorKind, EvaluationError};
pub use expression::Expression;
pub use meter::Fuel;
pub use quantity::quantity;
pub use reads::Reads;
pub use shape::Shape;
pub use template::{Rendered, Template, TemplateError, TemplateFailure};
pub use url::is_request_uri;
