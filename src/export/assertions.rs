//! Verdicts as the member `assertions` of the `trustmap-check` document.

use super::radius::StepJson;
use crate::findings::assertions::{Asserted, Verdict};
use serde::Serialize;

/// One assertion with its verdict: what was asserted, whether it holds, and where it does not, why.
#[derive(Serialize)]
pub struct VerdictJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    never: Option<NeverJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_radius: Option<MaxJson<'a>>,
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Vec<StepJson>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exceeded: Option<Vec<MaxJson<'a>>>,
}

#[derive(Serialize)]
struct NeverJson<'a> {
    from: &'a str,
    to: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unless_via: &'a [String],
}

#[derive(Serialize)]
struct MaxJson<'a> {
    credential: &'a str,
    systems: u64,
}

/// In the order of the file.
#[must_use]
pub fn verdicts(all: &[Verdict]) -> Vec<VerdictJson<'_>> {
    all.iter()
        .map(|v| VerdictJson {
            never: match &v.asserted {
                Asserted::Never(never) => Some(NeverJson {
                    from: &never.from,
                    to: &never.to,
                    unless_via: &never.unless_via,
                }),
                Asserted::MaxRadius(_) => None,
            },
            max_radius: match &v.asserted {
                Asserted::MaxRadius(max) => Some(MaxJson {
                    credential: &max.credential,
                    systems: max.systems,
                }),
                Asserted::Never(_) => None,
            },
            holds: v.holds,
            path: v
                .ends
                .is_some()
                .then(|| v.path.iter().cloned().map(StepJson::from).collect()),
            exceeded: (!v.exceeded.is_empty()).then(|| {
                v.exceeded
                    .iter()
                    .map(|(credential, systems)| MaxJson {
                        credential,
                        systems: *systems,
                    })
                    .collect()
            }),
        })
        .collect()
}
