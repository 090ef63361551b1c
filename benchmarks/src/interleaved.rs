//! Contenders measured turn by turn in one run, so that a noisy machine is noisy to all of them.

use std::time::Duration;

use crate::clock::thread_time;

/// One of those who are measured: a name, and a function that does the work so many times.
pub struct Contender<'a> {
    name: String,
    work: Box<dyn FnMut(u64) + 'a>,
}

impl std::fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Contender<'a> {
    /// A contender of this name.
    pub fn new(name: impl Into<String>, work: impl FnMut(u64) + 'a) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }
}

/// What one contender took.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// Nanoseconds for one piece of work: the median of all turns.
    pub ns: f64,
    /// The median, over all turns, of what it took in the turn to what the first contender took in the same.
    pub ratio: f64,
}

/// How long one turn takes, roughly.
const TURN: Duration = Duration::from_micros(1_500);

/// How many turns each contender has, unless the command line says otherwise.
const TURNS: usize = 151;

/// Gives every contender its turns, one after the other, and says what each took.
///
/// The clock is the thread's own, so that being interrupted costs nothing. What is left of other programs'
/// noise (caches, clock rate, neighbours on the same machine) is what the ratio of one turn takes out.
pub fn measure(mut contenders: Vec<Contender<'_>>) -> Vec<Figure> {
    let turns = turns();
    let repeats: Vec<u64> = contenders.iter_mut().map(calibrate).collect();
    let mut taken = vec![Vec::with_capacity(turns); contenders.len()];
    for turn in 0..turns {
        for offset in 0..contenders.len() {
            let index = (turn + offset) % contenders.len();
            let work = &mut contenders[index].work;
            work(repeats[index] / 8 + 1);
            taken[index].push(nanoseconds(work, repeats[index]));
        }
    }
    let figures = contenders.iter().zip(&taken).map(|(contender, own)| Figure {
        name: contender.name.clone(),
        ns: median(own.clone()),
        ratio: median(own.iter().zip(&taken[0]).map(|(own, first)| own / first).collect()),
    });
    figures.collect()
}

/// How many turns each contender has; `--turns 31` is a quick look.
pub fn turns() -> usize {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--turns").skip(1);
    arguments.next().and_then(|turns| turns.parse().ok()).unwrap_or(TURNS)
}

fn nanoseconds(work: &mut dyn FnMut(u64), repeats: u64) -> f64 {
    let started = thread_time();
    work(repeats);
    (thread_time() - started).as_secs_f64() * 1e9 / repeats as f64
}

/// The value in the middle; of none, not a number.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How often the work fits into a turn.
fn calibrate(contender: &mut Contender<'_>) -> u64 {
    let mut repeats = 1;
    loop {
        let taken = nanoseconds(&mut contender.work, repeats) * repeats as f64;
        let wanted = TURN.as_secs_f64() * 1e9;
        if taken >= wanted / 2.0 {
            return ((repeats as f64 * wanted / taken) as u64).max(1);
        }
        repeats *= 2;
    }
}
