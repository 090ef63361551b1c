//! How many passwords the machine can check, with nothing around it.

use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};

/// Prints how many Argon2id hashes with the module's default parameters all processors together make in a second,
/// each thread with memory that it keeps.
pub(crate) fn print(seconds: u64) -> Result<(), Box<dyn Error>> {
    let threads = thread::available_parallelism()?.get();
    let params = Params::new(19_456, 2, 1, Some(32)).map_err(|error| error.to_string())?;
    let end = Instant::now() + Duration::from_secs(seconds);
    let counts = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| count(&params, end))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(0)).sum::<u64>()
    });
    emit(counts as f64 / seconds as f64);
    Ok(())
}

fn count(params: &Params, end: Instant) -> u64 {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut memory = vec![Block::default(); params.block_count()];
    let mut output = [0; 32];
    let mut count = 0;
    loop {
        let hashed = argon2.hash_password_into_with_memory(
            b"correct horse battery staple",
            b"sixteen bytes of",
            &mut output,
            &mut memory,
        );
        // One that was begun in time and ended late does not count, as with the logins.
        if hashed.is_err() || Instant::now() > end {
            return count;
        }
        count += 1;
    }
}

#[expect(clippy::print_stdout, reason = "`measure.py` reads it")]
fn emit(rate: f64) {
    println!("{rate:.2}");
}
