//! What a browser and a person at a terminal find at the root, and the API to read.

use crate::{client::Send as _, home::Home};

#[tokio::test]
async fn new_07_the_root_says_what_there_is_to_a_browser_and_to_a_terminal() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    let of_browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = client.get("/").header("Accept", of_browser).answer().await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let text = client.get("/").answer().await.expect(200);
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    for (path, status) in
        [("/docs", 200), ("/auth/openapi.json", 200), ("/account", 401), ("/hello", 401)]
    {
        assert!(page.body.contains(&format!("<a href=\"{path}\">")), "{}", page.body);
        assert!(text.body.contains(&format!("  {path} ")), "{}", text.body);
        client.get(path).answer().await.expect(status);
    }
    for answer in [&page, &text] {
        assert_eq!(answer.header("vary"), "accept");
    }
    assert_eq!(home.log(), "");
}

#[tokio::test]
async fn new_07_the_api_is_there_to_read_and_loads_nothing_from_elsewhere() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    let document = client.get("/auth/openapi.json").answer().await.expect(200).json();
    let page = client.get("/docs").answer().await.expect(200);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let heading = format!("{}</span> {path}</code>", method.to_uppercase());
            assert!(page.body.contains(&heading), "{heading}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.body.contains(&format!("<section id=\"{id}\">")), "{id}");
        }
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.body.contains(&format!("<section id=\"schema-{name}\">")), "{name}");
    }
    assert!(!page.body.contains("<script") && !page.body.contains("<img"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'; "), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let loaded: Vec<_> = page
        .body
        .split("<link ")
        .skip(1)
        .map(|link| link.split_once("href=\"").unwrap().1.split_once('"').unwrap().0)
        .collect();
    assert_eq!(loaded, ["data:,", "/docs/style.css"]);
    let style = client.get("/docs/style.css").answer().await.expect(200);
    assert_eq!(style.header("content-type"), "text/css");
    assert!(!style.body.contains("url(") && !style.body.contains("@import"));
    assert_eq!(document["servers"][0]["url"], "/");
}
