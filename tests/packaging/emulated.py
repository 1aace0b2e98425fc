#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges the tests of a program that an emulator ran: what it cannot do is no failure of the program.

usage: emulated.py TESTLOG.JSON LIMITS

LIMITS has a line for each function of the unit tests that cannot pass there: SUITE:FUNCTION, a tab, the reason.
All others have to pass.
"""
import json
import re
import sys

FAILURE = re.compile(r"^\S+:\d+:[FE]:([\w-]+):(\w+):", re.MULTILINE)


def limits(path):
    with open(path, encoding="utf8") as lines:
        return dict(line.rstrip("\n").split("\t", 1) for line in lines if line.strip() and not line.startswith("#"))


def main():
    known, met, failed, passed = limits(sys.argv[2]), set(), 0, 0
    with open(sys.argv[1], encoding="utf8") as log:
        for test in map(json.loads, log):
            if test["result"] in ("OK", "SKIP"):
                passed += test["result"] == "OK"
                continue
            places = {":".join(match) for match in FAILURE.findall(test.get("stdout", "") + test.get("stderr", ""))}
            # a test that crashed has not said all
            if test["result"] == "FAIL" and test["returncode"] == 1 and places and places <= set(known):
                met |= places
                passed += 1
                continue
            failed += 1
            print(f"failed: {test['name']}: {test['result']} {test['returncode']}", *sorted(places - set(known)))
            if not places:
                print(test.get("stdout", "")[-3000:], test.get("stderr", "")[-3000:])
    for place in sorted(met):
        print(f"not judged: {place}: {known[place]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
