//! Who may know whom. Reads the sources and fails with a sentence that says what to do.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in their order: a room uses only rooms above it.
const ROOMS: [&str; 15] = [
    "model", "import", "stitch", "graph", "analysis", "scenario", "findings", "plan", "layout", "scene", "export",
    "session", "cli", "ui", "app",
];

/// Rooms above that a room must not know all the same, and what to do instead.
const STRANGERS: &[(&str, &[&str], &str)] = &[
    (
        "graph",
        &["import", "stitch"],
        "a graph is built from an inventory, whoever read it: take an Inventory",
    ),
    (
        "layout",
        &["import", "graph", "analysis", "scenario", "findings", "plan"],
        "a layout knows its request only: put what it needs into the request, in layout's own types",
    ),
    (
        "ui",
        &["import::native", "import::aws", "import::k8s"],
        "a panel knows no format: ask the session",
    ),
    (
        "app",
        &["import::native", "import::aws", "import::k8s"],
        "the shell knows no format: ask the session",
    ),
    (
        "cli",
        &["import::native", "import::aws", "import::k8s"],
        "the command line knows no format: use import::load and IMPORTERS",
    ),
];

/// What only some files may name: the words, who may (a room, or a file), and what to do instead.
const RESERVED: &[(&[&str], &[&str], &str)] = &[
    (
        &[
            "egui",
            "eframe",
            "egui_graphs",
            "egui_extras",
            "egui_notify",
            "egui_phosphor",
            "egui_kittest",
            "rfd",
            "winit",
        ],
        &["ui", "app"],
        "only ui and app know the window: keep plain values here and let them paint",
    ),
    (
        &["std::fs", "fs::", "File::", "OpenOptions", "tempfile"],
        &["import/source.rs", "export/file.rs", "session", "app"],
        "inventories are opened by import::source alone, files are written by export::file: use import::load, \
         import::read_text_file or export::file::write",
    ),
    (
        &["Time::now", "Timestamp::now", "Zoned::now", "SystemTime"],
        &["model/time.rs", "main.rs", "session", "app"],
        "only the border reads the clock: take the time as an argument",
    ),
    (
        &["Instant::now"],
        &["cli/open.rs", "cli/plan.rs", "session", "ui", "app"],
        "only the border reads the clock: measure where the caller is",
    ),
    (
        &["std::thread", "thread::spawn", "rayon"],
        &[
            "import",
            "graph/trust_graph.rs",
            "graph/open_inherits.rs",
            "analysis",
            "scenario",
            "findings",
            "plan",
            "layout/estate/mod.rs",
            "layout/estate/net.rs",
            "layout/estate/force.rs",
            "export",
            "session",
            "app",
        ],
        "this room computes on whichever thread calls it: split the work in analysis or session",
    ),
    (
        &[
            "std::process::Command",
            "Command::new(\"",
            "std::net",
            "TcpStream",
            "UdpSocket",
            "reqwest",
        ],
        &[],
        "nothing is sent anywhere and no other program is started: take the data as a file",
    ),
    (
        &["std::io::stdin", "io::stdin"],
        &["import/source.rs"],
        "standard input is an input like any other: use import::load with -",
    ),
    (
        &["std::env::var", "env::var", "env::var_os", "env::vars"],
        &["app", "main.rs"],
        "only the border asks the environment: take what is needed as an argument",
    ),
];

/// Rooms that read what strangers wrote: there nothing may panic.
const CAREFUL: [&str; 4] = ["import", "stitch", "session", "export"];

#[test]
fn every_source_keeps_to_the_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    files.sort();
    assert!(files.len() > 20, "the sources were not found under {}", src.display());
    let mut complaints = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source can be read");
        let path = file
            .strip_prefix(&src)
            .expect("it is below src")
            .to_string_lossy()
            .replace('\\', "/");
        complaints.extend(complain(&path, &text));
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// A source that breaks a rule must be complained about, and one that keeps it must not.
#[track_caller]
fn check(path: &str, text: &str, expected: Option<&str>) {
    let complaints = complain(path, text);
    match expected {
        None => assert!(complaints.is_empty(), "{complaints:?}"),
        Some(part) => {
            assert!(
                complaints.iter().any(|c| c.contains(part)),
                "expected {part:?} in {complaints:?}"
            );
        }
    }
}

#[test]
fn each_rule_is_noticed_when_it_is_broken() {
    check(
        "model/record.rs",
        "use crate::import::load;",
        Some("model may not use import"),
    );
    check(
        "import/load.rs",
        "fn f() { crate::graph::Thing::System(0); }",
        Some("import may not use graph"),
    );
    check(
        "import/load.rs",
        "use crate::{model::Place, analysis::Step};",
        Some("import may not use analysis"),
    );
    check(
        "import/load.rs",
        "use crate::{\n    model::{Place, Time},\n    import::json,\n};",
        None,
    );
    check(
        "analysis/mod.rs",
        "use crate::scenario::Action;",
        Some("analysis may not use scenario"),
    );
    check(
        "layout/rings.rs",
        "use crate::analysis::Radius;",
        Some("put what it needs into the request"),
    );
    check("graph/mod.rs", "use crate::import::Loaded;", Some("take an Inventory"));
    check(
        "cli/check.rs",
        "use crate::import::native::FORMAT;",
        Some("knows no format"),
    );
    check(
        "scene/mod.rs",
        "use egui::Color32;",
        Some("only ui and app know the window"),
    );
    check(
        "scene/icons.rs",
        "let a = egui_phosphor::regular::KEY;",
        Some("only ui and app know the window"),
    );
    check("ui/mod.rs", "use egui::Color32;", None);
    check(
        "cli/radius.rs",
        "let text = std::fs::read_to_string(path);",
        Some("import::read_text_file"),
    );
    check(
        "import/native/mod.rs",
        "let file = File::open(path);",
        Some("opened by import::source alone"),
    );
    check("import/source.rs", "let file = File::open(path);", None);
    check(
        "analysis/radius.rs",
        "let now = Time::now();",
        Some("take the time as an argument"),
    );
    check(
        "export/json.rs",
        "let t = std::time::Instant::now();",
        Some("only the border reads the clock"),
    );
    check(
        "model/inventory.rs",
        "use rayon::prelude::*;",
        Some("on whichever thread calls it"),
    );
    check("session/worker.rs", "std::thread::spawn(f);", None);
    check(
        "import/x.rs",
        "let c = std::process::Command::new(name);",
        Some("no other program is started"),
    );
    check("import/x.rs", "let x = y.unwrap();", Some("nothing may panic"));
    check("import/x.rs", "let x = y.expect(text);", Some("nothing may panic"));
    check("export/x.rs", "panic!();", Some("nothing may panic"));
    check(
        "import/x.rs",
        "let x = y.unwrap_or(1);\n#[cfg(test)]\nmod tests { fn f() { y.unwrap(); } }",
        None,
    );
    // Words in comments and texts are no use.
    check(
        "model/x.rs",
        "// crate::graph and egui::x and y.unwrap()\n/* rayon */ let a = \"std::fs\"; let b = r#\"egui::\"#;",
        None,
    );
    check(
        "model/x.rs",
        "let quote = '\"'; use crate::graph::X; let other = '\"';",
        Some("model may not use graph"),
    );
    check("nowhere/x.rs", "", Some("is no room"));
}

/// What is wrong with a source, one sentence each. `path` is below src, parted by `/`.
fn complain(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let code = without_tests(&without_words(text));
    let room = match path.split_once('/') {
        Some((room, _)) => room,
        // lib.rs names all rooms, main.rs is the border.
        None => "app",
    };
    let Some(rank) = ROOMS.iter().position(|r| *r == room) else {
        return vec![format!(
            "src/{path}: {room} is no room; add it to ROOMS in tests/layers.rs at its place in the order, or move the file"
        )];
    };
    // `super::` that leads out of the room is `crate::` in other words.
    let folders = path.matches('/').count();
    let out = "super::".repeat(if path.ends_with("/mod.rs") {
        folders
    } else {
        folders + 1
    });
    for used in used_rooms(&code.replace(&out, "crate::")) {
        let name = used.split("::").next().unwrap_or_default();
        let Some(other) = ROOMS.iter().position(|r| *r == name) else {
            continue;
        };
        if other > rank {
            complaints.push(format!(
                "src/{path}: {room} may not use {name}, which is below it; move what is needed up, or hand it in as an argument"
            ));
        }
        for (who, strangers, instead) in STRANGERS {
            let meets = strangers
                .iter()
                .any(|s| used == *s || used.starts_with(&format!("{s}::")));
            if *who == room && meets {
                complaints.push(format!("src/{path}: {room} may not know {used}: {instead}"));
            }
        }
    }
    for (words, allowed, instead) in RESERVED {
        if allowed.iter().any(|a| *a == room && path.contains('/') || *a == path) {
            continue;
        }
        for word in *words {
            if names(&code, word) {
                complaints.push(format!("src/{path} names {word}: {instead}"));
            }
        }
    }
    if CAREFUL.contains(&room) && path.contains('/') {
        for word in [
            ".unwrap()",
            ".expect(",
            "panic!(",
            "unreachable!(",
            "unimplemented!(",
            "todo!(",
        ] {
            if code.contains(word) {
                complaints.push(format!(
                    "src/{path} has {word}: {room} reads what strangers wrote, there nothing may panic; return what could be done and say what could not"
                ));
            }
        }
    }
    complaints.dedup();
    complaints
}

/// What follows `crate::`, also in braces: `model::Place`, `import`.
fn used_rooms(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            None => used.push(path_of(rest)),
            Some(inside) => {
                let mut depth = 0;
                let mut part = String::new();
                for c in inside.chars() {
                    match c {
                        '}' if depth == 0 => break,
                        ',' if depth == 0 => used.push(path_of(std::mem::take(&mut part).trim())),
                        c => {
                            depth += i32::from(c == '{') - i32::from(c == '}');
                            part.push(c);
                        }
                    }
                }
                used.push(path_of(part.trim()));
            }
        }
    }
    used.sort();
    used.dedup();
    used
}

/// The path a text begins with.
fn path_of(text: &str) -> String {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
        .unwrap_or(text.len());
    text[..end].trim_end_matches(':').to_owned()
}

/// Whether code names a word, not as part of a longer one.
fn names(code: &str, word: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(inner) && (word.ends_with([':', '"', '(']) || !after.is_some_and(inner))
    })
}

/// Code without comments and without what stands in texts.
fn without_words(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut i = 0;
    while i < chars.len() {
        match (chars[i], at(i + 1)) {
            ('/', '/') => {
                while i < chars.len() && chars[i] != '\n' {
                    i += 1;
                }
            }
            ('/', '*') => {
                let mut depth = 1;
                i += 2;
                while i < chars.len() && depth > 0 {
                    match (chars[i], at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                }
            }
            // Raw text: r"…", r#"…"#.
            ('r', '"' | '#') if !out.ends_with(|c: char| c.is_alphanumeric() || c == '_') || out.ends_with('b') => {
                let mut hashes = 0;
                while at(i + 1 + hashes) == '#' {
                    hashes += 1;
                }
                if at(i + 1 + hashes) != '"' {
                    out.push(chars[i]);
                    i += 1;
                    continue;
                }
                i += 2 + hashes;
                while i < chars.len() && !(chars[i] == '"' && (1..=hashes).all(|h| at(i + h) == '#')) {
                    i += 1;
                }
                i += 1 + hashes;
                out.push_str("\"\"");
            }
            ('"', _) => {
                i += 1;
                while i < chars.len() && chars[i] != '"' {
                    i += if chars[i] == '\\' { 2 } else { 1 };
                }
                i += 1;
                out.push_str("\"\"");
            }
            // A character, not a lifetime.
            ('\'', '\\') => {
                i += 3;
                while i < chars.len() && chars[i] != '\'' {
                    i += 1;
                }
                i += 1;
            }
            ('\'', _) if at(i + 2) == '\'' => i += 3,
            (c, _) => {
                out.push(c);
                i += 1;
            }
        }
    }
    out
}

/// Code up to its tests, which stand last in a file.
fn without_tests(code: &str) -> String {
    code.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}
