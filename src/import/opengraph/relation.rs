//! Edges as relations, by the records of their ends; edges that are none are told of at their start.

use super::ends::{Found, Index, Joined, Outside, What};
use super::form::{as_json, form_of, is_alike};
use super::record;
use super::stated::{Edge, Parsed};
use super::tables::{EdgeKind, Kind, Tables, Walk};
use crate::import::pile::Making;
use crate::import::{Counts, Doing, Progress, secrets};
use crate::model::{
    Diagnostic, Exchange, Exposure, ExposureFrom, Extra, FileId, Fragment, Grant, Inherit, InheritHow, Place,
    RelationCommon, Text, Trust, Yields,
};
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Edges that say the same are one relation; this is what they must agree in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    from: What,
    to: What,
    /// Of what allows something, the kind of the edge as it stands in a scope, by its number; else 0.
    kind: u32,
    how: Option<InheritHow>,
    intended: bool,
    assumed: bool,
    /// BloodHound does not walk it.
    access: bool,
    /// What the ends are, which says nothing new.
    kinds: (Kind, Kind),
}

/// What an edge says.
enum Says {
    Relation(Key),
    /// Something of what is at its start, as JSON.
    Context(What, String),
}

/// What edges say, by whom they say it of.
#[derive(Default)]
struct Told<'p> {
    relations: Vec<(Key, FileId, &'p Edge)>,
    kinds: Kinds<'p>,
    context: HashMap<What, Vec<String>, RandomState>,
    diagnostics: BTreeMap<FileId, Vec<Diagnostic>>,
    unknown: BTreeMap<(FileId, &'p str), (u64, Place)>,
    /// How many edges of each file there are one of whose ends several nodes fit.
    unclear: BTreeMap<FileId, u64>,
    /// How many placeholders there are for what each file names and no file has.
    outside: BTreeMap<FileId, u64>,
}

/// Kinds of edges as they stand in scopes, by number, which is what is compared of millions of edges.
#[derive(Default)]
struct Kinds<'p> {
    numbers: HashMap<&'p str, u32, RandomState>,
    texts: Vec<String>,
}

impl<'p> Kinds<'p> {
    fn of(edges: &[(FileId, &'p Edge)]) -> Self {
        let some = edges.par_chunks(GO).map(|some| {
            let kinds: HashSet<&'p str, RandomState> =
                some.iter().map(|(_, edge)| edge.content.kind.as_str()).collect();
            kinds
        });
        let all: BTreeSet<&'p str> = some.collect::<Vec<_>>().into_iter().flatten().collect();
        let texts: BTreeSet<Cow<'_, str>> = all.iter().map(|kind| in_scope(kind)).collect();
        let texts: Vec<String> = texts.into_iter().map(Cow::into_owned).collect();
        let number = |kind: &str| {
            texts
                .binary_search_by(|text| (**text).cmp(&*in_scope(kind)))
                .map_or(0, |at| at as u32)
        };
        let numbers = all.into_iter().map(|kind| (kind, number(kind))).collect();
        Self { numbers, texts }
    }

    fn number(&self, edge: &Edge) -> u32 {
        self.numbers
            .get(edge.content.kind.as_str())
            .copied()
            .unwrap_or_default()
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }
}

/// Oddities of one kind beyond this many in a file are only counted.
const SAID_EACH: usize = 100;

/// So many edges are looked at before it is asked again whether to stop.
const GO: usize = 1 << 15;

/// So many nodes, or relations, are made records of by one thread.
const SOME: usize = 4096;

/// Records by the file each is first stated in.
type Made = BTreeMap<FileId, Making>;

/// The records of all files together, by the file each is first stated in.
pub fn assemble(parsed: impl Iterator<Item = (FileId, Parsed)>, progress: &dyn Progress) -> Vec<(FileId, Fragment)> {
    let mut defines: BTreeMap<String, bool> = BTreeMap::new();
    let (mut nodes, mut lists) = (Vec::new(), Vec::new());
    for (file, one) in parsed {
        for (kind, walked) in one.defines {
            // Of two definitions the one that walks it wins: rather a path too many.
            *defines.entry(kind).or_insert(false) |= walked;
        }
        nodes.push((file, one.nodes));
        lists.push((file, one.edges));
    }
    let mut index = Index::new(&nodes, &lists);
    let mut told = Told::default();
    let edges: Vec<(FileId, &Edge)> = lists
        .iter()
        .flat_map(|(file, edges)| edges.iter().map(|edge| (*file, edge)))
        .collect();
    told.kinds = Kinds::of(&edges);
    told.relations.reserve_exact(edges.len());
    let goes = edges.len().div_ceil(GO) as u64;
    for (done, some) in (0..).zip(edges.chunks(GO)) {
        // Making records takes as long again, and a half.
        progress.report(Doing::Joining, done, goes * 5 / 2);
        if progress.cancelled() {
            return Vec::new();
        }
        told.edges(&mut index, &defines, some);
    }
    drop(edges);
    let (made, ends) = told.entities(index);
    // What relations are made of is as long, and asks for none of it.
    drop(nodes);
    progress.report(Doing::Joining, 3, 4);
    if progress.cancelled() {
        return Vec::new();
    }
    told.finish(made, &ends)
}

/// Whether the files define that edges of this kind are walked, and whether anything is known of the kind.
fn walk_of(edge: &Edge, defines: &BTreeMap<String, bool>) -> (Walk, bool, Option<&'static EdgeKind>) {
    let known = Tables::get().edge(&edge.content.kind);
    let defined = edge
        .content
        .walked
        .or_else(|| defines.get(edge.content.kind.as_str()).copied());
    let walk = match (defined, known.map(|k| k.walk)) {
        (Some(true), _) | (None, Some(Walk::Yes)) => Walk::Yes,
        (_, Some(Walk::Access)) => Walk::Access,
        _ => Walk::No,
    };
    (walk, known.is_some() || defined.is_some(), known)
}

impl<'p> Told<'p> {
    fn edges(&mut self, index: &mut Index, defines: &BTreeMap<String, bool>, some: &[(FileId, &'p Edge)]) {
        let sought: Vec<_> = some.par_iter().map(|(_, edge)| index.seek(edge)).collect();
        // Placeholders are made one after another.
        let mut ends: Vec<Option<[Found; 2]>> = Vec::with_capacity(some.len());
        for ((file, edge), sought) in some.iter().zip(sought) {
            ends.push(match sought {
                Ok(sought) => Some(index.ends(edge, sought, *file)),
                Err(several) => {
                    self.unclear_end(*file, edge, several);
                    None
                }
            });
        }
        let (index, kinds) = (&*index, &self.kinds);
        let says: Vec<Option<(Says, bool)>> = some
            .par_iter()
            .zip(ends)
            .map(|((_, edge), ends)| ends.map(|ends| says(index, kinds, edge, ends, defines)))
            .collect();
        for ((file, edge), says) in some.iter().zip(says) {
            let Some((says, known)) = says else { continue };
            if !known {
                self.unknown
                    .entry((*file, &edge.content.kind))
                    .and_modify(|(count, _)| *count += 1)
                    .or_insert_with(|| (1, edge.at.place(*file, "edges")));
            }
            match says {
                Says::Relation(key) => self.relations.push((key, *file, edge)),
                Says::Context(of, told) => self.context.entry(of).or_default().push(told),
            }
        }
    }

    fn unclear_end(&mut self, file: FileId, edge: &Edge, several: usize) {
        *self.unclear.entry(file).or_default() += 1;
        let said = self.diagnostics.entry(file).or_default();
        if said.len() < SAID_EACH {
            let message = format!(
                "{several} nodes fit an end of this edge of kind {}; an edge joins two, so it was left out",
                secrets::shown(&edge.content.kind)
            );
            let place = edge.at.place(file, "edges");
            said.push(Diagnostic::error("unclear-end", place, message));
        }
    }

    /// The records of nodes and placeholders.
    fn entities(&mut self, index: Index) -> (Made, Ends) {
        let first = |places: &[Place]| places.iter().map(|p| p.file).min().unwrap_or(FileId(0));
        let needed = self.needed(&index);
        for context in self.context.values_mut() {
            context.sort_unstable();
            context.dedup();
        }
        let context = std::mem::take(&mut self.context);
        let context_of = |what: What| context.get(&what).map_or(&[][..], Vec::as_slice);
        let mut made = Made::new();
        let nodes = index.nodes.iter().map(|node| (first(&node.places), node.record));
        let outside = index.outside.iter().zip(&needed).filter(|(_, needed)| **needed);
        let outside = outside.map(|(end, _)| (first(&end.places), end.record()));
        make_room(
            &mut made,
            nodes.chain(outside).map(|(file, kind)| (file, count_of(kind))),
        );
        let numbered: Vec<(u32, &Joined)> = (0..).zip(&index.nodes).collect();
        made_of(&mut made, &numbered, |out, (i, node)| {
            let records = out.entry(first(&node.places)).or_default();
            record::node(records, node, context_of(What::node(*i)));
        });
        drop(numbered);
        let ends = Ends::of(index);
        for (i, end) in (0..).zip(&ends.outside) {
            if needed[i as usize] {
                let file = first(&end.places);
                *self.outside.entry(file).or_default() += 1;
                record::outside(made.entry(file).or_default(), end, context_of(What::outside(i)));
            }
        }
        (made, ends)
    }

    /// All records, once those of nodes and placeholders are made.
    fn finish(mut self, mut made: Made, ends: &Ends) -> Vec<(FileId, Fragment)> {
        let mut relations = std::mem::take(&mut self.relations);
        let kinds = std::mem::take(&mut self.kinds);
        relations.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let alike: Vec<&[(Key, FileId, &Edge)]> = relations.chunk_by(|a, b| a.0 == b.0).collect();
        let first = |edges: &[(Key, FileId, &Edge)]| edges.iter().map(|(_, file, _)| *file).min().unwrap_or(FileId(0));
        let keys = alike.iter().filter_map(|edges| Some((first(edges), edges.first()?.0)));
        make_room(&mut made, keys.map(|(file, key)| (file, Becomes::of(&key).count())));
        made_of(&mut made, &alike, |out, edges| {
            relation(out.entry(first(edges)).or_default(), ends, &kinds, edges);
        });
        let mut out: BTreeMap<FileId, Fragment> = BTreeMap::new();
        for (file, records) in made {
            out.entry(file).or_default().records = records.finish();
        }
        for (file, count) in std::mem::take(&mut self.outside) {
            self.diagnostics.entry(file).or_default().push(Diagnostic::warning(
                "outside-ends",
                Place::new(file, ""),
                format!(
                    "Ends of edges that are in none of the files: {count}; placeholders stand for them until their file \
                     is loaded too"
                ),
            ));
        }
        for ((file, kind), (count, place)) in std::mem::take(&mut self.unknown) {
            let said = self.diagnostics.entry(file).or_default();
            if said.len() < SAID_EACH * 2 {
                let message = format!(
                    "Edges of kind {} are of no known vocabulary and do not say whether they are walked; {count} kept as \
                     context",
                    secrets::shown(kind)
                );
                said.push(Diagnostic::warning("unknown-kind", place, message));
            }
        }
        for (file, said) in self.diagnostics {
            out.entry(file).or_default().diagnostics = said;
        }
        for (file, count) in self.unclear {
            let message = format!("Edges left out because several nodes fit one of their ends: {count}");
            let said = Diagnostic::error("left-out", Place::new(file, ""), message);
            out.entry(file).or_default().diagnostics.push(said);
        }
        out.into_iter().collect()
    }

    /// Which placeholders something is said of: those that are ends of relations, and those with context.
    fn needed(&self, index: &Index) -> Vec<bool> {
        let mut needed = vec![false; index.outside.len()];
        let ends = self.relations.iter().flat_map(|(key, ..)| [key.from, key.to]);
        for what in ends.chain(self.context.keys().copied()) {
            if let Err(i) = what.number() {
                needed[i] = true;
            }
        }
        needed
    }
}

/// The kind of relation that an edge becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Becomes {
    Grant,
    Exposure,
    Inherit,
    Trust,
}

impl Becomes {
    /// Its ends decide.
    fn of(key: &Key) -> Self {
        match key.kinds {
            (Kind::Identity, Kind::Identity) => Self::Inherit,
            (Kind::Identity | Kind::Credential, Kind::System) => Self::Grant,
            (Kind::System, Kind::System) => Self::Trust,
            (_, Kind::Identity | Kind::Credential) => Self::Exposure,
        }
    }

    fn count(self) -> Count {
        match self {
            Self::Grant => |counts| &mut counts.grants,
            Self::Exposure => |counts| &mut counts.exposures,
            Self::Inherit => |counts| &mut counts.inherits,
            Self::Trust => |counts| &mut counts.trusts,
        }
    }
}

/// The number of one kind of record.
type Count = fn(&mut Counts) -> &mut u64;

fn count_of(kind: Kind) -> Count {
    match kind {
        Kind::System => |counts| &mut counts.systems,
        Kind::Identity => |counts| &mut counts.identities,
        Kind::Credential => |counts| &mut counts.credentials,
    }
}

/// Makes room for records, each of a file and a kind, which need not be moved again then. It is as much as they need.
fn make_room(made: &mut Made, records: impl Iterator<Item = (FileId, Count)>) {
    let mut expected: BTreeMap<FileId, Counts> = BTreeMap::new();
    for (file, count) in records {
        *count(expected.entry(file).or_default()) += 1;
    }
    for (file, counts) in expected {
        made.entry(file).or_default().make_room(counts);
    }
}

/// Makes records of things on all threads and adds them in the order of the things.
fn made_of<T: Sync>(into: &mut Made, things: &[T], make: impl Fn(&mut Made, &T) + Sync) {
    let of = |some: &[T]| {
        let mut out = Made::new();
        some.iter().for_each(|one| make(&mut out, one));
        out
    };
    // A go at a time, so that the threads make the records of the next in the room of those of the last.
    for go in things.chunks(SOME * 2 * rayon::current_num_threads()) {
        let made: Vec<Made> = go.par_chunks(SOME).map(of).collect();
        for (file, records) in made.into_iter().flatten() {
            into.entry(file).or_default().take_over(records);
        }
    }
}

fn kind_of(index: &Index, what: What) -> Kind {
    match what.number() {
        Ok(i) => index.nodes[i].record,
        Err(i) => index.outside[i].record(),
    }
}

/// What relations need of what they join, the rest of which is let go.
struct Ends {
    /// Id of the record of each node, and its own.
    nodes: Vec<(Text, Text)>,
    outside: Vec<Outside>,
}

impl Ends {
    fn of(index: Index) -> Self {
        let mut nodes = Vec::with_capacity(index.nodes.len());
        nodes.extend(index.nodes.into_iter().map(|node| (node.record_id, node.id.clone())));
        Self {
            nodes,
            outside: index.outside,
        }
    }

    fn id(&self, what: What) -> Text {
        match what.number() {
            Ok(i) => self.nodes[i].0.clone(),
            Err(i) => self.outside[i].id.clone(),
        }
    }

    fn native(&self, what: What) -> Option<&str> {
        match what.number() {
            Ok(i) => Some(&self.nodes[i].1),
            Err(i) => self.outside[i].native.as_deref(),
        }
    }
}

fn native_of<'i>(index: &'i Index, what: What) -> Option<&'i str> {
    match what.number() {
        Ok(i) => Some(index.nodes[i].id.as_str()),
        Err(i) => index.outside[i].native.as_deref(),
    }
}

/// What an edge says, and whether anything is known of its kind.
fn says(index: &Index, kinds: &Kinds, edge: &Edge, ends: [Found; 2], defines: &BTreeMap<String, bool>) -> (Says, bool) {
    let [start, end] = ends;
    let (walk, is_known, known) = walk_of(edge, defines);
    let key = (start.what != end.what)
        .then(|| key(index, kinds.number(edge), ends, known, walk))
        .flatten();
    let says = key.map_or_else(
        || {
            let end_form = form_of(&edge.end, None).unwrap_or_else(|| "{}".into());
            let start_form = form_of(&edge.start, native_of(index, start.what));
            Says::Context(start.what, as_json(edge, start_form, Some(end_form)))
        },
        Says::Relation,
    );
    (says, is_known)
}

/// The relation an edge is, where it is one.
fn key(index: &Index, kind: u32, ends: [Found; 2], known: Option<&EdgeKind>, walk: Walk) -> Option<Key> {
    let [start, end] = ends;
    let how = known.and_then(|k| k.how.as_deref()).and_then(InheritHow::parse);
    let (from, to) = (kind_of(index, start.what), kind_of(index, end.what));
    let access = match walk {
        Walk::Yes => false,
        Walk::Access => true,
        Walk::No => return None,
    };
    if access {
        // May use is not becomes, unless the vocabulary says so, and does not open what lies in a system.
        match (from, to) {
            (Kind::Identity, Kind::Identity) if how.is_none() => return None,
            (Kind::System, Kind::Identity | Kind::Credential) => return None,
            (Kind::Credential, Kind::Identity | Kind::Credential) => return None,
            _ => {}
        }
    }
    let becomes = from == Kind::Identity && to == Kind::Identity;
    let membership = how == Some(InheritHow::Membership);
    let assumed = !(start.sure && end.sure);
    let allows = matches!(
        (from, to),
        (Kind::Identity | Kind::Credential | Kind::System, Kind::System)
    );
    Some(Key {
        from: start.what,
        to: end.what,
        kind: if allows { kind } else { 0 },
        // A membership that is assumed is one all the same.
        how: how.filter(|_| becomes),
        intended: known.is_some_and(|k| k.intended) || (becomes && membership),
        assumed,
        access,
        kinds: (from, to),
    })
}

/// A kind of edge without what means something in a scope.
fn in_scope(kind: &str) -> Cow<'_, str> {
    let means = |c: char| matches!(c, '*' | '&' | '@');
    match kind.contains(means) {
        true => Cow::Owned(kind.replace(means, "_")),
        false => Cow::Borrowed(kind),
    }
}

/// What an edge allows at its end. What BloodHound does not walk does not satisfy what is needed to walk on.
fn scope(kind: &str, access: bool) -> String {
    format!("{}:{kind}", if access { "og-access" } else { "og" })
}

fn relation(out: &mut Making, ends: &Ends, kinds_of: &Kinds, edges: &[(Key, FileId, &Edge)]) {
    let Some((key, ..)) = edges.first() else { return };
    let (from, to) = (ends.id(key.from), ends.id(key.to));
    let natives = (ends.native(key.from), ends.native(key.to));
    let mut before: Option<&Edge> = None;
    let told = edges.iter().filter_map(|(_, _, edge)| {
        // Many say just the same.
        if before.replace(edge).is_some_and(|before| is_alike(before, edge)) {
            return None;
        }
        let forms = match natives {
            (None, None) => (None, None),
            (start, end) => (form_of(&edge.start, start), form_of(&edge.end, end)),
        };
        Some(as_json(edge, forms.0, forms.1))
    });
    let mut told: Vec<String> = told.collect();
    told.sort_unstable();
    told.dedup();
    let guarded = edges.iter().any(|(_, _, edge)| edge.content.guarded);
    let mut attributes = Extra::new();
    attributes.insert_packed(record::EDGES, out.packed(record::edges(&told, guarded)));
    let mut kinds: Vec<&str> = edges.iter().map(|(_, _, edge)| edge.content.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let evidence: Vec<String> = kinds.iter().map(|kind| format!("BloodHound edge {kind}")).collect();
    let mut places: Vec<Place> = edges.iter().map(|(_, file, e)| e.at.place(*file, "edges")).collect();
    places.sort();
    places.dedup();
    let common = RelationCommon {
        intended: (!key.intended).then_some(false),
        assumed: key.assumed.then_some(true),
        evidence: Some(evidence.join("; ").into()),
        attributes,
        places: places.into(),
        ..RelationCommon::default()
    };
    match Becomes::of(key) {
        Becomes::Inherit => out.inherit(Inherit {
            common,
            from: Some(from),
            to,
            how: key.how,
            ..Inherit::default()
        }),
        Becomes::Grant => out.grant(Grant {
            common,
            holder: from,
            system: to,
            scopes: vec![scope(kinds_of.text(key.kind), key.access)].into(),
            ..Grant::default()
        }),
        Becomes::Trust => {
            // Access is checked again at the other system; an attack is not.
            let scope = scope(kinds_of.text(key.kind), key.access);
            let mut requires = vec!["og:*".to_owned()];
            let mut exchange = None;
            if key.access {
                requires.push("og-access:*".to_owned());
                exchange = Some(Exchange {
                    scopes: vec![scope.clone()].into(),
                    ..Exchange::default()
                });
            }
            out.trust(Trust {
                common,
                from,
                to,
                requires: requires.into(),
                scopes: vec![scope].into(),
                exchange,
            });
        }
        Becomes::Exposure => {
            let (from, requires) = match key.kinds.0 {
                // Whatever is allowed there.
                Kind::System => (
                    ExposureFrom::System(from),
                    vec![if key.access { "og-access:*" } else { "og:*" }.to_owned()],
                ),
                Kind::Identity => (ExposureFrom::Identity(from), Vec::new()),
                Kind::Credential => (ExposureFrom::Credential(from), Vec::new()),
            };
            out.exposure(Exposure {
                common,
                from,
                requires: requires.into(),
                yields: match key.kinds.1 {
                    Kind::Credential => Yields::Credential(to),
                    Kind::Identity | Kind::System => Yields::Identity(to),
                },
                how: None,
            });
        }
    }
}
