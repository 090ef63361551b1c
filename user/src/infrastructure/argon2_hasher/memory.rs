//! The memory that a thread hashes in.

use std::collections::TryReserveError;

use argon2::Block;

/// The memory that a thread hashes in, kept from one password to the next.
#[derive(Debug)]
pub(crate) struct Memory {
    blocks: Vec<Block>,
    /// How many blocks are worth keeping.
    keep: usize,
}

impl Memory {
    /// Memory that will keep so many blocks; it takes none yet.
    pub(crate) fn keeping(keep: usize) -> Self {
        Self { blocks: Vec::new(), keep }
    }

    /// So many blocks, whatever they hold.
    ///
    /// A machine that cannot give them is an error of this call, where `vec!` would end the process.
    pub(crate) fn blocks(&mut self, count: usize) -> Result<&mut [Block], TryReserveError> {
        if let Some(missing) = count.checked_sub(self.blocks.len()) {
            self.blocks.try_reserve_exact(missing)?;
            self.blocks.resize(count, Block::new());
        }
        Ok(&mut self.blocks[..count])
    }

    /// Gives back what only a hash with larger parameters needed.
    pub(crate) fn trim(&mut self) {
        self.blocks.truncate(self.keep);
        self.blocks.shrink_to(self.keep);
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn blocks_are_kept_and_what_exceeds_them_is_given_back() {
        let mut memory = Memory::keeping(16);
        let first = memory.blocks(16).unwrap().as_ptr();
        memory.trim();
        assert_eq!(memory.blocks(8).unwrap().len(), 8);
        memory.trim();
        assert_eq!(memory.blocks(16).unwrap().as_ptr(), first);

        assert_eq!(memory.blocks(64).unwrap().len(), 64);
        memory.trim();
        assert_eq!((memory.blocks.len(), memory.blocks.capacity()), (16, 16));
    }

    #[test]
    fn memory_that_no_machine_has_is_an_error() {
        let mut memory = Memory::keeping(16);
        assert!(memory.blocks(usize::MAX / 2).is_err());
        assert_eq!(memory.blocks(16).unwrap().len(), 16);
    }
}
