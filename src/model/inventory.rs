//! A fragment is what one file said; an inventory is what all files say together, merged, checked and named.

use super::*;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The records of one file or of all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// Systems.
    pub systems: Vec<System>,
    /// Identities.
    pub identities: Vec<Identity>,
    /// Credentials.
    pub credentials: Vec<Credential>,
    /// Grants.
    pub grants: Vec<Grant>,
    /// Exposures.
    pub exposures: Vec<Exposure>,
    /// Inherits.
    pub inherits: Vec<Inherit>,
    /// Trusts.
    pub trusts: Vec<Trust>,
}

impl Records {
    /// How many there are, of every kind together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.systems.len()
            + self.identities.len()
            + self.credentials.len()
            + self.grants.len()
            + self.exposures.len()
            + self.inherits.len()
            + self.trusts.len()
    }

    /// Adds other records behind these.
    pub fn append(&mut self, other: Records) {
        append(&mut self.systems, other.systems);
        append(&mut self.identities, other.identities);
        append(&mut self.credentials, other.credentials);
        append(&mut self.grants, other.grants);
        append(&mut self.exposures, other.exposures);
        append(&mut self.inherits, other.inherits);
        append(&mut self.trusts, other.trusts);
    }

    /// Every place that any record names.
    pub fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let entities = self
            .systems
            .iter_mut()
            .map(|r| &mut r.places)
            .chain(self.identities.iter_mut().map(|r| &mut r.places))
            .chain(self.credentials.iter_mut().map(|r| &mut r.places));
        let relations = self
            .grants
            .iter_mut()
            .map(|r| &mut r.common.places)
            .chain(self.exposures.iter_mut().map(|r| &mut r.common.places))
            .chain(self.inherits.iter_mut().map(|r| &mut r.common.places))
            .chain(self.trusts.iter_mut().map(|r| &mut r.common.places));
        entities.chain(relations).flatten()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Adds a list behind another; behind none it is not moved.
pub(crate) fn append<R>(into: &mut Vec<R>, mut other: Vec<R>) {
    if into.is_empty() && into.capacity() < other.len() {
        *into = other;
    } else {
        into.append(&mut other);
    }
}

/// What one importer understood of one file.
#[derive(Debug, Default)]
pub struct Fragment {
    /// The name the file gives its inventory.
    pub name: Option<String>,
    /// The time it speaks of.
    pub as_of: Option<Time>,
    /// What was understood.
    pub records: Records,
    /// Whether the relations among these were looked at for secrets while they were made, and hold none.
    pub looked_at: bool,
    /// What holds only where the other files say, or do not say, something else; see [`settle`].
    pub conditional: Vec<Conditional>,
    /// What means something only together with other files.
    pub pieces: Vec<Piece>,
    /// Unknown members of the document itself, kept.
    pub extra: Extra,
    /// Whether the export was whole (no pagination marker, nothing cut off).
    pub complete: bool,
    /// Why nothing of the file can be used (its version is not known, it is empty); one sentence without the path.
    pub refused: Option<String>,
    /// What was odd.
    pub diagnostics: Vec<Diagnostic>,
}

/// An entity by kind and position in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityIx {
    /// `Inventory::records.systems[i]`
    System(u32),
    /// `Inventory::records.identities[i]`
    Identity(u32),
    /// `Inventory::records.credentials[i]`
    Credential(u32),
}

/// An entity, borrowed.
#[derive(Clone, Copy, Debug)]
pub enum Entity<'a> {
    /// A system.
    System(&'a System),
    /// An identity.
    Identity(&'a Identity),
    /// A credential.
    Credential(&'a Credential),
}

impl<'a> Entity<'a> {
    /// Its id.
    #[must_use]
    pub fn id(self) -> &'a str {
        match self {
            Self::System(s) => &s.id,
            Self::Identity(i) => &i.id,
            Self::Credential(c) => &c.id,
        }
    }

    /// Its name for people: as stated, else its id.
    #[must_use]
    pub fn display_name(self) -> &'a str {
        match self {
            Self::System(s) => s.name.as_deref().unwrap_or(&s.id),
            Self::Identity(i) => i.name.as_deref().unwrap_or(&i.id),
            Self::Credential(c) => c.name.as_deref().unwrap_or(&c.id),
        }
    }
}

/// Where the entity of each id is.
pub(crate) type Index = HashMap<Text, EntityIx, RandomState>;

/// Says where every entity is.
pub(crate) fn index(records: &Records, index: &mut Index) {
    for (i, s) in records.systems.iter().enumerate() {
        index.insert(s.id.clone(), EntityIx::System(i as u32));
    }
    for (i, s) in records.identities.iter().enumerate() {
        index.insert(s.id.clone(), EntityIx::Identity(i as u32));
    }
    for (i, s) in records.credentials.iter().enumerate() {
        index.insert(s.id.clone(), EntityIx::Credential(i as u32));
    }
}

/// What all loaded files say together. Immutable once made: every list is sorted (entities by id, relations by name),
/// every reference resolves, every relation has its name, list fields are sorted and without repeats.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The name of the first file that states one.
    pub name: Option<String>,
    /// The largest `as_of` of the files.
    pub as_of: Option<Time>,
    /// The merged records.
    pub records: Records,
    /// Unknown members of the documents themselves, kept (the first file's where they differ).
    pub extra: Extra,
    index: Index,
}

impl Inventory {
    /// Puts merged, checked, sorted records under one roof.
    pub(crate) fn from_merged(name: Option<String>, as_of: Option<Time>, records: Records, extra: Extra) -> Self {
        let mut at = Index::default();
        index(&records, &mut at);
        Self::from_indexed(name, as_of, records, extra, at)
    }

    /// The same where it is known already where each id is.
    pub(crate) fn from_indexed(
        name: Option<String>,
        as_of: Option<Time>,
        records: Records,
        extra: Extra,
        index: Index,
    ) -> Self {
        Self {
            name,
            as_of,
            records,
            extra,
            index,
        }
    }

    /// With further relations: between records that are there, each with its own stated id that no other has.
    #[must_use]
    pub fn joined(mut self, further: Records) -> Self {
        debug_assert!(
            further.systems.is_empty() && further.identities.is_empty() && further.credentials.is_empty(),
            "only relations can be joined on"
        );
        debug_assert!(further.inherits.iter().all(|r| r.common.id.is_some()));
        self.records.append(further);
        self.records.grants.sort_by(|a, b| a.name().cmp(&b.name()));
        self.records.exposures.sort_by(|a, b| a.name().cmp(&b.name()));
        self.records.inherits.sort_by(|a, b| a.name().cmp(&b.name()));
        self.records.trusts.sort_by(|a, b| a.name().cmp(&b.name()));
        self
    }

    /// Where the entity of this id is.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<EntityIx> {
        self.index.get(id).copied()
    }

    /// The entity at an index that this inventory gave.
    #[must_use]
    pub fn entity(&self, ix: EntityIx) -> Entity<'_> {
        match ix {
            EntityIx::System(i) => Entity::System(&self.records.systems[i as usize]),
            EntityIx::Identity(i) => Entity::Identity(&self.records.identities[i as usize]),
            EntityIx::Credential(i) => Entity::Credential(&self.records.credentials[i as usize]),
        }
    }
}
