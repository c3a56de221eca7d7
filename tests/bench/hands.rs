//! The hands of the window's tests: what an analyst does, by accessible label.

#![allow(dead_code, reason = "not every test file does everything")]

use super::bench::{Bench, here};
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

impl Bench {
    pub fn session(&self) -> &trustmap::session::Session {
        self.harness.state().session()
    }

    pub fn drop_files(&mut self, files: &[PathBuf]) {
        for f in files {
            let dropped: egui::DroppedFileHandle = Arc::new(Dropped(f.clone()));
            self.harness.input_mut().dropped_files.push(dropped);
        }
        self.harness.step();
        self.harness.input_mut().dropped_files.clear();
        self.settle();
    }

    #[track_caller]
    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.settle();
    }

    #[track_caller]
    pub fn click_part(&mut self, label: &str) {
        self.harness.get_by_label_contains(label).click();
        self.settle();
    }

    #[track_caller]
    pub fn says(&self, label: &str) {
        if self.harness.query_all_by_label(label).next().is_none() {
            panic!("nothing says {label:?}; said is:\n{}", self.all_labels().join("\n"));
        }
    }

    #[track_caller]
    pub fn says_part(&self, label: &str) {
        if self.harness.query_all_by_label_contains(label).next().is_none() {
            panic!("nothing says {label:?}; said is:\n{}", self.all_labels().join("\n"));
        }
    }

    #[track_caller]
    pub fn does_not_say(&self, label: &str) {
        assert!(
            self.harness.query_all_by_label_contains(label).next().is_none(),
            "something says {label:?}"
        );
    }

    pub fn all_labels(&self) -> Vec<String> {
        let mut out = Vec::new();
        collect(self.harness.root().accesskit_node(), &mut |n| {
            out.extend(n.label().or_else(|| n.value()));
        });
        out
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    pub fn text(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.settle();
    }

    /// Whether the window asked for another frame.
    pub fn wants_a_frame(&self) -> bool {
        self.harness
            .output()
            .viewport_output
            .values()
            .any(|v| v.repaint_delay < std::time::Duration::from_secs(3600))
    }
}

pub fn collect(
    node: egui_kittest::kittest::AccessKitNode<'_>,
    take: &mut impl FnMut(&egui_kittest::kittest::AccessKitNode<'_>),
) {
    take(&node);
    for child in node.children() {
        collect(child, take);
    }
}

pub fn two_files() -> Vec<PathBuf> {
    vec![
        here("tests/fixtures/window/ci.json"),
        here("tests/fixtures/window/cloud.json"),
    ]
}

#[track_caller]
pub fn type_path(bench: &mut Bench, path: &Path) {
    let field = bench.harness.get_by_label("File to write");
    field.focus();
    bench.harness.step();
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    bench.harness.step();
    bench
        .harness
        .get_by_label("File to write")
        .type_text(&path.display().to_string());
    bench.settle();
}
