//! The paths below `crate` that sources name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};

/// Every file in a folder and below it.
pub(crate) fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
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
    files.sort();
    files
}

/// Every path that begins with `crate::`, without it, also inside of groups, generics and macros.
pub(crate) fn paths_below_crate(tokens: TokenStream) -> Vec<String> {
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
