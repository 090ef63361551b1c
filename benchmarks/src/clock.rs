//! The time that one thread has run.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long this thread has run so far; what other programs run meanwhile does not count.
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
