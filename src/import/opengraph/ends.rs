//! The nodes of all files, found by id, by name and by properties. A node that several files state is one; an end that
//! no file has gets a placeholder, which the node takes the place of when its file is there.

use super::stated::{By, Edge, End, Node, Nodes};
use super::tables::{Kind, Tables};
use crate::import::pile::Pile;
use crate::import::tree::Value;
use crate::model::{FileId, List, Place, Places, Text};
use foldhash::fast::RandomState;
use lean_string::ToLeanStr;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// A node as all files state it.
pub struct Joined<'p> {
    /// Its id.
    pub id: &'p Text,
    /// Id of its record.
    pub record_id: Text,
    /// Its kinds, the first the one it is shown as.
    pub kinds: List,
    /// Its properties as JSON; `Some(None)` where they are null.
    pub properties: Option<Option<Text>>,
    /// Kinds its files have besides, sorted. A list, for a set of one takes the room of eleven.
    pub source_kinds: Vec<&'p str>,
    /// What it becomes.
    pub record: Kind,
    /// Where it stands.
    pub places: Places,
}

/// Something that edges name and no file has.
pub struct Outside {
    /// Id of its record.
    pub id: Text,
    /// Its native id, where it is named by that.
    pub native: Option<String>,
    /// Its name, where it is named by that.
    pub name: Option<String>,
    /// The kind an edge says it has.
    pub kinds: BTreeSet<String>,
    /// What it is by the kinds of edges it stands in.
    pub hints: BTreeSet<Kind>,
    /// Edges that name it.
    pub places: Vec<Place>,
}

impl Outside {
    /// What it becomes.
    pub fn record(&self) -> Kind {
        let kinds: Vec<String> = self.kinds.iter().cloned().collect();
        match Tables::get().node(&kinds) {
            Some(node) => node.record,
            None => self.hints.first().copied().unwrap_or(Kind::System),
        }
    }
}

/// What an edge's end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub what: What,
    /// By its id or by other properties than its name.
    pub sure: bool,
}

/// A node or a placeholder; nodes come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct What(u32);

/// Placeholders are numbered from here on, which is more than there can be nodes.
const OUTSIDE: u32 = 1 << 31;

impl What {
    /// A node, by its number.
    pub fn node(number: u32) -> Self {
        Self(number)
    }

    /// A placeholder, by its number.
    pub fn outside(number: u32) -> Self {
        Self(OUTSIDE + number)
    }

    /// The number of the node, or else that of the placeholder.
    pub fn number(self) -> Result<usize, usize> {
        match self.0.checked_sub(OUTSIDE) {
            None => Ok(self.0 as usize),
            Some(outside) => Err(outside as usize),
        }
    }
}

/// What an edge's end is before placeholders are made, and whether that is sure.
pub type Sought = (Option<u32>, bool);

/// Everything that can be an end.
pub struct Index<'p> {
    /// The nodes.
    pub nodes: Vec<Joined<'p>>,
    /// The placeholders.
    pub outside: Vec<Outside>,
    by_id: HashMap<&'p str, u32, RandomState>,
    /// By id in capitals, as BloodHound keeps them; nothing where two differ only in that.
    by_capitals: HashMap<String, Option<u32>>,
    by_name: HashMap<String, Vec<u32>>,
    by_property: HashMap<(String, String), Vec<u32>>,
    outside_by_id: HashMap<Text, u32>,
}

impl<'p> Index<'p> {
    /// The nodes of all files, ready for what their edges ask.
    pub fn new(nodes: &'p [(FileId, Nodes)], edges: &[(FileId, Pile<Edge>)]) -> Self {
        let (nodes, by_id) = joined(nodes);
        let mut index = Self {
            nodes,
            outside: Vec::new(),
            by_id,
            by_capitals: HashMap::new(),
            by_name: HashMap::new(),
            by_property: HashMap::new(),
            outside_by_id: HashMap::new(),
        };
        let Asked { unknown, names, keys } = index.asked(edges);
        for (i, node) in (0..).zip(&index.nodes) {
            if unknown {
                index
                    .by_capitals
                    .entry(node.id.as_str().to_uppercase())
                    .and_modify(|one| *one = None)
                    .or_insert(Some(i));
            }
            let Some(Some(properties)) = node.properties.as_ref().filter(|_| names || !keys.is_empty()) else {
                continue;
            };
            let properties = Value::at_start(properties, &[]);
            if names && let Some(name) = properties.get("name").and_then(Value::as_str) {
                index.by_name.entry(name.to_uppercase()).or_default().push(i);
            }
            for key in &keys {
                if let Some(value) = properties.get(key) {
                    let asked = ((*key).to_owned(), value.to_string());
                    index.by_property.entry(asked).or_default().push(i);
                }
            }
        }
        index
    }

    /// What edges ask for besides the exact ids of nodes.
    fn asked<'e>(&self, edges: &'e [(FileId, Pile<Edge>)]) -> Asked<'e> {
        let of = |mut asked: Asked<'e>, edge: &'e Edge| {
            for end in [&edge.start, &edge.end] {
                match end.by() {
                    By::Id(id) => asked.unknown |= !self.by_id.contains_key(id.as_str()),
                    By::Name(_) => asked.names = true,
                    By::Properties(matchers) => asked.keys.extend(matchers.iter().map(|(key, _)| key.as_str())),
                }
            }
            asked
        };
        let lists: Vec<&'e [Edge]> = edges.iter().flat_map(|(_, edges)| edges.pieces()).collect();
        let each = lists.par_iter().map(|edges| edges.iter().fold(Asked::default(), of));
        each.reduce(Asked::default, |mut a, b| {
            a.unknown |= b.unknown;
            a.names |= b.names;
            a.keys.extend(b.keys);
            a
        })
    }

    /// The nodes that the two ends of an edge are. An error where several nodes fit; it says how many.
    pub fn seek(&self, edge: &Edge) -> Result<[Sought; 2], usize> {
        Ok([self.node(&edge.start)?, self.node(&edge.end)?])
    }

    /// What the two ends of an edge are: what no node is gets a placeholder.
    pub fn ends(&mut self, edge: &Edge, sought: [Sought; 2], file: FileId) -> [Found; 2] {
        let mut hints = None;
        let mut nth = 0;
        sought.map(|(node, sure)| {
            let end = if nth == 0 { &edge.start } else { &edge.end };
            let what = match node {
                Some(node) => What::node(node),
                None => {
                    let hints = hints.get_or_insert_with(|| {
                        let table = Tables::get().edge(&edge.content.kind).and_then(|e| e.ends);
                        table.unwrap_or([Kind::Identity, Kind::System])
                    });
                    What::outside(self.placeholder(end, hints[nth], edge.at.place(file, "edges")))
                }
            };
            nth += 1;
            Found { what, sure }
        })
    }

    fn node(&self, end: &End) -> Result<Sought, usize> {
        let (fitting, sure): (Vec<u32>, bool) = match end.by() {
            By::Id(id) => {
                let exact = self.by_id.get(id.as_str()).copied();
                let found = exact.or_else(|| {
                    // Nobody is in there unless somebody is asked for who is not there as written.
                    let capitals = (!self.by_capitals.is_empty()).then(|| id.to_uppercase())?;
                    self.by_capitals.get(capitals.as_str()).copied().flatten()
                });
                return Ok((found, true));
            }
            By::Name(name) => {
                let named = self.by_name.get(name.to_uppercase().as_str());
                (self.of_kind(named.into_iter().flatten().copied(), end), false)
            }
            By::Properties(matchers) => {
                let mut lists = matchers
                    .iter()
                    .map(|(key, value)| self.by_property.get(&(key.clone(), value.to_string())));
                let mut fitting: Vec<u32> = lists.next().flatten().cloned().unwrap_or_default();
                for list in lists {
                    fitting.retain(|i| list.is_some_and(|l| l.binary_search(i).is_ok()));
                }
                let by_name = |key: &str| key.eq_ignore_ascii_case("name") || key.eq_ignore_ascii_case("displayname");
                let sure = !matchers.iter().all(|(key, _)| by_name(key));
                (self.of_kind(fitting.into_iter(), end), sure)
            }
        };
        match fitting.as_slice() {
            [one] => Ok((Some(*one), sure)),
            [] => Ok((None, sure)),
            several => Err(several.len()),
        }
    }

    fn of_kind(&self, nodes: impl Iterator<Item = u32>, end: &End) -> Vec<u32> {
        nodes
            .filter(|i| {
                end.kind().is_none_or(|kind| {
                    let node = &self.nodes[*i as usize];
                    node.kinds.iter().any(|k| k == kind.as_str()) || node.source_kinds.contains(&kind.as_str())
                })
            })
            .collect()
    }

    fn placeholder(&mut self, end: &End, hint: Kind, place: Place) -> u32 {
        let kind = end.kind().map_or("", Text::as_str);
        let (id, native, name) = match end.by() {
            By::Id(id) => (super::record::id(id), Some(id.to_string()), None),
            By::Name(name) => (
                format_args!("og:~{kind}:name={}", name.to_uppercase()).to_lean_str(),
                None,
                Some(name.to_string()),
            ),
            By::Properties(matchers) => {
                let all: Vec<String> = matchers
                    .iter()
                    .map(|(key, value)| match value {
                        serde_json::Value::String(text) => format!("{key}={text}"),
                        other => format!("{key}={other}"),
                    })
                    .collect();
                (
                    format_args!("og:~{kind}:{}", all.join(",")).to_lean_str(),
                    None,
                    Some(all.join(", ")),
                )
            }
        };
        let next = self.outside.len() as u32;
        let i = *self.outside_by_id.entry(id.clone()).or_insert(next);
        if i == next {
            self.outside.push(Outside {
                id,
                native,
                name,
                kinds: BTreeSet::new(),
                hints: BTreeSet::new(),
                places: Vec::new(),
            });
        }
        let outside = &mut self.outside[i as usize];
        outside.kinds.extend(end.kind().map(ToString::to_string));
        outside.hints.insert(hint);
        // A busy placeholder need not name every edge.
        if outside.places.len() < 8 && !outside.places.contains(&place) {
            outside.places.push(place);
        }
        i
    }
}

/// What edges ask for.
#[derive(Default)]
struct Asked<'e> {
    /// Ids that no node has as they are written.
    unknown: bool,
    names: bool,
    /// Properties by these keys.
    keys: BTreeSet<&'e str>,
}

/// Nodes of one id are one: kinds are united, of two values of a property the last in a file wins, and over files the
/// one that sorts last, whatever the order of the files. They stand in the order in which they are stated first.
fn joined(nodes: &[(FileId, Nodes)]) -> (Vec<Joined<'_>>, HashMap<&str, u32, RandomState>) {
    let count = nodes.iter().map(|(_, nodes)| nodes.all.len()).sum();
    let mut by_id: HashMap<&str, u32, RandomState> = HashMap::with_capacity_and_hasher(count, Default::default());
    let mut first: Vec<Stated> = Vec::with_capacity(count);
    // Of few ids, in the order in which they are read.
    let mut again: HashMap<u32, Vec<Stated>, RandomState> = HashMap::default();
    for (file, nodes) in nodes {
        for node in nodes.all.iter() {
            let next = first.len() as u32;
            match *by_id.entry(node.id.as_str()).or_insert(next) {
                at if at == next => first.push((*file, nodes, node)),
                at => again.entry(at).or_default().push((*file, nodes, node)),
            }
        }
    }
    let nodes = first.into_par_iter().enumerate().map(|(at, first)| {
        let others = again.get(&(at as u32)).map_or(&[][..], Vec::as_slice);
        let all = || [&first].into_iter().chain(others);
        let node = first.2;
        let places = all().map(|(file, _, node)| node.at.place(*file, "nodes")).collect();
        let mut source_kinds: Vec<&str> = all().filter_map(|(_, nodes, _)| nodes.source_kind.as_deref()).collect();
        source_kinds.sort_unstable();
        source_kinds.dedup();
        source_kinds.shrink_to_fit();
        let (kinds, properties) = match others {
            [] => (node.kinds.clone(), node.properties.clone()),
            _ => united(all()),
        };
        let record = Tables::get().node(&kinds).map_or(Kind::System, |n| n.record);
        Joined {
            id: &node.id,
            record_id: super::record::id(&node.id),
            kinds,
            properties,
            source_kinds,
            record,
            places,
        }
    });
    (nodes.collect(), by_id)
}

/// A node as a file states it, and all those of the file.
type Stated<'p> = (FileId, &'p Nodes, &'p Node);

type Members = serde_json::Map<String, serde_json::Value>;

fn united<'p>(stated: impl Iterator<Item = &'p Stated<'p>>) -> (List, Option<Option<Text>>) {
    let read = |properties: &Option<Option<Text>>| -> Option<Option<Members>> {
        let properties = properties.as_ref()?.as_ref();
        Some(properties.map(|json| serde_json::from_str(json).unwrap_or_default()))
    };
    // First within each file, in its order; then over the files, in an order that is the same for any order of files.
    let mut files: Vec<(FileId, Vec<Text>, Option<Option<Members>>)> = Vec::new();
    for (file, _, node) in stated {
        match files.last_mut() {
            Some((last, kinds, properties)) if last == file => {
                unite(kinds, properties, &node.kinds, read(&node.properties).as_ref());
            }
            _ => files.push((*file, node.kinds.to_vec(), read(&node.properties))),
        }
    }
    files.sort_by_cached_key(|(_, kinds, properties)| {
        let properties = properties.as_ref().and_then(Option::as_ref);
        (
            kinds.clone(),
            properties.map(|p| serde_json::Value::Object(p.clone()).to_string()),
        )
    });
    let mut all = files.into_iter();
    let Some((_, mut kinds, mut properties)) = all.next() else {
        return (List::new(), None);
    };
    for (_, more, others) in all {
        unite(&mut kinds, &mut properties, &more, others.as_ref());
    }
    let written = |members| serde_json::Value::Object(members).to_string().into();
    (kinds.into(), properties.map(|p| p.map(written)))
}

fn unite(
    kinds: &mut Vec<Text>,
    properties: &mut Option<Option<Members>>,
    more: &[Text],
    others: Option<&Option<Members>>,
) {
    for kind in more {
        if !kinds.contains(kind) {
            kinds.push(kind.clone());
        }
    }
    match (properties, others) {
        (Some(Some(members)), Some(Some(others))) => {
            members.extend(others.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
        (properties @ (None | Some(None)), Some(others)) => *properties = Some(others.clone()),
        (_, None | Some(None)) => {}
    }
}
