#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""In what order files come to the disk: what a power loss leaves follows from it.

usage: order.py HELPER-UNDER-TEST

A file is on disk before it gets its name, and its directory before the kernel has the policy. Read off the
system calls, as nothing else shows it; skipped where strace may not trace.
"""
import os, re, subprocess, sys, tempfile

sys.dont_write_bytecode = True
from life import NAME, SOCKET, World, need, ok, shares

SKIP = 77
STRACE = ("strace", "-qq", "-y", "-e", "trace=fsync,fdatasync,renameat,renameat2")
# fsync(FD<PATH>) = 0; renameat(FD<DIR>, "OLD", FD<DIR>, "NEW"[, FLAGS]) = 0
CALL = re.compile(r"^(?:f(?:data)?sync\(\d+<(?P<synced>[^>]+)>\)|"
                  r"renameat2?\([^,<]+<(?P<dir>[^>]+)>, \"(?P<old>[^\"]+)\", [^,<]+<[^>]+>, \"(?P<new>[^\"]+)\".*\)) = 0$")


def check(world, what, trace):
    """Returns how many files got their names."""
    written, unsynced, named = set(), set(), 0
    for line in trace:
        found = CALL.match(line)
        if not found:
            continue
        synced, folder, old, new = found.group("synced", "dir", "old", "new")
        if synced:
            written.add(synced)
            unsynced.discard(synced)
        elif new == os.path.join(world.kernel, "profiles"):
            need(not unsynced, f"{what}: loaded before {unsynced} are on disk")
        elif old.endswith(".tmp") and folder.startswith((world.policy, world.records)):
            need(os.path.join(folder, old) in written, f"{what}: {new} gets its name before it is on disk")
            unsynced.add(folder)
            named += 1
    need(not unsynced, f"{what}: {unsynced} are not on disk at the end")
    return named


def main():
    if subprocess.run([*STRACE, "-o", "/dev/null", "true"], check=False).returncode:
        print("SKIPPED: strace is missing, or may not trace")
        return SKIP
    # LeakSanitizer does not work under ptrace; the suite "life" looks for leaks on the same ways
    os.environ["ASAN_OPTIONS"] = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "detect_leaks=0")))
    world = World(sys.argv[1])
    socket = ("-r", "-F", SOCKET % "fs0")
    try:
        with tempfile.NamedTemporaryFile("r", suffix=".trace") as trace:
            # two profiles, their rules and the VM's record; both rules and the record; that and the socket's
            for args, xml, wanted in ((("-c",), shares("/srv/a"), 5), (("-r",), shares("/srv/b"), 3),
                                      (socket, shares("/srv/b"), 2)):
                ok(world.run(*args, xml=xml, wrap=(*STRACE, "-o", trace.name)))
                trace.seek(0)
                named = check(world, args[0], trace)
                need(named >= wanted, f"{args}: {named} files got their names, and not {wanted}")
                print("ok", *args, named)
        need(NAME in world.loaded(), "nothing is loaded")
    except AssertionError as problem:
        print("not ok", problem)
        return 1
    finally:
        world.close()
    return 0


sys.exit(main())
