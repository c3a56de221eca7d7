//! The relations of an inventory as one table: `kind,name,from,to,scopes,how,intended,assumed,last_used_at,evidence`.
//! `scopes` is what a grant allows, a trust passes (its exchange, where it has one), an exposure requires, and an
//! inherit requires (`SCOPE at SYSTEM`); several are parted by ` | `. `how` of a trust is `exchange` or nothing. A cell
//! that a spreadsheet would take for a formula begins with `'`. Entities are only in the native format.

use super::rows::rows;
use crate::model::Inventory;

/// The table, in UTF-8, lines ended by a newline.
#[must_use]
pub fn csv(inventory: &Inventory) -> String {
    let mut table = String::from("kind,name,from,to,scopes,how,intended,assumed,last_used_at,evidence\n");
    for row in rows(&inventory.records) {
        let cells = [
            row.kind,
            &row.name.to_string(),
            row.from,
            &row.to,
            &row.scopes.join(" | "),
            row.how.unwrap_or_default(),
            if row.common.is_intended() { "true" } else { "false" },
            if row.common.is_assumed() { "true" } else { "false" },
            &row.common.last_used_at.map(|t| t.to_string()).unwrap_or_default(),
            row.common.evidence.as_deref().unwrap_or_default(),
        ];
        table.push_str(&self::table(std::iter::once(cells.to_vec())));
    }
    table
}

/// Lines of cells as a table in text, lines ended by a newline.
#[must_use]
pub fn table<'a>(lines: impl Iterator<Item = Vec<&'a str>>) -> String {
    let mut table = String::new();
    for line in lines {
        for (i, cell) in line.iter().enumerate() {
            if i > 0 {
                table.push(',');
            }
            push_cell(&mut table, cell);
        }
        table.push('\n');
    }
    table
}

/// A table in text with its cells parted by tabs, as spreadsheets take it from the clipboard; line ends and tabs inside a
/// cell become spaces.
#[must_use]
pub fn tabbed(table: &str) -> String {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(table.as_bytes());
    let mut out = String::with_capacity(table.len());
    for line in reader.records().flatten() {
        for (i, cell) in line.iter().enumerate() {
            if i > 0 {
                out.push('\t');
            }
            out.push_str(&cell.replace(['\t', '\n', '\r'], " "));
        }
        out.push('\n');
    }
    out
}

fn push_cell(table: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = formula || cell.contains(['"', ',', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ');
    if !quoted {
        table.push_str(cell);
        return;
    }
    table.push('"');
    if formula {
        table.push('\'');
    }
    table.push_str(&cell.replace('"', "\"\""));
    table.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_for_the_clipboard_are_parted_by_tabs() {
        let rows = [vec!["a", "b,c"], vec!["d\te", "=1"]];
        assert_eq!(tabbed(&table(rows.into_iter())), "a\tb,c\nd e\t'=1\n");
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("=1+1", "\"'=1+1\""),
            ("@x", "\"'@x\""),
            ("iam:*@*", "iam:*@*"),
            ("", ""),
        ] {
            let mut table = String::new();
            push_cell(&mut table, cell);
            assert_eq!(table, written, "{cell}");
        }
    }
}
