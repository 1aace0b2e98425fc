# SPDX-License-Identifier: LGPL-2.1-or-later
"""How a process is measured, and how numbers are printed."""
import os
import re
import statistics
import subprocess
import time

WARM_UP_ROUNDS = 2


class Result:
    """Times in milliseconds; peak memory in MiB, or None."""

    def __init__(self, median, low, high, peak=None):
        self.median, self.low, self.high, self.peak = median, low, high, peak

    @staticmethod
    def of(times):
        quarters = statistics.quantiles(times, n=4) if len(times) > 1 else times * 3
        return Result(statistics.median(times), quarters[0], quarters[2])


class Table:
    """Rows of two columns: the median, the middle half of the measurements, the ratio."""

    def __init__(self, title, unit="ms", names=("libvirt", "ours")):
        print(f"\n{title}, {unit}: median (the middle half)")
        print(f"{'':46} {names[0]:>24} {names[1]:>24}  ratio  {'MiB at the peak':>17}")

    @staticmethod
    def row(what, theirs, ours):
        shown = [f"{r.median:9.2f} ({r.low:.2f}–{r.high:.2f})" if r else "–" for r in (theirs, ours)]
        ratio = f"{ours.median / theirs.median:6.2f}" if theirs and ours else "     –"
        peak = "  ".join(f"{r.peak:7.1f}" for r in (theirs, ours) if r and r.peak)
        print(f"{what:46} {shown[0]:>24} {shown[1]:>24} {ratio}  {peak:>17}", flush=True)


class Runner:
    """Dry runs, by the small program that measures from outside of Python."""

    def __init__(self, options):
        self.options = options

    def both(self, xml, arguments, rounds=None):
        command = [self.options.runner, str(rounds or self.options.rounds), xml, self.options.theirs, self.options.ours]
        run = subprocess.run(command + arguments, stdout=subprocess.PIPE, check=True)
        for line in run.stdout.decode().splitlines():
            low, median, high, peak = map(int, line.split())
            yield Result(median / 1000, low / 1000, high / 1000, peak / 1024)

    def sum(self, calls):
        """The same of several calls, one after the other."""
        sums = [Result(0, 0, 0, 0), Result(0, 0, 0, 0)]
        for xml, arguments in calls:
            for total, one in zip(sums, self.both(xml, arguments, max(self.options.rounds // 5, 5))):
                total.median, total.low, total.high = total.median + one.median, total.low + one.low, total.high + one.high
                total.peak = max(total.peak, one.peak)
        return sums


def timed(helper, xml, arguments, env=None, check=True):
    """Milliseconds of one run."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, xml, os.O_RDONLY, 0)]
    actions += [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0) for fd in (1, 2)]
    # what libvirtd gives its helper
    env = {"LC_ALL": "C", "LIBVIRT_LOG_OUTPUTS": "3:stderr", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(env or {})}
    start = time.perf_counter()
    pid = os.posix_spawn(helper, [helper, *arguments], env, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    took = (time.perf_counter() - start) * 1000
    if status != 0 and check:
        raise subprocess.CalledProcessError(status, [helper, *arguments])
    return took


def instructions(helper, xml, arguments):
    """Millions of them; the same in every run."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", helper, *arguments]
    with open(xml, "rb") as text:
        run = subprocess.run(command, stdin=text, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    count = int(re.search(rb"Collected : (\d+)", run.stderr).group(1)) / 1e6
    return Result(count, count, count)
