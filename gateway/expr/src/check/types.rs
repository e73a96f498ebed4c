//! Static types, and what may stand where: the rules of Kubernetes' checker. Variables are `dyn`, so most mistakes show
//! only where literals and results of functions meet.

use std::fmt;
use std::sync::Arc;

use crate::kind::Kind;

/// A static type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Anything: known when it is evaluated.
    Dyn,
    /// A type without parameters, by the kind of its values.
    Plain(Kind),
    List(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    Optional(Arc<Type>),
    /// A type as a value; which one does not matter to any rule.
    Named,
    /// Not known yet: a parameter of a function, or what an empty literal holds.
    Unknown(usize),
}

/// What is known of the unknown types, with a log so that an overload that does not fit leaves nothing behind.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    bound: Vec<Option<Type>>,
    log: Vec<(usize, Option<Type>)>,
}

// === impl Type ===

impl Type {
    pub(crate) const BOOL: Self = Self::Plain(Kind::Bool);
    pub(crate) const INT: Self = Self::Plain(Kind::Int);

    pub(crate) fn list(of: Type) -> Self {
        Self::List(Arc::new(of))
    }

    /// Keys that no map can have are `dyn`: types stay small however often a map of maps is written.
    pub(crate) fn map(key: Type, value: Type) -> Self {
        let key = match key {
            Self::List(_) | Self::Map(..) | Self::Optional(_) => Self::Dyn,
            key => key,
        };
        Self::Map(Arc::new(key), Arc::new(value))
    }

    pub(crate) fn optional(of: Type) -> Self {
        Self::Optional(Arc::new(of))
    }

    /// Whether null may stand where this type is asked for.
    fn is_nullable(&self) -> bool {
        match self {
            Self::Optional(_) => true,
            Self::Plain(kind) => !matches!(
                kind,
                Kind::Bool | Kind::Int | Kind::Uint | Kind::Double | Kind::String | Kind::Bytes
            ),
            _ => false,
        }
    }

    /// Whether the types are the same wherever both are known.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn | Self::Unknown(_), _) | (_, Self::Dyn | Self::Unknown(_)) => true,
            (Self::List(one), Self::List(two)) | (Self::Optional(one), Self::Optional(two)) => {
                one.agrees_with(two)
            }
            (Self::Map(key, value), Self::Map(other_key, other_value)) => {
                key.agrees_with(other_key) && value.agrees_with(other_value)
            }
            _ => self == other,
        }
    }

    /// Whether this type says less than, or the same as, the other.
    pub(super) fn is_as_general_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn | Self::Unknown(_), _) => true,
            (_, Self::Dyn | Self::Unknown(_)) => false,
            (Self::List(one), Self::List(two)) | (Self::Optional(one), Self::Optional(two)) => {
                one.is_as_general_as(two)
            }
            (Self::Map(key, value), Self::Map(other_key, other_value)) => {
                key.is_as_general_as(other_key) && value.is_as_general_as(other_value)
            }
            _ => self == other,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dyn | Self::Unknown(_) => formatter.write_str("dyn"),
            Self::Plain(kind) => formatter.write_str(kind.name()),
            Self::List(of) => write!(formatter, "list({of})"),
            Self::Map(key, value) => write!(formatter, "map({key}, {value})"),
            Self::Optional(of) => write!(formatter, "optional_type({of})"),
            Self::Named => formatter.write_str("type"),
        }
    }
}

// === impl Bindings ===

impl Bindings {
    pub(crate) fn fresh(&mut self) -> Type {
        self.bound.push(None);
        Type::Unknown(self.bound.len() - 1)
    }

    /// Whether a value of type `given` may stand where `wanted` is asked for; if so, what that says of unknown types
    /// is kept.
    pub(crate) fn assign(&mut self, given: &Type, wanted: &Type) -> bool {
        self.assign_all(&[(given, wanted)])
    }

    pub(crate) fn assign_all(&mut self, pairs: &[(&Type, &Type)]) -> bool {
        let start = self.log.len();
        let fits = pairs.iter().all(|(given, wanted)| self.try_assign(given, wanted));
        if !fits {
            for (index, before) in self.log.drain(start..).rev() {
                self.bound[index] = before;
            }
        }
        fits
    }

    fn try_assign(&mut self, given: &Type, wanted: &Type) -> bool {
        if let Type::Unknown(index) = wanted {
            match self.bind(*index, given) {
                Some(bound) => return bound,
                None if self.bound[*index].is_some() => return false,
                None => {}
            }
        }
        if let Type::Unknown(index) = given {
            return self.bind(*index, wanted).unwrap_or(false);
        }
        match (given, wanted) {
            (Type::Dyn, _) | (_, Type::Dyn) | (Type::Named, Type::Named) => true,
            (Type::Plain(Kind::Null), other) | (other, Type::Plain(Kind::Null)) => other.is_nullable(),
            (Type::Plain(one), Type::Plain(two)) => one == two,
            (Type::List(one), Type::List(two)) | (Type::Optional(one), Type::Optional(two)) => {
                self.try_assign(one, two)
            }
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                self.try_assign(key, other_key) && self.try_assign(value, other_value)
            }
            _ => false,
        }
    }

    /// Binds an unknown type to what stands for it; none when it is unbound and would be within itself.
    fn bind(&mut self, index: usize, to: &Type) -> Option<bool> {
        if *to == Type::Unknown(index) {
            return Some(true);
        }
        let Some(bound) = self.bound[index].clone() else {
            if self.is_within(index, to) {
                return None;
            }
            self.set(index, to.clone());
            return Some(true);
        };
        if bound == *to {
            return Some(true);
        }
        if !self.try_assign(to, &bound) {
            return None;
        }
        let general = if to.is_as_general_as(&bound) { to.clone() } else { bound };
        if general != Type::Unknown(index) && !self.is_within(index, &general) {
            self.set(index, general);
        }
        Some(true)
    }

    fn set(&mut self, index: usize, to: Type) {
        let before = self.bound[index].replace(to);
        self.log.push((index, before));
    }

    fn is_within(&self, index: usize, within: &Type) -> bool {
        match within {
            Type::Unknown(other) if *other == index => true,
            Type::Unknown(other) => {
                self.bound[*other].as_ref().is_some_and(|bound| self.is_within(index, bound))
            }
            Type::List(of) | Type::Optional(of) => self.is_within(index, of),
            Type::Map(key, value) => self.is_within(index, key) || self.is_within(index, value),
            Type::Dyn | Type::Plain(_) | Type::Named => false,
        }
    }

    /// The type with what is known put in.
    pub(crate) fn known(&self, of: &Type) -> Type {
        match of {
            Type::Unknown(index) => {
                self.bound[*index].as_ref().map_or_else(|| of.clone(), |bound| self.known(bound))
            }
            Type::List(of) => Type::list(self.known(of)),
            Type::Optional(of) => Type::optional(self.known(of)),
            Type::Map(key, value) => Type::map(self.known(key), self.known(value)),
            Type::Dyn | Type::Plain(_) | Type::Named => of.clone(),
        }
    }
}
