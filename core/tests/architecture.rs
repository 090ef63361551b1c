//! The import graph of every crate, and what stands at the root of this one.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

#[path = "shared/imports.rs"]
mod imports;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use self::imports::{paths_below_crate, sources_below};

/// Modules of the user crate that count as one of their own, beside the layer that they are in.
///
/// The application dispatches events, so it names their types; those name nothing of the presentation around them.
const OWN: [&str; 1] = ["presentation::event::transport"];

#[test]
fn no_import_circle_crosses_a_border_of_top_level_modules() {
    let mut seen = 0;
    for sources in crates() {
        let graph = graph_of(&sources);
        seen += graph.len();
        let circle = circle_in(&graph);
        assert!(circle.is_none(), "{}: {}", sources.display(), circle.unwrap().join(" > "));
    }
    assert!(seen > 80, "only {seen} modules were looked at");
}

#[test]
fn a_circle_is_found() {
    let graph = |edges: &[(&str, &str)]| -> Graph {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        graph
    };
    assert_eq!(circle_in(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    let circle = circle_in(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
    assert_eq!(circle, ["b", "c", "b"]);
}

/// # Rule
///
/// The crate's root has what most applications name, in at most 45 names; the rest is in modules by subject.
#[test]
fn at_most_45_names_stand_at_the_root() {
    let root =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut names = BTreeSet::new();
    for item in syn::parse_file(&root).unwrap().items {
        match item {
            syn::Item::Use(item) if is_public(&item.vis, &item.attrs) => {
                add_names(&item.tree, None, &mut names);
            }
            syn::Item::Mod(item) if is_public(&item.vis, &item.attrs) => {
                names.insert(item.ident.to_string());
            }
            _ => {}
        }
    }
    names.insert("link_anchor!".to_owned());
    assert!(names.contains("Core") && names.contains("describe") && names.contains("context"));
    assert!(names.len() <= 45, "{} names: {names:?}", names.len());
}

fn is_public(visibility: &syn::Visibility, attributes: &[syn::Attribute]) -> bool {
    let is_hidden = attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list();
        attribute.path().is_ident("doc")
            && list.is_ok_and(|list| list.tokens.to_string() == "hidden")
    });
    matches!(visibility, syn::Visibility::Public(_)) && !is_hidden
}

fn add_names(tree: &syn::UseTree, parent: Option<&syn::Ident>, names: &mut BTreeSet<String>) {
    match tree {
        syn::UseTree::Path(path) => add_names(&path.tree, Some(&path.ident), names),
        syn::UseTree::Name(name) if name.ident == "self" => {
            names.extend(parent.map(ToString::to_string));
        }
        syn::UseTree::Name(name) => {
            names.insert(name.ident.to_string());
        }
        syn::UseTree::Rename(renamed) => {
            names.insert(renamed.rename.to_string());
        }
        syn::UseTree::Group(group) => {
            group.items.iter().for_each(|tree| add_names(tree, parent, names));
        }
        syn::UseTree::Glob(_) => panic!("a glob at the root hides what is there"),
    }
}

/// Which top-level modules each of them names.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The sources of every crate that is to be published.
fn crates() -> Vec<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = fs::read_dir(workspace).unwrap().map(|entry| entry.unwrap().path().join("src"));
    let mut crates: Vec<_> = folders.filter(|sources| sources.join("lib.rs").is_file()).collect();
    crates.sort();
    assert!(crates.len() >= 10, "{crates:?}");
    crates
}

fn graph_of(sources: &Path) -> Graph {
    let mut graph = Graph::new();
    for file in sources_below(sources) {
        let place = file.strip_prefix(sources).unwrap().with_extension("");
        let place: Vec<_> = place.iter().map(|part| part.to_str().unwrap()).collect();
        // The root and what generated code names re-export items of every module; unit tests name what they like.
        if place == ["lib"] || place == ["private"] || place.contains(&"tests") {
            continue;
        }
        let module = node_of(&place.join("::"));
        let tokens = fs::read_to_string(&file).unwrap().parse().unwrap();
        let named = paths_below_crate(tokens).into_iter().map(|path| node_of(&path));
        let others = named.filter(|other| *other != module && is_module(sources, other));
        graph.entry(module.clone()).or_default().extend(others);
    }
    graph
}

/// The top-level module in which a path ends.
fn node_of(path: &str) -> String {
    let own = OWN.into_iter().find(|own| path.starts_with(own));
    own.unwrap_or_else(|| path.split("::").next().unwrap_or_default()).to_owned()
}

/// Whether it is a module, and not an item of the root.
fn is_module(sources: &Path, node: &str) -> bool {
    let path = sources.join(node.replace("::", "/"));
    path.is_dir() || path.with_extension("rs").is_file()
}

/// A circle, if there is one: modules that name one another, the first one again at the end.
fn circle_in(graph: &Graph) -> Option<Vec<String>> {
    fn visit(graph: &Graph, at: &str, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        if let Some(begin) = way.iter().position(|module| module == at) {
            way.drain(..begin);
            way.push(at.to_owned());
            return true;
        }
        if done.contains(at) {
            return false;
        }
        way.push(at.to_owned());
        for next in graph.get(at).into_iter().flatten() {
            if visit(graph, next, way, done) {
                return true;
            }
        }
        way.pop();
        done.insert(at.to_owned());
        false
    }

    let (mut way, mut done) = (Vec::new(), BTreeSet::new());
    graph.keys().any(|module| visit(graph, module, &mut way, &mut done)).then_some(way)
}
