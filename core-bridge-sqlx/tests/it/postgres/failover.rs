//! A failover: the address leads to a standby for a while, and then to a primary again.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use dullahan_core::{Context, Fault};
use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
    sync::watch,
    task::JoinSet,
};

use super::{
    Store,
    suite::play::{Stage, Step::*, TABLES},
};

/// Runs `.ci/postgres`, and gives the folder of the socket of what it started.
async fn postgres(arguments: Vec<String>) -> PathBuf {
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
struct Address {
    folder: tempfile::TempDir,
    leads_to: Arc<Mutex<PathBuf>>,
    cut: watch::Sender<()>,
}

impl Address {
    fn leading_to(server: &Path) -> Self {
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

    fn lead_to(&self, server: &Path) {
        server.clone_into(&mut self.leads_to.lock().unwrap());
    }

    fn url(&self) -> String {
        format!("postgres:///postgres?user=postgres&host={}", self.folder.path().display())
    }
}

/// Whether what is read comes from a standby.
async fn reads_from_standby(store: &Store) -> bool {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let asked = sqlx::query_scalar("SELECT pg_is_in_recovery()");
    let answer = asked.fetch_one(&mut *connection).await.unwrap();
    connection.done();
    answer
}

async fn play_ten_at_once(stage: &Stage) -> Vec<dullahan_core::Error> {
    let mut playing = JoinSet::new();
    for _ in 0..10 {
        let stage = stage.clone();
        playing.spawn(async move { stage.play([Add("a")]).await });
    }
    playing.join_all().await.into_iter().filter_map(Result::err).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_01_connections_to_a_standby_do_not_outlive_a_failover() {
    let primary = postgres(vec!["start".to_owned()]).await;
    let address = Address::leading_to(&primary);
    let store = Store::open(&address.url()).await.unwrap();
    store.migrate("test", &[TABLES]).await.unwrap();
    let host = format!("host={}", primary.display());
    let standby = postgres(vec!["standby".to_owned(), host]).await;
    let stage = Stage::over(store.clone());
    assert!(play_ten_at_once(&stage).await.is_empty());

    // The primary is gone, and its address leads to the standby.
    address.lead_to(&standby);
    address.cut.send(()).unwrap();
    let mut refused_by_standby = 0;
    for _ in 0..5 {
        for error in play_ten_at_once(&stage).await {
            assert_eq!(error.fault(), Fault::Unavailable, "{error}");
            refused_by_standby += usize::from(error.to_string().contains("is a standby"));
        }
    }
    assert!(refused_by_standby > 10);
    // As many readers as can be at once, so that all connections of the store lead to the standby.
    let mut readers = JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        readers.spawn(async move { reads_from_standby(&store).await });
    }
    assert!(readers.join_all().await.into_iter().all(|from_standby| from_standby));

    // It leads to a primary again. Those connections are alive, and of no use.
    address.lead_to(&primary);
    let first = stage.play([Add("a")]).await;
    if let Err(error) = &first {
        assert_eq!(error.fault(), Fault::Unavailable, "{error}");
    }
    for _ in 0..3 {
        assert!(play_ten_at_once(&stage).await.is_empty());
    }
    for _ in 0..50 {
        assert!(!reads_from_standby(&store).await);
    }
}
