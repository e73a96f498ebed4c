//! The functions of Kubernetes' environment and their overloads, as `data/functions.go` writes them.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::types::Type;
use crate::kind::Kind;

/// One way to call a function.
#[derive(Debug)]
pub(crate) struct Overload {
    /// Whether it is called on a receiver, which is then the first argument.
    pub(crate) member: bool,
    pub(crate) arguments: Vec<Type>,
    pub(crate) result: Type,
    /// How many type parameters it has: the unknown types from 0.
    pub(crate) parameters: usize,
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Vec<Overload>>> =
    LazyLock::new(|| read(include_str!("../../data/functions.txt")));

/// The overloads of a function that Kubernetes knows.
pub(crate) fn overloads(name: &str) -> Option<&'static [Overload]> {
    FUNCTIONS.get(name).map(Vec::as_slice)
}

fn read(lines: &'static str) -> HashMap<&'static str, Vec<Overload>> {
    let mut functions = HashMap::<_, Vec<_>>::new();
    for line in lines.lines() {
        let mut signature = Signature { rest: line, letters: Vec::new() };
        let Some((name, overload)) = signature.overload() else { continue };
        functions.entry(name).or_default().push(overload);
    }
    functions
}

struct Signature {
    rest: &'static str,
    letters: Vec<char>,
}

impl Signature {
    /// `receiver.name(arguments)result`.
    fn overload(&mut self) -> Option<(&'static str, Overload)> {
        let open = self.rest.find('(')?;
        let head = &self.rest[..open];
        // A namespaced function, as sets.contains, has a dot too: then what is before it is no type.
        let split = head.rfind('.').filter(|&dot| is_type(&head[..dot]));
        let mut arguments = Vec::new();
        let name = match split {
            Some(dot) => {
                arguments.push(self.one_type()?);
                &head[dot + 1..]
            }
            None => head,
        };
        self.rest = &self.rest[self.rest.find('(')? + 1..];
        while !self.rest.starts_with(')') {
            arguments.push(self.one_type()?);
            self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
        }
        self.rest = &self.rest[1..];
        let result = self.one_type()?;
        let overload =
            Overload { member: split.is_some(), arguments, result, parameters: self.letters.len() };
        Some((name, overload))
    }

    fn one_type(&mut self) -> Option<Type> {
        let end = self.rest.find(['<', '>', ',', '(', ')', '.']).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let mut parameters = Vec::new();
        if let Some(inner) = self.rest.strip_prefix('<') {
            self.rest = inner;
            while !self.rest.starts_with('>') {
                parameters.push(self.one_type()?);
                self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
            }
            self.rest = &self.rest[1..];
        }
        let mut parameters = parameters.into_iter();
        Some(match name {
            "list" => Type::list(parameters.next()?),
            "map" => Type::map(parameters.next()?, parameters.next()?),
            "optional" => Type::optional(parameters.next()?),
            "type" => Type::Named,
            "dyn" => Type::Dyn,
            _ => match name.chars().next().filter(|_| name.len() == 1) {
                Some(letter) => self.parameter(letter),
                None => Type::Plain(plain(name)?),
            },
        })
    }

    fn parameter(&mut self, letter: char) -> Type {
        let known = self.letters.iter().position(|&one| one == letter);
        Type::Unknown(known.unwrap_or_else(|| {
            self.letters.push(letter);
            self.letters.len() - 1
        }))
    }
}

fn is_type(text: &str) -> bool {
    ["list<", "map<", "optional<"].iter().any(|prefix| text.starts_with(prefix)) || plain(text).is_some()
}

fn plain(name: &str) -> Option<Kind> {
    Some(match name {
        "timestamp" => Kind::Timestamp,
        "duration" => Kind::Duration,
        "Quantity" => Kind::Quantity,
        "URL" => Kind::Url,
        "IP" => Kind::Ip,
        "CIDR" => Kind::Cidr,
        "Semver" => Kind::Semver,
        "NamedFormat" => Kind::Format,
        _ => Kind::named(name)
            .filter(|kind| !matches!(kind, Kind::List | Kind::Map | Kind::Optional | Kind::Type))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions;

    /// What is declared and built by the evaluator itself, not as a function.
    const STEPS: [&str; 18] = [
        "!_", "@in", "_!=_", "_&&_", "_<=_", "_<_", "_==_", "_>=_", "_>_", "_?._", "_?_:_", "_[?_]", "_[_]",
        "_||_", "or", "orValue", "in", "_in_",
    ];

    /// What is declared and refused by name. Nothing now; a later Kubernetes brings more.
    const REFUSED: [&str; 0] = [];

    #[test]
    fn every_function_is_built_or_known_to_be_refused() {
        for name in FUNCTIONS.keys() {
            let built = functions::find(name).is_some() || STEPS.contains(name);
            assert_ne!(built, REFUSED.contains(name), "{name}");
        }
    }

    #[test]
    fn every_line_is_read() {
        let lines = include_str!("../../data/functions.txt").lines().count();
        assert_eq!(FUNCTIONS.values().map(Vec::len).sum::<usize>(), lines);
        let index_of = &FUNCTIONS["indexOf"];
        assert_eq!(index_of.len(), 3);
        assert!(index_of.iter().all(|overload| overload.member && overload.result == Type::INT));
        assert!(FUNCTIONS["sets.contains"].iter().all(|overload| !overload.member));
        assert_eq!(FUNCTIONS["_[_]"][1].parameters, 2);
    }
}
