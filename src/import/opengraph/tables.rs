//! What kinds of nodes and edges mean, from the table that is part of the program.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::OnceLock;

static TABLE: &str = include_str!("../../../assets/import/opengraph-kinds.json");

/// Which kind of record a node becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A credential.
    Credential,
    /// An identity.
    Identity,
    /// A system.
    System,
}

/// What is made of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Walk {
    /// An attacker walks it.
    Yes,
    /// BloodHound does not walk it; still it is access.
    Access,
    /// It says something about its start.
    No,
}

/// A kind of node, or the end of the names of several.
#[derive(Clone, Debug, Deserialize)]
pub struct NodeKind {
    #[serde(alias = "suffix")]
    kind: String,
    /// Which record it becomes.
    pub record: Kind,
    /// What sort of it, in the words of the native format; of a system free text.
    #[serde(default)]
    pub sort: Option<String>,
    /// How much it matters.
    #[serde(default)]
    pub criticality: Option<String>,
    /// The platform of its vocabulary.
    #[serde(skip)]
    pub platform: Option<String>,
}

/// A kind of edge.
#[derive(Clone, Debug, Deserialize)]
pub struct EdgeKind {
    kind: String,
    /// What is made of it.
    pub walk: Walk,
    /// Meant to be so: membership or normal use.
    #[serde(default)]
    pub intended: bool,
    /// How one identity becomes the other, in the words of the native format.
    #[serde(default)]
    pub how: Option<String>,
    /// What its ends usually are, for those that lie outside all files.
    #[serde(default)]
    pub ends: Option<[Kind; 2]>,
}

/// All of them.
pub struct Tables {
    suffixes: Vec<NodeKind>,
    nodes: HashMap<String, NodeKind>,
    edges: HashMap<String, EdgeKind>,
}

#[derive(Deserialize)]
struct File {
    suffixes: Vec<NodeKind>,
    vocabularies: Vec<Vocabulary>,
}

#[derive(Deserialize)]
struct Vocabulary {
    platform: String,
    nodes: Vec<NodeKind>,
    edges: Vec<EdgeKind>,
}

impl Tables {
    /// The tables of the program.
    pub fn get() -> &'static Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(|| {
            let file: File = serde_json::from_str(TABLE).unwrap_or(File {
                suffixes: Vec::new(),
                vocabularies: Vec::new(),
            });
            let mut tables = Self {
                suffixes: file.suffixes,
                nodes: HashMap::new(),
                edges: HashMap::new(),
            };
            for vocabulary in file.vocabularies {
                for mut node in vocabulary.nodes {
                    node.platform = Some(vocabulary.platform.clone());
                    tables.nodes.insert(node.kind.clone(), node);
                }
                tables
                    .edges
                    .extend(vocabulary.edges.into_iter().map(|e| (e.kind.clone(), e)));
            }
            tables
        })
    }

    /// What a node of these kinds is: by the first kind a vocabulary has, else by the first whose name ends as the name
    /// of something known. Nothing where no kind is known: then it is a system.
    pub fn node<'t>(&'t self, kinds: &[impl AsRef<str>]) -> Option<&'t NodeKind> {
        let kinds = || kinds.iter().map(AsRef::<str>::as_ref);
        kinds()
            .find_map(|kind| self.nodes.get(kind))
            .or_else(|| kinds().find_map(|kind| self.suffixes.iter().find(|s| kind.ends_with(&s.kind))))
    }

    /// What a vocabulary says of a kind of edge.
    pub fn edge(&self, kind: &str) -> Option<&EdgeKind> {
        self.edges.get(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CredentialKind, Criticality, IdentityKind, InheritHow};

    #[test]
    fn the_table_is_read_and_speaks_the_native_words() {
        let tables = Tables::get();
        assert!(tables.nodes.len() > 100 && tables.edges.len() > 300 && tables.suffixes.len() > 10);
        for node in tables.nodes.values().chain(&tables.suffixes) {
            if let Some(word) = &node.criticality {
                assert!(Criticality::parse(word).is_some(), "{node:?}");
            }
            let Some(sort) = &node.sort else { continue };
            match node.record {
                Kind::Credential => assert!(CredentialKind::parse(sort).is_some(), "{node:?}"),
                Kind::Identity => assert!(IdentityKind::parse(sort).is_some(), "{node:?}"),
                Kind::System => {}
            }
        }
        for edge in tables.edges.values() {
            if let Some(how) = &edge.how {
                assert!(InheritHow::parse(how).is_some(), "{edge:?}");
            }
        }
    }

    #[test]
    fn a_vocabulary_comes_before_the_ends_of_names() {
        let record = |kinds: &[&str]| {
            let kinds: Vec<String> = kinds.iter().map(|k| (*k).to_owned()).collect();
            Tables::get().node(&kinds).map(|n| n.record)
        };
        // Ends in App, but Snowflake's are told of; Base is told of by nobody.
        assert_eq!(record(&["Base", "AZTenant"]), Some(Kind::System));
        assert_eq!(record(&["Acme_DeployKey"]), Some(Kind::Credential));
        assert_eq!(record(&["Acme_Robot", "Acme_User"]), Some(Kind::Identity));
        assert_eq!(record(&["Acme_Wall"]), None);
        assert_eq!(record(&[]), None);
    }
}
