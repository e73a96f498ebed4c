//! What the gateways of a group tell of themselves: asked ([`polls`], [`ask`]), merged ([`merge`]), put in words ([`texts`]).

mod ask;
mod merge;
mod polls;
mod texts;

use tributary_crds::{ResourceState, SourceReason};

pub(crate) use polls::{Polls, Target, run};
pub(crate) use texts::{remedy, rule};

/// What all gateways of a group told, the worst of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// The resources that they serve, by name.
    pub(crate) resources: Vec<ResourceState>,
    /// The oldest generation that one of them serves.
    pub(crate) generation: Option<i64>,
    /// The definition that all of them serve; none if it is not one.
    pub(crate) hash: Option<String>,
    /// The fingerprint of the certificate that all of them serve; none if it is not one.
    pub(crate) leaf: Option<String>,
    /// Why stored objects cannot be written.
    pub(crate) storage_fault: Option<String>,
    /// The uid of the record of an absence that all of them have followed.
    pub(crate) absence: Option<String>,
    /// Whether all of them told. If not, what is known of the others, or was before, is in the other fields.
    pub(crate) is_complete: bool,
    /// Why nothing is known of some of them, if that has lasted.
    pub(crate) silence: Option<String>,
}

/// What every ready gateway serves, or is to serve; none where it is not one, or not known of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Served {
    /// The definition.
    pub(crate) definition: Option<Definition>,
    /// The fingerprint of the serving certificate.
    pub(crate) certificate: Option<String>,
}

/// One state of a definition: one that comes back is another one than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    /// The generation of the AggregatedAPI.
    pub(crate) generation: i64,
    /// The hash of what is served.
    pub(crate) hash: String,
}

/// Why objects cannot be read or written, as a condition has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// One of [`REASONS`].
    pub(crate) reason: &'static str,
    /// What it is about, and what to do.
    pub(crate) message: String,
}

/// The reasons of `Ready=False` that only gateways know of.
pub(crate) const REASONS: [&str; 4] =
    ["SourceForbidden", "SourceNotFound", "SourceUnavailable", "StorageFailed"];

// === impl Report ===

impl Report {
    /// What is known of a resource.
    pub(crate) fn resource(&self, name: &str) -> Option<&ResourceState> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    /// What is wrong with a resource, for people.
    pub(crate) fn message(&self, name: &str) -> Option<String> {
        texts::message(self.resource(name), self.silence.as_deref())
    }

    /// What every ready gateway serves.
    pub(crate) fn served(&self) -> Served {
        match self.is_complete {
            true => Served { definition: self.definition(), certificate: self.leaf.clone() },
            false => Served::default(),
        }
    }

    fn definition(&self) -> Option<Definition> {
        Some(Definition { generation: self.generation?, hash: self.hash.clone()? })
    }

    /// Whether every gateway told that it serves what it is `to_serve`.
    fn serves(&self, to_serve: &Served) -> bool {
        let is_served = to_serve.definition.is_none() || to_serve.definition == self.definition();
        is_served && (to_serve.certificate.is_none() || to_serve.certificate == self.leaf)
    }

    /// Why stored objects cannot be written, or views cannot be read. A source that has been read, and cannot be for a moment, is none: what was read is shown.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        if let Some(fault) = &self.storage_fault {
            return Some(Trouble {
                reason: REASONS[3],
                message: format!("stored objects cannot be written: {fault}"),
            });
        }
        let troubled = || self.resources.iter().filter(|resource| cause(resource).is_some());
        let worst = troubled().filter_map(cause).min()?;
        let messages: Vec<String> = troubled()
            .map(|resource| format!("{}: {}", resource.name, texts::sources(&resource.sources)))
            .collect();
        let reason = match worst {
            SourceReason::Forbidden => REASONS[0],
            SourceReason::NotFound => REASONS[1],
            SourceReason::Unavailable => REASONS[2],
        };
        Some(Trouble { reason, message: messages.join("; ") })
    }

    /// Whether nothing is to be awaited: every gateway told that it serves what it is `to_serve`, and that it can read
    /// everything.
    fn is_settled(&self, to_serve: &Served) -> bool {
        let well = |resource: &ResourceState| resource.synced && resource.sources.is_empty();
        let stores = self.storage_fault.is_none();
        self.is_complete && stores && self.serves(to_serve) && self.resources.iter().all(well)
    }

    /// Whether conditions, and what is said of the gateway, are the same with `other`.
    fn means_the_same(&self, other: &Self) -> bool {
        let served = |report: &Self| {
            let synced = |resource: &ResourceState| (resource.name.clone(), resource.synced);
            report.resources.iter().map(synced).collect::<Vec<_>>()
        };
        self.trouble() == other.trouble()
            && (self.generation, &self.hash, &self.leaf) == (other.generation, &other.hash, &other.leaf)
            && self.served() == other.served()
            && self.absence == other.absence
            && served(self) == served(other)
    }
}

/// What keeps a view from being read.
fn cause(resource: &ResourceState) -> Option<SourceReason> {
    let reasons = resource.sources.iter().map(|source| source.reason);
    reasons.filter(|reason| *reason != SourceReason::Unavailable || !resource.synced).min()
}

#[cfg(test)]
mod tests {
    use tributary_crds::SourceState;

    use super::*;

    fn resource(name: &str, synced: bool, reasons: &[SourceReason]) -> ResourceState {
        let source = |reason: &SourceReason| SourceState {
            api_version: "v1".to_owned(),
            resource: "pods".to_owned(),
            reason: *reason,
            message: "no".to_owned(),
        };
        let sources = reasons.iter().map(source).collect();
        ResourceState { name: name.to_owned(), synced, sources, ..ResourceState::default() }
    }

    fn report(resources: Vec<ResourceState>) -> Report {
        let (hash, leaf) = (Some("h".to_owned()), Some("l".to_owned()));
        Report { resources, generation: Some(1), hash, leaf, is_complete: true, ..Report::default() }
    }

    fn serving(generation: i64, hash: &str, certificate: &str) -> Served {
        let definition = Definition { generation, hash: hash.to_owned() };
        Served { definition: Some(definition), certificate: Some(certificate.to_owned()) }
    }

    #[test]
    fn troubles_and_what_is_to_be_awaited() {
        use SourceReason::{Forbidden, NotFound, Unavailable};
        for (case, resources, reason, settled) in [
            ("nothing", vec![], None, true),
            ("well", vec![resource("a", true, &[])], None, true),
            ("being read", vec![resource("a", false, &[])], None, false),
            ("missing", vec![resource("a", false, &[NotFound])], Some("SourceNotFound"), false),
            ("vanished", vec![resource("a", true, &[NotFound])], Some("SourceNotFound"), false),
            ("forbidden", vec![resource("a", false, &[NotFound, Forbidden])], Some("SourceForbidden"), false),
            ("never read", vec![resource("a", false, &[Unavailable])], Some("SourceUnavailable"), false),
            ("lost for a moment", vec![resource("a", true, &[Unavailable])], None, false),
            (
                "one of two",
                vec![resource("a", true, &[]), resource("b", false, &[NotFound])],
                Some("SourceNotFound"),
                false,
            ),
        ] {
            let report = report(resources);
            let trouble = report.trouble();
            assert_eq!(trouble.as_ref().map(|trouble| trouble.reason), reason, "{case}");
            assert_eq!(report.is_settled(&serving(1, "h", "l")), settled, "{case}");
            assert!(trouble.is_none_or(|trouble| REASONS.contains(&trouble.reason)), "{case}");
        }
        assert!(!report(vec![]).is_settled(&serving(1, "another", "l")), "another definition is awaited");
        assert!(!report(vec![]).is_settled(&serving(2, "h", "l")), "the same again is awaited");
        assert!(!report(vec![]).is_settled(&serving(1, "h", "another")), "another certificate is awaited");
        assert!(report(vec![]).is_settled(&Served::default()), "nothing is");
        let silent = Report { is_complete: false, silence: Some("timed out".to_owned()), ..report(vec![]) };
        assert!(!silent.is_settled(&serving(1, "h", "l")));
        assert_eq!(silent.served(), Served::default(), "what the silent one serves is not known");
        assert_eq!(report(vec![]).served(), serving(1, "h", "l"));
    }

    #[test]
    fn a_trouble_names_its_view() {
        let report = report(vec![resource("a", true, &[]), resource("b", false, &[SourceReason::NotFound])]);
        let message = report.trouble().map(|trouble| trouble.message).unwrap_or_default();
        assert!(message.starts_with("b: there is no pods of v1"), "{message}");
    }

    #[test]
    fn numbers_alone_mean_the_same() {
        let one = report(vec![resource("a", true, &[])]);
        let more = ResourceState { objects: 7, errors: 2, ..resource("a", true, &[]) };
        assert!(one.means_the_same(&report(vec![more])));
        assert!(!one.means_the_same(&report(vec![resource("a", false, &[])])));
        assert!(!one.means_the_same(&Report { generation: Some(2), ..one.clone() }));
        assert!(!one.means_the_same(&report(vec![resource("a", true, &[SourceReason::NotFound])])));
    }
}
