//! Credentials against systems: where each is accepted, and what is not asked there. Only what there is is kept; a cell
//! that is not named is empty.

use super::derive::{Question, Reach};
use super::inspect::look_of;
use super::table::Known;
use super::{Class, ThingState};
use crate::analysis::{self, Acceptance, Cancel, CheckState};
use crate::graph::Thing;
use crate::model::Check;
use crate::scene::{Gate, cluster_name, gate};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How a credential is accepted at a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatrixCell {
    /// Every check is made, or there is nothing to check.
    Made,
    /// Checks are missing, by letter.
    Missing(String),
    /// Not known, or assumed.
    Unknown,
    /// The scenario closes it.
    Closed,
}

/// What stands at the left of a row, or above a column.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixHead {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its shape.
    pub class: Class,
    /// Its icon.
    pub icon: Option<char>,
    /// A crown jewel.
    pub crown: bool,
    /// Its state on the map.
    pub state: ThingState,
    /// Its cluster, by which columns stand together.
    pub cluster: String,
}

/// The cells of a row by column, ascending.
type Cells = Vec<(u32, MatrixCell)>;

/// The matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Every live credential of the estate, or only what the compromise reaches.
    pub whole: bool,
    /// Credentials, and identities through which a system is entered; nearest first.
    pub rows: Vec<MatrixHead>,
    /// Systems, by cluster, then by name.
    pub columns: Vec<MatrixHead>,
    /// Of each row its cells by column, ascending.
    pub cells: Vec<Cells>,
}

impl Matrix {
    /// How a row's credential is accepted at a column's system; nothing where it is not.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Option<&MatrixCell> {
        let cells = self.cells.get(row)?;
        let at = cells.binary_search_by_key(&(column as u32), |c| c.0).ok()?;
        cells.get(at).map(|c| &c.1)
    }

    /// The part of it whose rows and columns pass. Where no row does, the filter asks for systems alone and every row
    /// with a cell in their columns stays; and the other way round.
    #[must_use]
    pub fn only(self, passes: &dyn Fn(&str) -> bool) -> Self {
        let rows: Vec<bool> = self.rows.iter().map(|h| passes(&h.id)).collect();
        let columns: Vec<bool> = self.columns.iter().map(|h| passes(&h.id)).collect();
        let (some_row, some_column) = (rows.contains(&true), columns.contains(&true));
        if !some_row && !some_column {
            return Self {
                whole: self.whole,
                ..Self::default()
            };
        }
        let row_in = |r: usize| !some_row || rows[r];
        let column_in = |c: u32| !some_column || columns[c as usize];
        let kept: Vec<(usize, Cells)> = self
            .cells
            .iter()
            .enumerate()
            .filter(|(r, _)| row_in(*r))
            .map(|(r, cells)| (r, cells.iter().filter(|c| column_in(c.0)).cloned().collect::<Cells>()))
            .filter(|(_, cells)| !cells.is_empty())
            .collect();
        let used: BTreeSet<u32> = kept.iter().flat_map(|(_, cells)| cells.iter().map(|c| c.0)).collect();
        let place: HashMap<u32, u32> = used.iter().copied().zip(0..).collect();
        Self {
            whole: self.whole,
            rows: kept.iter().map(|(r, _)| self.rows[*r].clone()).collect(),
            columns: used.iter().map(|&c| self.columns[c as usize].clone()).collect(),
            cells: kept
                .into_iter()
                .map(|(_, cells)| cells.into_iter().map(|(c, cell)| (place[&c], cell)).collect())
                .collect(),
        }
    }

    /// At how many systems a row's credential is accepted as it stands.
    #[must_use]
    pub fn count(&self, row: usize) -> usize {
        let cells = self.cells.get(row).map_or(&[][..], Vec::as_slice);
        cells.iter().filter(|c| c.1 != MatrixCell::Closed).count()
    }
}

/// The matrix of what is compromised, or of every credential of the estate. Nothing where it was cancelled.
pub fn matrix(q: &Question, reach: &Reach, whole: bool, cancel: &dyn Cancel) -> Option<Matrix> {
    let graph = &q.estate.graph;
    let known = Known::new(q, reach, None);
    let mut found: BTreeMap<(Thing, u32), (u32, MatrixCell)> = BTreeMap::new();
    if whole {
        // Whoever held everything: then every acceptance there is stands among the facts.
        let seeds: Vec<Thing> = (0..q.estate.inventory().records.credentials.len() as u32)
            .map(Thing::Credential)
            .collect();
        let all = analysis::radius(graph, &reach.overlay, &seeds, q.settings, cancel).ok()?;
        add(&mut found, all.acceptances_everywhere(graph));
    } else {
        add(&mut found, reach.now().acceptances_everywhere(graph));
        for acceptance in reach.before().acceptances_everywhere(graph) {
            let key = (Thing::Credential(acceptance.credential), acceptance.system);
            found.entry(key).or_insert((acceptance.hops, MatrixCell::Closed));
        }
        by_identity(&mut found, &known);
    }
    Some(arrange(q, &known, found, whole))
}

fn add(found: &mut BTreeMap<(Thing, u32), (u32, MatrixCell)>, acceptances: Vec<Acceptance>) {
    // Nearest first: of several ways to present a credential the first one stands for all.
    for a in acceptances {
        let key = (Thing::Credential(a.credential), a.system);
        let cell = cell(&a);
        found.entry(key).or_insert((a.hops, cell));
    }
}

fn cell(a: &Acceptance) -> MatrixCell {
    let mut letters: String = Check::ALL
        .iter()
        .filter(|c| a.checks[**c as usize] == CheckState::NotMade)
        .map(|c| c.letter())
        .collect();
    if letters.is_empty() && !a.intended {
        letters.push('U');
    }
    match (letters.is_empty(), a.assumed || a.checks.contains(&CheckState::Unknown)) {
        (false, false) => MatrixCell::Missing(letters),
        (_, true) => MatrixCell::Unknown,
        (true, false) => MatrixCell::Made,
    }
}

/// Systems that are entered as somebody, with nothing presented.
fn by_identity(found: &mut BTreeMap<(Thing, u32), (u32, MatrixCell)>, known: &Known<'_>) {
    for (thing, parent) in &known.parents {
        if let (Thing::System(s), Some(from @ Thing::Identity(_))) = (*thing, parent.from) {
            let hops = known.now.get(thing).map_or(0, |r| r.hops);
            let state = known
                .now
                .get(thing)
                .map_or(ThingState::Untouched, |r| match (r.assumed, r.inherited) {
                    (true, _) => ThingState::Assumed,
                    (false, true) => ThingState::Inherited,
                    (false, false) => ThingState::Intended,
                });
            let cell = match gate(Class::System, state, parent) {
                Gate::Missing(letters) => MatrixCell::Missing(letters),
                Gate::Unknown => MatrixCell::Unknown,
                Gate::Made | Gate::None => MatrixCell::Made,
            };
            found.entry((from, s)).or_insert((hops, cell));
        }
    }
}

fn arrange(q: &Question, known: &Known<'_>, found: BTreeMap<(Thing, u32), (u32, MatrixCell)>, whole: bool) -> Matrix {
    let graph = &q.estate.graph;
    let inventory = q.estate.inventory();
    let head = |thing: Thing| {
        let id = graph.id(thing).into_owned();
        let look = look_of(inventory, thing, &id);
        let cluster = match thing {
            Thing::System(i) => inventory.records.systems[i as usize].platform.as_deref(),
            _ => None,
        };
        MatrixHead {
            state: known.state(thing, &id),
            name: look.name,
            class: look.class,
            icon: look.icon,
            crown: look.crown,
            cluster: cluster.map_or_else(|| "Elsewhere".to_owned(), cluster_name),
            id,
        }
    };
    let systems: BTreeSet<u32> = found.keys().map(|k| k.1).collect();
    let mut columns: Vec<(u32, MatrixHead)> = systems.iter().map(|&s| (s, head(Thing::System(s)))).collect();
    columns.sort_by_cached_key(|(_, h)| (h.cluster.clone(), h.name.to_lowercase(), h.id.clone()));
    let place: HashMap<u32, u32> = columns.iter().enumerate().map(|(i, (s, _))| (*s, i as u32)).collect();

    let mut rows: BTreeMap<Thing, (u32, Cells)> = BTreeMap::new();
    for ((thing, system), (hops, cell)) in found {
        let row = rows.entry(thing).or_insert((hops, Vec::new()));
        row.0 = row.0.min(hops);
        if let Some(&column) = place.get(&system) {
            row.1.push((column, cell));
        }
    }
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|(thing, (hops, cells))| (hops, head(thing), cells))
        .collect();
    if whole {
        // Without a compromise there is no distance: what opens most comes first.
        rows.sort_by_cached_key(|(_, h, cells)| (std::cmp::Reverse(cells.len()), h.name.to_lowercase(), h.id.clone()));
    } else {
        rows.sort_by_cached_key(|(hops, h, _)| (*hops, h.name.to_lowercase(), h.id.clone()));
    }
    let mut matrix = Matrix {
        whole,
        columns: columns.into_iter().map(|(_, h)| h).collect(),
        ..Matrix::default()
    };
    for (_, head, mut cells) in rows {
        cells.sort_by_key(|c| c.0);
        matrix.rows.push(head);
        matrix.cells.push(cells);
    }
    matrix
}
