//! What a dispatch costs, by the number of its listeners.
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

#[cfg(feature = "peers")]
use dullahan_benchmarks::peers;
use dullahan_benchmarks::{
    Contender, Loop, Table, async_listeners, boxed_futures, by_parent, by_type_id, dispatch,
    measure, statically, sync_listeners,
};
use dullahan_core::Context;

fn main() {
    let context = Context::new();
    let mut table = Table::new("ns a dispatch (ratio to the limit)");
    for count in [0, 1, 4, 16, 64] {
        let listeners = Loop::new(count);
        let (sync, asynchronous) = (sync_listeners(count), async_listeners(count));
        let contenders = vec![
            Contender::new("limit: static calls", statically(count)),
            Contender::new("loop over `Vec<Box<dyn Fn>>`", |repeats| listeners.in_turn(repeats)),
            Contender::new("same, 8 call sites", |repeats| listeners.in_eights(repeats)),
            by_type_id("same by `TypeId`, SipHash", count, false),
            by_type_id("same by `TypeId`, identity hash", count, true),
            boxed_futures("loop over boxed futures", count),
            Contender::new("**ours**, sync listeners", |repeats| {
                dispatch(&sync, &context, repeats)
            }),
            Contender::new("**ours**, from inside of a listener", |repeats| {
                by_parent(&sync, &context, repeats);
            }),
            Contender::new("**ours**, async listeners", |repeats| {
                dispatch(&asynchronous, &context, repeats);
            }),
            #[cfg(feature = "peers")]
            peers::bevy("bevy_ecs 0.20 observers", count),
            #[cfg(feature = "peers")]
            peers::event_bus("event-bus 0.1", count),
            #[cfg(feature = "peers")]
            peers::hey_listen("hey_listen 0.5", count),
            #[cfg(feature = "peers")]
            peers::jaeb("jaeb 0.5", count),
            #[cfg(feature = "peers")]
            peers::mod_events("mod-events 1.1", count),
        ];
        table.run(format!("N={count}"), &measure(contenders));
    }
    println!("{table}");
}
