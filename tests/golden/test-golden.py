#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of golden.py itself, on a copy of one case: that it finds what differs, and that it updates.

usage: test-golden.py HELPER CASES
"""
import os
import shutil
import subprocess
import sys
import tempfile

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.py")
CASE, OTHER, REFUSED = "filesystems", "minimal", "should-fail-settings"


class Copy:
    def __init__(self, helper, cases, directory):
        self.helper = helper
        self.directory = directory
        for name in os.listdir(cases):
            if name.split(".")[0] in (CASE, OTHER, REFUSED):
                shutil.copy(os.path.join(cases, name), directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def read(self, name):
        with open(self.path(name), encoding="utf8") as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf8") as out:
            out.write(text)

    def run(self, *arguments):
        command = [sys.executable, GOLDEN, self.helper, self.directory, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode()


def need(condition, message):
    if not condition:
        raise AssertionError(message)


def swapped(text):
    """@text with its first two rules in the other order, and the first of them."""
    lines = text.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if line.startswith("  "))
    lines[first : first + 2] = reversed(lines[first : first + 2])
    return "".join(lines), lines[first + 1].strip()


def test_all_is_well(copy):
    status, said = copy.run()
    need(status == 0 and "3 of 3 passed" in said, said)


def test_order_is_shown(copy):
    text, moved = swapped(copy.read(CASE + ".files"))
    copy.write(CASE + ".files", text)
    status, said = copy.run(CASE)
    need(status == 1 and "0 of 1 passed" in said, said)
    need(f"    -  {moved}" in said and f"    +  {moved}" in said, said)


def test_a_missing_line_end_is_shown(copy):
    copy.write(CASE + ".files", copy.read(CASE + ".files")[:-1])
    status, said = copy.run(CASE)
    need(status == 1 and "\n    +\n" in said, said)


def test_update_of_one(copy):
    for arguments in (("--update", CASE), (CASE, "--update")):
        right = {name: copy.read(name) for name in os.listdir(copy.directory)}
        wrong, _ = swapped(right[CASE + ".files"])
        copy.write(CASE + ".files", wrong)
        copy.write(OTHER + ".files", "")
        status, said = copy.run(*arguments)
        need(status == 0, said)
        need(copy.read(CASE + ".files") == right[CASE + ".files"], "not updated: " + said)
        need(copy.read(OTHER + ".files") == "", "another case was updated: " + said)
        copy.write(OTHER + ".files", right[OTHER + ".files"])
        need(right == {name: copy.read(name) for name in os.listdir(copy.directory)}, "something else changed")


def test_update_of_all(copy):
    right = {name: copy.read(name) for name in os.listdir(copy.directory)}
    for name in right:
        if name.endswith((".files", ".stderr")):
            copy.write(name, "wrong\n")
    copy.write(OTHER + ".stderr", "nothing is said\n")
    status, said = copy.run("--update")
    need(status == 0, said)
    need(right == {name: copy.read(name) for name in os.listdir(copy.directory)}, said)


def test_no_such_case(copy):
    status, said = copy.run("no-such-case")
    need(status == 2 and "no-such-case" in said, said)


def main():
    failed = 0
    tests = {name[5:]: call for name, call in globals().items() if name.startswith("test_")}
    for name, call in tests.items():
        with tempfile.TemporaryDirectory() as directory:
            try:
                call(Copy(sys.argv[1], sys.argv[2], directory))
                print("ok", name)
            except AssertionError as problem:
                failed += 1
                print("not ok", name, "\n   ", str(problem).replace("\n", "\n    "))
    print(f"{len(tests) - failed} of {len(tests)} passed")
    return 1 if failed else 0


sys.exit(main())
