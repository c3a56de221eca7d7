//! Nodes and edges as a file states them.

use crate::import::pile::Pile;
use crate::model::{FileId, List, Place, Text};
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The nodes of a file.
#[derive(Debug, Default)]
pub struct Nodes {
    /// The kind every one of them has besides its own.
    pub source_kind: Option<String>,
    /// Each.
    pub all: Pile<Node>,
}

/// What one file hands on.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Its nodes.
    pub nodes: Nodes,
    /// Its edges.
    pub edges: Pile<Edge>,
    /// Kinds of edges it defines, and whether they are walked.
    pub defines: BTreeMap<String, bool>,
}

/// Where an element stands: its position in its list and its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Position in the list; not known of what was found behind a break.
    pub index: Option<u32>,
    /// Line, from 1.
    pub line: u32,
}

impl Spot {
    /// As a place.
    pub fn place(self, file: FileId, list: &str) -> Place {
        Place::new(file, self.pointer(list)).at_line(self.line)
    }

    pub fn pointer(self, list: &str) -> String {
        self.index
            .map_or_else(String::new, |index| format!("/graph/{list}/{index}"))
    }
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its id.
    pub id: Text,
    /// Its kinds, the first the one it is shown as.
    pub kinds: List,
    /// Its properties as JSON; `Some(None)` where the file says null.
    pub properties: Option<Option<Text>>,
    /// Where it stands.
    pub at: Spot,
}

/// An edge. There may be millions of them, so what many say alike is kept once.
#[derive(Clone, Debug)]
pub struct Edge {
    /// What it says, whatever its ends.
    pub content: Arc<Content>,
    /// From where.
    pub start: End,
    /// To where.
    pub end: End,
    /// Where it stands.
    pub at: Spot,
}

/// What an edge says, whatever its ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Content {
    /// Its kind.
    pub kind: Text,
    /// Its properties as JSON; `Some(None)` where the file says null.
    pub properties: Option<Option<Text>>,
    /// Whether it is walked, where its properties say so.
    pub walked: Option<bool>,
    /// Something in it may be a secret, so what is told of it has to be looked into.
    pub guarded: bool,
}

/// How an edge names its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// By the node's id.
    Id(Text),
    /// By the node's property `name`.
    Name(Text),
    /// By some of the node's properties, as JSON, sorted by key.
    Properties(Box<[(String, serde_json::Value)]>),
}

/// An end of an edge, as a file states it. There may be millions of them, nearly all in one of the first two ways.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// By its id alone.
    Plain(Text),
    /// By its id, and says that it is one, as nearly all tools write it.
    ById(Text),
    /// In another way.
    Stated(Box<Stated>),
}

/// An end that says more than its id.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// How it is named.
    pub by: Match,
    /// The kind it must have.
    pub kind: Option<Text>,
    /// All of it, as JSON.
    pub json: Text,
}

/// How an end is named.
#[derive(Clone, Copy, Debug)]
pub enum By<'e> {
    /// As [`Match::Id`].
    Id(&'e Text),
    /// As [`Match::Name`].
    Name(&'e Text),
    /// As [`Match::Properties`].
    Properties(&'e [(String, serde_json::Value)]),
}

impl End {
    /// How it is named.
    pub fn by(&self) -> By<'_> {
        match self {
            Self::Plain(id) | Self::ById(id) => By::Id(id),
            Self::Stated(stated) => match &stated.by {
                Match::Id(id) => By::Id(id),
                Match::Name(name) => By::Name(name),
                Match::Properties(matchers) => By::Properties(matchers),
            },
        }
    }

    /// The kind it must have.
    pub fn kind(&self) -> Option<&Text> {
        match self {
            Self::Plain(_) | Self::ById(_) => None,
            Self::Stated(stated) => stated.kind.as_ref(),
        }
    }
}

/// The ids of the nodes of a file: an end that names one of them shares its text.
pub type Ids = HashSet<Text, RandomState>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_takes_no_more_room_than_it_must() {
        assert!(size_of::<End>() <= 24, "{}", size_of::<End>());
        assert!(size_of::<Edge>() <= 72, "{}", size_of::<Edge>());
        assert!(size_of::<Node>() <= 64, "{}", size_of::<Node>());
    }
}
