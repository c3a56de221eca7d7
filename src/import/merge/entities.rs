//! The same id of the same kind, in two files or twice in one, is one entity: fields one leaves out are filled from the
//! other, lists are united, `validates` and `attributes` are merged member by member, and of two different values for
//! one field the first stays and the conflict is reported.

use super::*;

/// An entity that can be united with others of its id.
pub(super) trait Unite: Sized + Send + Sync {
    const KIND: EntityKind;

    fn id(&self) -> &Text;

    fn places(&self) -> &[Place];

    /// Sorts lists, drops repeats.
    fn normalise(&mut self);

    /// Makes one of several, which stand in load order and share their id; there are at least two.
    fn unite(group: Vec<Self>, report: &mut Report) -> Self;
}

/// Unites what shares an id; the result is sorted by id.
pub(super) fn unite_all<E: Unite>(mut records: Vec<E>, report: &mut Report) -> Vec<E> {
    records.par_iter_mut().for_each(Unite::normalise);
    if !records.is_sorted_by(|a, b| a.id() <= b.id()) {
        order::by_id(&mut records);
    }
    records.shrink_to_fit();
    if records.is_sorted_by(|a, b| a.id() < b.id()) {
        return records;
    }
    let mut united = Vec::with_capacity(records.len());
    let mut records = records.into_iter().peekable();
    while let Some(first) = records.next() {
        let mut group = vec![first];
        while let Some(next) = records.next_if(|r| r.id() == group[0].id()) {
            group.push(next);
        }
        united.push(match group.len() {
            1 => group.swap_remove(0),
            _ => E::unite(group, report),
        });
    }
    united
}

/// How a conflict shows a value; `None` for those that are not shown.
trait Show: PartialEq {
    fn show(&self) -> Option<String>;
}

impl Show for Text {
    fn show(&self) -> Option<String> {
        Some(quote(self))
    }
}

impl Show for bool {
    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Show for Time {
    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

macro_rules! show_as_text {
    ($($kind:ty),+) => {
        $(impl Show for $kind {
            fn show(&self) -> Option<String> {
                Some(self.as_str().to_owned())
            }
        })+
    };
}
show_as_text!(
    Criticality,
    IdentityKind,
    IdentityStatus,
    CredentialKind,
    CredentialStatus
);

/// Reports conflicts of one group.
struct Conflicts<'r> {
    kind: EntityKind,
    id: String,
    report: &'r mut Report,
}

impl Conflicts<'_> {
    fn report(&mut self, field: &str, kept: Option<&Place>, other: Option<&Place>, values: Option<(String, String)>) {
        let values = values.map_or(String::new(), |(kept, other)| {
            format!(": {kept} was kept, {other} was not")
        });
        self.report.also(
            "conflict",
            Level::Conflict,
            other,
            kept,
            format!(
                "Two values for {field} of {} {}{values}; the first stays, make them agree",
                self.kind.noun(),
                quote(&self.id)
            ),
        );
    }

    /// The first value stated; the others are compared with it.
    fn first<T: Show>(&mut self, field: &str, values: impl Iterator<Item = (Option<T>, Option<Place>)>) -> Option<T> {
        let mut kept: Option<(T, Option<Place>)> = None;
        for (value, place) in values {
            let Some(value) = value else { continue };
            match &kept {
                None => kept = Some((value, place)),
                Some((first, at)) if *first != value => {
                    let shown = first.show().zip(value.show());
                    self.report(field, at.as_ref(), place.as_ref(), shown);
                }
                Some(_) => {}
            }
        }
        kept.map(|(value, _)| value)
    }

    /// Members united; each remembers where it was first stated.
    fn members(&mut self, field: &str, maps: impl Iterator<Item = (Extra, Option<Place>)>) -> Extra {
        let mut united = Extra::new();
        let mut stated: HashMap<String, Option<Place>> = HashMap::new();
        for (map, place) in maps {
            for key in map.keys() {
                stated.entry(key.to_string()).or_insert_with(|| place.clone());
            }
            unite_members(&mut united, map, |key| {
                let kept = stated.get(key).cloned().flatten();
                let what = if field.is_empty() {
                    key.to_owned()
                } else {
                    format!("{field}.{key}")
                };
                self.report(&what, kept.as_ref(), place.as_ref(), None);
            });
        }
        united
    }
}

/// The union of lists, stated where one of them is.
fn united_list(lists: impl Iterator<Item = Option<List>>) -> Option<List> {
    let mut united: Option<List> = None;
    for list in lists.flatten() {
        united.get_or_insert_default().extend(list);
    }
    if let Some(list) = &mut united {
        sort_set(list);
    }
    united
}

macro_rules! unite {
    ($kind:ty, $entity:expr, first: [$($first:ident),*], stated_lists: [$($list:ident),*], validates: [$($check:ident),*]) => {
        impl Unite for $kind {
            const KIND: EntityKind = $entity;

            fn id(&self) -> &Text {
                &self.id
            }

            fn places(&self) -> &[Place] {
                &self.places
            }

            fn normalise(&mut self) {
                $(if let Some(list) = &mut self.$list { sort_set(list); })*
                sort_set(&mut self.tags);
            }

            fn unite(mut group: Vec<Self>, report: &mut Report) -> Self {
                let mut united = Self { id: group[0].id.clone(), ..Self::default() };
                let mut conflicts = Conflicts { kind: $entity, id: united.id.to_string(), report };
                let at: Vec<Option<Place>> = group.iter().map(|r| r.places.first().cloned()).collect();
                $(
                    let values = group.iter_mut().map(|r| r.$first.take()).zip(at.iter().cloned());
                    united.$first = conflicts.first(stringify!($first), values);
                )*
                $(united.$list = united_list(group.iter_mut().map(|r| r.$list.take())).map(Into::into);)*
                $(
                    let values = group.iter_mut().map(|r| r.validates.$check.take()).zip(at.iter().cloned());
                    united.validates.$check = conflicts.first(concat!("validates.", stringify!($check)), values);
                    let maps = group.iter_mut().map(|r| std::mem::take(&mut r.validates.extra)).zip(at.iter().cloned());
                    unite!(@once $check united conflicts maps);
                )*
                united.tags = united_list(group.iter_mut().map(|r| Some(std::mem::take(&mut r.tags)))).unwrap_or_default().into();
                let maps = group.iter_mut().map(|r| std::mem::take(&mut r.attributes)).zip(at.iter().cloned());
                united.attributes = conflicts.members("attributes", maps);
                let maps = group.iter_mut().map(|r| std::mem::take(&mut r.extra)).zip(at.iter().cloned());
                united.extra = conflicts.members("", maps);
                united.places = group.into_iter().flat_map(|r| r.places).collect();
                united
            }
        }
    };
    // The unknown members of `validates` are united once, with the first of its checks.
    (@once audience $united:ident $conflicts:ident $maps:ident) => {
        $united.validates.extra = $conflicts.members("validates", $maps);
    };
    (@once $other:ident $united:ident $conflicts:ident $maps:ident) => {
        drop($maps);
    };
}

unite!(
    System,
    EntityKind::System,
    first: [name, kind, platform, environment, owner, third_party, criticality],
    stated_lists: [accepts_issuers, accepts_audiences],
    validates: [audience, issuer, scope, context, revocation]
);
unite!(
    Identity,
    EntityKind::Identity,
    first: [name, kind, platform, environment, owner, third_party, status],
    stated_lists: [],
    validates: []
);
unite!(
    Credential,
    EntityKind::Credential,
    first: [
        name, kind, identity, issuer, self_contained, status, issued_at, expires_at, rotated_at, last_used_at, owner,
        public_id, fingerprint, leaked
    ],
    stated_lists: [audience, scopes, contexts],
    validates: []
);
