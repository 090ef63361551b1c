#!/usr/bin/env python3
"""Puts the user module under load and prints ratios, all of one run.

    cargo build --release -p dullahan-benchmarks-load
    benchmarks/load/measure.py target/release/dullahan-benchmarks-load [POSTGRES_URL]

Needs `wrk`. Each database is new; that of PostgreSQL has to be empty.

Linux shares the processors between sessions of terminals first (`sysctl kernel.sched_autogroup_enabled=0` ends that),
so a database that was started in another session waits for the hashes in this one, whatever their priority is.
"""

import glob
import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = int(os.environ.get("SECONDS_A_TURN", "4"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """The server over one database, for as long as the block runs."""

    def __init__(self, binary, url):
        self.binary, self.url, self.port = binary, url, free_port()

    def __enter__(self):
        self.process = subprocess.Popen([self.binary, "serve", self.url, str(self.port)])
        deadline = time.time() + 30
        while time.time() < deadline:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return self
            except OSError:
                if self.process.poll() is not None:
                    sys.exit("the server did not start")
                time.sleep(0.05)
        sys.exit("the server does not answer")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def command(self, script, *arguments, connections, seconds=SECONDS, threads=1):
        url = f"http://127.0.0.1:{self.port}"
        script = os.path.join(HERE, "wrk", script)
        return ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s",
                "--timeout", "10s", "--latency", "-s", script, url, "--", *map(str, arguments)]

    def processor_time(self, threads=""):
        """The nanoseconds of processor time that threads whose names begin like this have had."""
        found = 0
        for thread in glob.glob(f"/proc/{self.process.pid}/task/*"):
            try:
                with open(f"{thread}/comm") as name, open(f"{thread}/schedstat") as times:
                    if name.read().startswith(threads):
                        found += int(times.read().split()[0])
            except FileNotFoundError:
                pass  # It has ended meanwhile.
        return found

    def load(self, *arguments, **options):
        return read(subprocess.run(self.command(*arguments, **options), capture_output=True, text=True, check=True).stdout)


def read(output):
    """The rate, the 99th percentile in milliseconds, and how many answers were no success."""
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    amount, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    p99 = float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    failures = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    total = int(re.search(r"(\d+) requests in", output)[1])
    return {"rate": rate, "p99": p99, "failures": int(failures[1]) if failures else 0, "total": total}


def good(figures):
    """The rate of successes."""
    return figures["rate"] * (1 - figures["failures"] / max(figures["total"], 1))


def argon2_limit(binary):
    """How many passwords the machine can hash in a second."""
    limit = subprocess.run([binary, "argon2", str(SECONDS)], capture_output=True, text=True, check=True)
    return float(limit.stdout)


def show(what, figure):
    print(f"{what:<84} {figure}", flush=True)


def measure(binary, name, url, tokens, users):
    """All figures of one database; gives the rates that are compared between sizes."""
    median = statistics.median
    with Server(binary, url) as server:
        print(f"\n== {name}, {users:,} users")
        rates = {"/account": [], "/bare/account": []}
        for _ in range(ROUNDS):
            for path, found in rates.items():
                figures = server.load("session.lua", path, tokens, connections=16)
                assert figures["failures"] == 0, figures
                found.append(figures["rate"])
        ours, bare = median(rates["/account"]), median(rates["/bare/account"])
        pairs = [a / b for a, b in zip(rates["/account"], rates["/bare/account"])]
        show("session lookup, requests/s: ours, bare route, ratio", f"{ours:.0f}  {bare:.0f}  {median(pairs):.3f}")

        known = min(users, 100_000)
        hashing = {
            "logins": lambda turn: server.load("login.lua", "/auth/login", known, connections=16),
            "bare logins": lambda turn: server.load("login.lua", "/bare/auth/login", known, connections=16),
            "registrations": lambda turn: server.load("registration.lua", f"{users}-{turn}-{os.getpid()}-", connections=16),
        }
        found = {what: [] for what in hashing}
        limits = [argon2_limit(binary)]
        ratios, shares = {what: [] for what in hashing}, {what: [] for what in hashing}
        for turn in range(ROUNDS):
            for what, load in hashing.items():
                before = server.processor_time("argon2-"), server.processor_time()
                found[what].append(load(turn))
                after = server.processor_time("argon2-"), server.processor_time()
                shares[what].append((after[0] - before[0]) / (after[1] - before[1]))
                limits.append(argon2_limit(binary))
                # The limit drifts, so it is taken before and after.
                ratios[what].append(good(found[what][-1]) / statistics.mean(limits[-2:]))
        rate_of = {what: median(map(good, found[what])) for what in hashing}
        for what, rate in rate_of.items():
            failures = sum(figures["failures"] for figures in found[what])
            figures = f"{rate:.1f}  {median(limits):.1f}  {median(ratios[what]):.3f}  {failures}"
            show(f"{what}/s: ours, Argon2id limit of all cores, ratio, refused", figures)
            show(f"{what}: of the server's processor time, the hashes take", f"{median(shares[what]):.3f}")
        pairs = [a / b for a, b in zip(ratios["logins"], ratios["bare logins"])]
        show("logins beside the bare route, both by the limit of their turn: ratio", f"{median(pairs):.3f}")

        logins = server.command("login.lua", "/auth/login", known, connections=16, seconds=SECONDS + 2)
        elsewhere = [binary, "argon2", str(SECONDS + 2)]
        for what, script, connections in (("at 1,000/s", "paced.lua", 20), ("as fast as 2 connections can", "session.lua", 2)):
            idle, busy, beside = [], [], []
            for _ in range(ROUNDS):
                lookups = lambda: server.load(script, "/account", tokens, connections=connections)["p99"]
                idle.append(lookups())
                busy.append(meanwhile(lookups, logins))
                beside.append(meanwhile(lookups, elsewhere, preexec_fn=lower_priority))
            show(f"session lookup {what}, p99 in ms: idle", f"{median(idle):.2f}")
            for state, found in (("while logins saturate", busy), ("while another program hashes at idle priority", beside)):
                ratio = median(b / i for b, i in zip(found, idle))
                show(f"session lookup {what}, p99 in ms: {state}, beside idle", f"{median(found):.2f}  {ratio:.2f}")
        return {"session": ours} | rate_of


def meanwhile(measured, command, **options):
    """What is measured while a command runs."""
    other = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    time.sleep(1)
    found = measured()
    other.wait()
    return found


def lower_priority():
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def warn_of_groups():
    try:
        with open("/proc/sys/kernel/sched_autogroup_enabled") as setting:
            if setting.read().strip() != "0":
                print("kernel.sched_autogroup_enabled is not 0: what runs in other sessions is not let go before the hashes")
    except OSError:
        pass


def main():
    warn_of_groups()
    binary = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        databases = [("SQLite", lambda users: f"sqlite://{folder}/{users}.sqlite")]
        if len(sys.argv) > 2:
            databases.append(("PostgreSQL", lambda users: new_database(sys.argv[2], users)))
        sizes = [int(size) for size in os.environ.get("SIZES", "1000,1000000").split(",")]
        for name, url_of in databases:
            found = []
            for users in sizes:
                url, tokens = url_of(users), f"{folder}/tokens-{users}"
                subprocess.run([binary, "seed", url, str(users), tokens], check=True)
                found.append(measure(binary, name, url, tokens, users))
            if len(sizes) > 1:
                print(f"\n== {name}: {sizes[0]:,} users beside {sizes[-1]:,}")
                for what in found[0]:
                    show(f"{what}: ratio", f"{found[0][what] / found[-1][what]:.3f}")


def new_database(url, users):
    """A database of its own on the same server."""
    name = f"load_{users}_{os.getpid()}"
    subprocess.run(["psql", "-q", url, "-c", f"CREATE DATABASE {name}"], check=True)
    base, _, query = url.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


if __name__ == "__main__":
    main()
