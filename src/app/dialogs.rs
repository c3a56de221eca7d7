//! The system's file dialogs. They are made on the window's thread, as some systems want it, and waited for on another.

use crate::session::{Ask, Dialogs, Reply};
use rfd::{AsyncFileDialog, FileHandle};
use std::future::Future;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// rfd: XDG portals on Linux, the native dialogs elsewhere. Where a system has none, nothing is chosen; a path can
/// always be typed instead.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDialogs;

type Chosen = Pin<Box<dyn Future<Output = Vec<PathBuf>> + Send>>;

impl Dialogs for SystemDialogs {
    fn choose(&self, ask: Ask, reply: Reply) {
        let dialog = AsyncFileDialog::new();
        let chosen: Chosen = match ask {
            Ask::OpenFiles => {
                let future = dialog.set_title("Open inventories").pick_files();
                Box::pin(async move { paths(future.await.unwrap_or_default()) })
            }
            Ask::OpenFolder => {
                let future = dialog.set_title("Open a folder of inventories").pick_folder();
                Box::pin(async move { paths(future.await.into_iter().collect()) })
            }
            Ask::SaveFile { name, extension } => {
                let future = dialog
                    .set_title("Write to")
                    .set_file_name(name)
                    .add_filter(extension, &[extension])
                    .save_file();
                Box::pin(async move { paths(future.await.into_iter().collect()) })
            }
            Ask::SaveFolder => {
                let future = dialog.set_title("Write into").pick_folder();
                Box::pin(async move { paths(future.await.into_iter().collect()) })
            }
        };
        let started = thread::Builder::new()
            .name("dialog".into())
            .spawn(move || reply(wait_for(chosen)));
        // Without a thread there is no dialog; the typed path remains.
        drop(started);
    }
}

fn paths(handles: Vec<FileHandle>) -> Vec<PathBuf> {
    handles.iter().map(|h| h.path().to_path_buf()).collect()
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread until a future is ready.
fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_is_woken_from_another_thread_is_waited_for() {
        struct Later(Option<thread::JoinHandle<()>>, Arc<std::sync::atomic::AtomicBool>);
        impl Future for Later {
            type Output = u32;
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
                if self.1.load(std::sync::atomic::Ordering::SeqCst) {
                    return Poll::Ready(7);
                }
                if self.0.is_none() {
                    let (waker, done) = (cx.waker().clone(), Arc::clone(&self.1));
                    self.0 = Some(thread::spawn(move || {
                        thread::sleep(std::time::Duration::from_millis(5));
                        done.store(true, std::sync::atomic::Ordering::SeqCst);
                        waker.wake();
                    }));
                }
                Poll::Pending
            }
        }
        assert_eq!(wait_for(Later(None, Arc::default())), 7);
    }
}
