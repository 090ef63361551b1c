//! Behind lighttpd, which starts the program anew for each request.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cgi");
const ORIGIN: &str = "https://users.example";

/// lighttpd with the program at `/api`.
struct Server {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let configuration = path.join("lighttpd.conf");
        // The socket is inherited, so nobody else can take its port.
        let text = format!(
            "server.document-root = \"{root}\"\nserver.bind = \"/dev/stdin\"\n\
             server.modules = (\"mod_alias\", \"mod_setenv\", \"mod_cgi\")\n\
             alias.url = (\"/api\" => \"{PROGRAM}\")\ncgi.assign = (\"\" => \"\")\n\
             setenv.add-environment = (\"DATABASE_URL\" => \"sqlite://{root}/users.sqlite\", \
             \"MAILBOX\" => \"{root}/mailbox\", \"ORIGIN\" => \"{ORIGIN}\")\n",
            root = path.display(),
        );
        fs::write(&configuration, text).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let process = Command::new(lighttpd())
            .arg("-D")
            .arg("-f")
            .arg(&configuration)
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .spawn()
            .unwrap();
        Self { process, address, folder }
    }

    /// Sends a request and gives status, head and body of the answer.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("\r\n{body}"));
        let mut connection = TcpStream::connect(self.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers = [headers, &[("Content-Type", "application/json")]].concat();
        self.ask("POST", path, &headers, &body.to_string())
    }

    /// Sends the mails that are owed, as a timer would, and gives the token of the last one.
    fn token_of_mail(&self) -> String {
        let mailbox = self.folder.path().join("mailbox");
        let url = format!("sqlite://{}", self.folder.path().join("users.sqlite").display());
        let sent = Command::new(PROGRAM)
            .arg("mails")
            .env("DATABASE_URL", url)
            .env("MAILBOX", &mailbox)
            .status()
            .unwrap();
        assert!(sent.success());
        let mail = fs::read_dir(mailbox).unwrap().last().unwrap().unwrap();
        let text = fs::read_to_string(mail.path()).unwrap();
        let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let mut lines = text.lines().map(str::trim);
        lines.find(|line| line.len() == 43 && line.bytes().all(is_of_token)).unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    #[track_caller]
    fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    #[track_caller]
    fn problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.head.contains("content-type: application/problem+json"), "{self:?}");
        assert_eq!(self.json()["code"], code, "{self:?}");
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The web server, which is no command of a user.
fn lighttpd() -> &'static Path {
    let places = ["/usr/sbin/lighttpd", "/usr/local/sbin/lighttpd", "/opt/homebrew/sbin/lighttpd"];
    let found = places.into_iter().map(Path::new).find(|place| place.exists());
    found.expect("lighttpd is missing; `scripts/test` installs it")
}

#[test]
fn every_flow_as_one_process_a_request() {
    let server = Server::start();
    let person = json!({ "email": "ada@x.test", "password": "correct horse battery staple" });
    let answer = server.post("/api/auth/registration", &[], &person).expect(202);
    assert_eq!(answer.json(), json!({ "status": "pending" }));
    let token = server.token_of_mail();
    let activation = json!({ "token": token, "password": person["password"] });
    server.post("/api/auth/activation", &[], &activation).expect(204);
    let unknown = json!({ "token": "A".repeat(43), "password": person["password"] });
    server.post("/api/auth/activation", &[], &unknown).problem(422, "token_invalid");

    let log_in = |transport| {
        let body = json!({
            "identifier": "ada@x.test", "password": person["password"], "transport": transport
        });
        server.post("/api/auth/login", &[], &body).expect(200)
    };
    let bearer = log_in("bearer").json()["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {bearer}");
    let by_bearer = [("Authorization", bearer.as_str())];
    let account = server.ask("GET", "/api/account", &by_bearer, "").expect(200);
    assert_eq!(account.json()["email"], "ada@x.test");
    assert!(account.head.contains("cache-control: no-store"), "{account:?}");
    let head = server.ask("HEAD", "/api/account", &by_bearer, "").expect(200);
    assert!(head.body.is_empty());
    let length = format!("content-length: {}", account.body.len());
    assert!(head.head.contains(&length), "{head:?}");

    let by_cookie = log_in("cookie");
    let set = by_cookie.head.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    assert!(set.contains("secure") && set.contains("httponly"), "{set}");
    let start = by_cookie.head.find("__host-session=").unwrap();
    assert_eq!(by_cookie.head[start..].find(';').unwrap() - "__host-session=".len(), 43);

    server.post("/api/auth/logout", &by_bearer, &json!({})).expect(204);
    server.ask("GET", "/api/account", &by_bearer, "").problem(401, "unauthenticated");
}

#[test]
fn what_is_wrong_is_a_problem_as_everywhere() {
    let server = Server::start();
    let json = [("Content-Type", "application/json")];
    server.ask("GET", "/api/nowhere", &[], "").problem(404, "not_found");
    server.ask("GET", "/api/%61ccount", &[], "").problem(404, "not_found");
    server.ask("GET", "/api/account?a=b", &[], "").problem(401, "unauthenticated");
    let refused = server.ask("PUT", "/api/account", &json, "{}");
    refused.problem(405, "method_not_allowed");
    assert!(refused.head.contains("allow: get, head"), "{refused:?}");
    let login = "/api/auth/login";
    server.ask("POST", login, &json, "{").problem(400, "malformed");
    server.ask("POST", login, &json, "{}").problem(422, "invalid");
    server
        .ask("POST", login, &[("Content-Type", "text/plain")], "{}")
        .problem(415, "unsupported_media_type");
    server.ask("POST", login, &json, &" ".repeat(64 * 1024 + 1)).problem(413, "too_large");
    let foreign = [json[0], ("Origin", "https://evil.example")];
    server.ask("POST", login, &foreign, "{}").problem(403, "foreign_origin");
    let own = [json[0], ("Origin", ORIGIN)];
    server.ask("POST", login, &own, "{}").problem(422, "invalid");
    let document = server.ask("GET", "/api/auth/openapi.json", &[], "").expect(200);
    assert_eq!(document.json()["openapi"], "3.1.0");
}
