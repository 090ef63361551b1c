#!/usr/bin/env python3
"""Tries the contract against its description: `check.py PROGRAM [axum|actix] [bearer|cookie] [CASES]`.

Needs `schemathesis`, on the path. Every request is sent by somebody of its own, who has just signed in: one request
cannot end the session of the next one, or take its account away. What comes of it is printed by schemathesis.
"""

import os
import subprocess
import sys

import requests

PASSWORD = "correct horse battery staple"
TRANSPORT = os.environ.get("CHECK_TRANSPORT", "bearer")


class Visitor:
    """Signs somebody in for each request."""

    def get(self, case, context):
        server = os.environ["CHECK_SERVER"]
        email = requests.post(f"{server}/visitor", timeout=30)
        email.raise_for_status()
        body = {"identifier": email.text, "password": PASSWORD, "transport": TRANSPORT}
        answer = requests.post(f"{server}/api/auth/login", json=body, timeout=30)
        answer.raise_for_status()
        if TRANSPORT == "bearer":
            return {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return {
            "Cookie": answer.headers["set-cookie"].split(";")[0],
            "Sec-Fetch-Site": "same-origin",
            "X-CSRF-Token": answer.json()["csrf_token"],
        }

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), **data}


def check(program, framework, transport, cases):
    process = subprocess.Popen([program, framework], stdout=subprocess.PIPE, text=True)
    try:
        server = "http://" + process.stdout.readline().split()[0]
        here = os.path.dirname(os.path.abspath(__file__))
        environment = {
            **os.environ,
            "CHECK_SERVER": server,
            "CHECK_TRANSPORT": transport,
            "PYTHONPATH": here,
            "SCHEMATHESIS_HOOKS": os.path.splitext(os.path.basename(__file__))[0],
        }
        command = ["schemathesis", "run", f"{server}/document", "--url", f"{server}/api"]
        command += ["--checks", "all", "--continue-on-failure", "--max-examples", cases, "--seed", "1"]
        command += ["--phases", "examples,coverage,fuzzing", "--no-shrink"]
        return subprocess.run(command, env=environment).returncode
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    given = dict(enumerate(sys.argv))
    sys.exit(check(given[1], given.get(2, "axum"), given.get(3, "bearer"), given.get(4, "20")))
else:
    import schemathesis

    schemathesis.auth(refresh_interval=None)(Visitor)
