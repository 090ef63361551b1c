//! What the pool promises, shown without a clock: work waits for a gate that the test opens.

use std::{
    pin::{Pin, pin},
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Waker},
    thread,
};

use pollster::block_on;

use super::{Pool, Refused};

/// Work that was asked for.
type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refused>> + 'a>>;

/// Asks for the work without waiting for it.
fn asked<'a, T>(future: impl Future<Output = Result<T, Refused>> + 'a) -> Asked<'a, T> {
    let mut future = Box::pin(future);
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    future
}

/// Occupies a thread until the sender that is returned is dropped.
fn occupied(pool: &Pool) -> (mpsc::Sender<()>, Asked<'_, ()>) {
    let (begun, has_begun) = mpsc::channel();
    let (gate, opened) = mpsc::channel::<()>();
    let work = asked(pool.run(move |_| {
        begun.send(()).unwrap();
        let _ = opened.recv();
    }));
    has_begun.recv().unwrap();
    (gate, work)
}

#[test]
fn work_is_done_by_a_thread_with_a_name_and_its_result_comes_back() {
    let pool = Pool::start(1, 1, 0, false).unwrap();
    let name = block_on(pool.run(|_| thread::current().name().map(str::to_owned)));
    assert_eq!(name, Ok(Some("argon2-0".to_owned())));
}

#[test]
#[cfg(target_os = "linux")]
fn its_threads_give_way_and_nobody_else_does() {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy,
    };
    let policy = || match thread_schedule_policy() {
        Ok(ThreadSchedulePolicy::Normal(policy)) => policy,
        other => panic!("{other:?}"),
    };
    let own = policy();
    for (gives_way, expected) in [(false, own), (true, NormalThreadSchedulePolicy::Idle)] {
        let pool = Pool::start(1, 1, 0, gives_way).unwrap();
        assert_eq!(block_on(pool.run(move |_| policy())), Ok(expected));
        assert_eq!(policy(), own);
    }
}

#[test]
fn a_full_queue_refuses_at_once_and_takes_more_once_there_is_room() {
    let pool = Pool::start(1, 2, 0, false).unwrap();
    let (gate, working) = occupied(&pool);
    let waiting = [asked(pool.run(|_| 1)), asked(pool.run(|_| 2))];

    let refused = pin!(pool.run(|_| 3)).as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(refused, Poll::Ready(Err(Refused::Full)));

    drop(gate);
    assert_eq!(block_on(working), Ok(()));
    assert_eq!(waiting.map(block_on), [Ok(1), Ok(2)]);
    assert_eq!(block_on(pool.run(|_| 3)), Ok(3));
}

#[test]
fn as_much_is_done_at_once_as_there_are_threads_and_no_more() {
    const THREADS: usize = 2;
    let pool = Pool::start(THREADS, 8, 0, false).unwrap();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    // Each piece of work waits for another one, so less than two at once would never end.
    let meeting = Arc::new(Barrier::new(THREADS));
    let work = (0..8).map(|_| {
        let (running, most, meeting) = (running.clone(), most.clone(), meeting.clone());
        asked(pool.run(move |_| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            meeting.wait();
            running.fetch_sub(1, Ordering::SeqCst);
        }))
    });
    for work in work.collect::<Vec<_>>() {
        assert_eq!(block_on(work), Ok(()));
    }
    assert_eq!(most.load(Ordering::SeqCst), THREADS);
}

#[test]
fn the_work_of_a_caller_that_went_away_is_skipped() {
    let pool = Pool::start(1, 2, 0, false).unwrap();
    let (gate, working) = occupied(&pool);
    let done = Arc::new(AtomicUsize::new(0));
    let dropped = asked(pool.run({
        let done = done.clone();
        move |_| done.fetch_add(1, Ordering::SeqCst)
    }));
    let kept = asked(pool.run({
        let done = done.clone();
        move |_| done.fetch_add(10, Ordering::SeqCst)
    }));
    drop(dropped);
    drop(gate);
    assert_eq!(block_on(working), Ok(()));
    // The one thread came by the dropped work on its way here.
    assert_eq!(block_on(kept), Ok(0));
    assert_eq!(done.load(Ordering::SeqCst), 10);
}

#[test]
fn a_caller_that_goes_away_during_the_work_harms_nobody() {
    let pool = Pool::start(1, 1, 0, false).unwrap();
    let (gate, working) = occupied(&pool);
    drop(working);
    drop(gate);
    assert_eq!(block_on(pool.run(|_| 1)), Ok(1));
}

#[test]
fn a_future_that_is_never_polled_asks_for_nothing() {
    let pool = Pool::start(1, 1, 0, false).unwrap();
    drop(pool.run(|_| panic!("this is not asked for")));
    assert!(pool.jobs.is_empty());
}

#[test]
fn a_panic_is_told_to_its_caller_and_the_thread_goes_on() {
    let pool = Pool::start(1, 1, 4, false).unwrap();
    let panicked = block_on(pool.run(|memory| {
        memory.blocks(4).unwrap();
        panic!("on purpose");
    }));
    assert_eq!(panicked, Err::<(), _>(Refused::Panicked));
    assert_eq!(block_on(pool.run(|memory| memory.blocks(4).unwrap().len())), Ok(4));
}

#[test]
fn memory_is_kept_from_one_piece_of_work_to_the_next() {
    let pool = Pool::start(1, 1, 4, false).unwrap();
    block_on(pool.run(|memory| memory.blocks(4).unwrap()[3].as_mut()[0] = 7)).unwrap();
    assert_eq!(block_on(pool.run(|memory| memory.blocks(4).unwrap()[3].as_ref()[0])), Ok(7));
}

#[test]
fn the_threads_end_with_the_pool() {
    let Pool { jobs, threads } = Pool::start(3, 1, 0, false).unwrap();
    drop(jobs);
    assert_eq!(threads.len(), 3);
    for thread in threads {
        thread.join().unwrap();
    }
}
