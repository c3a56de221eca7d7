//! The program: a window, or a command.

fn main() {}
