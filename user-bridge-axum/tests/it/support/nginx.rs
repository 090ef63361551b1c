//! nginx in front of an application.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::park_timeout,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// nginx in front of an application. It stops when this is dropped.
pub(crate) struct Nginx {
    process: Child,
    pub(crate) address: SocketAddr,
    _folder: TempDir,
}

impl Nginx {
    /// Starts it in front of an address or a socket, as `127.0.0.1:80` or `unix:/folder/socket`, with more directives.
    pub(crate) fn in_front_of(upstream: &str, directives: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().display();
        // Whoever else takes the port before nginx does makes it end.
        for _ in 0..10 {
            let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let text = format!(
                "daemon off;\nmaster_process off;\npid {root}/pid;\nerror_log {root}/error.log;\nevents {{}}\n\
                 http {{\n access_log off;\n client_body_temp_path {root}/body;\n proxy_temp_path {root}/proxy;\n\
                 fastcgi_temp_path {root}/fastcgi;\n uwsgi_temp_path {root}/uwsgi;\n scgi_temp_path {root}/scgi;\n\
                 client_max_body_size 100m;\n server {{\n listen 0.0.0.0:{port};\n location / {{\n\
                 proxy_pass http://{upstream};\n proxy_http_version 1.1;\n proxy_set_header Connection \"\";\n\
                 proxy_set_header X-Forwarded-For $remote_addr;\n {directives}\n }}\n }}\n}}\n",
                port = address.port(),
            );
            let configuration = folder.path().join("nginx.conf");
            fs::write(&configuration, text).unwrap();
            let mut process = Command::new(program())
                .arg("-c")
                .arg(&configuration)
                .arg("-p")
                .arg(folder.path())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            if is_listening(&mut process, address) {
                return Self { process, address, _folder: folder };
            }
        }
        panic!("nginx did not start");
    }
}

fn is_listening(process: &mut Child, address: SocketAddr) -> bool {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline && process.try_wait().unwrap().is_none() {
        if TcpStream::connect(address).is_ok() {
            return true;
        }
        park_timeout(Duration::from_millis(10));
    }
    false
}

/// Debian has it where a user's shell does not look.
fn program() -> &'static str {
    let path = "/usr/sbin/nginx";
    if Path::new(path).exists() { path } else { "nginx" }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
