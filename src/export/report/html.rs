//! The pages as one HTML file that needs nothing else: no script, no address, the typefaces inside.

use super::Told;
use super::pages::{Block, Table};
use crate::export::svg::{escape, font_faces};
use crate::export::words::visible;

const STYLE: &str = "body{margin:0 auto;max-width:1180px;padding:40px 32px;font:15px/1.5 Inter,system-ui,sans-serif;color:#16202c;background:#fff}
h1{font-size:30px;line-height:1.2;margin:0 0 8px}
h2{font-size:18px;margin:36px 0 8px}
p.sub{font-size:18px;color:#445060;margin:0 0 16px}
table{border-collapse:collapse;margin:12px 0;font-size:13.5px}
th{text-align:left;font-weight:600;color:#445060}
th,td{padding:4px 14px 4px 0;border-bottom:1px solid #d5dbe3;vertical-align:top;overflow-wrap:anywhere}
.n{text-align:right;font-variant-numeric:tabular-nums}
figure{margin:24px 0}
svg{max-width:100%;height:auto;border:1px solid #d5dbe3}
@media print{body{padding:0}tr{break-inside:avoid}}
";

/// The page; `svg` is the report's picture.
pub(super) fn html(subject: &Told, pages: &[Block], svg: &str) -> String {
    let mut out = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n");
    // Whatever a name in an inventory says, the page runs nothing and asks for nothing.
    out.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:\">\n");
    let title = escape(&visible(&subject.title()));
    out.push_str(&format!("<title>{title}</title>\n<style>\n{STYLE}"));
    out.push_str(&font_faces(svg));
    out.push_str("</style>\n</head>\n<body>\n");
    for block in pages {
        write(block, svg, &mut out);
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn write(block: &Block, svg: &str, out: &mut String) {
    let text = |said: &str| escape(&visible(said));
    match block {
        Block::Title(said) => out.push_str(&format!("<h1>{}</h1>\n", text(said))),
        Block::Subtitle(said) => out.push_str(&format!("<p class=\"sub\">{}</p>\n", text(said))),
        Block::Heading(said) => out.push_str(&format!("<h2>{}</h2>\n", text(said))),
        Block::Text(said) => out.push_str(&format!("<p>{}</p>\n", text(said))),
        Block::Picture => out.push_str(&format!("<figure>\n{svg}</figure>\n")),
        Block::Steps(steps) => {
            out.push_str("<ol>\n");
            for step in steps {
                out.push_str(&format!("<li>{}</li>\n", text(step)));
            }
            out.push_str("</ol>\n");
        }
        Block::Table(Table { head, rows }) => {
            let class = |n: usize| if head[n].1 { " class=\"n\"" } else { "" };
            out.push_str("<table>\n<thead><tr>");
            for (n, (name, _)) in head.iter().enumerate() {
                out.push_str(&format!("<th{}>{}</th>", class(n), text(name)));
            }
            out.push_str("</tr></thead>\n<tbody>\n");
            for row in rows {
                out.push_str("<tr>");
                for (n, cell) in row.iter().enumerate().take(head.len()) {
                    out.push_str(&format!("<td{}>{}</td>", class(n), text(cell)));
                }
                out.push_str("</tr>\n");
            }
            out.push_str("</tbody>\n</table>\n");
        }
    }
}
