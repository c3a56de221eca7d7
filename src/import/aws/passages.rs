//! The ways through what every permission of a principal has to pass: its boundary, and denials that name what they
//! spare.

use super::part::Way;
use super::patterns::{set, split};
use crate::model::scope::{covers, overlaps};
use crate::model::{List, Text};

/// Something that every permission has to pass, in one of several ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Any of these will do.
    pub ways: Vec<Way>,
    /// Whether the export decides that it is there.
    pub certain: bool,
    /// It is a permission boundary.
    pub boundary: bool,
}

/// More ways than this through all layers together are not told apart.
const WAYS_AT_MOST: usize = 16;

/// One way through all layers.
pub struct Passage {
    /// Nothing outside these.
    pub within: Option<List>,
    /// Nothing of these.
    pub except: Vec<List>,
}

/// The ways through all layers: for certain grants those that hold whatever is undecided, for assumed ones those that
/// need something undecided to go the worse way.
pub fn passages(layers: &[&Layer], assumed: bool, doubt: bool) -> Vec<Passage> {
    struct Open {
        within: Option<List>,
        except: Vec<List>,
        doubt: bool,
    }
    let mut open = vec![Open {
        within: None,
        except: Vec::new(),
        doubt,
    }];
    for layer in layers {
        if assumed && !layer.certain {
            for o in &mut open {
                o.doubt = true;
            }
            continue;
        }
        let ways: Vec<&Way> = layer.ways.iter().filter(|w| assumed || w.certain).collect();
        if open.len() * ways.len() > WAYS_AT_MOST && assumed {
            // Too many to tell apart: the worst case goes without this layer.
            for o in &mut open {
                o.doubt = true;
            }
            continue;
        }
        let mut next = Vec::new();
        for o in &open {
            for way in &ways {
                if next.len() == WAYS_AT_MOST {
                    break;
                }
                let (within, partly) = match (&o.within, &way.within) {
                    (None, None) => (None, Vec::new()),
                    (Some(w), None) | (None, Some(w)) => (Some(w.clone()), Vec::new()),
                    (Some(a), Some(b)) => {
                        let (both, partly) = intersect(a, b);
                        (Some(set(both)), partly)
                    }
                };
                let mut except = o.except.clone();
                except.extend((!way.except.is_empty()).then(|| way.except.clone()));
                let within = match within {
                    Some(within) if assumed && !partly.is_empty() => Some(set(within.iter().chain(&partly).cloned())),
                    other => other,
                };
                next.push(Open {
                    within,
                    except,
                    doubt: o.doubt || !way.certain || !partly.is_empty(),
                });
            }
        }
        open = next;
    }
    open.into_iter()
        .filter(|o| !assumed || o.doubt)
        .map(|o| Passage {
            within: o.within,
            except: o.except,
        })
        .collect()
}

/// What two lists of patterns have in common: pattern by pattern, the act and the resource each by itself. Where
/// neither of two parts covers the other, nothing is certain; the second list has the first's pattern then.
fn intersect(a: &[Text], b: &[Text]) -> (Vec<Text>, Vec<Text>) {
    let (mut both, mut partly) = (Vec::new(), Vec::new());
    for p in a {
        for q in b {
            let ((pa, pr), (qa, qr)) = (split(p), split(q));
            match (narrower(pa, qa), narrower(pr, qr)) {
                (Common::Is(act), Common::Is(resource)) => both.push(format!("{act}@{resource}").into()),
                (Common::None, _) | (_, Common::None) => {}
                _ => partly.push(p.clone()),
            }
        }
    }
    (both, partly)
}

enum Common<'a> {
    Is(&'a str),
    Partly,
    None,
}

fn narrower<'a>(p: &'a str, q: &'a str) -> Common<'a> {
    if covers(p, q) {
        Common::Is(q)
    } else if covers(q, p) {
        Common::Is(p)
    } else if overlaps(p, q) {
        Common::Partly
    } else {
        Common::None
    }
}
