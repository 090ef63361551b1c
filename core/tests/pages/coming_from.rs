//! The code of `core/docs/coming-from.md`.

mod laravel;
mod spring;
mod symfony;
mod word_press;
