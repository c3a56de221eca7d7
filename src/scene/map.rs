//! What the map shows: every reached thing once, with its least-hop path, its state before and after the scenario,
//! and the gate it passes.

use super::icons;
use crate::analysis::{CheckState, Interval, Parent, Radius, Summary};
use crate::graph::{Settings, Thing, TrustGraph};
use crate::layout::{Layout, Request, RequestNode, layers, rings};
use crate::model::{Aliases, Check, CredentialStatus, Criticality, IdentityStatus, Inventory, Word};
use crate::scenario::{Comparison, Use};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Class by shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Diamond.
    Credential,
    /// Circle.
    Identity,
    /// Square.
    System,
    /// Hexagon.
    Context,
}

/// State by colour and by a second sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A seed.
    Compromised,
    /// Reached as intended.
    Intended,
    /// Reached by inheritance.
    Inherited,
    /// Reached by assumption.
    Assumed,
    /// Cut off by the scenario.
    Ghost,
    /// Not reached.
    Untouched,
    /// Disabled or expired.
    Disabled,
}

impl State {
    /// In words, for accessible names and banners.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Compromised => "compromised",
            Self::Intended => "reached as intended",
            Self::Inherited => "reached by inheritance",
            Self::Assumed => "reached by assumption",
            Self::Ghost => "cut off by the scenario",
            Self::Untouched => "not reached",
            Self::Disabled => "disabled",
        }
    }
}

/// What let the path through on its last leg.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// No wall is crossed.
    None,
    /// Every check made, or nothing to check.
    Made,
    /// Checks missing, by letter, A I S C R, then E for no exchange, or U for not intended.
    Missing(String),
    /// Not known, or assumed.
    Unknown,
}

/// What the scenario does to the last leg of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Nothing.
    Open,
    /// Closed here.
    Sealed,
    /// Closed here, and a legitimate flow in use, or of unknown use, breaks.
    Broken,
    /// Cut off farther in.
    Beyond,
}

/// One node of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub thing: Thing,
    /// Its id; of a context, `context:NAME`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: Class,
    /// Its icon, where its kind has one.
    pub icon: Option<char>,
    /// A crown jewel.
    pub crown: bool,
    /// Hops before the scenario.
    pub hops: u32,
    /// State before the scenario.
    pub before: State,
    /// State after it; the same where there is none.
    pub after: State,
    /// Expired or disabled, whatever its state.
    pub disabled: bool,
    /// Expired.
    pub expired: bool,
    /// What it is reached from before the scenario, by position in the list.
    pub parent: Option<u32>,
    /// What it is reached from after the scenario, where it still is.
    pub parent_after: Option<u32>,
    /// The gate before the scenario.
    pub gate: Gate,
    /// The gate after it, where it is still reached.
    pub gate_after: Gate,
    /// What the scenario does.
    pub cut: Cut,
    /// Name of its cluster.
    pub cluster: String,
}

impl Node {
    /// A system that is reached and not where it starts.
    pub(super) fn is_reached_system(&self) -> bool {
        self.class == Class::System && self.hops > 0 && self.before != State::Compromised
    }
}

/// How much of a node is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dim {
    /// All of it.
    #[default]
    Shown,
    /// As a shadow: the filter does not ask for it.
    Faded,
    /// Nothing: the analyst hid it.
    Hidden,
}

/// A cluster's count of systems that are not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// Name of the cluster.
    pub cluster: String,
    /// Systems.
    pub systems: u64,
}

/// Everything the map shows, and where.
#[derive(Clone, Debug)]
pub struct MapPicture {
    /// The nodes; parents stand before their children.
    pub nodes: Vec<Node>,
    /// Where they are.
    pub layout: Layout,
    /// The numbers before.
    pub before: Summary,
    /// The numbers after, with a scenario.
    pub after: Option<Summary>,
    /// Systems reached before in each regime.
    pub interval: Interval,
    /// As-of time and regime.
    pub settings: Settings,
    /// Systems by hop from 1, before.
    pub hops_before: Vec<u64>,
    /// The same after.
    pub hops_after: Vec<u64>,
    /// Systems not reached before, by cluster, the largest first.
    pub unreached: Vec<Unreached>,
    /// The size the layout was made for, in points.
    pub size: (f32, f32),
    /// The working map around a record: steps from it, no boundary.
    pub around: bool,
    /// How much of each node is shown, by position; all of all where it is empty. Nothing moves for it.
    pub dims: Vec<Dim>,
    /// Systems by state, before and after, where the map does not show all of them.
    pub(super) counted: Option<[[u64; 3]; 2]>,
    pub(super) index: HashMap<Thing, u32>,
}

impl MapPicture {
    /// The map of a radius, and of what a scenario leaves of it, for a place of this size in points. `layered` asks
    /// for layers instead of rings. Where things are depends on the radius before and the size alone.
    #[must_use]
    pub fn new(
        graph: &TrustGraph,
        before: &Radius,
        comparison: Option<&Comparison>,
        interval: &Interval,
        settings: Settings,
        layered: bool,
        size: (f32, f32),
    ) -> Self {
        let after = comparison.map(|c| &*c.after);
        let (nodes, index) = nodes(graph, before, comparison);
        let request = Request {
            nodes: nodes.iter().map(|n| request_node(graph, n)).collect(),
            width: size.0,
            height: size.1 - SHELF,
        };
        let layout = if layered { layers(&request) } else { rings(&request) };
        let most = nodes.iter().map(|n| n.hops).max().unwrap_or(0);
        let by_hop = |reached: &dyn Fn(&Node) -> bool| {
            let mut hops = vec![0; most as usize];
            for node in &nodes {
                if node.is_reached_system() && reached(node) {
                    hops[node.hops as usize - 1] += 1;
                }
            }
            hops
        };
        Self {
            hops_before: by_hop(&|_| true),
            hops_after: by_hop(&|n| n.after != State::Ghost),
            layout,
            before: before.summary,
            after: after.map(|r| r.summary),
            interval: *interval,
            settings,
            unreached: unreached(graph, before),
            size,
            around: false,
            dims: Vec::new(),
            counted: None,
            index,
            nodes,
        }
    }

    /// The same picture with aliases for the names of this inventory: nothing moves.
    #[must_use]
    pub fn aliased(mut self, inventory: &Inventory, aliases: &Aliases) -> Self {
        let clusters = aliased_clusters(inventory, aliases);
        let cluster = |name: &str| clusters.get(name).cloned().unwrap_or_else(|| name.to_owned());
        for node in &mut self.nodes {
            node.id = aliases.id(&node.id);
            node.name = node.id.trim_start_matches("context:").to_owned();
            node.cluster = cluster(&node.cluster);
        }
        for sector in &mut self.layout.sectors {
            sector.name = cluster(&sector.name);
        }
        for unreached in &mut self.unreached {
            unreached.cluster = cluster(&unreached.cluster);
        }
        self
    }

    /// How much of a node is shown.
    #[must_use]
    pub fn dim(&self, node: u32) -> Dim {
        self.dims.get(node as usize).copied().unwrap_or_default()
    }

    /// Where a thing is among the nodes.
    #[must_use]
    pub fn find(&self, thing: Thing) -> Option<u32> {
        self.index.get(&thing).copied()
    }

    /// The nodes of a thing's path, from the seed to it.
    #[must_use]
    pub fn path(&self, node: u32) -> Vec<u32> {
        let mut path = vec![node];
        let mut at = node;
        while let Some(p) = self.nodes[at as usize].parent {
            path.push(p);
            at = p;
        }
        path.reverse();
        path
    }

    /// Systems by state: intended, inherited, assumed; before, or after the scenario.
    #[must_use]
    pub fn by_state(&self, after: bool) -> [u64; 3] {
        if let Some(counted) = self.counted {
            return counted[usize::from(after)];
        }
        let mut out = [0; 3];
        for node in &self.nodes {
            if node.class == Class::System {
                match if after { node.after } else { node.before } {
                    State::Intended => out[0] += 1,
                    State::Inherited => out[1] += 1,
                    State::Assumed => out[2] += 1,
                    _ => {}
                }
            }
        }
        out
    }

    /// Hops of the farthest system that the scenario leaves; `None` without a scenario.
    #[must_use]
    pub fn reach_after(&self) -> Option<u32> {
        self.after?;
        Some(
            self.nodes
                .iter()
                .filter(|n| n.class == Class::System && n.parent.is_some() && n.after != State::Ghost)
                .map(|n| n.hops)
                .max()
                .unwrap_or(0),
        )
    }

    /// What a screen reader says of a node.
    #[must_use]
    pub fn accessible_name(&self, node: u32) -> String {
        let n = &self.nodes[node as usize];
        let class = match n.class {
            Class::Credential => "credential",
            Class::Identity => "identity",
            Class::System => "system",
            Class::Context => "context",
        };
        let hops = match (n.before, n.hops) {
            (State::Compromised, _) | (_, 0) => String::new(),
            (_, 1) => ", 1 hop".into(),
            (_, hops) => format!(", {hops} hops"),
        };
        let crown = if n.crown { ", crown jewel" } else { "" };
        format!("{}, {class}, {}{hops}{crown}", n.name, n.after.words())
    }
}

/// Names of clusters as shown, and what stands for them.
fn aliased_clusters(inventory: &Inventory, aliases: &Aliases) -> HashMap<String, String> {
    let r = &inventory.records;
    let platforms = r.systems.iter().map(|s| &s.platform);
    platforms
        .chain(r.identities.iter().map(|i| &i.platform))
        .flatten()
        .map(|p| (cluster_name(p), cluster_name(&aliases.word(Word::Platform, p))))
        .collect()
}

/// Height of the shelf below the map, in points.
pub const SHELF: f32 = 30.0;

pub(super) fn nodes(
    graph: &TrustGraph,
    before: &Radius,
    comparison: Option<&Comparison>,
) -> (Vec<Node>, HashMap<Thing, u32>) {
    let parents = before.parents(graph);
    let after = comparison.map(|c| &*c.after);
    let parents_after = after.map(|r| r.parents(graph)).unwrap_or_default();
    let marks = |radius: &Radius| -> BTreeMap<Thing, (u32, bool, bool)> {
        let mark = |r: &crate::analysis::Reach| (r.thing, (r.hops, r.inherited, r.assumed));
        let systems = radius.systems.iter().map(|s| mark(&s.reach));
        let credentials = radius.credentials.iter().map(|c| mark(&c.reach));
        systems
            .chain(credentials)
            .chain(radius.identities.iter().map(mark))
            .chain(radius.contexts.iter().map(mark))
            .collect()
    };
    let state = |mark: (u32, bool, bool)| match mark {
        (_, _, true) => State::Assumed,
        (_, true, _) => State::Inherited,
        _ => State::Intended,
    };
    let here = marks(before);
    let there = after.map(marks);
    let broken: BTreeSet<(Thing, Thing)> = comparison
        .iter()
        .flat_map(|c| &c.broken_flows)
        .filter(|f| f.used != Use::Idle)
        .map(|f| (f.from_thing, f.to_thing))
        .collect();
    let seeds: BTreeSet<Thing> = before.seeds.iter().copied().collect();

    // Parents first: by hops, then by how deep in the tree, then by thing.
    let mut depth: HashMap<Thing, u32> = HashMap::new();
    for &thing in parents.keys() {
        let mut chain = vec![thing];
        let mut at = thing;
        while let Some(from) = parents.get(&at).and_then(|p| p.from) {
            if depth.contains_key(&from) || chain.len() > parents.len() {
                break;
            }
            chain.push(from);
            at = from;
        }
        for thing in chain.into_iter().rev() {
            let above = parents
                .get(&thing)
                .and_then(|p| p.from)
                .and_then(|f| depth.get(&f))
                .map_or(0, |d| d + 1);
            depth.insert(thing, above);
        }
    }
    let mut things: Vec<Thing> = parents
        .keys()
        .copied()
        .filter(|t| seeds.contains(t) || here.contains_key(t))
        .collect();
    things.sort_by_key(|t| (depth.get(t).copied().unwrap_or(0), *t));
    let index: HashMap<Thing, u32> = things.iter().enumerate().map(|(i, &t)| (t, i as u32)).collect();

    let mut out: Vec<Node> = Vec::with_capacity(things.len());
    for &thing in &things {
        let seed = seeds.contains(&thing);
        let parent = &parents[&thing];
        let mark = here.get(&thing).copied();
        let was = if seed {
            State::Compromised
        } else {
            mark.map_or(State::Untouched, state)
        };
        let is = match &there {
            _ if seed => State::Compromised,
            None => was,
            Some(there) => there.get(&thing).copied().map_or(State::Ghost, state),
        };
        let at = |thing: Option<Thing>| thing.and_then(|t| index.get(&t).copied());
        let parent_ix = if seed { None } else { at(parent.from) };
        let cut = match (is, parent_ix) {
            (State::Ghost, Some(p)) => {
                let above = &out[p as usize];
                if above.after == State::Ghost {
                    Cut::Beyond
                } else if broken.contains(&(above.thing, thing)) {
                    Cut::Broken
                } else {
                    Cut::Sealed
                }
            }
            _ => Cut::Open,
        };
        let now = parents_after.get(&thing);
        let (class, icon, crown, disabled, expired, cluster) = describe(graph, thing, before.settings.as_of);
        let cluster = cluster
            .map(cluster_name)
            .or_else(|| parent_ix.map(|p| out[p as usize].cluster.clone()))
            .unwrap_or_else(|| "Elsewhere".into());
        let name = match thing {
            Thing::Context(_) => {
                let named = before.contexts.iter().find(|z| z.thing == thing).map(|z| z.id.clone());
                named.unwrap_or_else(|| graph.display_name(thing).to_owned())
            }
            _ => graph.display_name(thing).to_owned(),
        };
        out.push(Node {
            thing,
            id: match thing {
                Thing::Context(_) => format!("context:{name}"),
                _ => graph.id(thing).into_owned(),
            },
            name,
            class,
            icon,
            crown,
            hops: if seed { 0 } else { mark.map_or(0, |m| m.0) },
            before: was,
            after: is,
            disabled,
            expired,
            parent: parent_ix,
            parent_after: if is == State::Ghost {
                None
            } else {
                at(now.and_then(|p| p.from)).or(parent_ix)
            },
            gate: gate(class, was, parent),
            gate_after: now.map_or(Gate::None, |p| gate(class, is, p)),
            cut,
            cluster,
        });
    }
    (out, index)
}

/// Class, icon, crown, disabled, expired and platform of a thing.
pub(super) fn describe(
    graph: &TrustGraph,
    thing: Thing,
    as_of: crate::model::Time,
) -> (Class, Option<char>, bool, bool, bool, Option<&str>) {
    let records = &graph.inventory().records;
    match thing {
        Thing::System(i) => {
            let s = &records.systems[i as usize];
            let crown = s.criticality == Some(Criticality::CrownJewel);
            (
                Class::System,
                icons::of_system(s.kind.as_deref()),
                crown,
                false,
                false,
                s.platform.as_deref(),
            )
        }
        Thing::Identity(i) => {
            let x = &records.identities[i as usize];
            let off = x.status == Some(IdentityStatus::Disabled);
            (
                Class::Identity,
                icons::of_identity(x.kind),
                false,
                off,
                false,
                x.platform.as_deref(),
            )
        }
        Thing::Credential(i) => {
            let c = &records.credentials[i as usize];
            let expired = c.status == Some(CredentialStatus::Expired) || c.expires_at.is_some_and(|t| t <= as_of);
            let off = expired || matches!(c.status, Some(CredentialStatus::Disabled | CredentialStatus::Revoked));
            (
                Class::Credential,
                icons::of_credential(c.kind),
                false,
                off,
                expired,
                None,
            )
        }
        Thing::Context(_) => (Class::Context, Some(icons::MAP_PIN), false, false, false, None),
    }
}

/// The gate of a system's last leg: it names what let the path through. A path that was meant passes an open ring,
/// whatever is not checked.
#[must_use]
pub fn gate(class: Class, state: State, parent: &Parent) -> Gate {
    if class != Class::System || parent.from.is_none() {
        return Gate::None;
    }
    match state {
        State::Intended => return Gate::Made,
        State::Assumed => return Gate::Unknown,
        _ => {}
    }
    if parent.assumed {
        return Gate::Unknown;
    }
    let mut letters = String::new();
    let mut unknown = false;
    if let Some(checks) = &parent.checks {
        for &check in Check::ALL {
            match checks[check as usize] {
                CheckState::NotMade => letters.push(check.letter()),
                CheckState::Unknown => unknown = true,
                _ => {}
            }
        }
    }
    if parent.exchange == Some(false) {
        letters.push('E');
    }
    if letters.is_empty() && !parent.intended {
        letters.push('U');
    }
    match (letters.is_empty(), unknown) {
        (false, _) => Gate::Missing(letters),
        (true, true) => Gate::Unknown,
        (true, false) => Gate::Made,
    }
}

/// A platform's name for people.
#[must_use]
pub fn cluster_name(platform: &str) -> String {
    if let Some(known) = known_platform(platform) {
        return known.to_owned();
    }
    let mut chars = platform.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// The name of a platform that everybody knows.
#[must_use]
pub fn known_platform(platform: &str) -> Option<&'static str> {
    Some(match platform.to_ascii_lowercase().as_str() {
        "aws" => "AWS",
        "k8s" | "kubernetes" => "Kubernetes",
        "github" => "GitHub",
        "gitlab" => "GitLab",
        "entra" => "Entra ID",
        "azure" => "Azure",
        "gcp" => "Google Cloud",
        "okta" => "Okta",
        "vault" => "Vault",
        "spiffe" => "SPIFFE",
        "snowflake" => "Snowflake",
        "saas" => "SaaS",
        "on-prem" | "onprem" => "On-prem",
        "oidc" => "OIDC",
        "ai" => "AI",
        _ => return None,
    })
}

pub(super) fn request_node(graph: &TrustGraph, node: &Node) -> RequestNode {
    let weight = match node.thing {
        Thing::System(i) => graph.inventory().records.systems[i as usize]
            .criticality
            .unwrap_or(Criticality::Medium)
            .weight(),
        _ => 2,
    };
    let state = match node.before {
        State::Compromised => 4,
        State::Inherited => 3,
        State::Assumed => 2,
        _ => 1,
    };
    RequestNode {
        id: node.id.clone(),
        label: short(&node.name).to_owned(),
        hops: node.hops,
        system: node.class == Class::System && node.before != State::Compromised,
        column: match node.class {
            Class::Credential => 0,
            Class::Identity | Class::Context => 1,
            Class::System => 2,
        },
        parent: node.parent,
        cluster: node.cluster.clone(),
        priority: u32::from(node.crown) * 100_000 + state * 1_000 + (weight as u32).min(999),
        crown: node.crown,
    }
}

/// The part of a name that a map has room for: what follows the last slash or colon of a long id.
#[must_use]
pub fn short(name: &str) -> &str {
    if name.chars().count() <= 26 {
        return name;
    }
    let tail = name.rsplit(['/', ':']).next().unwrap_or(name);
    if tail.is_empty() { name } else { tail }
}

pub(super) fn unreached(graph: &TrustGraph, before: &Radius) -> Vec<Unreached> {
    let reached: BTreeSet<Thing> = before
        .systems
        .iter()
        .map(|s| s.reach.thing)
        .chain(before.seeds.iter().copied())
        .collect();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (i, system) in graph.inventory().records.systems.iter().enumerate() {
        if !reached.contains(&Thing::System(i as u32)) {
            let cluster = system
                .platform
                .as_deref()
                .map_or_else(|| "Elsewhere".into(), cluster_name);
            *counts.entry(cluster).or_default() += 1;
        }
    }
    let mut out: Vec<Unreached> = counts
        .into_iter()
        .map(|(cluster, systems)| Unreached { cluster, systems })
        .collect();
    out.sort_by(|a, b| b.systems.cmp(&a.systems).then_with(|| a.cluster.cmp(&b.cluster)));
    out
}
