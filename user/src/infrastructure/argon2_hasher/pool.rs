//! A fixed number of threads that take work from a queue of bounded length.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    thread::{self, JoinHandle},
};

use async_channel::{Receiver, Sender};
use futures_channel::oneshot;

use super::memory::Memory;

/// A piece of work as it waits in the queue; it knows whom to answer.
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// A fixed number of threads that take work from a queue of bounded length.
///
/// They end when it is dropped, which is when nobody is left to ask for anything.
#[derive(Debug)]
pub(crate) struct Pool {
    jobs: Sender<Job>,
    /// Held for a test to join; a dropped handle leaves its thread to itself.
    #[cfg_attr(not(test), expect(dead_code, reason = "only a test joins the threads"))]
    threads: Vec<JoinHandle<()>>,
}

/// Why a piece of work was not done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The queue is full.
    Full,
    /// The work panicked.
    Panicked,
}

impl Pool {
    /// Starts the threads `argon2-0` and so on, with room for `waiting` pieces of work before them.
    pub(crate) fn start(
        threads: usize,
        waiting: usize,
        keep: usize,
        has_idle_priority: bool,
    ) -> io::Result<Self> {
        let (jobs, queue) = async_channel::bounded(waiting);
        let threads = (0..threads)
            .map(|i| {
                let queue = queue.clone();
                thread::Builder::new().name(format!("argon2-{i}")).spawn(move || {
                    if has_idle_priority {
                        give_way();
                    }
                    serve(&queue, keep);
                })
            })
            .collect::<io::Result<_>>()?;
        Ok(Self { jobs, threads })
    }

    /// Has a thread do the work and waits for what comes of it.
    ///
    /// If the future is dropped, the work is skipped unless it has begun.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T, Refused>
    where
        T: Send + 'static,
        W: FnOnce(&mut Memory) -> T + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            if !answer.is_canceled() {
                // The caller may go away while the work is done; then nobody misses the answer.
                let _ = answer.send(work(memory));
            }
        });
        self.jobs.try_send(job).map_err(|_| Refused::Full)?;
        answered.await.map_err(|_| Refused::Panicked)
    }
}

/// Lets all other threads of the program go before this one.
#[cfg(target_os = "linux")]
fn give_way() {
    use thread_priority::{
        NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy::Normal,
        set_thread_priority_and_policy, thread_native_id, thread_schedule_policy,
    };

    // It sets a niceness as well, which may be refused and has no meaning here: what counts is the policy.
    let set = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, Normal(Idle));
    if !matches!(thread_schedule_policy(), Ok(Normal(Idle))) {
        let error = set.err().map(tracing::field::debug);
        tracing::warn!(error, "a thread that hashes passwords could not be given idle priority");
    }
}

/// Elsewhere there is no such thing.
#[cfg(not(target_os = "linux"))]
fn give_way() {}

/// What a thread does until the pool is dropped.
fn serve(queue: &Receiver<Job>, keep: usize) {
    let mut memory = Memory::keeping(keep);
    while let Ok(job) = queue.recv_blocking() {
        // A panic concerns the one caller, who is told by the sender being dropped. Of what the job could
        // reach only the memory is left, and its content means nothing to the next one.
        if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            memory = Memory::keeping(keep);
        }
        memory.trim();
    }
}

#[cfg(test)]
mod tests;
