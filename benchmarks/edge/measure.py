#!/usr/bin/env python3
"""Ratios of requests a second, each pair measured turn by turn in one run: `measure.py PROGRAM [ROUNDS]`.

Needs `wrk`. Only the ratios mean something on a shared machine: the medians of paired rounds.
"""

import re
import statistics
import subprocess
import sys

PAIRS = [
    ("hooked route / bare route", "/hooked", "/bare", 0.95),
    ("session route / its statement", "/session", "/statement", 0.9),
    ("the contract's document / the same bytes", "/api/auth/openapi.json", "/document", None),
]


def rate(address, path, token):
    command = ["wrk", "-t1", "-c16", "-d1s", "-H", f"Authorization: Bearer {token}", f"http://{address}{path}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        sys.exit(f"{path}: {text}")
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", text)[1])


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    print("| framework | pair | ratio | lowest and highest round | goal |\n| --- | --- | --- | --- | --- |")
    for framework in ["axum", "actix"]:
        server = subprocess.Popen([program, framework], stdout=subprocess.PIPE, text=True)
        try:
            address, token = server.stdout.readline().split()
            for name, ours, bare, goal in PAIRS:
                ratios = []
                for turn in range(rounds):
                    order = [ours, bare] if turn % 2 else [bare, ours]
                    rates = {path: rate(address, path, token) for path in order}
                    ratios.append(rates[ours] / rates[bare])
                middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
                print(f"| {framework} | {name} | {middle:.2f} | {low:.2f}–{high:.2f} | {goal or ''} |", flush=True)
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
