//! The eframe shell: starts the window, feeds drops and arguments to the session, paints, remembers. `logic` drains
//! commands and events in order and is the only place that changes anything; `ui` borrows and gives back commands.

mod dialogs;
mod places;

pub use dialogs::SystemDialogs;
pub use places::{WholeFiles, settings_file};

use crate::scene::style::Theme;
use crate::session::{Command, Dialogs, Outcome, Ports, Session, SystemClock, ThemeChoice, WindowSettings};
use crate::ui::{Window, theme};
use std::path::PathBuf;
use std::sync::Arc;

/// The program's name, on the window and to the system.
pub const NAME: &str = "trustmap";

/// Opens the window with these inventories and runs until it is closed.
///
/// Errors: one sentence, where the system has no display or no way to draw on it.
pub fn run(files: Vec<PathBuf>) -> Result<(), String> {
    let settings_file = settings_file();
    // Without the folder nothing can be remembered; where it cannot be made, nothing is.
    if let Some(folder) = settings_file.as_deref().and_then(std::path::Path::parent) {
        let _ = crate::export::file::make_folder(folder);
    }
    let settings = settings_file
        .as_deref()
        .and_then(|path| std::fs::read_to_string(path).ok())
        .map(|text| WindowSettings::parse(&text))
        .unwrap_or_default();
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title(NAME)
            .with_app_id(NAME)
            .with_inner_size([settings.size.0, settings.size.1])
            .with_min_inner_size([640.0, 480.0])
            .with_drag_and_drop(true),
        event_loop_builder: Some(Box::new(prefer_x11)),
        persist_window: false,
        ..Default::default()
    };
    eframe::run_native(
        NAME,
        options,
        Box::new(move |cc| {
            let ports = system_ports(&cc.egui_ctx, settings_file);
            Ok(Box::new(App::new(&cc.egui_ctx, ports, settings, files)?))
        }),
    )
    .map_err(|e| format!("could not open a window: {e}; the commands of `{NAME} --help` need none"))
}

/// On Linux the window runs on X11 where one is there, since file drops do not arrive on Wayland.
fn prefer_x11(builder: &mut eframe::EventLoopBuilder<eframe::UserEvent>) {
    #[cfg(all(unix, not(target_vendor = "apple")))]
    {
        use winit::platform::x11::EventLoopBuilderExtX11;
        if std::env::var_os("DISPLAY").is_some_and(|d| !d.is_empty()) {
            builder.with_x11();
        }
    }
    #[cfg(not(all(unix, not(target_vendor = "apple"))))]
    let _ = builder;
}

fn system_ports(ctx: &egui::Context, settings_file: Option<PathBuf>) -> Ports {
    let wake = ctx.clone();
    Ports {
        clock: Arc::new(SystemClock),
        dialogs: Arc::new(SystemDialogs) as Arc<dyn Dialogs>,
        disk: Arc::new(WholeFiles),
        autosave_every: crate::session::AUTOSAVE_EVERY,
        autosave_file: settings_file.as_deref().map(places::autosave_file),
        settings_file,
        export_folder: places::export_folder(),
        waker: Arc::new(move || wake.request_repaint()),
    }
}

/// The program behind the window.
pub struct App {
    session: Session,
    window: Window,
    commands: Vec<Command>,
    theme: Option<Theme>,
    title: String,
    size: egui::Vec2,
    focused: bool,
}

impl App {
    /// An app that reads `files` first. Errors: the system has no thread to give.
    pub fn new(
        ctx: &egui::Context,
        ports: Ports,
        settings: WindowSettings,
        files: Vec<PathBuf>,
    ) -> std::io::Result<Self> {
        theme::install_fonts(ctx);
        // Ours is remembered and has bounds.
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        let commands = if files.is_empty() {
            vec![Command::Recover]
        } else {
            vec![Command::Open(files)]
        };
        Ok(Self {
            size: egui::vec2(settings.size.0, settings.size.1),
            session: Session::new(ports, settings)?,
            window: Window::default(),
            commands,
            theme: None,
            title: String::new(),
            focused: true,
        })
    }

    /// The session, to look at.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Does one thing as if the window had asked for it.
    pub fn command(&mut self, command: Command) -> Outcome {
        self.session.run(command)
    }

    fn theme(&self, ctx: &egui::Context) -> Theme {
        match self.session.settings.theme {
            ThemeChoice::Dark => Theme::Dark,
            ThemeChoice::Light => Theme::Light,
            ThemeChoice::HighContrast => Theme::HighContrast,
            ThemeChoice::System => match ctx.system_theme() {
                Some(egui::Theme::Light) => Theme::Light,
                _ => Theme::Dark,
            },
        }
    }

    fn drops(&mut self, ctx: &egui::Context) {
        let dropped = ctx.input(|i| i.raw.dropped_files.clone());
        if !dropped.is_empty() {
            let paths = dropped.iter().map(|f| f.path().to_path_buf()).collect();
            self.commands.push(Command::Open(paths));
        }
    }

    /// Coming back to the window is the moment to look whether files have changed.
    fn focus(&mut self, ctx: &egui::Context) {
        let focused = ctx.input(|i| i.focused);
        if focused && !self.focused {
            self.commands.push(Command::LookAtFiles);
        }
        self.focused = focused;
    }

    fn closing(&mut self, ctx: &egui::Context) {
        if !ctx.input(|i| i.viewport().close_requested()) {
            if self.window.close_confirmed() {
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
            return;
        }
        if self.session.doc.unsaved_steps() > 0 && !self.window.close_confirmed() {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.window.ask_to_close();
        }
    }

    fn title(&mut self, ctx: &egui::Context) {
        let title = match self.session.title() {
            Some(open) => format!("{open} — {NAME}"),
            None => NAME.to_owned(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.drops(ctx);
        self.focus(ctx);
        for command in std::mem::take(&mut self.commands) {
            self.session.run(command);
        }
        self.session.take();
        self.closing(ctx);
        self.title(ctx);
        if (ctx.zoom_factor() - self.session.settings.scale).abs() > 0.001 {
            ctx.set_zoom_factor(self.session.settings.scale);
        }
        let theme = self.theme(ctx);
        if self.theme != Some(theme) {
            self.theme = Some(theme);
            theme::apply(ctx, theme);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.size = ui.max_rect().size();
        let theme = self.theme(ui.ctx());
        let commands = self.window.show(ui, theme, &self.session);
        for command in commands {
            if self.session.would_change(&command) {
                self.commands.push(command);
            }
        }
        if !self.commands.is_empty() {
            ui.ctx().request_repaint();
        }
    }

    fn on_exit(&mut self) {
        // Closed as it should be: there is nothing to reopen.
        self.session.forget_copy();
        self.session.settings.size = (self.size.x, self.size.y);
        // The window is gone and nobody could read a message; the next start then has the old settings.
        let _ = self.session.save_settings();
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        theme::CLEAR.to_normalized_gamma_f32()
    }
}
