//! Servers of a test's own, and an address that leads to one or another, as it does in a failover.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
    sync::watch,
};

/// Starts a server that ends with this program, and gives the folder of its socket.
pub(crate) async fn start() -> PathBuf {
    run(vec!["start".to_owned()]).await
}

/// Starts a standby of such a server.
pub(crate) async fn start_standby(primary: &Path) -> PathBuf {
    run(vec!["standby".to_owned(), format!("host={}", primary.display())]).await
}

/// Runs `.ci/postgres`, and gives the folder of the socket of what it started.
async fn run(arguments: Vec<String>) -> PathBuf {
    let started = tokio::task::spawn_blocking(move || {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/postgres");
        Command::new(script).args(arguments).arg(std::process::id().to_string()).output().unwrap()
    });
    let started = started.await.unwrap();
    let said = String::from_utf8_lossy(&started.stderr);
    assert!(started.status.success(), "no PostgreSQL could be started: {said}");
    let address = String::from_utf8(started.stdout).unwrap();
    address.trim().rsplit_once("host=").unwrap().1.into()
}

/// An address that leads to one server or another.
pub(crate) struct Address {
    folder: tempfile::TempDir,
    leads_to: Arc<Mutex<PathBuf>>,
    cut: watch::Sender<()>,
}

impl Address {
    pub(crate) fn leading_to(server: &Path) -> Self {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let leads_to = Arc::new(Mutex::new(server.to_owned()));
        let cut = watch::Sender::new(());
        let (target, cutting) = (Arc::clone(&leads_to), cut.clone());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let server = target.lock().unwrap().join(".s.PGSQL.5432");
                let mut cut = cutting.subscribe();
                tokio::spawn(async move {
                    let mut server = UnixStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self { folder, leads_to, cut }
    }

    /// Leads new connections there.
    pub(crate) fn lead_to(&self, server: &Path) {
        server.clone_into(&mut self.leads_to.lock().unwrap());
    }

    /// Cuts the connections that there are.
    pub(crate) fn cut(&self) {
        self.cut.send_replace(());
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres:///postgres?user=postgres&host={}", self.folder.path().display())
    }
}
