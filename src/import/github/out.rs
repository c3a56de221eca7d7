//! Records in the making, by the file each is read from.

use crate::import::pile::Making;
use crate::import::{Doing, Progress};
use crate::model::{
    Conditional, Credential, Diagnostic, Exchange, Exposure, ExposureFrom, ExposureHow, FileId, Fragment, Grant,
    Identity, Inherit, InheritHow, List, Place, Records, RelationCommon, Requirement, System, Text, Trust, When,
    Yields,
};
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Records by file.
#[derive(Default)]
pub struct Out {
    files: BTreeMap<FileId, OfFile>,
    known: HashSet<Text, RandomState>,
    /// What is said once.
    once: BTreeSet<(Place, &'static str, String)>,
}

#[derive(Default)]
struct OfFile {
    made: Making,
    fragment: Fragment,
    /// Positions of the identities of which others say more.
    parts: Vec<usize>,
}

/// So many facts are written by one thread: what two parts say is kept twice for a while.
const PART: usize = 16_384;

/// What relations are said with.
#[derive(Clone, Debug, Default)]
pub struct Says {
    pub evidence: Text,
    pub assumed: bool,
    pub unintended: bool,
    pub id: Option<String>,
}

impl Says {
    /// For certain.
    pub fn sure(evidence: impl Into<Text>) -> Self {
        Self {
            evidence: evidence.into(),
            ..Self::default()
        }
    }

    /// Not decided by what is there.
    pub fn assumed(mut self, assumed: bool) -> Self {
        self.assumed |= assumed;
        self
    }

    /// Not what anybody meant.
    pub fn unintended(mut self) -> Self {
        self.unintended = true;
        self
    }

    fn common(self, place: &Place) -> RelationCommon {
        RelationCommon {
            id: self.id.map(Into::into),
            intended: self.unintended.then_some(false),
            assumed: self.assumed.then_some(true),
            evidence: Some(self.evidence),
            places: place.clone().into(),
            ..RelationCommon::default()
        }
    }
}

impl Out {
    /// Writes facts on all threads, each part behind the one before: what comes out is what one thread would have written.
    /// Gives back what was noted of each part. After it was cancelled there is less.
    pub fn in_parts<F: Sync, N: Send>(
        &mut self,
        facts: &[F],
        progress: &dyn Progress,
        write: impl Fn(&[F], &mut Self) -> N + Sync,
    ) -> Vec<N> {
        let mut all = Vec::new();
        let mut done = 0;
        // A go at a time, so that the threads make the records of the next in the room of those of the last.
        for go in facts.chunks(PART * rayon::current_num_threads()) {
            progress.report(Doing::Joining, done, facts.len() as u64);
            done += go.len() as u64;
            if progress.cancelled() {
                break;
            }
            let written: Vec<(Self, N)> = go
                .par_chunks(PART)
                .map(|part| {
                    let mut out = Self::default();
                    let noted = write(part, &mut out);
                    (out, noted)
                })
                .collect();
            all.extend(written.into_iter().map(|(part, noted)| {
                self.absorb(part);
                noted
            }));
        }
        all
    }

    /// Adds what was written elsewhere, as if it were written here now.
    fn absorb(&mut self, other: Self) {
        let Self { files, known, once } = other;
        for (file, mut of_file) in files {
            let into = self.files.entry(file).or_default();
            let mut next = into.made.identities();
            let mut parts = of_file.parts.into_iter().peekable();
            of_file.made.retain_entities(|id, identity| {
                let is_part = identity.is_some() && parts.next_if(|part| Some(*part) == identity).is_some();
                let keep = is_part || !self.known.contains(id);
                into.parts.extend(is_part.then_some(next));
                next += usize::from(keep && identity.is_some());
                keep
            });
            into.made.take_over(of_file.made);
            let Fragment {
                diagnostics,
                conditional,
                ..
            } = of_file.fragment;
            into.fragment.diagnostics.extend(diagnostics);
            into.fragment.conditional.extend(conditional);
        }
        self.known.extend(known);
        self.once.extend(once);
    }

    fn of(&mut self, place: &Place) -> &mut OfFile {
        self.files.entry(place.file).or_default()
    }

    fn records(&mut self, place: &Place) -> &mut Making {
        &mut self.of(place).made
    }

    /// Adds a system unless it is there.
    pub fn system(&mut self, place: &Place, mut system: System) {
        if self.known.insert(system.id.clone()) {
            system.places = place.clone().into();
            self.records(place).system(system);
        }
    }

    /// Adds an identity unless it is there.
    pub fn identity(&mut self, place: &Place, mut identity: Identity) {
        if self.known.insert(identity.id.clone()) {
            identity.places = place.clone().into();
            self.records(place).identity(identity);
        }
    }

    /// Adds what one object says of an identity of which another says more.
    pub fn identity_part(&mut self, place: &Place, mut identity: Identity) {
        self.known.insert(identity.id.clone());
        identity.places = place.clone().into();
        let of_file = self.of(place);
        of_file.parts.push(of_file.made.identities());
        of_file.made.identity(identity);
    }

    /// Says that a subject's token is accepted as somebody.
    pub fn federates(&mut self, place: &Place, from: &str, to: &str, audiences: Vec<String>, says: Says) {
        let mut inherit = inherit(place, Some(from), to, &[], InheritHow::Federation, says);
        // An empty list states none.
        inherit.audiences = (!audiences.is_empty()).then_some(audiences.into());
        self.records(place).inherit(inherit);
    }

    /// Adds a credential unless it is there.
    pub fn credential(&mut self, place: &Place, mut credential: Credential) {
        if self.known.insert(credential.id.clone()) {
            credential.places = place.clone().into();
            self.records(place).credential(credential);
        }
    }

    /// Says that a holder may do something.
    pub fn grant(&mut self, place: &Place, holder: &str, system: &str, mut scopes: Vec<String>, says: Says) {
        scopes.sort();
        scopes.dedup();
        self.grant_these(place, holder, system, scopes.into(), says);
    }

    /// The same, of a list that is sorted.
    pub fn grant_these(&mut self, place: &Place, holder: &str, system: &str, scopes: List, says: Says) {
        if scopes.is_empty() {
            return;
        }
        let grant = Grant {
            common: says.common(place),
            holder: holder.to_owned().into(),
            system: system.to_owned().into(),
            scopes,
            ..Grant::default()
        };
        self.records(place).grant(grant);
    }

    /// Says that a holder may do something but for exceptions.
    pub fn grant_less(
        &mut self,
        place: &Place,
        holder: &str,
        system: &str,
        scopes: Vec<String>,
        except: Vec<String>,
        says: Says,
    ) {
        let grant = Grant {
            common: says.common(place),
            holder: holder.into(),
            system: system.into(),
            scopes: scopes.into(),
            except: except.into(),
            ..Grant::default()
        };
        self.records(place).grant(grant);
    }

    /// Says that whoever (anybody where absent) can do all of this becomes somebody.
    pub fn becomes(
        &mut self,
        place: &Place,
        from: Option<&str>,
        to: &str,
        needs: &[(&str, String)],
        how: InheritHow,
        says: Says,
    ) {
        let inherit = inherit(place, from, to, needs, how, says);
        self.records(place).inherit(inherit);
    }

    /// Makes room for so many more inherits of a file. Room that is not used costs nothing.
    pub fn expect_inherits(&mut self, file: FileId, more: usize) {
        self.files.entry(file).or_default().made.expect_inherits(more);
    }

    /// Adds what is written already.
    pub fn written(&mut self, file: FileId, inherits: Vec<Inherit>) {
        self.files.entry(file).or_default().made.written(inherits);
    }

    /// The same, where no file states an attribute of an entity.
    pub fn becomes_unless(
        &mut self,
        place: &Place,
        entity: &str,
        attribute: &'static str,
        identity: Identity,
        from: &str,
        says: Says,
    ) {
        let to = identity.id.clone();
        let records = Records {
            identities: vec![Identity {
                places: place.clone().into(),
                ..identity
            }],
            inherits: vec![inherit(place, Some(from), &to, &[], InheritHow::Federation, says)],
            ..Records::default()
        };
        let when = When {
            entity: entity.to_owned().into(),
            attribute,
            stated: false,
        };
        self.of(place).fragment.conditional.push(Conditional {
            when,
            records,
            members: None,
        });
    }

    /// Says that something gives something.
    pub fn exposes(
        &mut self,
        place: &Place,
        from: ExposureFrom,
        requires: Vec<String>,
        yields: Yields,
        how: ExposureHow,
        says: Says,
    ) {
        let exposure = Exposure {
            common: says.common(place),
            from,
            requires: requires.into(),
            yields,
            how: Some(how),
        };
        self.records(place).exposure(exposure);
    }

    /// Says that a system passes on to one in it, which looks again.
    pub fn passes(
        &mut self,
        place: &Place,
        from: &str,
        to: &str,
        requires: Vec<String>,
        scopes: Vec<String>,
        says: Says,
    ) {
        let trust = Trust {
            common: says.common(place),
            from: from.to_owned().into(),
            to: to.to_owned().into(),
            requires: requires.into(),
            scopes: scopes.clone().into(),
            exchange: Some(Exchange {
                scopes: scopes.into(),
                ..Exchange::default()
            }),
        };
        self.records(place).trust(trust);
    }

    /// Says what was odd.
    pub fn warn(&mut self, place: &Place, code: &'static str, message: String) {
        self.of(place)
            .fragment
            .diagnostics
            .push(Diagnostic::warning(code, place.clone(), message));
    }

    /// The same, unless it is said already.
    pub fn warn_once(&mut self, place: &Place, code: &'static str, message: String) {
        self.once.insert((place.clone(), code, message));
    }

    /// What there is, by file.
    pub fn finish(mut self) -> Vec<(FileId, Fragment)> {
        for (place, code, message) in std::mem::take(&mut self.once) {
            self.warn(&place, code, message);
        }
        let made = self.files.into_iter().map(|(file, mut of_file)| {
            of_file.fragment.records = of_file.made.finish();
            (file, of_file.fragment)
        });
        made.collect()
    }
}

/// Whoever (anybody where absent) can do all of this becomes somebody.
pub fn inherit(
    place: &Place,
    from: Option<&str>,
    to: &str,
    needs: &[(&str, String)],
    how: InheritHow,
    says: Says,
) -> Inherit {
    Inherit {
        common: says.common(place),
        from: from.map(str::to_owned).map(Into::into),
        to: to.to_owned().into(),
        requires_all: needs
            .iter()
            .map(|(system, scope)| Requirement {
                system: (*system).to_owned().into(),
                scope: scope.clone().into(),
            })
            .collect(),
        audiences: None,
        how: Some(how),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes something of each kind, much of which is there already.
    fn write(numbers: &[u32], out: &mut Out) -> u32 {
        for n in numbers {
            let place = Place::new(FileId(n % 3), format!("/{n}"));
            let id = |what: &str, n: u32| Text::from(format!("a long name of {what} {n}"));
            out.system(
                &place,
                System {
                    id: id("system", n % 7),
                    ..System::default()
                },
            );
            let identity = |name: &str| Identity {
                id: id("identity", n % 500),
                name: Some(name.into()),
                ..Identity::default()
            };
            match n % 5 {
                0 => out.identity_part(&place, identity("a part")),
                _ => out.identity(&place, identity("the first")),
            }
            out.credential(
                &place,
                Credential {
                    id: id("credential", n / 2),
                    ..Credential::default()
                },
            );
            out.grant(
                &place,
                &id("identity", n % 500),
                &id("system", n % 7),
                vec![format!("act {}@*", n % 11)],
                Says::sure("said"),
            );
            if n % 1000 == 0 {
                out.warn(&place, "odd", format!("odd {n}"));
            }
            out.warn_once(&Place::new(place.file, ""), "once", "said once".to_owned());
        }
        numbers.len() as u32
    }

    #[test]
    fn facts_written_in_parts_give_what_one_thread_writes() {
        let numbers: Vec<u32> = (0..PART as u32 * 3).collect();
        let mut alone = Out::default();
        write(&[5, 6, 7], &mut alone);
        write(&numbers, &mut alone);
        let mut together = Out::default();
        write(&[5, 6, 7], &mut together);
        let noted = together.in_parts(&numbers, &crate::import::Unheard, write);
        assert!(noted.len() > 1, "it is one part");
        assert_eq!(noted.iter().sum::<u32>(), numbers.len() as u32);
        let (alone, together) = (alone.finish(), together.finish());
        assert_eq!(alone.len(), 3);
        for ((file, one), (other_file, other)) in alone.iter().zip(&together) {
            assert_eq!(file, other_file);
            // Not shown where they differ: there are thousands.
            assert!(one.records == other.records, "file {file:?}");
            assert_eq!(one.diagnostics.len(), other.diagnostics.len());
            assert!(one.records.identities.len() > 100 && one.records.grants.len() > 1000);
        }
    }
}
