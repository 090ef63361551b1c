//! Contenders measured turn by turn in one run, so that a noisy machine is noisy to all of them.

use std::time::{Duration, Instant};

/// One of those who are measured: a name, and a function that does the work so many times.
pub(crate) struct Contender<'a> {
    pub(crate) name: &'static str,
    pub(crate) work: Box<dyn FnMut(u64) + 'a>,
}

impl<'a> Contender<'a> {
    pub(crate) fn new(name: &'static str, work: impl FnMut(u64) + 'a) -> Self {
        Self { name, work: Box::new(work) }
    }
}

/// How long one turn takes, roughly.
const TURN: Duration = Duration::from_millis(4);

/// How many turns each contender has.
const TURNS: usize = 60;

/// The nanoseconds that one piece of work takes, for each contender: the median of its turns' lower half,
/// which leaves out what other programs took.
pub(crate) fn measure(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let repeats: Vec<u64> = contenders.iter_mut().map(calibrate).collect();
    let mut taken = vec![Vec::with_capacity(TURNS); contenders.len()];
    for turn in 0..TURNS {
        for offset in 0..contenders.len() {
            let index = (turn + offset) % contenders.len();
            let started = Instant::now();
            (contenders[index].work)(repeats[index]);
            taken[index].push(started.elapsed().as_secs_f64() * 1e9 / repeats[index] as f64);
        }
    }
    taken
        .into_iter()
        .map(|mut turns| {
            turns.sort_by(f64::total_cmp);
            turns[TURNS / 4]
        })
        .collect()
}

/// How often the work fits into a turn.
fn calibrate(contender: &mut Contender<'_>) -> u64 {
    let mut repeats = 1;
    loop {
        let started = Instant::now();
        (contender.work)(repeats);
        let taken = started.elapsed();
        if taken >= TURN / 2 {
            let wanted = repeats as f64 * TURN.as_secs_f64() / taken.as_secs_f64();
            return (wanted as u64).max(1);
        }
        repeats *= 2;
    }
}
