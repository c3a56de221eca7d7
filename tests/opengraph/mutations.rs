//! Broken files never stop the program, and never take the rest of the file with them.

use crate::loading::mutation::check_mutations;
use crate::loading::try_load;
use crate::support::{fixtures, lines, load};

#[test]
fn ten_thousand_mutations_never_panic() {
    let files: Vec<(String, String)> = fixtures()
        .iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("it can be read"))
        })
        .collect();
    for format in ["bloodhound-opengraph", "bloodhound-extension"] {
        let own = |name: &str| name.contains("extension") == (format == "bloodhound-extension");
        let files: Vec<(String, String)> = files.iter().filter(|(n, _)| own(n)).cloned().collect();
        check_mutations(format, &files, 30);
    }
}

#[test]
fn one_broken_element_leaves_all_others() {
    let whole = crate::support::text("sql-and-vault.json");
    let expected = lines(&load(&["sql-and-vault.json"]).inventory);
    let broken = whole.replacen(
        "\"kinds\": [\"OPUser\"], \"properties\": {\"name\": \"Ann\"}",
        "\"kinds\": tru",
        1,
    );
    assert_ne!(broken, whole);
    let loaded = try_load(&[&broken]).expect("it is recognised");
    // The user is a placeholder now, and so is what it is by its edges.
    assert_eq!(lines(&loaded.inventory), expected);
    assert!(!loaded.inputs[0].complete);
}

#[test]
fn a_quote_or_a_brace_too_few_costs_what_it_stands_in() {
    let whole = crate::support::text("sql-and-vault.json");
    let expected = lines(&load(&["sql-and-vault.json"]).inventory);
    for (there, broken) in [
        ("\"id\": \"DB-SHOP\", \"kinds\"", "\"id\": \"DB-SHOP, \"kinds\""),
        ("{\"id\": \"DB-SHOP\"", "\"id\": \"DB-SHOP\""),
        ("\"name\": \"SHOP\"}}", "\"name\": \"SHOP\"}"),
        ("\"edges\": [", "\"edges\": "),
        ("\"nodes\": [", "\"nodes\": [}"),
    ] {
        let text = whole.replacen(there, broken, 1);
        assert_ne!(text, whole, "{there}");
        let loaded = try_load(&[&text]).expect("it is recognised");
        assert!(!loaded.inputs[0].complete, "{there}");
        assert_eq!(lines(&loaded.inventory), expected, "{there}");
    }
}
