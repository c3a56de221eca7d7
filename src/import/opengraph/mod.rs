//! BloodHound OpenGraph: payloads (`graph.nodes`, `graph.edges`) and the definitions of extensions. An edge may name
//! its ends by id, by name or by properties, and the node may stand in another file, so every file hands on its nodes
//! and edges and the family makes records of all of them together. What kinds of nodes and edges mean is data
//! (`assets/import/opengraph-kinds.json`).

mod ends;
mod form;
mod own;
mod parse;
mod record;
mod relation;
mod stated;
mod tables;

use super::{Answer, Family, Importer, Input, Peek, Progress, Shares, json};
use crate::model::{FileId, Fragment, Piece};

pub use own::{
    CONTEXT, CREDENTIAL, EXPOSURE, GRANT, IDENTITY, INHERIT, OWN_SOURCE, PROPERTY, SYSTEM, TRUST, escape as escape_id,
};
pub use record::{
    EDGES, ID, KINDS, PLACEHOLDER, PROPERTIES, SOURCE_KIND, id as record_id, native_id as stated_native_id,
};

/// The family's name, as pieces carry it.
const FAMILY: &str = "opengraph";

/// A payload of nodes and edges.
pub struct Graph;

impl Importer for Graph {
    fn name(&self) -> &'static str {
        "bloodhound-opengraph"
    }

    fn describe(&self) -> &'static str {
        "BloodHound OpenGraph, JSON: {\"graph\": {\"nodes\": [...], \"edges\": [...]}}, of any collector"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        let Some(graph) = peek.member("graph").filter(|m| m.is_object()) else {
            return Answer::No;
        };
        let lists = json::members(graph.value, 1 << 20);
        let list = |key: &str| lists.iter().find(|m| m.key == key && m.is_array());
        let (nodes, edges) = (list("nodes"), list("edges"));
        if nodes.is_none() && edges.is_none() {
            return Answer::No;
        }
        let begins = |list: Option<&json::Member>, words: &[&str]| {
            list.is_some_and(|l| {
                let head = &l.value[..l.value.floor_char_boundary(64 * 1024)];
                words.iter().all(|word| head.contains(word))
            })
        };
        let empty = |list: Option<&json::Member>| list.is_none_or(|l| l.value[1..].trim_start().starts_with(']'));
        // Other formats have a graph of nodes and edges, but theirs have no kinds, starts and ends.
        let ours =
            begins(nodes, &["\"kinds\""]) || begins(edges, &["\"start\"", "\"end\""]) || (empty(nodes) && empty(edges));
        if ours { Answer::Certain } else { Answer::No }
    }

    fn read(&self, input: &Input) -> Fragment {
        parse::read(input)
    }
}

/// The definition of an extension: which kinds of edges BloodHound walks.
pub struct Extension;

impl Importer for Extension {
    fn name(&self) -> &'static str {
        "bloodhound-extension"
    }

    fn describe(&self) -> &'static str {
        "Definition of a BloodHound OpenGraph extension, JSON: says which kinds of edges are walked"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        let list = |key: &str| peek.member(key).is_some_and(json::Member::is_array);
        let schema = peek.member("schema").is_some_and(json::Member::is_object);
        if schema && list("relationship_kinds") && (list("node_kinds") || list("environments")) {
            Answer::Certain
        } else {
            Answer::No
        }
    }

    fn read(&self, input: &Input) -> Fragment {
        parse::read_extension(input)
    }
}

/// Makes records of the nodes and edges of all files.
pub struct Graphs;

impl Family for Graphs {
    fn name(&self) -> &'static str {
        FAMILY
    }

    fn shares(&self) -> Shares {
        Shares::All
    }

    fn assemble(&self, pieces: Vec<(FileId, Piece)>, progress: &dyn Progress) -> Vec<(FileId, Fragment)> {
        let parsed = pieces.into_iter();
        relation::assemble(parsed.filter_map(|(file, piece)| Some((file, piece.take()?))), progress)
    }
}
