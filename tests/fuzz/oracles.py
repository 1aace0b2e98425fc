#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libFuzzer keeps what breaks an oracle.

usage: oracles.py REPLAY CORPUS SOURCE...

It keeps an input at SIGABRT. So each oracle of the target is made to fail, and has to end it by that signal; the
corpus has an input that comes to it. Nothing in the SOURCEs ends the process in another way, and where GLib does,
it is SIGABRT all the same.
"""
import os, re, resource, signal, subprocess, sys, tempfile

ENDS = re.compile(r"\b(g_error|g_assert\w*|g_return\w*|assert|ck_\w+|exit|_exit|_Exit|abort|raise|kill|__builtin_\w+)\s*\(")


def run(replay, *args):
    # what it makes it does not remove when it is ended
    with tempfile.TemporaryDirectory() as top:
        return subprocess.run([replay, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60,
                              env=dict(os.environ, TMPDIR=top),
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))


def main():
    replay, corpus, sources = sys.argv[1], sys.argv[2], sys.argv[3:]
    problems = []
    for source in sources:
        with open(source, encoding="utf8") as lines:
            problems += [f"{source}:{number}: ends the process: {line.strip()}"
                         for number, line in enumerate(lines, 1) if ENDS.search(line)]
    if run(replay, "--trap", corpus).returncode != -signal.SIGABRT:
        problems.append("g_error() does not end in SIGABRT")
    oracles = run(replay, "--list").stdout.decode().splitlines()
    for oracle in oracles:
        number, what = oracle.split(" ", 1)
        done = run(replay, "--plant", number, corpus)
        said = done.stderr.decode(errors="replace")
        if done.returncode == 0:
            problems.append(f"no input of {os.path.basename(corpus)} comes to {what}")
        elif done.returncode != -signal.SIGABRT or "planted" not in said:
            problems.append(f"{what}: status {done.returncode}: {said}")
    for problem in problems:
        print("not ok", problem)
    print(f"{len(oracles)} oracles, {len(problems)} problems")
    return 1 if problems or not oracles else 0


if __name__ == "__main__":
    sys.exit(main())
