//! The pages as Markdown, with the picture beside them.

use super::pages::{Block, Table};
use crate::export::words::visible;

/// The pages.
pub(super) fn markdown(pages: &[Block]) -> String {
    let mut out = String::new();
    for block in pages {
        if !out.is_empty() {
            out.push('\n');
        }
        write(block, &mut out);
    }
    out
}

/// Text that is nothing but text, whatever it holds.
fn text(said: &str) -> String {
    let mut out = String::with_capacity(said.len());
    for c in visible(said).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '&' | '~' | '$' | '@'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn write(block: &Block, out: &mut String) {
    match block {
        Block::Title(said) => out.push_str(&format!("# {}\n", text(said))),
        Block::Subtitle(said) | Block::Text(said) => out.push_str(&format!("{}\n", text(said))),
        Block::Heading(said) => out.push_str(&format!("## {}\n", text(said))),
        Block::Picture => out.push_str("![The map](map.svg)\n"),
        Block::Steps(steps) => {
            for (n, step) in steps.iter().enumerate() {
                out.push_str(&format!("{}. {}\n", n + 1, text(step)));
            }
        }
        Block::Table(Table { head, rows }) => {
            let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            out.push_str(&line(head.iter().map(|(name, _)| text(name)).collect()));
            out.push_str(&line(
                head.iter()
                    .map(|(_, number)| if *number { "---:" } else { "---" }.to_owned())
                    .collect(),
            ));
            for row in rows {
                out.push_str(&line(row.iter().map(|cell| text(cell)).collect()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(
            text("a|b <i> [x](y) `c` *d* \n# e"),
            "a\\|b \\<i\\> \\[x\\](y) \\`c\\` \\*d\\* \\\\u\\{a\\}\\# e"
        );
    }
}
