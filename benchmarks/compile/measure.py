#!/usr/bin/env python3
"""What an application with many events and listeners takes to compile, and how big it gets.

It writes two applications into a temporary folder: one whose events and listeners are those of this library,
and one where the same functions are called by hand. It builds the dependencies of both, and then takes the time
of each crate alone. Processor time counts, which other programs change little; wall time is given beside it.

    python3 benchmarks/compile/measure.py [--events 300] [--listeners 1000] [--release] [--functions] [--keep]
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CORE = pathlib.Path(__file__).resolve().parents[2] / "core"
EVENTS_A_MODULE = 10

MANIFEST = """
[package]
name = "application"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
dullahan-core = {{ path = "{core}" }}

[workspace]
"""


class Event:
    """One event: its kind, and what its listeners are."""

    def __init__(self, number, listeners, events):
        self.number = number
        self.module = number // EVENTS_A_MODULE
        # Of ten events one is a saga, three are processes and six are plain events.
        place = number % EVENTS_A_MODULE
        self.kind = "Saga" if place == 0 else "Process" if place < 4 else "Event"
        self.name = f"{self.kind}{number}"
        # A saga dispatches the three processes of its module, and each process two plain events.
        first = self.module * EVENTS_A_MODULE
        dispatched = {0: [1, 2, 3], 1: [4, 5], 2: [6, 7], 3: [8, 9]}.get(place, [])
        self.dispatched = [first + other for other in dispatched if first + other < events]
        # Of ten listeners five stand before and four after; one observes. Half of them are async.
        self.listeners = [
            (f"listener_{one}", {9: "Observe"}.get(one % 10, "Before" if one % 10 < 5 else "After"), one % 2 == 1)
            for one in listeners
        ]


def events_of(events, listeners):
    shares = [listeners * (number + 1) // events for number in range(events)]
    return [Event(number, range(shares[number - 1] if number else 0, shares[number]), events) for number in range(events)]


def number_of(name):
    """The number that a listener adds, its own, so that no two of them are one function."""
    return name.removeprefix("listener_")


def write_ours(folder, events):
    modules = {}
    names = {event.number: event for event in events}
    for event in events:
        text = modules.setdefault(event.module, ["use dullahan_core::{After, Before, CoreBuilder, Event, Observe, DefaultAction, Process, Result, Saga};\n"])
        text.append(f"#[derive({event.kind})]\n#[event(output = u64)]\npub struct {event.name} {{\n    pub value: u64,\n}}\n")
        body = "".join(
            f"    sum = sum.wrapping_add(ev.dispatch({names[other].name} {{ value: sum }}).await?);\n" for other in event.dispatched
        )
        if event.dispatched:
            text.append(
                f"async fn default_{event.number}(mut ev: DefaultAction<'_, {event.name}>) -> Result<u64> {{\n"
                f"    let mut sum = ev.value;\n{body}    Ok(sum)\n}}\n"
            )
        else:
            text.append(
                f"fn default_{event.number}(ev: DefaultAction<'_, {event.name}>) -> Result<u64> {{\n    Ok(ev.value)\n}}\n"
            )
        for name, phase, is_async in event.listeners:
            mut = "" if phase == "Observe" else "mut "
            change = {
                "Before": f"    ev.value = ev.value.wrapping_add({number_of(name)});\n",
                "After": f"    *ev.output_mut() ^= {number_of(name)};\n",
                "Observe": "    std::hint::black_box(ev.value);\n",
            }[phase]
            prefix = "async " if is_async else ""
            text.append(f"{prefix}fn {name}({mut}ev: {phase}<'_, {event.name}>) -> Result<()> {{\n{change}    Ok(())\n}}\n")
    for module, text in modules.items():
        wiring = []
        for event in events:
            if event.module == module:
                listeners = "".join(
                    f".{phase.lower()}({name})"
                    for name, phase, _ in event.listeners
                )
                wiring.append(f"    core.declare::<{event.name}>().default(default_{event.number}){listeners};\n")
        text.append("pub fn module(core: &mut CoreBuilder) {\n" + "".join(wiring) + "}\n")
        (folder / f"module_{module}.rs").write_text("\n".join(text))
    sagas = [event for event in events if event.kind == "Saga"]
    main = "".join(f"mod module_{module};\n" for module in modules)
    main += UNIT_OF_WORK
    main += "fn main() {\n    let mut core = dullahan_core::Core::builder();\n    core.units_of_work(std::sync::Arc::new(NoOp));\n"
    main += "".join(f"    module_{module}::module(&mut core);\n" for module in modules)
    main += "    let core = core.build().unwrap_or_else(|defects| panic!(\"{defects}\"));\n    let mut sum = 0;\n"
    main += "".join(f"    sum ^= now(core.run(module_{saga.module}::{saga.name} {{ value: sum }})).unwrap_or_default();\n" for saga in sagas)
    main += "    println!(\"{sum}\");\n}\n"
    (folder / "main.rs").write_text(main)


def write_by_hand(folder, events):
    modules = {}
    names = {event.number: event for event in events}
    for event in events:
        text = modules.setdefault(event.module, ["use dullahan_core::Result;\n"])
        text.append(f"pub struct {event.name} {{\n    pub value: u64,\n}}\n")
        calls = {"Before": "", "After": "", "Observe": ""}
        for name, phase, is_async in event.listeners:
            prefix, wait = ("async ", ".await") if is_async else ("", "")
            argument, given, change = {
                "Before": (f"ev: &mut {event.name}", "&mut ev", f"    ev.value = ev.value.wrapping_add({number_of(name)});\n"),
                "After": ("output: &mut u64", "&mut output", f"    *output ^= {number_of(name)};\n"),
                "Observe": (f"ev: &{event.name}", "&ev", "    std::hint::black_box(ev.value);\n"),
            }[phase]
            text.append(f"{prefix}fn {name}({argument}) -> Result<()> {{\n{change}    Ok(())\n}}\n")
            calls[phase] += f"    {name}({given}){wait}?;\n"
        steps = "".join(
            f"    output = output.wrapping_add({names[other].name} {{ value: output }}.dispatch().await?);\n" for other in event.dispatched
        )
        text.append(
            f"impl {event.name} {{\n#[allow(unused_mut)]\npub async fn dispatch(self) -> Result<u64> {{\n    let mut ev = self;\n"
            f"{calls['Before']}    let mut output = ev.value;\n{steps}{calls['After']}{calls['Observe']}    Ok(output)\n}}\n}}\n"
        )
    for module, text in modules.items():
        (folder / f"module_{module}.rs").write_text("\n".join(text))
    sagas = [event for event in events if event.kind == "Saga"]
    main = "".join(f"mod module_{module};\n" for module in modules) + POLL
    main += "fn main() {\n    let mut sum = 0;\n"
    main += "".join(f"    sum ^= now(module_{saga.module}::{saga.name} {{ value: sum }}.dispatch()).unwrap_or_default();\n" for saga in sagas)
    main += "    println!(\"{sum}\");\n}\n"
    (folder / "main.rs").write_text(main)


POLL = """
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("nothing here waits"),
    }
}
"""

UNIT_OF_WORK = POLL + """
struct NoOp;

impl dullahan_core::unit_of_work::UnitOfWorkProvider for NoOp {
    fn begin(&self) -> dullahan_core::BoxFuture<'_, dullahan_core::Result<Box<dyn dullahan_core::unit_of_work::UnitOfWork>>> {
        Box::pin(async { Err(dullahan_core::Error::internal("nothing here begins one")) })
    }
}
"""


def cargo(folder, *arguments):
    """Builds, and says how much processor time and wall time that took."""
    began, before = time.monotonic(), os.times()
    environment = {**os.environ, "CARGO_TARGET_DIR": str(folder / "target"), "CARGO_TERM_COLOR": "never"}
    built = subprocess.run(["cargo", "build", "--quiet", *arguments], cwd=folder, env=environment, text=True, capture_output=True)
    if built.returncode != 0:
        sys.exit(built.stderr[-4000:] or f"cargo ended with {built.returncode}")
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return processor, time.monotonic() - began


def measure(folder, write, events, release):
    """The seconds of a build of the crate alone, those of one after one listener has changed, and the size."""
    source = folder / "src"
    arguments = ["--release"] if release else []
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    (source / "main.rs").write_text("fn main() {\n    println!(\"{:?}\", dullahan_core::Core::builder());\n}\n")
    cargo(folder, *arguments)
    write(source, events)
    whole = cargo(folder, *arguments)
    changed = source / "module_0.rs"
    again = []
    for turn in range(3):
        changed.write_text(re.sub(r"wrapping_add\(\d+\)", f"wrapping_add({100 + turn})", changed.read_text(), count=1))
        again.append(cargo(folder, *arguments))
    program = folder / "target" / ("release" if release else "debug") / "application"
    subprocess.run([program], check=True, stdout=subprocess.DEVNULL)
    return {"whole": whole, "again": tuple(map(statistics.median, zip(*again))), "bytes": program.stat().st_size, "stripped": stripped(program)}


def stripped(program):
    copy = program.with_suffix(".stripped")
    try:
        subprocess.run(["strip", "-o", copy, program], check=True)
        return copy.stat().st_size
    except (OSError, subprocess.CalledProcessError):
        return program.stat().st_size


def functions(program, shown):
    """The functions of a program that take most, all instances of one generic function together."""
    symbols = subprocess.run(["nm", "-S", "-C", program], check=True, capture_output=True, text=True).stdout
    sizes = {}
    for line in symbols.splitlines():
        parts = line.split(maxsplit=3)
        if len(parts) == 4 and parts[2] in "tTwW":
            name = re.sub(r"::h[0-9a-f]{16}$", "", parts[3])
            name = re.sub(r"application::module_\d+::", "", name)
            name = re.sub(r"(Saga|Process|Event|default_|listener_)\d+", r"\1N", name)
            count, size = sizes.get(name, (0, 0))
            sizes[name] = (count + 1, size + int(parts[1], 16))
    total = sum(size for _, size in sizes.values())
    print(f"\n| function | instances | bytes | of {total} |\n| --- | --- | --- | --- |")
    for name, (count, size) in sorted(sizes.items(), key=lambda item: -item[1][1])[:shown]:
        print(f"| `{name[:150]}` | {count} | {size} | {size / total:.1%} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--release", action="store_true", help="build with optimisations as well")
    parser.add_argument("--functions", type=int, metavar="N", help="show the N generic functions that take most")
    parser.add_argument("--keep", action="store_true", help="leave the applications where they are, and say where")
    options = parser.parse_args()
    events = events_of(options.events, options.listeners)
    root = pathlib.Path(tempfile.mkdtemp(prefix="dullahan-compile-"))
    rows = []
    for release in [False, True][: 1 + options.release]:
        for name, write in [("by hand", write_by_hand), ("ours", write_ours)]:
            folder = root / name.replace(" ", "-")
            folder.mkdir(exist_ok=True)
            (folder / "Cargo.toml").write_text(MANIFEST.format(core=CORE))
            shutil.copy(CORE.parent / "Cargo.lock", folder)
            rows.append((f"{'release' if release else 'debug'}, {name}", measure(folder, write, events, release)))
    print(f"{len(events)} events, {options.listeners} listeners; seconds of processor time (wall time)\n")
    print("| build | the crate alone | after one listener changed | MB | MB stripped |\n| --- | --- | --- | --- | --- |")
    for name, row in rows:
        times = " | ".join(f"{row[one][0]:.1f} ({row[one][1]:.1f})" for one in ["whole", "again"])
        print(f"| {name} | {times} | {row['bytes'] / 1e6:.1f} | {row['stripped'] / 1e6:.1f} |")
    for (_, hand), (name, ours) in zip(rows[::2], rows[1::2]):
        count = options.listeners
        seconds = (ours["whole"][0] - hand["whole"][0]) / count
        more = (ours["stripped"] - hand["stripped"]) / count
        print(f"\n{name}: {seconds * 1e3:.1f} ms and {more:.0f} bytes (stripped) a listener more than by hand")
    if options.functions:
        for build in ["debug", "release"][: 1 + options.release]:
            functions(root / "ours" / "target" / build / "application", options.functions)
    if options.keep:
        print(f"\nthe applications are in {root}")
    else:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
