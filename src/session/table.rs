//! Records as rows: everything the table shows of an estate, worked out on the worker; and which rows, in which order.

use super::derive::{Question, Ranks, Reach};
use super::inspect::look_of;
use super::judged::Concerned;
use super::view::{Column, Facet, Filter, TableKind, TableSpec};
use super::{Class, ThingState, facts, words};
use crate::analysis::{Parent, Radius};
use crate::graph::Thing;
use crate::model::{Criticality, IdentityStatus, Place, Text, Time};
use crate::scene::{Gate, cluster_name, gate, icons};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is, unless it is a relation.
    pub thing: Option<Thing>,
    /// The id by which it is selected; of a relation that of what it starts from.
    pub id: String,
    /// The glyph's shape.
    pub class: Class,
    /// The glyph's icon.
    pub icon: Option<char>,
    /// A crown jewel.
    pub crown: bool,
    /// Its state on the map.
    pub state: ThingState,
    /// What let its path through on the last leg.
    pub gate: Gate,
    /// Its texts, one for each column of its kind.
    pub cells: Vec<String>,
    /// What the cells are sorted by where that is a number: hops, days, counts.
    pub numbers: Vec<Option<i64>>,
    /// What the filter's text is looked for in, in lower case.
    haystack: String,
    tags: Vec<Text>,
    /// What the rules that find something of it are called.
    findings: Vec<&'static str>,
}

/// All rows of one kind, in the order of their ids.
#[derive(Debug, PartialEq)]
pub struct Rows {
    /// Which records.
    pub kind: TableKind,
    /// Every one of them.
    pub all: Vec<Row>,
    /// What a filter can ask, with how many rows have it, most first.
    pub facets: BTreeMap<Facet, Vec<(String, usize)>>,
}

/// A table: rows, and those that are shown in their order.
#[derive(Debug)]
pub struct Table {
    /// As it was asked for.
    pub spec: TableSpec,
    /// All rows.
    pub rows: Arc<Rows>,
    /// Positions of those that are shown.
    pub shown: Vec<u32>,
}

impl Table {
    /// Picks and sorts.
    #[must_use]
    pub fn new(rows: Arc<Rows>, spec: TableSpec) -> Self {
        let mut shown: Vec<u32> = rows
            .all
            .iter()
            .enumerate()
            .filter(|(_, r)| rows.passes(r, &spec.filter))
            .map(|(i, _)| i as u32)
            .collect();
        if let Some(at) = rows.column(spec.sort.0) {
            sort(&rows, &mut shown, at, spec.sort);
        }
        Self { spec, rows, shown }
    }

    /// The row at a position of what is shown.
    #[must_use]
    pub fn row(&self, i: usize) -> Option<&Row> {
        self.rows.all.get(*self.shown.get(i)? as usize)
    }

    /// The rows that are shown with these columns as a table in text, lines ended by a newline.
    #[must_use]
    pub fn csv(&self, columns: &[Column]) -> String {
        let places: Vec<usize> = columns.iter().filter_map(|c| self.rows.column(*c)).collect();
        let head: Vec<&str> = columns
            .iter()
            .filter(|c| self.rows.column(**c).is_some())
            .map(|c| c.label())
            .collect();
        let rows = (0..self.shown.len()).filter_map(|i| self.row(i));
        let body = rows.map(|r| places.iter().map(|&p| r.cells[p].as_str()).collect::<Vec<_>>());
        crate::export::csv::table(std::iter::once(head).chain(body))
    }
}

impl Rows {
    /// The position of a column among the cells.
    #[must_use]
    pub fn column(&self, column: Column) -> Option<usize> {
        self.kind.columns().iter().position(|(c, _)| *c == column)
    }

    /// Whether a row is one that the filter asks for.
    #[must_use]
    pub fn passes(&self, row: &Row, filter: &Filter) -> bool {
        let needle = filter.text.trim().to_lowercase();
        let text = needle.is_empty() || needle.split_whitespace().all(|word| row.haystack.contains(word));
        text && filter
            .facets
            .iter()
            .all(|(facet, values)| values.is_empty() || self.values(row, *facet).iter().any(|v| values.contains(*v)))
    }

    fn values<'a>(&self, row: &'a Row, facet: Facet) -> Vec<&'a str> {
        let column = match facet {
            Facet::State => return vec![row.state.words()],
            Facet::Tag => return row.tags.iter().map(Text::as_str).collect(),
            Facet::Finding => return row.findings.clone(),
            Facet::Kind => Column::Kind,
            Facet::Platform => Column::Platform,
            Facet::Environment => Column::Environment,
            Facet::Owner => Column::Owner,
        };
        let cell = self.column(column).and_then(|at| row.cells.get(at));
        cell.map(String::as_str).filter(|c| !c.is_empty()).into_iter().collect()
    }

    fn count_facets(&mut self) {
        for &facet in Facet::ALL {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for row in &self.all {
                for value in self.values(row, facet) {
                    *counts.entry(value).or_default() += 1;
                }
            }
            let mut counts: Vec<(String, usize)> = counts.into_iter().map(|(v, n)| (v.to_owned(), n)).collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            self.facets.insert(facet, counts);
        }
    }
}

fn sort(rows: &Rows, shown: &mut [u32], at: usize, (column, descending): (Column, bool)) {
    // What is not known stands last, whichever way the table is sorted; equals keep the order of their ids.
    let number = |i: &u32| rows.all[*i as usize].numbers[at];
    let cell = |i: &u32| rows.all[*i as usize].cells[at].to_lowercase();
    let numeric = column.is_number() || shown.iter().any(|i| number(i).is_some());
    match (numeric, descending) {
        (true, false) => shown.sort_by_cached_key(|i| (number(i).is_none(), number(i))),
        (true, true) => shown.sort_by_cached_key(|i| (number(i).is_none(), number(i).map(std::cmp::Reverse))),
        (false, false) => shown.sort_by_cached_key(|i| (cell(i).is_empty(), cell(i))),
        (false, true) => shown.sort_by_cached_key(|i| (cell(i).is_empty(), std::cmp::Reverse(cell(i)))),
    }
}

/// What every kind of row needs to know of the radius.
pub(super) struct Known<'a> {
    q: &'a Question,
    before: HashMap<Thing, &'a crate::analysis::Reach>,
    pub now: HashMap<Thing, &'a crate::analysis::Reach>,
    pub parents: BTreeMap<Thing, Parent>,
    ranks: HashMap<&'a str, (u64, u64)>,
    concerned: Option<&'a Concerned>,
}

/// All rows of a kind. `ranks` give a credential's own radius, and `concerned` what is found of each record, where they
/// are known already.
#[must_use]
pub fn rows(
    q: &Question,
    reach: &Reach,
    kind: TableKind,
    ranks: Option<&Ranks>,
    concerned: Option<&Concerned>,
) -> Rows {
    let mut known = Known::new(q, reach, ranks);
    known.concerned = concerned;
    let records = &q.estate.inventory().records;
    let all = match kind {
        TableKind::Systems => (0..records.systems.len() as u32).map(|i| known.system(i)).collect(),
        TableKind::Credentials => known.credentials(),
        TableKind::Identities => known.identities(),
        TableKind::Relations => known.relations(),
    };
    let mut rows = Rows {
        kind,
        all,
        facets: BTreeMap::new(),
    };
    rows.count_facets();
    rows
}

fn reached_by(radius: &Radius) -> HashMap<Thing, &crate::analysis::Reach> {
    let systems = radius.systems.iter().map(|s| &s.reach);
    let credentials = radius.credentials.iter().map(|c| &c.reach);
    let rest = radius.identities.iter().chain(&radius.contexts);
    systems.chain(credentials).chain(rest).map(|r| (r.thing, r)).collect()
}

/// A cell: its text, and the number it is sorted by where that is one.
type Cell = (String, Option<i64>);

fn text(value: impl Into<String>) -> Cell {
    (value.into(), None)
}

fn stated(value: Option<&str>) -> Cell {
    (value.unwrap_or_default().to_owned(), None)
}

fn count(n: u64) -> Cell {
    (words::number(n), Some(n.min(i64::MAX as u64) as i64))
}

impl<'a> Known<'a> {
    pub fn new(q: &'a Question, reach: &'a Reach, ranks: Option<&'a Ranks>) -> Self {
        Self {
            q,
            before: reached_by(reach.before()),
            now: reached_by(reach.now()),
            parents: reach.now().parents(&q.estate.graph),
            ranks: ranks
                .iter()
                .flat_map(|r| &r.lines)
                .map(|l| {
                    let n = l.after.unwrap_or(l.before);
                    (l.id.as_str(), (n.systems, n.crown_jewels))
                })
                .collect(),
            concerned: None,
        }
    }

    fn found_of(&self, id: &str) -> Vec<&'static str> {
        self.concerned.and_then(|all| all.get(id)).cloned().unwrap_or_default()
    }

    fn now(&self) -> Time {
        self.q.settings.as_of
    }

    /// Its state on the map.
    pub fn state(&self, thing: Thing, id: &str) -> ThingState {
        if self.q.proposal.is_seed(id) {
            return ThingState::Compromised;
        }
        match self.now.get(&thing) {
            Some(r) if r.assumed => ThingState::Assumed,
            Some(r) if r.inherited => ThingState::Inherited,
            Some(_) => ThingState::Intended,
            None if self.before.contains_key(&thing) => ThingState::Ghost,
            None if facts::is_dead(self.q.estate.inventory(), thing, self.now()) => ThingState::Disabled,
            None => ThingState::Untouched,
        }
    }

    fn hops(&self, thing: Thing) -> Cell {
        match self.before.get(&thing) {
            Some(r) => count(u64::from(r.hops)),
            None => text(""),
        }
    }

    fn used(&self, at: Option<Time>) -> Cell {
        match at {
            None => text("not known"),
            Some(t) => {
                let days = words::days_between(t, self.now());
                let said = words::last_use(Some(t), self.now());
                let said = said.strip_prefix("used ").unwrap_or(&said).to_owned();
                (said, Some(-days))
            }
        }
    }

    /// Days from the as-of time on; what is past is negative.
    fn day(&self, at: Option<Time>) -> Cell {
        match at {
            None => text("not known"),
            Some(t) => (words::day(t), Some(t.unix_secs())),
        }
    }

    fn by(&self, thing: Thing) -> Cell {
        let from = self.parents.get(&thing).and_then(|p| p.from);
        text(from.map_or("", |f| self.q.estate.graph.display_name(f)))
    }

    fn record(&self, places: &[Place]) -> Cell {
        text(
            places
                .first()
                .map_or_else(String::new, |p| facts::record(&self.q.estate, p, places.len())),
        )
    }

    /// A row of a thing from its cells, in the order of the kind's columns.
    fn row(&self, thing: Thing, id: &str, tags: &[Text], owner: Option<&str>, cells: Vec<Cell>) -> Row {
        let look = look_of(self.q.estate.inventory(), thing, id);
        let state = self.state(thing, id);
        let parent = self.parents.get(&thing).filter(|_| self.now.contains_key(&thing));
        let kind = cells.get(1).map_or("", |c| c.0.as_str());
        let haystack = [&look.name, id, kind, owner.unwrap_or_default(), &tags.join(" ")]
            .join(" ")
            .to_lowercase();
        let (cells, numbers) = cells.into_iter().unzip();
        Row {
            thing: Some(thing),
            id: id.to_owned(),
            class: look.class,
            icon: look.icon,
            crown: look.crown,
            state,
            gate: parent.map_or(Gate::None, |p| gate(look.class, state, p)),
            cells,
            numbers,
            haystack,
            tags: tags.to_vec(),
            findings: self.found_of(id),
        }
    }

    fn missing(&self, thing: Thing, id: &str) -> Cell {
        let state = self.state(thing, id);
        let Some(parent) = self.parents.get(&thing).filter(|_| self.now.contains_key(&thing)) else {
            return text("");
        };
        text(gate_words(&gate(Class::System, state, parent)))
    }

    fn system(&self, i: u32) -> Row {
        let s = &self.q.estate.inventory().records.systems[i as usize];
        let thing = Thing::System(i);
        let weight = s.criticality.unwrap_or(Criticality::Medium).weight();
        let used = self.last_used_on(i);
        let cells = vec![
            text(s.name.as_deref().unwrap_or(&s.id)),
            text(s.kind.as_deref().map_or_else(String::new, words::sentence)),
            text(s.platform.as_deref().map_or_else(String::new, cluster_name)),
            stated(s.environment.as_deref()),
            stated(s.owner.as_deref()),
            self.hops(thing),
            text(state_words(self.state(thing, &s.id))),
            self.missing(thing, &s.id),
            self.by(thing),
            self.used(used),
            count(weight),
            text(s.tags.join(", ")),
            text(s.id.as_str()),
            self.record(&s.places),
        ];
        self.row(thing, &s.id, &s.tags, s.owner.as_deref(), cells)
    }

    /// When any grant on a system was last used.
    fn last_used_on(&self, s: u32) -> Option<Time> {
        let grants = &self.q.estate.inventory().records.grants;
        let on = self.q.estate.graph.grants_on_system.of(s);
        on.iter().filter_map(|&g| grants[g as usize].common.last_used_at).max()
    }

    fn credentials(&self) -> Vec<Row> {
        let inventory = self.q.estate.inventory();
        let identities = &inventory.records.identities;
        let list = inventory.records.credentials.iter().enumerate();
        list.map(|(i, c)| {
            let thing = Thing::Credential(i as u32);
            let owner = self.q.estate.graph.identity_of[i].map(|o| &identities[o as usize]);
            let dead = facts::dead_words(inventory, thing, self.now());
            let rank = self.ranks.get(c.id.as_str());
            let cells = vec![
                text(c.name.as_deref().unwrap_or(&c.id)),
                text(words::credential_kind(c.kind)),
                text(c.identity.as_deref().map_or("", |id| words::name_of(inventory, id))),
                stated(c.owner.as_deref()),
                text(if dead.is_empty() { "Active" } else { dead.as_str() }),
                self.day(c.expires_at),
                self.used(c.last_used_at),
                self.day(c.rotated_at),
                self.hops(thing),
                text(state_words(self.state(thing, &c.id))),
                self.by(thing),
                rank.map_or_else(|| text(""), |r| count(r.0)),
                rank.map_or_else(|| text(""), |r| count(r.1)),
                text(
                    owner
                        .and_then(|o| o.platform.as_deref())
                        .map_or_else(String::new, cluster_name),
                ),
                stated(owner.and_then(|o| o.environment.as_deref())),
                text(c.issuer.as_deref().map_or("", |id| words::name_of(inventory, id))),
                text(c.tags.join(", ")),
                text(c.id.as_str()),
                self.record(&c.places),
            ];
            self.row(thing, &c.id, &c.tags, c.owner.as_deref(), cells)
        })
        .collect()
    }

    fn identities(&self) -> Vec<Row> {
        let inventory = self.q.estate.inventory();
        let graph = &self.q.estate.graph;
        let list = inventory.records.identities.iter().enumerate();
        list.map(|(i, s)| {
            let thing = Thing::Identity(i as u32);
            let disabled = s.status == Some(IdentityStatus::Disabled);
            let cells = vec![
                text(s.name.as_deref().unwrap_or(&s.id)),
                text(words::identity_kind(s.kind)),
                text(s.platform.as_deref().map_or_else(String::new, cluster_name)),
                stated(s.environment.as_deref()),
                stated(s.owner.as_deref()),
                text(if disabled { "Disabled" } else { "Active" }),
                self.hops(thing),
                text(state_words(self.state(thing, &s.id))),
                self.by(thing),
                count(graph.credentials_of_identity.of(i as u32).len() as u64),
                count(graph.grants_of_identity.of(i as u32).len() as u64),
                text(s.tags.join(", ")),
                text(s.id.as_str()),
                self.record(&s.places),
            ];
            self.row(thing, &s.id, &s.tags, s.owner.as_deref(), cells)
        })
        .collect()
    }

    fn relations(&self) -> Vec<Row> {
        let estate = &self.q.estate;
        let inventory = estate.inventory();
        let rows = crate::export::rows::rows(&inventory.records);
        rows.map(|r| {
            let start = if r.from.is_empty() { r.to.as_str() } else { r.from };
            let thing = estate.graph.find(start);
            let cells = vec![
                text(words::sentence(r.kind)),
                text(if r.from.is_empty() {
                    "anyone"
                } else {
                    words::name_of(inventory, r.from)
                }),
                text(words::name_of(inventory, &r.to)),
                text(r.scopes.join(" | ")),
                text(r.how.unwrap_or_default()),
                text(yes(r.common.is_intended())),
                text(yes(r.common.is_assumed())),
                self.used(r.common.last_used_at),
                stated(r.common.evidence.as_deref()),
                text(r.name.to_string()),
                self.record(&r.common.places),
            ];
            self.relation(thing, start, &r, cells)
        })
        .collect()
    }

    fn relation(
        &self,
        thing: Option<Thing>,
        start: &str,
        relation: &crate::export::rows::Row<'_>,
        cells: Vec<Cell>,
    ) -> Row {
        let texts: Vec<&str> = [0, 1, 2, 3, 9].iter().map(|&i: &usize| cells[i].0.as_str()).collect();
        let haystack = texts.join(" ").to_lowercase();
        let look = thing.map(|t| look_of(self.q.estate.inventory(), t, start));
        let (cells, numbers) = cells.into_iter().unzip();
        Row {
            thing: None,
            id: start.to_owned(),
            class: look.as_ref().map_or(Class::Context, |l| l.class),
            icon: look.as_ref().map_or(Some(icons::MAP_PIN), |l| l.icon),
            crown: look.is_some_and(|l| l.crown),
            state: match thing {
                Some(t) => self.state(t, start),
                None => ThingState::Untouched,
            },
            gate: if relation.common.is_intended() {
                Gate::None
            } else {
                Gate::Missing("U".to_owned())
            },
            cells,
            numbers,
            haystack,
            tags: Vec::new(),
            findings: self.found_of(&relation.name.to_string()),
        }
    }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// A state as a table says it: without the word that heads the column.
#[must_use]
pub fn state_words(state: ThingState) -> &'static str {
    state.words().strip_prefix("reached ").unwrap_or(state.words())
}

/// What a gate misses, in a few words: `context`, `2 checks`, `none`.
#[must_use]
pub fn gate_words(gate: &Gate) -> String {
    match gate {
        Gate::None => String::new(),
        Gate::Made => "none".to_owned(),
        Gate::Unknown => "not known".to_owned(),
        Gate::Missing(letters) => {
            let mut chars = letters.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) => crate::scene::letter_words(one).to_lowercase(),
                _ => words::count(letters.chars().count() as u64, "check", "checks"),
            }
        }
    }
}
