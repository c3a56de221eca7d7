//! The estate's picture: places are worked out once for an estate and a grouping, on a worker of their own, so that no
//! what-if ever stops or moves them; states are laid over them whenever a radius or places are new.

use super::{Estate, MapLayout, Reach, Session, Ticket};
use crate::graph::Settings;
use crate::layout::estate::{EstateLayout, Watch, estate};
use crate::scene::estate::{EstatePicture, EstatePlaces, EstateShape, Grouping};
use std::sync::Arc;

/// Above so many records an estate is shown as bubbles unless the analyst asks for something else.
pub const WORKING_MAP: usize = 1_500;

/// An estate of at most so many systems, identities and credentials is laid out while its credentials are ranked.
const AT_ONCE: usize = 400_000;

/// Where an estate's records are to stand.
#[derive(Clone)]
pub struct PlacesQuestion {
    /// What was read.
    pub estate: Arc<Estate>,
    /// What is put together.
    pub grouping: Grouping,
}

impl PartialEq for PlacesQuestion {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.estate, &other.estate) && self.grouping == other.grouping
    }
}

/// What is laid over the places.
#[derive(Clone)]
pub struct Overlaid {
    /// Where records stand.
    pub places: Arc<EstatePlaces>,
    /// What is reached.
    pub reach: Arc<Reach>,
}

impl PartialEq for Overlaid {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.places, &other.places) && Arc::ptr_eq(&self.reach, &other.reach)
    }
}

/// Keeps the last places: new imports start from them.
#[derive(Default)]
pub struct Placer {
    last: Option<(Arc<EstateShape>, EstateLayout)>,
}

impl Placer {
    /// Gives places, rough ones at once and better ones after.
    pub fn run(&mut self, q: &PlacesQuestion, ticket: &Ticket<'_, PlacesQuestion, EstatePlaces>) {
        let shape = Arc::new(EstateShape::new(&q.estate.graph, q.grouping));
        let old = self.last.as_ref().map(|(shape, layout)| (&**shape, layout));
        let request = shape.request(old);
        let watch = Watching { ticket, shape: &shape };
        if let Some(layout) = estate(&request, &watch) {
            self.last = Some((Arc::clone(&shape), layout.clone()));
            ticket.part(EstatePlaces::new(shape, layout));
        }
    }
}

struct Watching<'a, 'b> {
    ticket: &'a Ticket<'b, PlacesQuestion, EstatePlaces>,
    shape: &'a Arc<EstateShape>,
}

impl Watch for Watching<'_, '_> {
    fn is_stale(&self) -> bool {
        self.ticket.is_stale()
    }

    fn progress(&self, done: usize, all: usize) {
        self.ticket.progress("Laying the estate out", done as u64, all as u64);
    }

    fn picture(&self, layout: EstateLayout) {
        self.ticket.part(EstatePlaces::new(Arc::clone(self.shape), layout));
    }
}

/// Lays states over places.
pub fn overlay(q: Overlaid, ticket: &Ticket<'_, Overlaid, EstatePicture>) {
    let settings: Settings = q.reach.question.settings;
    let graph = &q.reach.question.estate.graph;
    let comparison = q.reach.comparison.as_ref();
    ticket.part(EstatePicture::new(
        graph,
        q.places,
        q.reach.before(),
        comparison,
        settings,
    ));
}

impl Session {
    /// Which layout is shown: the working map around a record where the analyst opened one, the estate where nothing
    /// is compromised or where it is too large for a working map, else what the analyst chose.
    #[must_use]
    pub fn shown_layout(&self) -> MapLayout {
        if self.around.is_some() || self.doc.view.paths.is_some() {
            return MapLayout::Rings;
        }
        let large = self.doc.estate.as_ref().is_some_and(|e| {
            let r = &e.inventory().records;
            r.systems.len() + r.identities.len() + r.credentials.len() > WORKING_MAP
        });
        if self.doc.proposal.seeds.is_empty() || (large && !self.layout_chosen) {
            return MapLayout::Estate;
        }
        self.settings.layout
    }

    /// How far the estate's layout is, where it is being worked out.
    #[must_use]
    pub fn laying_out(&self) -> Option<super::Progress> {
        self.placer.progress().filter(|_| self.placer.is_busy())
    }

    /// Asks for places and for a picture where the estate is shown and they are not there yet.
    pub(super) fn ask_places(&mut self) {
        let Some(estate) = self.doc.estate.clone() else {
            self.estate_picture = None;
            self.places = None;
            if self.places_asked.take().is_some() {
                self.placer.supersede(None);
            }
            return;
        };
        if self.shown_layout() != MapLayout::Estate {
            return;
        }
        let question = PlacesQuestion {
            estate,
            grouping: self.settings.grouping,
        };
        // Ranks and places of a very large estate would take each other's time; the list is asked for first.
        let records = &question.estate.inventory().records;
        let nodes = records.systems.len() + records.identities.len() + records.credentials.len();
        if nodes > AT_ONCE && self.answer.ranks.is_none() && self.analyst.is_busy() {
            return;
        }
        if self.places_asked.as_ref() != Some(&question) {
            // Places of another estate say nothing of this one.
            let other = self
                .places_asked
                .as_ref()
                .is_none_or(|q| !Arc::ptr_eq(&q.estate, &question.estate));
            if other {
                self.estate_picture = None;
            }
            self.places = None;
            self.places_asked = Some(question.clone());
            self.placer.supersede(Some(question.clone()));
        }
        let (Some(places), Some(reach)) = (&self.places, &self.answer.reach) else {
            return;
        };
        if !Arc::ptr_eq(&reach.question.estate, &question.estate) {
            return;
        }
        let wanted = Overlaid {
            places: Arc::clone(places),
            reach: Arc::clone(reach),
        };
        if self.overlaid.as_ref() != Some(&wanted) {
            self.overlaid = Some(wanted.clone());
            self.overlayer.supersede(Some(wanted));
        }
    }

    /// Takes what the two workers gave.
    pub(super) fn take_places(&mut self) -> bool {
        let mut changed = false;
        for event in self.placer.take() {
            changed = true;
            match event {
                super::Event::Part(places) => self.places = Some(Arc::new(places)),
                super::Event::Finished => {}
                super::Event::Panicked(text) => self.bug("laying the estate out", &text),
            }
        }
        for event in self.overlayer.take() {
            changed = true;
            match event {
                super::Event::Part(picture) => self.estate_picture = Some(Arc::new(picture)),
                super::Event::Finished => {}
                super::Event::Panicked(text) => self.bug("painting the estate", &text),
            }
        }
        changed
    }
}
