//! Bad input: each case ends in a message with file and place that says what to do; nothing that can be loaded is lost.

mod loading;

use loading::mutation::check_mutations;
use loading::{file, inventory, load, problems, try_load};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use trustmap::import::{self, Doing, IMPORTERS, LoadError, LoadOptions, Loaded, Progress, Unheard, load_sources};

/// Loads one file, which must be unusable, and compares why.
#[track_caller]
fn check_unusable(bytes: impl AsRef<[u8]>, why: &str) {
    match load_sources(&[file("in.json", bytes)], &LoadOptions::default(), &Unheard) {
        Ok(loaded) => panic!("it was loaded: {:?}", loaded.inputs),
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with("Could not read in.json: "), "{message}");
            assert!(message.contains(why), "expected {why:?} in {message:?}");
        }
    }
}

/// Loads one text, of which `records` must be understood, and compares what is said.
#[track_caller]
fn check_kept(text: &str, records: usize, said: &str) -> Loaded {
    let loaded = load(&[text]);
    assert_eq!(loaded.inventory.records.len(), records, "{:#?}", problems(&loaded));
    let problems = problems(&loaded);
    assert!(
        problems.iter().any(|p| p.contains(said)),
        "expected {said:?} in {problems:#?}"
    );
    loaded
}

#[test]
fn files_of_which_nothing_can_be_used() {
    check_unusable("", "it is empty");
    check_unusable(" \n\t", "it is empty");
    check_unusable("\u{feff}", "it is empty");
    check_unusable(
        "hello",
        "its format was not recognised; looked for native, aws-account-authorization",
    );
    check_unusable("[]", "its format was not recognised");
    check_unusable("{}", "its format was not recognised");
    check_unusable("{\"format\": \"something\"}", "its format was not recognised");
    check_unusable(
        "{\"format\": \"trustmap-scenario\", \"version\": 1}",
        "it is no inventory but says it is trustmap-scenario",
    );
    check_unusable(
        "{\"format\": \"trustmap-inventory\"}",
        "it states no version; expected \"version\": 1",
    );
    for version in ["2", "\"1\"", "1.5", "-1", "null", "[]"] {
        check_unusable(
            format!("{{\"format\": \"trustmap-inventory\", \"version\": {version}}}"),
            "its version is not one that can be read; expected \"version\": 1",
        );
    }
    // Bytes that are no text.
    check_unusable([0x7b, 0xff, 0xfe, 0xfd], "it is not UTF-8 from line 1 on (byte 1)");
    check_unusable(
        b"{\"a\":\n\n\"caf\xe9\"}",
        "it is not UTF-8 from line 3 on (byte 11); save it as UTF-8",
    );
    check_unusable([0u8; 100], "it is not text");
    check_unusable([0xff, 0xfe, 0x7b], "it is UTF-16 and ends in the middle of a character");
    check_unusable([0xff, 0xfe, 0x00, 0xd8, 0x7b, 0x00], "it says it is UTF-16 and is not");
    check_unusable([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0], "it is UTF-32");
    check_unusable([0x1f, 0x8b, 8, 0], "it");
    check_unusable(b"PK\x03\x04 and no more", "it is no .zip that can be read");
}

#[test]
fn encodings_that_are_read() {
    let text = inventory("\"systems\": [{\"id\": \"s-é-東\"}]");
    let utf_16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(order)
            .collect()
    };
    for bytes in [
        text.clone().into_bytes(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        utf_16(u16::to_le_bytes),
        utf_16(u16::to_be_bytes),
        gz(text.as_bytes()),
    ] {
        let loaded = load_sources(&[file("in.json", &bytes)], &LoadOptions::default(), &Unheard).expect("it is read");
        assert_eq!(loaded.inventory.records.systems[0].id, "s-é-東");
        assert_eq!(loaded.diagnostics, []);
        // The hash is of the bytes as stored.
        assert_eq!(loaded.inputs[0].sha256, sha256(&bytes));
    }
}

#[test]
fn a_file_that_is_cut_off_keeps_what_stood_before_the_cut() {
    let whole = inventory(
        "\n\"systems\": [{\"id\": \"a\"},\n{\"id\": \"b\"}],\n\"credentials\": [{\"id\": \"c\", \"kind\": \"jwt\"},\n{\"id\": \"d\"}]",
    );
    // Cut anywhere: never a panic, never more than there was, and always said.
    for cut in 0..whole.len() - 1 {
        match try_load(&[&whole[..cut]]) {
            Err(error) => assert!(error.to_string().starts_with("Could not read a.json: "), "{cut}"),
            Ok(loaded) => {
                assert!(!loaded.inputs[0].complete, "{cut}");
                assert!(loaded.inventory.records.len() <= 4, "{cut}");
                let said = problems(&loaded);
                assert!(
                    said.iter().any(|p| p.contains("cut-off at a.json, line ")),
                    "{cut}: {said:?}"
                );
            }
        }
    }
    let cut = whole.find("{\"id\": \"d\"").expect("it is there") + 5;
    let loaded = check_kept(
        &whole[..cut],
        3,
        "the JSON ends in the middle, at line 5, column 5; 3 records before it are kept, get the whole file",
    );
    assert_eq!(loaded.diagnostics[0].place.as_ref().and_then(|p| p.line()), Some(5));
}

#[test]
fn a_file_that_is_no_json_from_somewhere_on() {
    let good = "\"systems\": [{\"id\": \"a\"}, {\"id\": \"b\"}";
    for (bad, at) in [
        (",\n {\"id\": nope}]", "line 2, column 10"),
        (", ]", "line 1"),
        ("\n] junk", "line 2"),
        ("}", "line 1"),
    ] {
        let text = format!("{{\"format\": \"trustmap-inventory\", \"version\": 1, {good}{bad}");
        let loaded = check_kept(&text, 2, &format!("it is not JSON from {at}"));
        assert!(!loaded.inputs[0].complete);
        assert_eq!(loaded.diagnostics[0].code, "not-json");
    }
    // Something after the end.
    check_kept(
        &format!("{} {{}}", inventory("\"systems\": [{\"id\": \"a\"}]")),
        1,
        "it is not JSON from line 1",
    );
}

#[test]
fn nesting_without_end() {
    let deep = "[".repeat(3_000_000);
    check_unusable(&deep, "its format was not recognised");
    check_unusable("{\"a\":".repeat(1_000_000), "its format was not recognised");
    let start = "{\"format\": \"trustmap-inventory\", \"version\": 1, \"systems\": [{\"id\": \"a\"}";
    check_kept(&format!("{start}, {deep}"), 1, "the JSON ends in the middle");
    let closed = |inner: &str| format!("{start}, {{\"id\": \"b\", {inner}}}]}}");
    let nested = "[".repeat(200_000) + &"]".repeat(200_000);
    for field in ["attributes\": {\"x\": ", "strange\": "] {
        let close = if field.starts_with("attributes") { "}" } else { "" };
        check_kept(
            &closed(&format!("\"{field}{nested}{close}")),
            2,
            "it is nested deeper than 128 levels",
        );
    }
    // A field that expects something else says so and goes no deeper.
    check_kept(
        &closed(&format!("\"name\": {nested}")),
        2,
        "Left out the field name of system \"b\": expected a text, found a list",
    );
    check_kept(
        &closed(&format!("\"tags\": {nested}")),
        2,
        "expected a list of texts, found a list in it",
    );
    check_kept(
        &closed(&format!("\"validates\": {{\"audience\": {nested}}}")),
        2,
        "expected true or false, found a list",
    );
    check_kept(
        &format!("{start}, {nested}]}}"),
        1,
        "Left out the system 1: expected an object, found a list",
    );
    check_kept(
        &format!("{start}], \"grants\": {nested}}}"),
        1,
        "Left out the grant 0: expected an object, found a list",
    );
}

#[test]
fn lists_that_are_none() {
    for (value, found) in [
        ("{\"id\": \"a\"}", "an object"),
        ("\"a\"", "a text"),
        ("7", "a number"),
        ("-7", "a number"),
        ("1.5", "a number"),
        ("true", "true or false"),
    ] {
        check_kept(
            &inventory(&format!("\"systems\": [{{\"id\": \"s\"}}], \"grants\": {value}")),
            1,
            &format!("Left out grants: expected a list of records, found {found}"),
        );
    }
    // Null is as if left out.
    assert_eq!(
        load(&[&inventory(
            "\"systems\": null, \"name\": null, \"as_of\": null, \"odd\": null"
        )])
        .diagnostics,
        []
    );
}

#[test]
fn escapes_that_are_no_characters() {
    check_kept(
        &inventory("\"systems\": [{\"id\": \"a\", \"name\": \"\\ud800\"}]"),
        1,
        "Left out the field name of system \"a\": expected a text, found one with broken escapes",
    );
    check_kept(
        &inventory("\"systems\": [{\"id\": \"a\"}, {\"id\": \"b\", \"\\ud800\": 1}]"),
        1,
        "Left out the system 1: expected an object, found one with broken escapes in a key",
    );
}

#[test]
fn a_file_that_vanishes_or_shrinks_while_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let (stays, goes) = (folder.path().join("a.json"), folder.path().join("b.json"));
    let text = inventory("\"systems\": [{\"id\": \"s\"}]");
    fs::write(&stays, &text).expect("written");
    fs::write(&goes, &text).expect("written");
    let options = LoadOptions::default();
    // Named: nothing is loaded. In a folder: the rest is.
    let error = import::load(&[stays.clone(), goes.clone()], &options, &Remover::of(&goes)).expect_err("it is gone");
    assert_eq!(
        error.to_string(),
        format!(
            "Could not read {}: there is no such file (it may have been moved or deleted); check the path",
            goes.display()
        )
    );
    fs::write(&goes, &text).expect("written");
    let loaded = import::load(&[folder.path().to_owned()], &options, &Remover::of(&goes)).expect("the rest is there");
    assert_eq!(loaded.inventory.records.len(), 1);
    assert_eq!(loaded.skipped, [goes.display().to_string()]);
    assert!(
        problems(&loaded)[0].contains("unreadable at"),
        "{:?}",
        problems(&loaded)
    );
    // The window goes on without a named one, too.
    let going = LoadOptions {
        keep_going: true,
        ..LoadOptions::default()
    };
    let loaded = import::load(&[stays, goes], &going, &Unheard).expect("it keeps going");
    assert_eq!((loaded.inputs.len(), loaded.skipped.len()), (1, 1));
}

/// Removes a file as soon as its reading begins.
struct Remover(Mutex<PathBuf>);

impl Remover {
    fn of(path: &Path) -> Self {
        Self(Mutex::new(path.to_owned()))
    }
}

impl Progress for Remover {
    fn report(&self, doing: Doing<'_>, _: u64, _: u64) {
        let path = self.0.lock().expect("nobody panicked");
        if doing == Doing::Reading(&path.display().to_string()) {
            // It is gone already the second time.
            let _ = fs::remove_file(&*path);
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

#[test]
fn reading_can_be_cancelled() {
    struct After(u64, Mutex<u64>);
    impl Progress for After {
        fn report(&self, _: Doing<'_>, _: u64, _: u64) {}

        fn cancelled(&self) -> bool {
            let mut asked = self.1.lock().expect("nobody panicked");
            *asked += 1;
            *asked > self.0
        }
    }
    let systems: Vec<String> = (0..60_000).map(|i| format!("{{\"id\": \"s{i}\"}}")).collect();
    let text = inventory(&format!("\"systems\": [{}]", systems.join(",")));
    let whole = After(u64::MAX, Mutex::new(0));
    load_sources(&[file("a.json", &text)], &LoadOptions::default(), &whole).expect("nobody cancelled");
    let asked = *whole.1.lock().expect("nobody panicked");
    assert!(asked > 15, "it asks only {asked} times");
    for after in 0..asked {
        let result = load_sources(
            &[file("a.json", &text)],
            &LoadOptions::default(),
            &After(after, Mutex::new(0)),
        );
        assert_eq!(result.err(), Some(LoadError::Cancelled), "after {after} of {asked}");
    }
}

#[test]
fn every_format_can_be_cancelled_whenever_it_asks() {
    struct After(AtomicUsize);
    impl Progress for After {
        fn report(&self, _: Doing<'_>, _: u64, _: u64) {}

        fn cancelled(&self) -> bool {
            let left = self
                .0
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            left.is_err()
        }
    }
    let mut files = 0;
    for path in files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")) {
        let name = path.display();
        let read =
            |progress: &dyn Progress| import::load(std::slice::from_ref(&path), &LoadOptions::default(), progress);
        if read(&Unheard).is_err() {
            // Something that no importer takes by itself.
            continue;
        }
        let whole = After(AtomicUsize::new(usize::MAX));
        read(&whole).unwrap_or_else(|error| panic!("{name}: {error}"));
        let asked = usize::MAX - whole.0.load(Ordering::Relaxed);
        assert!(asked > 8, "{name} asks only {asked} times");
        for after in 0..asked {
            let result = read(&After(AtomicUsize::new(after)));
            assert_eq!(
                result.err(),
                Some(LoadError::Cancelled),
                "{name} after {after} of {asked}"
            );
        }
        files += 1;
    }
    assert!(files > 30, "{files}");
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the fixtures are there");
    let paths = entries.map(|entry| entry.expect("a fixture").path());
    let mut all: Vec<PathBuf> = paths
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .collect();
    all.sort();
    all
}

#[test]
fn progress_tells_of_every_file_and_of_putting_them_together() {
    struct Told(Mutex<Vec<(String, u64, u64)>>);
    impl Progress for Told {
        fn report(&self, doing: Doing<'_>, done: u64, total: u64) {
            let mut told = self.0.lock().expect("nobody panicked");
            told.push((doing.to_string(), done, total));
        }

        fn cancelled(&self) -> bool {
            false
        }
    }
    let systems: Vec<String> = (0..20_000).map(|i| format!("{{\"id\": \"s{i}\"}}")).collect();
    let text = inventory(&format!("\"systems\": [{}]", systems.join(",")));
    let told = Told(Mutex::default());
    load_sources(
        &[file("a.json", &text), file("b.json", &text)],
        &LoadOptions::default(),
        &told,
    )
    .expect("it is read");
    let told = told.0.into_inner().expect("nobody panicked");
    assert!(told.iter().all(|(_, done, total)| done <= total), "{told:?}");
    let joining = told
        .iter()
        .position(|(what, ..)| what == "Putting together what was read");
    let joining = joining.expect("it is told");
    for name in ["Reading a.json", "Reading b.json"] {
        let of_file: Vec<&(String, u64, u64)> = told[..joining].iter().filter(|(what, ..)| what == name).collect();
        assert!(of_file.len() > 2, "{of_file:?}");
    }
    let joined = &told[joining..];
    assert!(joined.iter().all(|(what, ..)| *what == told[joining].0), "{joined:?}");
    assert!(joined.is_sorted_by(|a, b| a.1 * b.2 <= b.1 * a.2), "{joined:?}");
    assert_eq!(joined.last().map(|(_, done, total)| done == total), Some(true));
}

#[test]
fn folders_are_read_by_path_and_links_back_are_no_trap() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fs::create_dir_all(root.join("b/deeper")).expect("made");
    fs::create_dir_all(root.join(".hidden")).expect("made");
    let text = |id: &str| inventory(&format!("\"systems\": [{{\"id\": \"{id}\"}}]"));
    for (path, bytes) in [
        ("z.json", text("z").into_bytes()),
        ("a.json", text("a").into_bytes()),
        ("b/deeper/x.json", text("x").into_bytes()),
        ("b/y.json.gz", gz(text("y").as_bytes())),
        ("b/picture.bin", vec![0; 50]),
        (
            "c.zip",
            zip(&[
                ("in/q.json", text("q").as_bytes()),
                ("in/notes.txt", b"notes"),
                (".hidden/h.json", text("h").as_bytes()),
            ]),
        ),
        ("notes.txt", b"nothing".to_vec()),
        (
            "what.json",
            b"{\"format\": \"trustmap-scenario\", \"version\": 1}".to_vec(),
        ),
        (".hidden/h.json", text("h").into_bytes()),
    ] {
        fs::write(root.join(path), bytes).expect("written");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(root, root.join("b/back")).expect("linked");
        std::os::unix::fs::symlink("nowhere", root.join("b/broken")).expect("linked");
        std::os::unix::fs::symlink(root.join("b/self"), root.join("b/self")).expect("linked");
    }
    let loaded = import::load(&[root.to_owned()], &LoadOptions::default(), &Unheard).expect("it is read");
    let short = |name: &String| name.replace(&format!("{}/", root.display()), "");
    let names: Vec<String> = loaded.inputs.iter().map(|i| short(&i.name)).collect();
    assert_eq!(
        names,
        ["a.json", "b/deeper/x.json", "b/y.json.gz", "c.zip/in/q.json", "z.json"]
    );
    let skipped: Vec<String> = loaded.skipped.iter().map(short).collect();
    let expected: &[&str] = if cfg!(unix) {
        &["b/broken", "b/self", "b/picture.bin", "c.zip/in/notes.txt", "notes.txt"]
    } else {
        &["b/picture.bin", "c.zip/in/notes.txt", "notes.txt"]
    };
    assert_eq!(skipped, expected);
    assert_eq!(loaded.diagnostics.len(), skipped.len());
    // The same folder twice, and one of its files besides, changes nothing.
    let again = import::load(
        &[root.to_owned(), root.to_owned(), root.join("a.json")],
        &LoadOptions::default(),
        &Unheard,
    );
    assert_eq!(
        loading::canonical(&again.expect("it is read")),
        loading::canonical(&loaded)
    );
}

#[test]
fn folders_and_archives_with_nothing_in_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = import::load(&[folder.path().to_owned()], &LoadOptions::default(), &Unheard).expect_err("it is empty");
    assert!(
        error.to_string().contains("no file in it was recognised; looked for"),
        "{error}"
    );
    check_unusable(zip(&[("a.txt", b"x")]), "no file in it was recognised");
    check_unusable(zip(&[]), "no file in it was recognised");
    let missing =
        import::load(&[folder.path().join("no.json")], &LoadOptions::default(), &Unheard).expect_err("no file");
    assert!(missing.to_string().contains("there is no such file"), "{missing}");
    // An archive in an archive is not opened.
    let inner = zip(&[("a.json", inventory("\"systems\": [{\"id\": \"s\"}]").as_bytes())]);
    check_unusable(zip(&[("inner.zip", &inner)]), "no file in it was recognised");
}

#[test]
fn archives_that_unpack_to_too_much() {
    let zeros = vec![b' '; 100 << 20];
    check_unusable(
        zip(&[("a.json", &zeros)]),
        "it unpacks to 100 MiB, more than is read from an archive of",
    );
    check_unusable(gz(&zeros), "it is longer than");
    let many: Vec<(String, &[u8])> = (0..20_001).map(|i| (format!("{i}"), &b""[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    check_unusable(zip(&many), "it holds 20001 files, more than the 20000 that are read");
    // One that is cut off.
    let whole = zip(&[("a.json", inventory("").as_bytes())]);
    check_unusable(&whole[..whole.len() / 2], "it is no .zip that can be read");
    let packed = gz(inventory("").as_bytes());
    check_unusable(&packed[..packed.len() / 2], "(while unpacking the .gz)");
}

#[test]
fn a_format_that_is_named_is_taken_at_its_word() {
    let options = |format: &str| LoadOptions {
        format: Some(format.to_owned()),
        ..LoadOptions::default()
    };
    let text = inventory("\"systems\": [{\"id\": \"s\"}]");
    assert!(load_sources(&[file("a", &text)], &options("native"), &Unheard).is_ok());
    let error = load_sources(&[file("a", &text)], &options("nativ"), &Unheard).expect_err("there is none");
    let names: Vec<&str> = IMPORTERS.iter().map(|i| i.name()).collect();
    assert_eq!(
        error.to_string(),
        format!("No format is called \"nativ\"; expected one of {}", names.join(", "))
    );
    let error =
        load_sources(&[file("a", "{\"systems\": []}")], &options("native"), &Unheard).expect_err("it states none");
    assert!(
        error
            .to_string()
            .contains("it states no format; expected \"format\": \"trustmap-inventory\""),
        "{error}"
    );
    let error = load_sources(&[file("a", "a,b")], &options("native"), &Unheard).expect_err("it is none");
    assert!(error.to_string().contains("expected a JSON object"), "{error}");
}

#[test]
fn the_format_may_stand_last() {
    let text = "{\"systems\": [{\"id\": \"s\"}], \"grants\": [], \"version\": 1, \"format\": \"trustmap-inventory\"}";
    assert_eq!(load(&[text]).inventory.records.len(), 1);
}

#[test]
fn cycles_are_no_trap() {
    let loaded = load(&[&inventory(
        r#""systems": [{"id": "s", "accepts_issuers": ["s"]}, {"id": "t"}],
           "identities": [{"id": "i"}, {"id": "j"}],
           "credentials": [{"id": "c", "identity": "i", "issuer": "s"}],
           "exposures": [{"credential": "c", "yields": {"credential": "c"}}],
           "inherits": [{"from": "i", "to": "j", "how": "membership"}, {"from": "j", "to": "i", "how": "membership"}, {"from": "i", "to": "i"}],
           "trusts": [{"from": "s", "to": "t", "scopes": []}, {"from": "t", "to": "s", "scopes": []}, {"from": "s", "to": "s", "scopes": []}]"#,
    )]);
    assert_eq!(loaded.diagnostics, []);
    assert_eq!(loaded.inventory.records.len(), 12);
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).expect("memory takes it");
    packer.finish().expect("memory takes it")
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut packer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        packer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .expect("memory takes it");
        packer.write_all(bytes).expect("memory takes it");
    }
    packer.finish().expect("memory takes it").into_inner()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn ten_thousand_broken_native_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/native");
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a text")))
        .collect();
    files.sort();
    check_mutations("native", &files, 30);
}
