#![doc = include_str!("../README.md")]

mod eml_folder;
mod message;

pub use self::eml_folder::{EmlFolder, EmlFolderError};
