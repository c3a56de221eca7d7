//! Derived values to files: JSON, pictures, reports. Names no window.

pub mod radius;
