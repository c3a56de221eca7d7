//! What leaves the program: the native format, tables and graphs, the JSON documents. Text and bytes only; the one
//! place that writes files is [`file`].

pub mod assertions;
pub mod csv;
pub mod diff;
pub mod dot;
pub mod file;
pub mod findings;
pub mod graphml;
pub mod json;
pub mod native;
pub mod opengraph;
pub mod plan;
pub mod png;
pub mod radius;
pub mod rank;
pub mod redact;
pub mod report;
pub(crate) mod rows;
pub mod svg;
pub mod words;
