//! The layers of the crate, and what it may depend on.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

#[path = "../../core/tests/shared/imports.rs"]
mod imports;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use proc_macro2::TokenStream;

use self::imports::{paths_below_crate, sources_below};

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
    let layer = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer);
    let mut files = sources_below(&layer);
    files.push(layer.with_extension("rs"));
    files
}
