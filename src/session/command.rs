//! What can be asked of the session. A command never vanishes: it is done, there was nothing to do, or it is refused
//! with a reason that is shown.

use super::{Column, Filter, MapLayout, Tab, TableKind, TableSpec, ThemeChoice};
use crate::graph::Regime;
use crate::model::Time;
use crate::scenario::Action;
use crate::scene::estate::Grouping;
use std::path::PathBuf;

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExportKind {
    /// The whole map as a picture.
    Png,
    /// The whole map as a drawing.
    Svg,
    /// The radius, before and after, for programs.
    Json,
    /// The rows of the table, with every column.
    Csv,
    /// Every record and relation, for Gephi and its like.
    Graphml,
    /// Every record and relation, for Graphviz.
    Dot,
    /// A folder with report.json, map.png, map.svg, report.html and report.md.
    Report,
    /// The scenario, to be opened again.
    Scenario,
    /// The session, to be opened again.
    Session,
}

impl ExportKind {
    /// Every kind of the menu of exports, in its order.
    pub const ALL: [Self; 8] = [
        Self::Png,
        Self::Svg,
        Self::Report,
        Self::Json,
        Self::Csv,
        Self::Graphml,
        Self::Dot,
        Self::Scenario,
    ];

    /// As shown in the menu.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Png => "Picture (PNG)…",
            Self::Svg => "Drawing (SVG)…",
            Self::Json => "Radius (JSON)…",
            Self::Csv => "Table (CSV)…",
            Self::Graphml => "Graph (GraphML)…",
            Self::Dot => "Graph (DOT)…",
            Self::Report => "Report (folder)…",
            Self::Scenario => "Scenario (JSON)…",
            Self::Session => "Session…",
        }
    }

    /// What the file's name ends with, without the dot; nothing for a folder.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Graphml => "graphml",
            Self::Dot => "dot",
            Self::Report => "",
            Self::Scenario => "scenario.json",
            Self::Session => "session.json",
        }
    }
}

/// One thing asked of the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show the system's dialog for files.
    ChooseFiles,
    /// Show the system's dialog for a folder.
    ChooseFolder,
    /// Add these files and folders to what is open. A scenario file among them becomes the scenario.
    Open(Vec<PathBuf>),
    /// Close what is open and open the sample at this position.
    OpenSample(usize),
    /// Take the file at this position out of what is open.
    CloseFile(usize),
    /// Close everything and go back to the welcome screen.
    CloseAll,
    /// Stop reading or writing.
    Cancel,
    /// Mark as compromised, by id (`context:NAME` for a context).
    Compromise(String),
    /// Mark as not compromised.
    Spare(String),
    /// Put an action at the end of the scenario.
    AddAction(Action),
    /// Take the action at this position out.
    RemoveAction(usize),
    /// Switch the action at this position off or on.
    ToggleAction(usize),
    /// Move the action at the first position to the second.
    MoveAction(usize, usize),
    /// Put another action in the place of the one at this position.
    EditAction(usize, Action),
    /// Take all actions out.
    ClearActions,
    /// Call the scenario so.
    RenameScenario(String),
    /// Keep the credential's audience to these (all it states: no narrowing).
    KeepAudience(String, Vec<String>),
    /// Keep the credential's scopes to these (all it states: no narrowing).
    KeepScopes(String, Vec<String>),
    /// Take the last step back.
    Undo,
    /// Take the step that was undone last again.
    Redo,
    /// Believe this where the inventory does not know.
    SetRegime(Regime),
    /// Look at this time; the inventory's own where absent.
    SetAsOf(Option<Time>),
    /// Show this thing in the inspector, by id.
    Select(Option<String>),
    /// Take these things together, and no others.
    Mark(Vec<crate::graph::Thing>),
    /// Show this tab.
    ShowTab(Tab),
    /// Show this table, sorted and filtered so.
    SetTable(TableSpec),
    /// Show these columns of a kind of table; those it shows by itself where absent.
    SetColumns(TableKind, Option<Vec<Column>>),
    /// Whether the matrix shows every credential of the estate.
    ShowWholeMatrix(bool),
    /// Open this finding, or none.
    OpenFinding(Option<super::FindingKey>),
    /// Ask for a plan so.
    SetPlan(Box<super::PlanSpec>),
    /// Take the best plan so far, without a proof.
    StopProving,
    /// Try longer to prove the plan.
    ProveLonger,
    /// Put these actions into the scenario as one step: after its own or, where so, in their place; into a new branch of
    /// this name where one is given.
    TakeActions(Vec<Action>, bool, Option<String>),
    /// Mark all of these as compromised, by id, in place of what was; the step is called so.
    CompromiseAll(String, Vec<String>),
    /// Assert nothing any more.
    DropAssertions,
    /// Compare the scenario with the branch of this name, or with no scenario.
    CompareWith(Option<String>),
    /// Show the system's dialog for another inventory to compare with.
    ChooseOther,
    /// Read these files as another inventory, and compare the one that is open with it.
    OpenOther(Vec<PathBuf>),
    /// Compare with the other inventory that is open.
    CompareOther,
    /// Forget the other inventory.
    CloseOther,
    /// Whether the step chart is shown.
    ShowSteps(bool),
    /// Keep a filter under a name, or forget it where absent.
    KeepFilter(String, Option<Filter>),
    /// Show the system's dialog for where to write; the answer comes back through [`super::Session::chosen_path`].
    ChooseExportPath(ExportKind),
    /// Write to this file, or into this folder for a report.
    Export(ExportKind, PathBuf),
    /// Put the picture, or the rows of the table, on the clipboard; the window takes them from [`super::Session::copied`].
    Copy(ExportKind),
    /// Whether exports replace names by aliases.
    SetRedacted(bool),
    /// Colours.
    SetTheme(ThemeChoice),
    /// How the map is laid out.
    SetLayout(MapLayout),
    /// By what the estate's records are put together.
    SetGrouping(Grouping),
    /// The working map around a record, or back to the estate.
    OpenAround(Option<String>),
    /// Hide a thing on the map, by id, or show it again.
    Hide(String, bool),
    /// Hide all of these on the map, by id.
    HideAll(Vec<String>),
    /// Pin a node of the map there, or no longer; see [`crate::scene::Pins`].
    Pin(String, Option<(i32, i32)>),
    /// Put every node of the map back where the layout has it.
    UnpinAll,
    /// Leave only this on the map, with its path and what is reached through it; everything where absent.
    Isolate(Option<String>),
    /// Show everything on the map again.
    ShowHidden,
    /// Show paths on the map and as a list, or no longer.
    ShowPaths(Option<super::PathsAsk>),
    /// How large everything is, from 1 to 3.
    SetScale(f32),
    /// Export pictures of this width and height, in pixels.
    SetPictureSize(u32, u32),
    /// Show the tour, or no longer.
    Tour(bool),
    /// Motion on or off.
    SetLessMotion(bool),
    /// Work out the small pictures of the samples, once.
    SketchSamples,
    /// How large the map is, in points.
    SetMapSize(f32, f32),
    /// How wide the left panel is, in points.
    SetLeftWidth(f32),
    /// How wide the inspector is, in points.
    SetInspectorWidth(f32),
    /// Say of a join, by id, that it holds or does not; unsaid where absent.
    DecideJoin(String, Option<bool>),
    /// Look whether files changed since they were read, and offer to read them again.
    LookAtFiles,
    /// Read everything that is open again.
    ReadAgain,
    /// Add a rotation for every credential that a pasted list names.
    RotateListed(String),
    /// Save the session where it was saved last; ask where that was nowhere.
    SaveSession,
    /// Open what was open when the program ended without being closed.
    Recover,
    /// Put a note on a thing, by id; none where the text is empty.
    SetNote(String, String),
    /// Ask for a note on this thing or relation, by id or name; no longer where absent.
    AskNote(Option<String>),
    /// Work out what stands behind a number.
    ShowEvidence(Box<super::EvidenceAsk>),
    /// Begin another branch of the scenario under this name.
    NewBranch(String),
    /// Work on the branch of this name.
    SwitchBranch(String),
    /// Forget the branch of this name.
    ForgetBranch(String),
    /// Show a message: something was done that is not the session's to do.
    Say(String),
    /// Take a notice away.
    DismissNotice(u64),
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, or begun where it is long.
    Done,
    /// There was nothing to do.
    Nothing(String),
    /// It was not done, for this reason.
    Refused(String),
}
