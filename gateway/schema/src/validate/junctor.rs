//! allOf, anyOf, oneOf and not, with kube-openapi's choice of the errors worth telling.

use tributary_expr::gotext;

use super::Validation;
use super::step::Step;
use crate::field::Error;
use crate::structural::{Junctors, Node};

/// What one schema makes of a value.
struct Verdict {
    errors: Vec<Error>,
    /// How many checks were passed on the way: of several failures the one that came furthest is told.
    matches: usize,
}

impl Validation<'_> {
    /// Judges a value by the junctors; `judge` validates it by one schema. Gives the number of checks passed.
    pub(super) fn junctors(
        &mut self,
        junctors: &Junctors,
        step: &Step<'_>,
        judge: &impl Fn(&mut Self, &Node) -> usize,
    ) -> usize {
        let mut matches = 0;
        if !junctors.any_of.is_empty() {
            matches += self.any_of(&junctors.any_of, step, judge);
        }
        if !junctors.one_of.is_empty() {
            matches += self.one_of(&junctors.one_of, step, judge);
        }
        if !junctors.all_of.is_empty() {
            matches += self.all_of(&junctors.all_of, step, judge);
        }
        if let Some(not) = &junctors.not
            && self.verdict(not, judge).errors.is_empty()
        {
            self.refuse_composition(step, "must not validate the schema (not)");
        }
        matches
    }

    fn any_of(
        &mut self,
        nodes: &[Node],
        step: &Step<'_>,
        judge: &impl Fn(&mut Self, &Node) -> usize,
    ) -> usize {
        let mut best: Option<Verdict> = None;
        for node in nodes {
            let verdict = self.verdict(node, judge);
            if verdict.errors.is_empty() {
                return verdict.matches;
            }
            best = furthest(best, verdict);
        }
        self.refuse_composition(step, "must validate at least one schema (anyOf)");
        self.tell(best)
    }

    fn one_of(
        &mut self,
        nodes: &[Node],
        step: &Step<'_>,
        judge: &impl Fn(&mut Self, &Node) -> usize,
    ) -> usize {
        let mut best: Option<Verdict> = None;
        let mut valid: Vec<usize> = Vec::new();
        for node in nodes {
            let verdict = self.verdict(node, judge);
            match verdict.errors.is_empty() {
                true => valid.push(verdict.matches),
                false => best = furthest(best, verdict),
            }
        }
        match valid.as_slice() {
            [matches] => *matches,
            [] => {
                self.refuse_composition(
                    step,
                    "must validate one and only one schema (oneOf). Found none valid",
                );
                self.tell(best)
            }
            several => {
                let text = format!(
                    "must validate one and only one schema (oneOf). Found {} valid alternatives",
                    several.len()
                );
                self.refuse_composition(step, &text);
                0
            }
        }
    }

    fn all_of(
        &mut self,
        nodes: &[Node],
        step: &Step<'_>,
        judge: &impl Fn(&mut Self, &Node) -> usize,
    ) -> usize {
        let mut valid = 0;
        let mut matches = 0;
        for node in nodes {
            let verdict = self.verdict(node, judge);
            valid += usize::from(verdict.errors.is_empty());
            matches += self.tell(Some(verdict));
        }
        if valid < nodes.len() {
            let none = if valid == 0 { ". None validated" } else { "" };
            self.refuse_composition(step, &format!("must validate all the schemas (allOf){none}"));
        }
        matches
    }

    fn verdict(&mut self, node: &Node, judge: &impl Fn(&mut Self, &Node) -> usize) -> Verdict {
        let before = std::mem::take(&mut self.errors);
        let matches = judge(self, node);
        Verdict { matches, errors: std::mem::replace(&mut self.errors, before) }
    }

    fn tell(&mut self, verdict: Option<Verdict>) -> usize {
        let Some(Verdict { errors, matches }) = verdict else { return 0 };
        self.errors.extend(errors);
        matches
    }

    /// Kubernetes gives such errors no field of their own.
    fn refuse_composition(&mut self, step: &Step<'_>, text: &str) {
        let text = format!("{} {text}", gotext::quoted(&step.name()));
        self.push(&Step::Start, |at, _| Error::invalid(at, &"".into(), text));
    }
}

/// The first of those that came furthest.
fn furthest(best: Option<Verdict>, verdict: Verdict) -> Option<Verdict> {
    match best {
        Some(best) if best.matches >= verdict.matches => Some(best),
        _ => Some(verdict),
    }
}
