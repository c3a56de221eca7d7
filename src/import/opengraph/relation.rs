//! Edges as relations, by the records of their ends; edges that are none are told of at their start.

use super::ends::{Found, Index, What};
use super::parse::{Edge, End, Match, Parsed};
use super::record;
use super::tables::{EdgeKind, Kind, Tables, Walk};
use crate::import::{Progress, secrets};
use crate::model::{
    Diagnostic, Exchange, Exposure, ExposureFrom, Extra, FileId, Fragment, Grant, Inherit, InheritHow, Level, Place,
    Records, RelationCommon, Text, Trust, Yields,
};
use lean_string::ToLeanStr;
use std::collections::{BTreeMap, HashMap};

/// Edges that say the same are one relation; this is what they must agree in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    from: (What, Kind),
    to: (What, Kind),
    /// What a grant allows, an exposure needs, a trust passes.
    scope: String,
    how: Option<InheritHow>,
    intended: bool,
    assumed: bool,
    /// BloodHound does not walk it.
    access: bool,
}

#[derive(Default)]
struct Making<'p> {
    relations: BTreeMap<Key, Vec<(FileId, &'p Edge)>>,
    context: HashMap<What, Vec<String>>,
    diagnostics: BTreeMap<FileId, Vec<Diagnostic>>,
    unknown: BTreeMap<(FileId, &'p str), (u64, Place)>,
    unclear: u64,
}

/// Oddities of one kind beyond this many in a file are only counted.
const SAID_EACH: usize = 100;

/// The records of all files together, by the file each is first stated in.
pub fn assemble(parsed: &[(FileId, &Parsed)], progress: &dyn Progress) -> Vec<(FileId, Fragment)> {
    let mut defines: BTreeMap<&str, bool> = BTreeMap::new();
    for (kind, walked) in parsed.iter().flat_map(|(_, p)| &p.defines) {
        // Of two definitions the one that walks it wins: rather a path too many.
        *defines.entry(kind).or_insert(false) |= *walked;
    }
    let mut index = Index::new(parsed);
    let mut making = Making::default();
    for (file, parsed) in parsed {
        for (i, edge) in parsed.edges.iter().enumerate() {
            if i.is_multiple_of(4096) && progress.cancelled() {
                return Vec::new();
            }
            making.edge(&mut index, &defines, *file, edge);
        }
    }
    making.finish(&index, parsed)
}

impl<'p> Making<'p> {
    fn edge(&mut self, index: &mut Index<'p>, defines: &BTreeMap<&str, bool>, file: FileId, edge: &'p Edge) {
        let place = edge.at.place(file, "edges");
        let [start, end] = match index.ends(edge, &place) {
            Ok(ends) => ends,
            Err(several) => {
                self.unclear += 1;
                let said = self.diagnostics.entry(file).or_default();
                if said.len() < SAID_EACH {
                    let message = format!(
                        "{several} nodes fit an end of this edge of kind {}; an edge joins two, so it was left out",
                        secrets::shown(&edge.kind)
                    );
                    said.push(Diagnostic::error("unclear-end", place, message));
                }
                return;
            }
        };
        let known = Tables::get().edge(&edge.kind);
        let defined = edge.walked.or_else(|| defines.get(edge.kind.as_str()).copied());
        let walk = match (defined, known.map(|k| k.walk)) {
            (Some(true), _) | (None, Some(Walk::Yes)) => Walk::Yes,
            (_, Some(Walk::Access)) => Walk::Access,
            _ => Walk::No,
        };
        if known.is_none() && defined.is_none() {
            self.unknown
                .entry((file, &edge.kind))
                .and_modify(|(count, _)| *count += 1)
                .or_insert((1, place));
        }
        let key = (start.what != end.what)
            .then(|| key(index, edge, [start, end], known, walk))
            .flatten();
        match key {
            Some(key) => self.relations.entry(key).or_default().push((file, edge)),
            None => {
                let end = form_of(&edge.end, None).unwrap_or_else(|| "{}".into());
                let start_form = form_of(&edge.start, native_of(index, start.what));
                let told = as_json(edge, start_form, Some(end));
                self.context.entry(start.what).or_default().push(told);
            }
        }
    }

    fn finish(mut self, index: &Index, parsed: &[(FileId, &Parsed)]) -> Vec<(FileId, Fragment)> {
        let mut out: BTreeMap<FileId, Fragment> = BTreeMap::new();
        let first = |places: &[Place]| places.iter().map(|p| p.file).min().unwrap_or(FileId(0));
        let needed = self.needed(index);
        for (i, node) in index.nodes.iter().enumerate() {
            let context = sorted(self.context.remove(&What::Node(i)).unwrap_or_default());
            let fragment = out.entry(first(&node.places)).or_default();
            record::node(&mut fragment.records, node, &context);
        }
        let mut outside: BTreeMap<FileId, u64> = BTreeMap::new();
        for (i, end) in index.outside.iter().enumerate() {
            if !needed[i] {
                continue;
            }
            let context = sorted(self.context.remove(&What::Outside(i)).unwrap_or_default());
            let file = first(&end.places);
            *outside.entry(file).or_default() += 1;
            record::outside(&mut out.entry(file).or_default().records, end, &context);
        }
        for (key, edges) in std::mem::take(&mut self.relations) {
            let file = edges.iter().map(|(file, _)| *file).min().unwrap_or(FileId(0));
            relation(&mut out.entry(file).or_default().records, index, key, &edges);
        }
        for (file, count) in outside {
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
        if self.unclear > 0
            && let Some((file, _)) = parsed.first()
        {
            out.entry(*file).or_default().diagnostics.push(Diagnostic {
                level: Level::Error,
                code: "left-out",
                place: Some(Place::new(*file, "")),
                also: Vec::new(),
                message: format!(
                    "Edges left out because several nodes fit one of their ends: {}",
                    self.unclear
                ),
            });
        }
        out.into_iter().collect()
    }

    /// Which placeholders something is said of: those that are ends of relations, and those with context.
    fn needed(&self, index: &Index) -> Vec<bool> {
        let mut needed = vec![false; index.outside.len()];
        let ends = self.relations.keys().flat_map(|key| [key.from.0, key.to.0]);
        for what in ends.chain(self.context.keys().copied()) {
            if let What::Outside(i) = what {
                needed[i] = true;
            }
        }
        needed
    }
}

fn kind_of(index: &Index, what: What) -> Kind {
    match what {
        What::Node(i) => index.nodes[i].record,
        What::Outside(i) => index.outside[i].record(),
    }
}

fn id_of(index: &Index, what: What) -> String {
    match what {
        What::Node(i) => record::id(index.nodes[i].id),
        What::Outside(i) => index.outside[i].id.clone(),
    }
}

fn native_of<'i>(index: &'i Index, what: What) -> Option<&'i str> {
    match what {
        What::Node(i) => Some(index.nodes[i].id),
        What::Outside(i) => index.outside[i].native.as_deref(),
    }
}

/// The relation an edge is, where it is one.
fn key(index: &Index, edge: &Edge, ends: [Found; 2], known: Option<&EdgeKind>, walk: Walk) -> Option<Key> {
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
        from: (start.what, from),
        to: (end.what, to),
        scope: if allows {
            scope(&edge.kind, access)
        } else {
            String::new()
        },
        // A membership that is assumed is one all the same.
        how: how.filter(|_| becomes),
        intended: known.is_some_and(|k| k.intended) || (becomes && membership),
        assumed,
        access,
    })
}

/// What an edge allows at its end. What BloodHound does not walk does not satisfy what is needed to walk on.
fn scope(kind: &str, access: bool) -> String {
    let plain: String = kind
        .chars()
        .map(|c| if matches!(c, '*' | '&' | '@') { '_' } else { c })
        .collect();
    format!("{}:{plain}", if access { "og-access" } else { "og" })
}

fn relation(out: &mut Records, index: &Index, key: Key, edges: &[(FileId, &Edge)]) {
    let (from, to) = (id_of(index, key.from.0), id_of(index, key.to.0));
    let natives = (native_of(index, key.from.0), native_of(index, key.to.0));
    let told = edges.iter().map(|(_, edge)| {
        let forms = match natives {
            (None, None) => (None, None),
            (start, end) => (form_of(&edge.start, start), form_of(&edge.end, end)),
        };
        as_json(edge, forms.0, forms.1)
    });
    let mut attributes = Extra::new();
    attributes.insert_packed(record::EDGES, record::edges(&sorted(told.collect())));
    let mut kinds: Vec<&str> = edges.iter().map(|(_, edge)| edge.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let evidence: Vec<String> = kinds.iter().map(|kind| format!("BloodHound edge {kind}")).collect();
    let mut places: Vec<Place> = edges.iter().map(|(file, e)| e.at.place(*file, "edges")).collect();
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
    let anything = || vec![if key.access { "og-access:*" } else { "og:*" }.to_owned()];
    let exposure = |from: ExposureFrom, yields: Yields, requires: Vec<String>| Exposure {
        common: common.clone(),
        from,
        requires: requires.into(),
        yields,
        how: None,
    };
    match (key.from.1, key.to.1) {
        (Kind::Identity, Kind::Identity) => out.inherits.push(Inherit {
            common,
            from: Some(from.into()),
            to: to.into(),
            how: key.how,
            ..Inherit::default()
        }),
        (Kind::Identity | Kind::Credential, Kind::System) => out.grants.push(Grant {
            common,
            holder: from.into(),
            system: to.into(),
            scopes: vec![key.scope].into(),
            ..Grant::default()
        }),
        (Kind::System, Kind::System) => {
            // Access is checked again at the other system; an attack is not.
            let mut requires = vec!["og:*".to_owned()];
            let mut exchange = None;
            if key.access {
                requires.push("og-access:*".to_owned());
                exchange = Some(Exchange {
                    scopes: vec![key.scope.clone()].into(),
                    ..Exchange::default()
                });
            }
            out.trusts.push(Trust {
                common,
                from: from.into(),
                to: to.into(),
                requires: requires.into(),
                scopes: vec![key.scope].into(),
                exchange,
            });
        }
        (Kind::System, Kind::Identity) => {
            out.exposures.push(exposure(
                ExposureFrom::System(from.into()),
                Yields::Identity(to.into()),
                anything(),
            ));
        }
        (Kind::System, Kind::Credential) => {
            out.exposures.push(exposure(
                ExposureFrom::System(from.into()),
                Yields::Credential(to.into()),
                anything(),
            ));
        }
        (Kind::Identity, Kind::Credential) => {
            let from = ExposureFrom::Identity(from.into());
            out.exposures
                .push(exposure(from, Yields::Credential(to.into()), Vec::new()));
        }
        (Kind::Credential, Kind::Identity) => {
            let from = ExposureFrom::Credential(from.into());
            out.exposures
                .push(exposure(from, Yields::Identity(to.into()), Vec::new()));
        }
        (Kind::Credential, Kind::Credential) => {
            let from = ExposureFrom::Credential(from.into());
            out.exposures
                .push(exposure(from, Yields::Credential(to.into()), Vec::new()));
        }
    }
}

/// An edge as it was stated, as JSON; its ends only where they say more than the native ids of what they name.
fn as_json(edge: &Edge, start: Option<Text>, end: Option<Text>) -> String {
    let mut told = String::from("{");
    let mut put = |key: &str, json: &str| {
        if told.len() > 1 {
            told.push(',');
        }
        told.push_str(key);
        told.push_str(json);
    };
    // Keys in order.
    if let Some(form) = end {
        put("\"end\":", &form);
    }
    put("\"kind\":", &quoted(&edge.kind));
    if let Some(properties) = &edge.properties {
        put("\"properties\":", properties.as_deref().unwrap_or("null"));
    }
    if let Some(form) = start {
        put("\"start\":", &form);
    }
    told.push('}');
    told
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// How an end was stated, as JSON, where that is more than this native id.
fn form_of(end: &End, native: Option<&str>) -> Option<Text> {
    if let Some(form) = &end.form {
        return Some(form.clone());
    }
    let id = match &end.by {
        Match::Id(id) => id,
        Match::Name(_) | Match::Properties(_) => return None,
    };
    if native == Some(id.as_str()) {
        return None;
    }
    Some(format_args!("{{\"value\":{}}}", quoted(id)).to_lean_str())
}

/// In an order that does not depend on that of the files, without repeats.
fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort_unstable();
    list.dedup();
    list
}
