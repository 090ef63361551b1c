//! Notes, every step of them an event.

pub mod event;
mod functor;
mod module;
pub mod port;

pub use self::module::NotesModule;
