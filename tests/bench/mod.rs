//! What the window's tests share: the program in a harness, with its own clock, dialogs and disk.

use eframe::egui;
use egui_kittest::Harness;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use trustmap::app::App;
use trustmap::export::file;
use trustmap::model::Time;
use trustmap::session::{Ask, Clock, Dialogs, Disk, Ports, Reply, ThemeChoice, WindowSettings};

/// Always the same instant.
pub struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Time {
        "2026-05-01T12:00:00Z".parse().expect("a time")
    }
}

/// Dialogs that answer at once with what the test put here.
#[derive(Default)]
pub struct Answers {
    pub paths: Mutex<Vec<PathBuf>>,
    pub asked: Mutex<Vec<Ask>>,
}

impl Dialogs for Answers {
    fn choose(&self, ask: Ask, reply: Reply) {
        self.asked.lock().expect("no panic").push(ask);
        reply(std::mem::take(&mut *self.paths.lock().expect("no panic")));
    }
}

/// The disk, but for a name at which it panics: a bug in a job.
pub struct Disks;

impl Disk for Disks {
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), String> {
        assert!(!path.ends_with("panic.png"), "the disk of the test has a fault");
        file::write(path, bytes)
    }

    fn write_together(&self, folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), String> {
        file::write_together(folder, files)
    }
}

/// A window in a harness.
pub struct Bench {
    pub harness: Harness<'static, App>,
    #[allow(dead_code, reason = "not every test file asks for dialogs")]
    pub answers: Arc<Answers>,
}

/// How a bench is set up.
pub struct Setup {
    pub size: (f32, f32),
    pub theme: ThemeChoice,
    pub files: Vec<PathBuf>,
    pub export_folder: PathBuf,
    pub settings_file: Option<PathBuf>,
    pub autosave_file: Option<PathBuf>,
    pub toured: bool,
    #[allow(dead_code, reason = "only pictures are drawn")]
    pub draws: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            size: (1440.0, 900.0),
            theme: ThemeChoice::Dark,
            files: Vec::new(),
            export_folder: PathBuf::from("/nowhere"),
            settings_file: None,
            autosave_file: None,
            toured: true,
            draws: false,
        }
    }
}

impl Bench {
    pub fn new(setup: Setup) -> Self {
        let answers = Arc::new(Answers::default());
        let dialogs = Arc::clone(&answers);
        let builder = Harness::builder()
            .with_size(egui::vec2(setup.size.0, setup.size.1))
            .with_step_dt(1.0 / 60.0)
            .with_max_steps(64);
        let builder = if setup.draws { builder.wgpu() } else { builder };
        let harness = builder.build_eframe(move |cc| {
            let wake = cc.egui_ctx.clone();
            let ports = Ports {
                clock: Arc::new(Stopped),
                dialogs,
                disk: Arc::new(Disks),
                settings_file: setup.settings_file.clone(),
                autosave_file: setup.autosave_file.clone(),
                autosave_every: Duration::from_millis(20),
                export_folder: setup.export_folder.clone(),
                waker: Arc::new(move || wake.request_repaint()),
            };
            let settings = WindowSettings {
                theme: setup.theme,
                less_motion: true,
                toured: setup.toured,
                ..WindowSettings::default()
            };
            App::new(&cc.egui_ctx, ports, settings, setup.files.clone()).expect("the system has a thread")
        });
        let mut bench = Self { harness, answers };
        bench.settle();
        bench
    }

    /// Steps until nothing is worked on and everything that came back is on screen.
    #[track_caller]
    pub fn settle(&mut self) {
        let start = Instant::now();
        let mut quiet = 0;
        while quiet < 3 {
            self.harness.step();
            let busy = self.harness.state().session().is_busy();
            quiet = if busy { 0 } else { quiet + 1 };
            if busy {
                std::thread::sleep(Duration::from_millis(2));
            }
            assert!(
                start.elapsed() < Duration::from_secs(120),
                "the window does not come to rest"
            );
        }
    }
}

/// A file of this repository.
pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
