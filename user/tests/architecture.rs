//! The layers of the crate, and what it may depend on.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use proc_macro2::{TokenStream, TokenTree};

/// What a layer may name, as beginnings of paths below `crate`.
const RULES: [(&str, &[&str]); 5] = [
    ("domain", &["domain"]),
    ("port", &["domain", "port"]),
    ("application", &["domain", "port", "application", "presentation::event::transport"]),
    ("infrastructure", &["domain", "port", "infrastructure"]),
    ("presentation", &["domain", "port", "application", "presentation"]),
];

#[test]
fn no_layer_names_what_it_may_not() {
    let mut seen = 0;
    for (layer, allowed) in RULES {
        for file in sources_of(layer) {
            seen += 1;
            let text = fs::read_to_string(&file).unwrap();
            let tokens: TokenStream = text.parse().unwrap();
            for path in paths_below_crate(tokens) {
                let is_allowed = allowed.iter().any(|beginning| {
                    path == *beginning || path.starts_with(&format!("{beginning}::"))
                });
                assert!(is_allowed, "{}: `{layer}` may not name `crate::{path}`", file.display());
            }
        }
    }
    assert!(seen > 60, "only {seen} files were looked at");
}

#[test]
fn nothing_slips_past_by_super_super() {
    for (layer, _) in RULES {
        for file in sources_of(layer) {
            let text: String = fs::read_to_string(&file).unwrap().split_whitespace().collect();
            assert!(!text.contains("super::super"), "{}", file.display());
        }
    }
}

#[test]
fn a_path_is_found_wherever_it_hides() {
    let tokens = "use crate::{domain::{User, UserId}, port}; type A = Vec<crate::application::B>; \
                  m!(crate::infrastructure::C);";
    let found = paths_below_crate(tokens.parse().unwrap());
    let expected =
        ["domain::User", "domain::UserId", "port", "application::B", "infrastructure::C"];
    assert_eq!(found, expected);
}

#[test]
fn the_module_knows_no_framework_no_runtime_and_no_driver() {
    for package in ["dullahan-core", "dullahan-user"] {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--package", package, "--edges", "normal", "--all-features"])
            .args(["--prefix", "none", "--offline"])
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).unwrap();
        let names: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.contains(&package) && names.contains(&"http"), "{tree}");
        for forbidden in
            ["axum", "actix-web", "hyper", "tower", "tokio", "sqlx", "lettre", "reqwest"]
        {
            assert!(!names.contains(&forbidden), "{package} depends on {forbidden}");
        }
    }
}

/// The source files of a layer.
fn sources_of(layer: &str) -> Vec<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![sources.join(layer).with_extension("rs")];
    let mut folders = vec![sources.join(layer)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}

/// Every path that begins with `crate::`, without it, also inside of groups, generics and macros.
fn paths_below_crate(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(ident) if ident == "crate" && is_colons(&tokens[at + 1..]) => {
                at += 3;
                at += path("", &tokens[at..], &mut found);
            }
            TokenTree::Group(group) => {
                found.extend(paths_below_crate(group.stream()));
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// Follows one path, and every branch of its group; how many tokens it took.
fn path(prefix: &str, tokens: &[TokenTree], found: &mut Vec<String>) -> usize {
    match tokens {
        [TokenTree::Ident(segment), rest @ ..] => {
            let path_so_far = if prefix.is_empty() {
                segment.to_string()
            } else {
                format!("{prefix}::{segment}")
            };
            if is_colons(rest)
                && matches!(rest.get(2), Some(TokenTree::Ident(_) | TokenTree::Group(_)))
            {
                return 3 + path(&path_so_far, &rest[2..], found);
            }
            found.push(path_so_far);
            1
        }
        [TokenTree::Group(group), ..] => {
            let inner: Vec<_> = group.stream().into_iter().collect();
            let branches = inner
                .split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
            for branch in branches {
                path(prefix, branch, found);
            }
            1
        }
        _ => 0,
    }
}

fn is_colons(tokens: &[TokenTree]) -> bool {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(tokens.first()) && is_colon(tokens.get(1))
}
