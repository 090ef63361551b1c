#!/usr/bin/env python3
"""What a route costs, beside a bare one: `measure.py PROGRAM [ROUNDS]`. Needs `wrk` and Linux.

Each pair is measured turn by turn in one run. Two ratios, each the median of the rounds: of requests a second, which a
shared machine blurs, and of the processor time that the server takes for a request, which it blurs less. 1 is no cost.
"""

import os
import re
import statistics
import subprocess
import sys

PAIRS = [
    ("hooked route / bare route", "/hooked", "/bare", 0.95),
    ("session route / its statement", "/session", "/statement", 0.9),
    ("the contract's document / the same bytes", "/api/auth/openapi.json", "/document", None),
]


def processor_seconds(process):
    with open(f"/proc/{process.pid}/stat") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(process, address, path, token):
    """Requests a second, and requests for a second of the server's processor time."""
    command = ["wrk", "-t1", "-c16", "-d1s", "-H", f"Authorization: Bearer {token}", f"http://{address}{path}"]
    before = processor_seconds(process)
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = processor_seconds(process) - before
    if "Non-2xx" in text:
        sys.exit(f"{path}: {text}")
    count = int(re.search(r"(\d+) requests in", text)[1])
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", text)[1]), count / used


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    print("| framework | pair | requests a second | processor time | goal |\n| --- | --- | --- | --- | --- |")
    for framework in ["axum", "actix"]:
        process = subprocess.Popen([program, framework], stdout=subprocess.PIPE, text=True)
        try:
            address, token = process.stdout.readline().split()
            for name, ours, bare, goal in PAIRS:
                by_clock, by_processor = [], []
                for turn in range(rounds):
                    order = [ours, bare] if turn % 2 else [bare, ours]
                    found = {path: measure(process, address, path, token) for path in order}
                    by_clock.append(found[ours][0] / found[bare][0])
                    by_processor.append(found[ours][1] / found[bare][1])
                cells = [
                    f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
                    for ratios in (by_clock, by_processor)
                ]
                print(f"| {framework} | {name} | {cells[0]} | {cells[1]} | {goal or ''} |", flush=True)
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
