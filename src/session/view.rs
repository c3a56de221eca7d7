//! How the analyst looks at the document: which tab, which table, sorted and filtered how. Saved with a session, never
//! undone.

use std::collections::{BTreeMap, BTreeSet};

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $id:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every one, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// As written in a session file.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// Read from a session file's text; `None` for anything else.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($id => Some(Self::$variant),)+ _ => None }
            }

            /// As shown.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }
    };
}

choices! {
    /// A view of the document, in the middle of the window.
    Tab {
        /// The trust map.
        Map = "map", "Map";
        /// Records as rows.
        Table = "table", "Table";
        /// Credentials against systems.
        Matrix = "matrix", "Matrix";
        /// What is wrong with the estate, and what is asserted of it.
        Findings = "findings", "Findings";
        /// What to do, what it costs, and whether anything better was overlooked.
        Plan = "plan", "Plan";
        /// Two branches side by side.
        Compare = "compare", "Compare";
        /// What time does to the radius.
        Time = "time", "Time";
    }
}

choices! {
    /// What a plan is to be.
    PlanSort {
        /// Actions of least cost after which nothing protected is reached.
        Cut = "cut", "Cut";
        /// So many actions, which take most off the exposure of the whole estate.
        Budget = "budget", "Budget";
        /// What to revoke and rotate first.
        Containment = "containment", "Containment";
        /// Third parties by what they would reach.
        Vendors = "vendors", "Third parties";
        /// Credentials, identities and relations by what the estate loses if one goes.
        Chokes = "chokes", "Choke points";
    }
}

choices! {
    /// Which records a table shows.
    TableKind {
        /// Systems.
        Systems = "systems", "Systems";
        /// Credentials.
        Credentials = "credentials", "Credentials";
        /// Identities.
        Identities = "identities", "Identities";
        /// Grants, exposures, inherits and trusts.
        Relations = "relations", "Relations";
    }
}

choices! {
    /// A column of a table.
    Column {
        /// Its name for people.
        Name = "name", "Name";
        /// What sort.
        Kind = "kind", "Kind";
        /// For instance AWS.
        Platform = "platform", "Platform";
        /// For instance prod.
        Environment = "environment", "Environment";
        /// Who answers for it.
        Owner = "owner", "Owner";
        /// How many hops from what is compromised.
        Hops = "hops", "Hops";
        /// In which state it is.
        Reached = "reached", "Reached";
        /// What let the path through on its last leg.
        Missing = "missing", "Check missing";
        /// From what it is reached.
        By = "by", "Reached from";
        /// When it was last used.
        LastUsed = "last-used", "Last used";
        /// What it adds to the weight of a radius.
        Weight = "weight", "Weight";
        /// Systems that it opens by itself.
        Radius = "radius", "Radius";
        /// Crown jewels that it opens by itself.
        Crowns = "crown-jewels", "Crown jewels";
        /// Whom it authenticates.
        Identity = "identity", "Identity";
        /// Who issued it.
        Issuer = "issuer", "Issuer";
        /// Active, disabled, revoked, expired.
        Status = "status", "Status";
        /// When it stops.
        Expires = "expires", "Expires";
        /// When it was last rotated.
        Rotated = "rotated", "Rotated";
        /// How many credentials it has.
        Credentials = "credentials", "Credentials";
        /// How many grants it holds.
        Grants = "grants", "Grants";
        /// Where a relation starts.
        From = "from", "From";
        /// Where a relation leads.
        To = "to", "To";
        /// What a relation allows, passes or requires.
        Scopes = "scopes", "Scopes";
        /// In which way.
        How = "how", "How";
        /// Whether it is meant to be so.
        Intended = "intended", "Intended";
        /// Whether a source states it.
        Assumed = "assumed", "Assumed";
        /// Where the knowledge comes from.
        Evidence = "evidence", "Evidence";
        /// Free labels.
        Tags = "tags", "Tags";
        /// Its id.
        Id = "id", "Id";
        /// File and line.
        Record = "record", "Record";
    }
}

impl Column {
    /// Whether it is a number, which stands at the right and is sorted largest first.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Hops | Self::Weight | Self::Radius | Self::Crowns | Self::Credentials | Self::Grants
        )
    }

    /// The width it wants, in points.
    #[must_use]
    pub fn width(self) -> f32 {
        match self {
            Self::Name | Self::From | Self::To => 190.0,
            Self::Scopes | Self::Evidence | Self::Id => 220.0,
            Self::By | Self::Identity | Self::Issuer | Self::Record | Self::Missing => 136.0,
            Self::Hops | Self::Weight | Self::Radius | Self::Grants | Self::Intended | Self::Assumed => 72.0,
            Self::Crowns | Self::Credentials => 100.0,
            Self::Environment | Self::Status | Self::How => 96.0,
            _ => 112.0,
        }
    }
}

impl TableKind {
    /// Every column of it, in order, and whether it is shown unless the analyst says otherwise.
    #[must_use]
    pub fn columns(self) -> &'static [(Column, bool)] {
        use Column as C;
        match self {
            Self::Systems => &[
                (C::Name, true),
                (C::Kind, true),
                (C::Platform, true),
                (C::Environment, false),
                (C::Owner, true),
                (C::Hops, true),
                (C::Reached, true),
                (C::Missing, true),
                (C::By, true),
                (C::LastUsed, true),
                (C::Weight, true),
                (C::Tags, false),
                (C::Id, false),
                (C::Record, false),
            ],
            Self::Credentials => &[
                (C::Name, true),
                (C::Kind, true),
                (C::Identity, true),
                (C::Owner, true),
                (C::Status, true),
                (C::Expires, true),
                (C::LastUsed, true),
                (C::Rotated, false),
                (C::Hops, false),
                (C::Reached, true),
                (C::By, false),
                (C::Radius, true),
                (C::Crowns, true),
                (C::Platform, false),
                (C::Environment, false),
                (C::Issuer, false),
                (C::Tags, false),
                (C::Id, false),
                (C::Record, false),
            ],
            Self::Identities => &[
                (C::Name, true),
                (C::Kind, true),
                (C::Platform, true),
                (C::Environment, false),
                (C::Owner, true),
                (C::Status, true),
                (C::Hops, true),
                (C::Reached, true),
                (C::By, true),
                (C::Credentials, true),
                (C::Grants, true),
                (C::Tags, false),
                (C::Id, false),
                (C::Record, false),
            ],
            Self::Relations => &[
                (C::Kind, true),
                (C::From, true),
                (C::To, true),
                (C::Scopes, true),
                (C::How, true),
                (C::Intended, true),
                (C::Assumed, true),
                (C::LastUsed, true),
                (C::Evidence, false),
                (C::Id, false),
                (C::Record, false),
            ],
        }
    }
}

choices! {
    /// What a filter asks.
    Facet {
        /// The state on the map.
        State = "state", "Reached";
        /// What sort.
        Kind = "kind", "Kind";
        /// Platform.
        Platform = "platform", "Platform";
        /// Environment.
        Environment = "environment", "Environment";
        /// Owner.
        Owner = "owner", "Owner";
        /// Tag.
        Tag = "tag", "Tag";
        /// A rule that finds something of it.
        Finding = "finding", "Finding";
    }
}

/// What a row must be to be shown: the text, and of every facet that is asked one of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Found in the name, id, kind, owner or a tag, whatever its case.
    pub text: String,
    /// Values by facet; a facet without values asks nothing.
    pub facets: BTreeMap<Facet, BTreeSet<String>>,
}

impl Filter {
    /// Whether it asks nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.facets.values().all(BTreeSet::is_empty)
    }

    /// Whether it asks for a finding.
    #[must_use]
    pub fn asks_findings(&self) -> bool {
        self.facets.get(&Facet::Finding).is_some_and(|v| !v.is_empty())
    }

    /// Asks for a value, or no longer.
    pub fn toggle(&mut self, facet: Facet, value: &str) {
        let values = self.facets.entry(facet).or_default();
        if !values.remove(value) {
            values.insert(value.to_owned());
        }
        if values.is_empty() {
            self.facets.remove(&facet);
        }
    }
}

/// A table as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// Which records.
    pub kind: TableKind,
    /// By which column, and whether from the largest down.
    pub sort: (Column, bool),
    /// Which rows.
    pub filter: Filter,
}

impl TableSpec {
    /// The table of a kind, in the order that says most at once.
    #[must_use]
    pub fn of(kind: TableKind) -> Self {
        let sort = match kind {
            TableKind::Systems => (Column::Weight, true),
            TableKind::Credentials => (Column::Radius, true),
            TableKind::Identities => (Column::Name, false),
            TableKind::Relations => (Column::From, false),
        };
        Self {
            kind,
            sort,
            filter: Filter::default(),
        }
    }
}

/// How the analyst looks at the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Which tab.
    pub tab: Tab,
    /// Which table, how.
    pub table: TableSpec,
    /// The columns shown, where the analyst chose some.
    pub columns: BTreeMap<TableKind, Vec<Column>>,
    /// The matrix shows every credential of the estate, not only what the compromise reaches.
    pub whole_matrix: bool,
    /// The step chart is shown.
    pub steps_open: bool,
    /// The branch that the scenario is compared with; no scenario at all where absent.
    pub compare: Option<String>,
    /// The other inventory is what is compared with, where there is one.
    pub against_other: bool,
    /// Filters by the names they were saved under.
    pub filters: BTreeMap<String, Filter>,
    /// The finding that is opened.
    pub finding: Option<super::FindingKey>,
    /// The plan as it is asked for.
    pub plan: super::PlanSpec,
    /// Exports replace names by aliases.
    pub redacted: bool,
    /// Ids of what the analyst hid on the map.
    pub hidden: BTreeSet<String>,
    /// Nodes of the map that the analyst put somewhere else.
    pub pins: crate::scene::Pins,
    /// The id of what stands alone on the map with its path and what is reached through it.
    pub isolated: Option<String>,
    /// Paths that are asked for; not saved.
    pub paths: Option<super::PathsAsk>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            tab: Tab::Map,
            table: TableSpec::of(TableKind::Systems),
            columns: BTreeMap::new(),
            whole_matrix: false,
            steps_open: false,
            compare: None,
            against_other: false,
            filters: BTreeMap::new(),
            finding: None,
            plan: super::PlanSpec::default(),
            redacted: false,
            hidden: BTreeSet::new(),
            pins: BTreeMap::new(),
            isolated: None,
            paths: None,
        }
    }
}

impl View {
    /// The columns that a table shows, in order.
    #[must_use]
    pub fn columns(&self, kind: TableKind) -> Vec<Column> {
        let chosen = self.columns.get(&kind);
        kind.columns()
            .iter()
            .filter(|(c, shown)| chosen.map_or(*shown, |list| list.contains(c)))
            .map(|(c, _)| *c)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        assert!(Tab::ALL.iter().all(|t| Tab::parse(t.as_str()) == Some(*t)));
        assert!(Column::ALL.iter().all(|c| Column::parse(c.as_str()) == Some(*c)));
        assert!(PlanSort::ALL.iter().all(|p| PlanSort::parse(p.as_str()) == Some(*p)));
        assert!(Facet::ALL.iter().all(|f| Facet::parse(f.as_str()) == Some(*f)));
        assert!(TableKind::ALL.iter().all(|k| TableKind::parse(k.as_str()) == Some(*k)));
        assert_eq!(Tab::parse("nowhere"), None);
    }

    #[test]
    fn a_filter_asks_nothing_once_everything_is_taken_out_again() {
        let mut f = Filter::default();
        assert!(f.is_empty());
        f.toggle(Facet::Kind, "Database");
        f.toggle(Facet::Kind, "Registry");
        assert!(!f.is_empty());
        f.toggle(Facet::Kind, "Database");
        f.toggle(Facet::Kind, "Registry");
        assert_eq!(f, Filter::default());
    }

    #[test]
    fn chosen_columns_keep_their_order_and_the_first_stays() {
        let mut v = View::default();
        assert_eq!(v.columns(TableKind::Relations).first(), Some(&Column::Kind));
        v.columns
            .insert(TableKind::Relations, vec![Column::Id, Column::To, Column::Weight]);
        assert_eq!(v.columns(TableKind::Relations), [Column::To, Column::Id]);
    }
}
