#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A call ends, and says why, before libvirt gives up on it after 30 seconds.

usage: limits.py HELPER-UNDER-TEST

Each life waits as long as the helper lets it, so they are led at the same time.
"""
import concurrent.futures, os, re, signal, subprocess, sys, time

sys.dont_write_bytecode = True
from life import NAME, XML, World, fails, need, ok, same, shares

LIBVIRT_SECONDS = 30  # QEMU_JOB_WAIT_TIME of libvirt's qemu_domain.c
PARSER = "PATH=/bin:/usr/bin:/sbin:/usr/sbin; export PATH\n"
HANGS = PARSER + "exec sleep 100\n"


def parser(world, name, script):
    path = os.path.join(world.top, name)
    with open(path, "w", encoding="utf8") as out:
        out.write("#!/bin/sh\n" + script)
    os.chmod(path, 0o755)
    return "env", "HELPER_PARSER=" + path


def begin(world, wrap, *args):
    """A call that has the lock, and its parser runs."""
    helper = subprocess.Popen([*wrap, world.helper, *args, "-u", NAME], stdin=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=world.environment())
    helper.stdin.write((XML % "/a.img").encode())
    helper.stdin.close()
    while not os.path.exists(os.path.join(world.top, "runs")):
        need(helper.poll() is None, f"the first call ended: {helper.returncode}")
        time.sleep(0.02)
    return helper


def seconds_of(done):
    """That the parser was given, as is said."""
    fails(done, "was killed")
    return int(re.search(r"was still running after (\d+) seconds", done.stderr.decode()).group(1))


def life_of_who_waits_for_a_stopped_call(world):
    runs = parser(world, "hangs", f"> {world.top}/runs\n" + HANGS)
    with begin(world, runs, "-c") as first:
        os.kill(first.pid, signal.SIGSTOP)
        try:
            fails(world.run("-c"), f"process {first.pid}, has not ended within 12 seconds")
        finally:
            first.kill()
    ok(world.run("-c"))


def life_with_a_parser_that_hangs(world):
    ok(world.run("-c", xml=shares("/srv/a")))
    before = world.state()
    need(seconds_of(world.run("-r", xml=shares("/srv/b"), wrap=parser(world, "hangs", HANGS))) == 12, "not 12 seconds")
    same(world.state(), before, "changed")


def life_with_a_parser_that_is_slow_and_then_hangs(world):
    """Its runs for the two profiles share the time."""
    slow = PARSER + f"mkdir {world.top}/first || exec sleep 100\nsleep 7\nexec apparmor_parser \"$@\"\n"
    left = seconds_of(world.run("-c", xml=shares("/srv/a"), wrap=parser(world, "slow", slow)))
    need(left <= 5, f"{left} seconds for the second")


def life_of_who_waits_for_all(world):
    slow = PARSER + f"> {world.top}/runs\nsleep 11\nexec apparmor_parser \"$@\"\n"
    with begin(world, parser(world, "slow", slow), "-c") as first:
        seconds = seconds_of(world.run("-r", "-F", "/b.img", wrap=parser(world, "hangs", HANGS)))
        need(first.wait(60) == 0 and seconds == 12, f"status {first.returncode}, {seconds} seconds")


def lead(helper, life):
    world, start = World(helper), time.monotonic()
    try:
        life(world)
        took = time.monotonic() - start
        need(took < LIBVIRT_SECONDS, f"libvirt would have given up: {took:.1f} seconds")
    finally:
        world.close()


def main():
    lives = {name: life for name, life in globals().items() if name.startswith("life_")}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(lives)) as pool:
        running = {name: pool.submit(lead, sys.argv[1], life) for name, life in lives.items()}
    for name, led in running.items():
        problem = led.exception()
        failed += problem is not None
        print(f"not ok {name}: {problem!r}" if problem else "ok " + name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
