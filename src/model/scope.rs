//! Scope patterns: text in which `*` stands for any run of characters. See the functions for cover, overlap, meet.
