//! The worker: one thread with one slot. A newer job supersedes the one in the slot and the one that runs; every
//! result carries the generation of its job, and only results of the present generation are ever taken. A panic in
//! a job is caught, said, and costs nothing but that job.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Called from the worker's thread whenever there is something to take.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing, for instance `Reading aws-authz-details.json`.
    pub what: String,
    /// Done, in units of `total` (bytes while reading).
    pub done: u64,
    /// All there is to do; 0 where that is not known.
    pub total: u64,
}

/// What comes back from a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<R> {
    /// A result; a job may give several, one after the other.
    Part(R),
    /// The job ended; nothing more comes from it.
    Finished,
    /// The job ended in a bug; the text says what the program said about itself.
    Panicked(String),
}

struct State<J, R> {
    slot: Option<(u64, J)>,
    running: Option<u64>,
    results: VecDeque<(u64, Event<R>)>,
    progress: Option<(u64, Progress)>,
    closing: bool,
}

struct Shared<J, R> {
    state: Mutex<State<J, R>>,
    wake_worker: Condvar,
    generation: AtomicU64,
    wake_window: Waker,
}

impl<J, R> Shared<J, R> {
    /// A poisoned lock would mean a panic while the state was being moved; the state is plain data, so go on with it.
    fn lock(&self) -> MutexGuard<'_, State<J, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a running job sees of the world: whether it is stale, and where its results go.
pub struct Ticket<'a, J, R> {
    shared: &'a Shared<J, R>,
    generation: u64,
    last_wake: Mutex<Option<Instant>>,
}

impl<J, R> Ticket<'_, J, R> {
    /// Whether a newer job has taken over, or the job was cancelled; long loops ask this and return.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.shared.generation.load(Ordering::Acquire) != self.generation
    }

    /// Hands over a result; dropped where it comes too late.
    pub fn part(&self, result: R) {
        self.push(Event::Part(result));
    }

    /// Says how far the job is. Cheap enough to call often: the window is woken at most twenty times a second.
    pub fn progress(&self, what: &str, done: u64, total: u64) {
        if self.is_stale() {
            return;
        }
        self.shared.lock().progress = Some((
            self.generation,
            Progress {
                what: what.to_owned(),
                done,
                total,
            },
        ));
        let now = Instant::now();
        let mut last = self.last_wake.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|t| now.duration_since(t) >= Duration::from_millis(50)) {
            *last = Some(now);
            drop(last);
            (self.shared.wake_window)();
        }
    }

    fn push(&self, event: Event<R>) {
        let mut state = self.shared.lock();
        // Under the lock, so that nothing stale is queued after `supersede` has emptied the queue.
        if self.is_stale() {
            return;
        }
        state.results.push_back((self.generation, event));
        drop(state);
        (self.shared.wake_window)();
    }
}

/// One thread that does one job at a time.
pub struct Worker<J, R> {
    shared: Arc<Shared<J, R>>,
}

impl<J: Send + 'static, R: Send + 'static> Worker<J, R> {
    /// Starts the thread. `run` does a job and keeps what it likes between jobs. Errors: the system has no thread to give.
    pub fn start(
        name: &str,
        wake_window: Waker,
        mut run: impl FnMut(J, &Ticket<'_, J, R>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                slot: None,
                running: None,
                results: VecDeque::new(),
                progress: None,
                closing: false,
            }),
            wake_worker: Condvar::new(),
            generation: AtomicU64::new(0),
            wake_window,
        });
        let mine = Arc::clone(&shared);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&mine, &mut run))?;
        Ok(Self { shared })
    }

    /// Whether a job runs at this moment, stale or not.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.shared.lock().running.is_some()
    }

    /// Makes everything so far stale and puts `job`, if any, in the slot. The only place where a generation begins.
    pub fn supersede(&self, job: Option<J>) -> u64 {
        let mut state = self.shared.lock();
        let generation = self.shared.generation.fetch_add(1, Ordering::AcqRel) + 1;
        state.slot = job.map(|j| (generation, j));
        state.results.clear();
        state.progress = None;
        drop(state);
        self.shared.wake_worker.notify_all();
        generation
    }

    /// What has come back since the last call, oldest first; nothing stale is among it.
    #[must_use]
    pub fn take(&self) -> Vec<Event<R>> {
        let mut state = self.shared.lock();
        let now = self.shared.generation.load(Ordering::Acquire);
        state
            .results
            .drain(..)
            .filter(|(g, _)| *g == now)
            .map(|(_, event)| event)
            .collect()
    }

    /// Whether the present job waits or runs, or has results that were not taken. A stale job that has not
    /// noticed yet does not count.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let state = self.shared.lock();
        let now = self.shared.generation.load(Ordering::Acquire);
        state.slot.is_some() || state.running == Some(now) || state.results.iter().any(|(g, _)| *g == now)
    }

    /// How far the present job is, where it said so.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let state = self.shared.lock();
        let now = self.shared.generation.load(Ordering::Acquire);
        state
            .progress
            .as_ref()
            .filter(|(g, _)| *g == now)
            .map(|(_, p)| p.clone())
    }
}

impl<J, R> Drop for Worker<J, R> {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.generation.fetch_add(1, Ordering::AcqRel);
        self.shared.wake_worker.notify_all();
    }
}

fn work<J, R>(shared: &Shared<J, R>, run: &mut impl FnMut(J, &Ticket<'_, J, R>)) {
    loop {
        let (generation, job) = {
            let mut state = shared.lock();
            loop {
                if state.closing {
                    return;
                }
                if let Some((generation, job)) = state.slot.take() {
                    state.running = Some(generation);
                    break (generation, job);
                }
                state = shared.wake_worker.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let ticket = Ticket {
            shared,
            generation,
            last_wake: Mutex::new(None),
        };
        // What a job keeps between jobs is a cache that it replaces whole, so going on after a panic is safe.
        let ended = catch_unwind(AssertUnwindSafe(|| run(job, &ticket)));
        shared.lock().running = None;
        ticket.push(match ended {
            Ok(()) => Event::Finished,
            Err(panic) => Event::Panicked(panic_text(panic.as_ref())),
        });
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn wait<J: Send + 'static, R: Send + 'static>(worker: &Worker<J, R>) -> Vec<Event<R>> {
        let mut all = Vec::new();
        let start = Instant::now();
        while worker.is_busy() && start.elapsed() < Duration::from_secs(20) {
            all.extend(worker.take());
            std::thread::sleep(Duration::from_millis(1));
        }
        all.extend(worker.take());
        all
    }

    #[test]
    fn a_job_gives_its_parts_in_order_and_then_ends() {
        let worker = Worker::start("t", Arc::new(|| ()), |n: u32, t| (0..n).for_each(|i| t.part(i))).expect("a thread");
        worker.supersede(Some(3));
        assert_eq!(
            wait(&worker),
            [Event::Part(0), Event::Part(1), Event::Part(2), Event::Finished]
        );
        assert!(!worker.is_busy());
    }

    #[test]
    fn a_newer_job_silences_the_older_one_even_while_it_runs() {
        let (started, at_start) = mpsc::channel();
        let (go, gate) = mpsc::channel::<()>();
        let worker = Worker::start("t", Arc::new(|| ()), move |n: u32, t| {
            if n == 1 {
                t.part(10);
                started.send(()).expect("the test listens");
                gate.recv().expect("the test lets go");
                assert!(t.is_stale());
                t.part(11);
            } else {
                t.part(20);
            }
        })
        .expect("a thread");
        worker.supersede(Some(1));
        at_start.recv().expect("the job starts");
        worker.supersede(Some(2));
        go.send(()).expect("the job waits");
        assert_eq!(wait(&worker), [Event::Part(20), Event::Finished]);
    }

    #[test]
    fn cancelling_leaves_nothing_to_take() {
        let (go, gate) = mpsc::channel::<()>();
        let worker = Worker::start("t", Arc::new(|| ()), move |(), t| {
            t.progress("Reading", 1, 2);
            gate.recv().expect("the test lets go");
            t.part(1);
        })
        .expect("a thread");
        worker.supersede(Some(()));
        let start = Instant::now();
        while worker.progress().is_none() && start.elapsed() < Duration::from_secs(20) {
            std::thread::yield_now();
        }
        assert_eq!(worker.progress().map(|p| (p.done, p.total)), Some((1, 2)));
        worker.supersede(None);
        assert_eq!(worker.progress(), None);
        assert!(!worker.is_busy());
        go.send(()).expect("the job waits");
        // The same thread takes the next job, so by its end the cancelled one has tried to hand over its part.
        let _ = go.send(());
        worker.supersede(Some(()));
        assert_eq!(wait(&worker), [Event::Part(1), Event::Finished]);
    }

    #[test]
    fn a_panic_is_said_and_the_next_job_runs() {
        let worker = Worker::start("t", Arc::new(|| ()), |n: u32, t| {
            assert!(n != 7, "seven is not a number");
            t.part(n);
        })
        .expect("a thread");
        worker.supersede(Some(7));
        assert_eq!(wait(&worker), [Event::Panicked("seven is not a number".to_owned())]);
        worker.supersede(Some(8));
        assert_eq!(wait(&worker), [Event::Part(8), Event::Finished]);
    }
}
