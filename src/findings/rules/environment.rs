//! Which environment a thing is of, as far as its name for it can be told.

use super::super::Estate;
use crate::graph::Thing;

/// What an environment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Production.
    Production,
    /// Development, testing, staging and the like.
    Other,
}

/// The stage of a thing: its own environment, or that of the identity a credential authenticates.
pub(super) fn stage(estate: &Estate<'_>, thing: Thing) -> Option<Stage> {
    let environment = match thing {
        Thing::System(s) => estate.system(s).environment.as_deref(),
        Thing::Identity(i) => estate.identity(i).environment.as_deref(),
        Thing::Credential(c) => {
            let identity = estate.world.graph.identity_of[c as usize]?;
            estate.identity(identity).environment.as_deref()
        }
        Thing::Context(_) => None,
    };
    named(environment?)
}

/// By what people call them; anything else is neither.
fn named(environment: &str) -> Option<Stage> {
    let lower = environment.to_lowercase();
    let first = lower.split(['-', '_', ' ', '.']).next().unwrap_or_default();
    match first {
        "prod" | "production" | "prd" | "live" => Some(Stage::Production),
        "dev" | "development" | "test" | "testing" | "qa" | "stage" | "staging" | "stg" | "sandbox" | "sbx" | "uat"
        | "nonprod" | "preprod" | "demo" | "lab" => Some(Stage::Other),
        _ if lower == "non-production" || lower == "pre-production" || lower == "non-prod" || lower == "pre-prod" => {
            Some(Stage::Other)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_by_their_names() {
        for (name, stage) in [
            ("prod", Some(Stage::Production)),
            ("Production", Some(Stage::Production)),
            ("prod-eu", Some(Stage::Production)),
            ("staging", Some(Stage::Other)),
            ("dev_2", Some(Stage::Other)),
            ("pre-prod", Some(Stage::Other)),
            ("corp", None),
            ("", None),
            ("product", None),
        ] {
            assert_eq!(named(name), stage, "{name}");
        }
    }
}
