//! What of an inventory is laid out as an estate: its records as numbered nodes, in groups by platform, environment or
//! owner, and what joins them. Depends on the inventory and the grouping alone, so a scenario moves nothing.

use crate::graph::{Holder, Thing, TrustGraph};
use crate::layout::estate::{EstateLayout, EstateRequest};
use crate::model::{Aliases, Inventory, Word};
use crate::scene::Class;
use crate::scene::map::cluster_name;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// By what records are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// Where they run.
    #[default]
    Platform,
    /// Production, staging and the like.
    Environment,
    /// Who answers for them.
    Owner,
    /// All in one bubble.
    None,
}

impl Grouping {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Platform, Self::Environment, Self::Owner, Self::None];

    /// As shown on the switch.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Platform => "Platform",
            Self::Environment => "Environment",
            Self::Owner => "Owner",
            Self::None => "Nothing",
        }
    }

    /// As written in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Environment => "environment",
            Self::Owner => "owner",
            Self::None => "nothing",
        }
    }
}

/// The most bubbles; what is left goes into one.
const MOST: usize = 240;
const NOBODY: u32 = u32::MAX;

/// Records as numbered nodes: systems, then identities, then credentials, each in the inventory's order.
#[derive(Debug)]
pub struct EstateShape {
    /// By what it is grouped.
    pub grouping: Grouping,
    /// Names of the groups, the largest first.
    pub names: Vec<String>,
    /// The group of each node.
    pub group: Vec<u32>,
    inventory: Arc<Inventory>,
    systems: u32,
    identities: u32,
    edges: Vec<(u32, u32)>,
}

impl EstateShape {
    /// The estate of a graph.
    #[must_use]
    pub fn new(graph: &TrustGraph, grouping: Grouping) -> Self {
        let inventory = Arc::clone(graph.shared_inventory());
        let (systems, identities) = (
            inventory.records.systems.len() as u32,
            inventory.records.identities.len() as u32,
        );
        let (names, group) = groups(graph, grouping);
        let mut out = Self {
            grouping,
            names,
            group,
            systems,
            identities,
            edges: Vec::new(),
            inventory,
        };
        out.edges = out.joined(graph);
        out
    }

    /// The same shape with aliases for the names of its inventory, `renamed` being that inventory under them.
    #[must_use]
    pub fn aliased(&self, renamed: Arc<Inventory>, aliases: &Aliases) -> Self {
        let r = &self.inventory.records;
        let mut shown: HashMap<String, String> = HashMap::new();
        match self.grouping {
            Grouping::Platform => {
                let words = r.systems.iter().map(|s| &s.platform);
                let words = words.chain(r.identities.iter().map(|i| &i.platform)).flatten();
                shown.extend(words.map(|p| (cluster_name(p), cluster_name(&aliases.word(Word::Platform, p)))));
            }
            Grouping::Environment => {
                let words = r.systems.iter().map(|s| &s.environment);
                let words = words.chain(r.identities.iter().map(|i| &i.environment)).flatten();
                shown.extend(words.map(|e| (e.to_string(), aliases.word(Word::Environment, e))));
            }
            Grouping::Owner => {
                let words = r.systems.iter().map(|s| &s.owner);
                let words = words.chain(r.identities.iter().map(|i| &i.owner));
                let words = words.chain(r.credentials.iter().map(|c| &c.owner)).flatten();
                shown.extend(words.map(|o| (o.to_string(), aliases.word(Word::Owner, o))));
            }
            Grouping::None => {}
        }
        let name = |n: &String| shown.get(n).unwrap_or(n).clone();
        Self {
            grouping: self.grouping,
            names: self.names.iter().map(name).collect(),
            group: self.group.clone(),
            inventory: renamed,
            systems: self.systems,
            identities: self.identities,
            edges: self.edges.clone(),
        }
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.group.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.group.is_empty()
    }

    /// The node of a thing; contexts have none.
    #[must_use]
    pub fn node(&self, thing: Thing) -> Option<u32> {
        let node = match thing {
            Thing::System(i) => i,
            Thing::Identity(i) => self.systems.checked_add(i)?,
            Thing::Credential(i) => (self.systems + self.identities).checked_add(i)?,
            Thing::Context(_) => return None,
        };
        ((node as usize) < self.len()).then_some(node)
    }

    /// The thing of a node.
    #[must_use]
    pub fn thing(&self, node: u32) -> Thing {
        if node < self.systems {
            Thing::System(node)
        } else if node < self.systems + self.identities {
            Thing::Identity(node - self.systems)
        } else {
            Thing::Credential(node - self.systems - self.identities)
        }
    }

    /// The class of a node.
    #[must_use]
    pub fn class(&self, node: u32) -> Class {
        match self.thing(node) {
            Thing::System(_) => Class::System,
            Thing::Identity(_) => Class::Identity,
            Thing::Credential(_) | Thing::Context(_) => Class::Credential,
        }
    }

    /// The name of a node for people.
    #[must_use]
    pub fn name(&self, node: u32) -> &str {
        let r = &self.inventory.records;
        let (name, id) = match self.thing(node) {
            Thing::System(i) => (&r.systems[i as usize].name, &r.systems[i as usize].id),
            Thing::Identity(i) => (&r.identities[i as usize].name, &r.identities[i as usize].id),
            Thing::Credential(i) | Thing::Context(i) => {
                (&r.credentials[i as usize].name, &r.credentials[i as usize].id)
            }
        };
        name.as_deref().unwrap_or(id)
    }

    /// The icon of a node's kind.
    #[must_use]
    pub fn icon(&self, node: u32) -> Option<char> {
        let r = &self.inventory.records;
        match self.thing(node) {
            Thing::System(i) => crate::scene::icons::of_system(r.systems[i as usize].kind.as_deref()),
            Thing::Identity(i) => crate::scene::icons::of_identity(r.identities[i as usize].kind),
            Thing::Credential(i) | Thing::Context(i) => {
                crate::scene::icons::of_credential(r.credentials[i as usize].kind)
            }
        }
    }

    /// Whether a node is a crown jewel.
    #[must_use]
    pub fn crown(&self, node: u32) -> bool {
        use crate::model::Criticality::CrownJewel;
        node < self.systems && self.inventory.records.systems[node as usize].criticality == Some(CrownJewel)
    }

    /// What has to do with what.
    #[must_use]
    pub fn edges(&self) -> &[(u32, u32)] {
        &self.edges
    }

    /// What a layout is asked, starting from an older picture where there is one.
    #[must_use]
    pub fn request(&self, old: Option<(&Self, &EstateLayout)>) -> EstateRequest {
        let mut request = EstateRequest {
            group: self.group.clone(),
            groups: self.names.len() as u32,
            edges: self.edges.clone(),
            ..EstateRequest::default()
        };
        let Some((shape, layout)) = old.filter(|(shape, _)| shape.grouping == self.grouping) else {
            return request;
        };
        let ids: HashMap<&str, u32> = (0..shape.len() as u32).map(|v| (shape.id(v), v)).collect();
        let groups: HashMap<&str, u32> = shape.names.iter().map(String::as_str).zip(0..).collect();
        request.old_bubbles = self
            .names
            .iter()
            .map(|name| {
                let b = layout.bubbles.get(*groups.get(name.as_str())? as usize)?;
                Some([b.x, b.y, b.radius])
            })
            .collect();
        request.old = (0..self.len() as u32)
            .map(|v| {
                let was = *ids.get(self.id(v))?;
                // One that has changed its bubble starts anew there.
                let same = shape.names.get(shape.group[was as usize] as usize)
                    == self.names.get(self.group[v as usize] as usize);
                layout.spots.get(was as usize).copied().filter(|_| same)
            })
            .collect();
        request
    }

    /// The id of a node's record.
    #[must_use]
    pub fn id(&self, node: u32) -> &str {
        let r = &self.inventory.records;
        match self.thing(node) {
            Thing::System(i) => &r.systems[i as usize].id,
            Thing::Identity(i) => &r.identities[i as usize].id,
            Thing::Credential(i) | Thing::Context(i) => &r.credentials[i as usize].id,
        }
    }

    fn joined(&self, graph: &TrustGraph) -> Vec<(u32, u32)> {
        let mut out = Vec::new();
        let mut add = |a: Option<Thing>, b: Option<Thing>| {
            if let (Some(a), Some(b)) = (a.and_then(|t| self.node(t)), b.and_then(|t| self.node(t))) {
                out.push((a, b));
            }
        };
        for (holder, &system) in graph.grant_holder.iter().zip(&graph.grant_system) {
            let holder = match *holder {
                Holder::Credential(c) => Thing::Credential(c),
                Holder::Identity(i) => Thing::Identity(i),
            };
            add(Some(holder), Some(Thing::System(system)));
        }
        for (c, &identity) in graph.identity_of.iter().enumerate() {
            add(Some(Thing::Credential(c as u32)), identity.map(Thing::Identity));
        }
        for (&from, &yields) in graph.exposure_from.iter().zip(&graph.exposure_yields) {
            add(Some(from), Some(yields));
        }
        for (&from, &to) in graph.inherit_from.iter().zip(&graph.inherit_to) {
            add(from.map(Thing::Identity), Some(Thing::Identity(to)));
        }
        for (&from, &to) in graph.trust_from.iter().zip(&graph.trust_to) {
            add(Some(Thing::System(from)), Some(Thing::System(to)));
        }
        out
    }
}

/// Names of the groups and the group of each node. A credential without a word of its own goes where its identity is,
/// else where its issuer is, where it is kept, or where it is accepted.
fn groups(graph: &TrustGraph, grouping: Grouping) -> (Vec<String>, Vec<u32>) {
    let r = &graph.inventory().records;
    let pick = |platform: Option<&str>, environment: Option<&str>, owner: Option<&str>| {
        let word = match grouping {
            Grouping::Platform => platform,
            Grouping::Environment => environment,
            Grouping::Owner => owner,
            Grouping::None => Some("Estate"),
        };
        word.map(str::to_owned)
    };
    let mut number: HashMap<String, u32> = HashMap::new();
    let mut words: Vec<String> = Vec::new();
    let mut numbered = |word: Option<String>| match word.filter(|w| !w.trim().is_empty()) {
        None => NOBODY,
        Some(word) => match number.get(&word) {
            Some(&n) => n,
            None => {
                let n = words.len() as u32;
                number.insert(word.clone(), n);
                words.push(word);
                n
            }
        },
    };
    let systems: Vec<u32> = r
        .systems
        .iter()
        .map(|s| {
            numbered(pick(
                s.platform.as_deref(),
                s.environment.as_deref(),
                s.owner.as_deref(),
            ))
        })
        .collect();
    let identities: Vec<u32> = r
        .identities
        .iter()
        .map(|i| {
            numbered(pick(
                i.platform.as_deref(),
                i.environment.as_deref(),
                i.owner.as_deref(),
            ))
        })
        .collect();
    let own: Vec<u32> = r
        .credentials
        .iter()
        .map(|c| numbered(pick(None, None, c.owner.as_deref())))
        .collect();
    let system = |s: u32| systems.get(s as usize).copied().filter(|&g| g != NOBODY);
    let identity = |i: u32| identities.get(i as usize).copied().filter(|&g| g != NOBODY);
    let of_credential = |c: u32| {
        let word = Some(own[c as usize]).filter(|&g| g != NOBODY);
        let word = word.or_else(|| graph.identity_of[c as usize].and_then(identity));
        let word = word.or_else(|| graph.issuer_of[c as usize].and_then(system));
        let kept = || {
            graph
                .exposures_yielding_credential
                .of(c)
                .iter()
                .find_map(|&x| match graph.exposure_from[x as usize] {
                    Thing::System(s) => system(s),
                    Thing::Identity(i) => identity(i),
                    _ => None,
                })
        };
        let accepted = || {
            let grants = graph.grants_of_credential.of(c).iter();
            let systems = grants.filter_map(|&g| system(graph.grant_system[g as usize]));
            // Where most of what it opens is.
            let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
            systems.for_each(|g| *counts.entry(g).or_default() += 1);
            counts
                .into_iter()
                .max_by_key(|&(g, n)| (n, std::cmp::Reverse(g)))
                .map(|(g, _)| g)
        };
        word.or_else(kept).or_else(accepted).unwrap_or(NOBODY)
    };
    let credentials: Vec<u32> = (0..r.credentials.len() as u32).map(of_credential).collect();
    let raw: Vec<u32> = systems.iter().chain(&identities).chain(&credentials).copied().collect();

    // Two words may be one name; the largest group comes first, what is nowhere and what is left last.
    let shown = |word: &str| match grouping {
        Grouping::Platform => cluster_name(word),
        _ => word.to_owned(),
    };
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut by_word = vec![0_u32; words.len()];
    let mut nowhere = 0;
    for &g in &raw {
        match by_word.get_mut(g as usize) {
            Some(n) => *n += 1,
            None => nowhere += 1,
        }
    }
    for (word, &n) in words.iter().zip(&by_word) {
        *counts.entry(shown(word)).or_default() += n;
    }
    let mut names: Vec<(String, u32)> = counts.into_iter().filter(|c| c.1 > 0).collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rest = names.split_off(names.len().min(MOST));
    let mut out: Vec<String> = names.into_iter().map(|n| n.0).collect();
    let mut place: HashMap<String, u32> = out.iter().cloned().zip(0..).collect();
    if !rest.is_empty() {
        let last = out.len() as u32;
        out.push(format!("{} more", rest.len()));
        place.extend(rest.into_iter().map(|r| (r.0, last)));
    }
    if nowhere > 0 {
        out.push(
            match grouping {
                Grouping::Owner => "No owner named",
                Grouping::Environment => "No environment named",
                _ => "Elsewhere",
            }
            .to_owned(),
        );
    }
    let of_word: Vec<u32> = words
        .iter()
        .map(|w| place.get(&shown(w)).copied().unwrap_or(0))
        .collect();
    let last = out.len().saturating_sub(1) as u32;
    let group = raw
        .iter()
        .map(|&g| of_word.get(g as usize).copied().unwrap_or(last))
        .collect();
    (out, group)
}
