//! Finds the entry of an event by its type.

use std::{
    any::TypeId,
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// Finds the entry of an event by its type.
pub(crate) type Table = HashMap<TypeId, usize, BuildHasherDefault<TypeHasher>>;

/// Takes the identity of a type for its hash, which it is.
#[derive(Default)]
pub(crate) struct TypeHasher(u64);

impl Hasher for TypeHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[inline]
    fn write_u64(&mut self, identity: u64) {
        self.0 = identity;
    }
}
