//! The estate layout: equal on every run and any number of threads, records inside their bubbles, bubbles apart, old
//! places kept, told to stop in time.

#[path = "../benches/generator/mod.rs"]
mod generator;

use generator::Estate;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use trustmap::layout::estate::{EstateLayout, EstateRequest, Unwatched, Watch, estate};

fn request(n: usize) -> EstateRequest {
    let made = Estate::new(n, 42);
    EstateRequest {
        groups: made.cluster.iter().max().map_or(0, |m| m + 1),
        group: made.cluster,
        edges: made.edges,
        ..EstateRequest::default()
    }
}

fn bits(layout: &EstateLayout) -> Vec<u32> {
    let spots = layout.spots.iter().flatten().map(|v| v.to_bits());
    let bubbles = layout
        .bubbles
        .iter()
        .flat_map(|b| [b.x, b.y, b.radius].map(f32::to_bits));
    spots.chain(bubbles).collect()
}

fn with_threads(threads: usize, request: &EstateRequest) -> EstateLayout {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    pool.install(|| estate(request, &Unwatched)).expect("nobody stops it")
}

#[test]
fn equal_requests_give_equal_bytes_on_any_number_of_threads() {
    for n in [300, 6_000] {
        let request = request(n);
        let one = with_threads(1, &request);
        assert_eq!(bits(&one), bits(&with_threads(1, &request)), "{n}, again");
        assert_eq!(bits(&one), bits(&with_threads(3, &request)), "{n}, three threads");
    }
}

#[test]
fn records_stand_in_their_bubbles_and_bubbles_stand_apart() {
    let request = request(3_000);
    let layout = estate(&request, &Unwatched).expect("nobody stops it");
    check_places(&request, &layout);
    assert!(!layout.rough);
    // Two records in one place could not be told apart.
    let mut places: Vec<[u32; 2]> = layout.spots.iter().map(|p| p.map(f32::to_bits)).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), layout.spots.len());
}

#[track_caller]
fn check_places(request: &EstateRequest, layout: &EstateLayout) {
    for (v, p) in layout.spots.iter().enumerate() {
        let b = layout.bubbles[request.group[v] as usize];
        let d = (p[0] - b.x).hypot(p[1] - b.y);
        assert!(
            d <= b.radius,
            "{v} stands {d} from the middle of a bubble of {}",
            b.radius
        );
    }
    for (i, a) in layout.bubbles.iter().enumerate() {
        for b in &layout.bubbles[..i] {
            let d = (a.x - b.x).hypot(a.y - b.y);
            assert!(d > a.radius + b.radius, "bubbles overlap: {a:?} {b:?}");
        }
        let nodes = layout.nodes(i as u32);
        assert_eq!(nodes.len(), a.count as usize);
        assert!(nodes.iter().all(|&v| request.group[v as usize] == i as u32));
    }
}

#[test]
fn odd_estates_have_a_picture_too() {
    let check = |group: &[u32], edges: &[(u32, u32)]| {
        let request = EstateRequest {
            groups: group.iter().max().map_or(0, |m| m + 1),
            group: group.to_vec(),
            edges: edges.to_vec(),
            ..EstateRequest::default()
        };
        let layout = estate(&request, &Unwatched).expect("nobody stops it");
        assert!(
            layout.spots.iter().flatten().all(|v| v.is_finite()),
            "{group:?} {edges:?}"
        );
        check_places(&request, &layout);
    };
    check(&[], &[]);
    check(&[0], &[]);
    check(&[0, 0], &[(0, 1), (1, 0), (0, 0)]);
    check(&[0, 1], &[(0, 1)]);
    check(&[0, 0, 0, 0, 0], &[]);
    // A hub with leaves alone, a ring, and one node twice over.
    check(&[0; 9], &(1..9).map(|i| (0, i)).collect::<Vec<_>>());
    check(&[0; 9], &(0..9).map(|i| (i, (i + 1) % 9)).collect::<Vec<_>>());
    check(&[0, 0, 0], &[(0, 1), (0, 1), (0, 1)]);
    // Thousands that nothing joins, and three hundred bubbles of one.
    check(&vec![0; 4_000], &[]);
    check(&(0..300).collect::<Vec<_>>(), &[]);
}

#[test]
fn what_hangs_on_one_record_stands_near_it() {
    // Two stars and a bridge between their middles: each leaf is nearer to its own middle.
    let mut edges = vec![(0, 1), (0, 2), (1, 2)];
    edges.extend((3..23).map(|v| (v, 0)));
    edges.extend((23..43).map(|v| (v, 1)));
    let request = EstateRequest {
        group: vec![0; 43],
        groups: 1,
        edges,
        ..EstateRequest::default()
    };
    let layout = estate(&request, &Unwatched).expect("nobody stops it");
    let d = |a: usize, b: usize| {
        let (p, q) = (layout.spots[a], layout.spots[b]);
        (p[0] - q[0]).hypot(p[1] - q[1])
    };
    let mean =
        |range: std::ops::Range<usize>, to: usize| range.clone().map(|v| d(v, to)).sum::<f32>() / range.len() as f32;
    assert!(mean(3..23, 0) < mean(3..23, 1));
    assert!(mean(23..43, 1) < mean(23..43, 0));
}

#[test]
fn a_second_picture_starts_from_the_first() {
    let mut request = request(2_000);
    let first = estate(&request, &Unwatched).expect("nobody stops it");
    let n = request.group.len();
    request.old = first.spots.iter().map(|p| Some(*p)).collect();
    request.old_bubbles = first.bubbles.iter().map(|b| Some([b.x, b.y, b.radius])).collect();
    // Ten newcomers in the first bubble, each joined to one that was there.
    for i in 0..10 {
        request.group.push(0);
        request.edges.push((n as u32 + i, first.nodes(0)[i as usize]));
        request.old.push(None);
    }
    let second = estate(&request, &Unwatched).expect("nobody stops it");
    check_places(&request, &second);
    let mut moved: Vec<f32> = (0..n)
        .map(|v| {
            let b = first.bubbles[request.group[v] as usize];
            let (p, q) = (first.spots[v], second.spots[v]);
            (p[0] - q[0]).hypot(p[1] - q[1]) / b.radius
        })
        .collect();
    moved.sort_by(f32::total_cmp);
    assert!(
        moved[n / 2] < 0.1,
        "half of them moved by {} of their bubble",
        moved[n / 2]
    );
    assert!(
        moved[n * 95 / 100] < 0.35,
        "some moved by {} of their bubble",
        moved[n * 95 / 100]
    );
}

/// Counts pictures, and stops after so many questions.
struct Counting {
    pictures: Mutex<Vec<EstateLayout>>,
    left: AtomicUsize,
    asked: AtomicUsize,
    last: Mutex<(usize, usize)>,
}

impl Counting {
    fn new(left: usize) -> Self {
        Self {
            pictures: Mutex::default(),
            left: AtomicUsize::new(left),
            asked: AtomicUsize::new(0),
            last: Mutex::default(),
        }
    }
}

impl Watch for Counting {
    fn is_stale(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.left.load(Ordering::Relaxed)
    }

    fn progress(&self, done: usize, all: usize) {
        let mut last = self.last.lock().expect("no panic");
        last.0 = last.0.max(done);
        last.1 = all;
    }

    fn picture(&self, layout: EstateLayout) {
        self.pictures.lock().expect("no panic").push(layout);
    }
}

#[test]
fn a_first_picture_comes_at_once_and_no_bubble_moves_after_it() {
    let request = request(5_000);
    let watch = Counting::new(usize::MAX);
    let last = estate(&request, &watch).expect("nobody stops it");
    let pictures = watch.pictures.into_inner().expect("no panic");
    assert!(pictures.len() >= 2, "{} pictures on the way", pictures.len());
    for picture in &pictures {
        assert_eq!(picture.bubbles, last.bubbles);
        assert!(picture.rough);
        check_places(&request, picture);
    }
    assert_eq!(*watch.last.lock().expect("no panic"), (5_000, 5_000));
}

#[test]
fn it_stops_when_it_is_told() {
    let request = request(5_000);
    let whole = Counting::new(usize::MAX);
    assert!(estate(&request, &whole).is_some());
    let questions = whole.asked.load(Ordering::Relaxed);
    assert!(questions > 100, "it asks only {questions} times");
    for left in [0, 1, questions / 2] {
        let watch = Counting::new(left);
        assert!(estate(&request, &watch).is_none(), "{left}");
        // Each thread notices at its next question.
        let more = watch.asked.load(Ordering::Relaxed) - left;
        assert!(more < 64, "{more} questions after it was told to stop");
    }
}
