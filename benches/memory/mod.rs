//! What the system says of this process's memory; only Linux tells it.

#![allow(dead_code, reason = "not every bench asks for everything")]

/// Now, in bytes; 0 where the system does not say.
pub fn now() -> f64 {
    line("VmRSS:")
}

/// The most this process had, ever or since [`forget_peak`], in bytes; 0 where the system does not say.
pub fn peak() -> f64 {
    line("VmHWM:")
}

/// Lets the peak begin anew, where the system can.
pub fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn line(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let said = status.lines().find_map(|l| l.strip_prefix(name));
    let kilobytes = said.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0
}
