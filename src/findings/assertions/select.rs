//! What an assertion names: an id, a pattern over ids, or all things of a criticality, a tag or an environment.

use crate::graph::{Thing, TrustGraph};
use crate::model::{Criticality, Text};

/// A pattern over ids: `*` is any run of characters, `\*` a star. Upper and lower case are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IdPattern(Vec<Option<char>>);

impl IdPattern {
    pub fn parse(text: &str) -> Self {
        let mut out = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if chars.peek() == Some(&'*') => {
                    chars.next();
                    out.push(Some('*'));
                }
                '*' => out.push(None),
                c => out.push(Some(c)),
            }
        }
        Self(out)
    }

    /// The id it is, where it has no star.
    pub fn literal(&self) -> Option<String> {
        self.0.iter().copied().collect()
    }

    pub fn matches(&self, text: &str) -> bool {
        let (p, t): (&[Option<char>], Vec<char>) = (&self.0, text.chars().collect());
        let (mut i, mut j) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while j < t.len() {
            if p.get(i) == Some(&None) {
                back = Some((i, j));
                i += 1;
            } else if p.get(i) == Some(&Some(t[j])) {
                i += 1;
                j += 1;
            } else if let Some((star, from)) = back {
                back = Some((star, from + 1));
                i = star + 1;
                j = from + 1;
            } else {
                return false;
            }
        }
        p[i..].iter().all(Option::is_none)
    }
}

/// The things that a text names, sorted; `Err` says why it can name nothing. A pattern, a tag or an environment may name
/// nothing today and something tomorrow; an id or a criticality that there is not is a mistake.
pub(super) fn select(graph: &TrustGraph, text: &str) -> Result<Vec<Thing>, String> {
    let r = &graph.inventory().records;
    let systems = || (0..r.systems.len() as u32).map(Thing::System);
    let identities = || (0..r.identities.len() as u32).map(Thing::Identity);
    let credentials = || (0..r.credentials.len() as u32).map(Thing::Credential);
    if let Some(thing) = graph.find(text) {
        return Ok(vec![thing]);
    }
    if let Some(wanted) = text.strip_prefix("criticality:") {
        let Some(wanted) = Criticality::parse(wanted) else {
            let known: Vec<&str> = Criticality::ALL.iter().map(|c| c.as_str()).collect();
            return Err(format!(
                "There is no criticality \"{}\"; there are {}",
                wanted.escape_debug(),
                known.join(", ")
            ));
        };
        let of = |t: &Thing| {
            matches!(t, Thing::System(s)
            if r.systems[*s as usize].criticality.unwrap_or(Criticality::Medium) == wanted)
        };
        return Ok(systems().filter(of).collect());
    }
    if let Some(wanted) = text.strip_prefix("tag:") {
        let wanted = IdPattern::parse(wanted);
        let has = |t: &Thing| {
            let tags: &[Text] = match t {
                Thing::System(s) => &r.systems[*s as usize].tags,
                Thing::Identity(i) => &r.identities[*i as usize].tags,
                Thing::Credential(c) => &r.credentials[*c as usize].tags,
                Thing::Context(_) => &[],
            };
            tags.iter().any(|tag| wanted.matches(tag))
        };
        return Ok(systems().chain(identities()).chain(credentials()).filter(has).collect());
    }
    if let Some(wanted) = text.strip_prefix("environment:") {
        let wanted = IdPattern::parse(wanted);
        let of = |t: &Thing| {
            let environment = match t {
                Thing::System(s) => &r.systems[*s as usize].environment,
                Thing::Identity(i) => &r.identities[*i as usize].environment,
                _ => &None,
            };
            environment.as_deref().is_some_and(|e| wanted.matches(e))
        };
        return Ok(systems().chain(identities()).filter(of).collect());
    }
    let pattern = IdPattern::parse(text);
    if let Some(id) = pattern.literal() {
        return match graph.find(&id) {
            Some(thing) => Ok(vec![thing]),
            None => Err(format!(
                "No system, identity or credential has the id \"{}\"; ids are case-sensitive, a context is written \
                 context:NAME, and a pattern has a *",
                id.escape_debug()
            )),
        };
    }
    let contexts = (0..graph.contexts().len() as u32).map(Thing::Context);
    // `*` alone is every thing, not every context.
    let with_contexts = text.starts_with("context:");
    Ok(systems()
        .chain(identities())
        .chain(credentials())
        .chain(contexts.filter(|_| with_contexts))
        .filter(|&t| pattern.matches(&graph.id(t)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_over_ids() {
        for (pattern, id, yes) in [
            ("ci-*", "ci-token", true),
            ("ci-*", "CI-token", false),
            ("*", "", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("a\\b", "a\\b", true),
            ("*-prod-*", "x-prod-y", true),
            ("*-prod", "x-prod-y", false),
        ] {
            assert_eq!(IdPattern::parse(pattern).matches(id), yes, "{pattern} {id}");
        }
        assert_eq!(IdPattern::parse("a\\*").literal().as_deref(), Some("a*"));
        assert_eq!(IdPattern::parse("a*").literal(), None);
    }
}
