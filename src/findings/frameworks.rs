//! The frameworks a finding is tagged with. Ids are written as their publishers write them; the versions are those they
//! were checked against, and every export names them.

/// The ids of one rule, in each framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frameworks {
    /// OWASP Non-Human Identities Top 10: `NHI5:2025`.
    pub owasp_nhi: &'static [&'static str],
    /// Controls of NIST SP 800-53 Rev. 5: `AC-6`.
    pub nist_800_53: &'static [&'static str],
    /// Subcategories of NIST CSF 2.0: `PR.AA-05`.
    pub nist_csf: &'static [&'static str],
    /// Tenets of NIST SP 800-207, section 2.1: `tenet 3`.
    pub nist_800_207: &'static [&'static str],
    /// Techniques of MITRE ATT&CK: `T1550.001`.
    pub attack: &'static [&'static str],
}

impl Frameworks {
    /// Key in the documents, name with version, and ids, framework by framework.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &'static str, &'static [&'static str]); 5] {
        let ids = [
            self.owasp_nhi,
            self.nist_800_53,
            self.nist_csf,
            self.nist_800_207,
            self.attack,
        ];
        std::array::from_fn(|n| (FRAMEWORKS[n].0, FRAMEWORKS[n].1, ids[n]))
    }

    /// Whether one of the ids is, or begins with, this text; upper and lower case are one.
    #[must_use]
    pub fn names(&self, id: &str) -> bool {
        let wanted = id.to_lowercase();
        self.named()
            .iter()
            .flat_map(|(_, _, ids)| ids.iter())
            .any(|known| known.to_lowercase().starts_with(&wanted))
    }
}

/// Key in the documents, and name with the version that the ids are of.
pub const FRAMEWORKS: [(&str, &str); 5] = [
    ("owasp_nhi", "OWASP Non-Human Identities Top 10, 2025"),
    ("nist_800_53", "NIST SP 800-53 Rev. 5, release 5.2.0"),
    ("nist_csf", "NIST CSF 2.0"),
    ("nist_800_207", "NIST SP 800-207, section 2.1"),
    ("attack", "MITRE ATT&CK v19.1"),
];

/// Every id that a rule may name. What is not here was not checked.
pub const KNOWN: [&[&str]; 5] = [
    &[
        "NHI1:2025",
        "NHI2:2025",
        "NHI3:2025",
        "NHI4:2025",
        "NHI5:2025",
        "NHI6:2025",
        "NHI7:2025",
        "NHI8:2025",
        "NHI9:2025",
        "NHI10:2025",
    ],
    &[
        "AC-2", "AC-2(3)", "AC-3", "AC-4", "AC-5", "AC-6", "AC-6(5)", "AC-6(7)", "AC-6(9)", "AC-12", "AC-16", "AC-20",
        "AC-24", "AU-6", "CA-3", "CA-9", "CM-8", "IA-2", "IA-3", "IA-4", "IA-5", "IA-5(6)", "IA-8", "IA-9", "IA-13",
        "IR-4", "RA-3", "SA-9", "SC-12", "SC-23", "SR-3",
    ],
    &[
        "PR.AA-01", "PR.AA-02", "PR.AA-03", "PR.AA-04", "PR.AA-05", "PR.AA-06", "ID.AM", "ID.RA-05", "ID.RA-06",
        "GV.SC", "DE.AE-04", "RS.AN-08", "RS.MI-01",
    ],
    &[
        "tenet 1", "tenet 2", "tenet 3", "tenet 4", "tenet 5", "tenet 6", "tenet 7",
    ],
    &[
        "T1078.004",
        "T1528",
        "T1550.001",
        "T1550.004",
        "T1552",
        "T1552.001",
        "T1552.004",
        "T1552.005",
        "T1552.007",
        "T1552.008",
        "T1555.006",
        "T1098.001",
        "T1098.003",
        "T1199",
        "T1671",
        "T1677",
        "T1606",
        "T1606.002",
        "T1484.002",
    ],
];
