#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The invariant of a VM's policy, after faults.

usage: faults.py HELPER-UNDER-TEST [--long [MINUTES]] [--seed N]

After any one event, and after any two, one in each of two calls: what is on disk is, of each file, the old or
the new one; a call that exits 0 has done its work; and after the next call that exits 0 the kernel has exactly
what is on disk, that is what it would be if the events had not been, and no temporary is left. An event is a
fault point that fails or ends the process there. With --long it is also each system call of the helper, from
where it gives up its power to its end, failing in turn with each errno that fits, or never being made because
the process is killed before it (strace).
"""
import argparse, collections, itertools, os, random, re, shutil, signal, subprocess, sys, tempfile, time

sys.dont_write_bytecode = True
from life import FS, NAME, SOCKET, World, need, same, shares, spoil

SKIP = 77
POINTS = [(point, skip) for point, most in (
    ("create", 3), ("write", 3), ("fsync", 3), ("rename", 4), ("fsync-dir", 2), ("mark", 1), ("load", 1), ("loaded", 1),
    ("lock", 1), ("flock", 1), ("exchange", 2), ("record", 2), ("remove", 2), ("removed", 2), ("unlink", 6),
    ("take-back", 1), ("readdir", 2))
    for skip in range(most)]
ERRORS = {
    "openat": ("EIO", "ENOSPC", "EMFILE", "EACCES", "EINTR"), "write": ("ENOSPC", "EIO", "EINTR"),
    "read": ("EIO", "EINTR"), "fsync": ("EIO", "ENOSPC"), "renameat": ("EROFS", "ENOSPC"),
    "renameat2": ("EROFS", "ENOSPC", "EINVAL"), "unlinkat": ("EROFS", "EIO"), "mkdir": ("ENOSPC", "EACCES"),
    "fcntl": ("ENOLCK", "EINTR", "EACCES"), "mmap": ("ENOMEM",), "brk": ("ENOMEM",), "clone": ("EAGAIN",),
    "capset": ("EPERM",), "prctl": ("EPERM",), "memfd_create": ("EMFILE", "ENOMEM"), "fchmod": ("EPERM",),
    "pidfd_open": ("ENOSYS", "EMFILE"), "waitid": ("EINTR",), "wait4": ("EINTR",), "ftruncate": ("EIO",),
}
# These end the process, or have no errno.
NEVER_FAIL = {"exit_group", "rt_sigreturn", "restart_syscall", "getpid", "getppid", "geteuid", "getuid", "close",
              "rt_sigaction", "rt_sigprocmask", "munmap"}

# @mixed: what comes after has no XML: it may leave of one file what was and of another what is to be.
Scenario = collections.namedtuple("Scenario", "name before call after mixed", defaults=(False,))
ALL, ONE, NONE = shares("/srv/a", "/srv/b"), shares("/srv/b"), shares()


def create_or_replace(xml):
    return lambda world, **how: world.run("-r" if NAME in world.files() else "-c", xml=xml, **how)


def call(*args, xml=None, unless=None):
    """@unless: asked of the world: there is nothing to do."""
    def run(world, **how):
        if unless and unless(world):
            return None
        return world.run(*args, xml=xml, **how)
    return run


def attach(world, **how):
    return world.add_share("/srv/hot", "fs1", **how)


def own_rules(text):
    """The administrator's own rules for both profiles, from here on."""
    def run(world, **_how):
        folder = os.path.join(os.path.dirname(world.policy), "local")
        os.makedirs(folder, exist_ok=True)
        for name in (NAME, FS):
            with open(os.path.join(folder, name), "w", encoding="utf8") as out:
                out.write(text)
            os.chmod(os.path.join(folder, name), 0o644)
        return subprocess.CompletedProcess(folder, 0)
    return run


def attach_readonly(world, **how):
    return world.add_share("/srv/cold", "fs2", "--share-readonly", **how)


def ask_unrecorded(world, **how):
    return world.ask_unrecorded(**how)


def forget(world):
    """As aa-teardown does."""
    world.forget(NAME, FS)
    return subprocess.CompletedProcess((), 0)


def answer_nothing(world):
    """A kernel that cannot be asked for its marks."""
    with open(os.path.join(world.kernel, "no-answers"), "w", encoding="utf8"):
        return subprocess.CompletedProcess((), 0)


APPEND = call("-r", "-F", "/x.img", xml=ONE)
ADD = call("-a", unless=lambda world: world.loaded())
SOCKET_1, SOCKET_2 = (call("-r", "-F", SOCKET % alias, xml=ONE) for alias in ("fs1", "fs2"))
FORESEEN = call("-r", "-F", "/var/lib/libvirt/qemu/domain-7-guest/{,**}", xml=ALL)
MEMORY = call("-r", "-F", "/var/lib/libvirt/qemu/ram/7-guest/{,**}", xml=ALL)
DELETE = call("-D", unless=lambda world: NAME not in world.files())
SCENARIOS = (
    Scenario("create", (), create_or_replace(ALL), create_or_replace(ALL)),
    Scenario("replace", (create_or_replace(ALL),), create_or_replace(ONE), create_or_replace(ONE)),
    Scenario("replace, then announce", (create_or_replace(ALL),), create_or_replace(ONE), APPEND),
    Scenario("announce", (create_or_replace(ALL),), APPEND, APPEND),
    Scenario("share nothing more", (create_or_replace(ALL),), create_or_replace(NONE), create_or_replace(NONE)),
    Scenario("own rules", (create_or_replace(ALL), own_rules("  /own r,\n")), APPEND, APPEND),
    Scenario("socket", (create_or_replace(ONE),), call("-r", "-F", SOCKET % "fs0", xml=ONE),
             call("-r", "-F", SOCKET % "fs0", xml=ONE)),
    Scenario("attach", (create_or_replace(ONE), SOCKET_1), attach, attach),
    Scenario("delete", (create_or_replace(ALL), call("-r", "-F", SOCKET % "fs0", xml=ALL)), DELETE, DELETE),
    Scenario("remove", (create_or_replace(ALL),), call("-R"), call("-R")),
    Scenario("add", (create_or_replace(ALL), call("-R")), call("-a"), ADD),
    Scenario("end of a start", (create_or_replace(ALL),), create_or_replace(ALL), create_or_replace(ALL)),
    Scenario("announce what was foreseen", (create_or_replace(ALL),), FORESEEN, FORESEEN),
    Scenario("announce what was foreseen, late", (create_or_replace(ALL), create_or_replace(ALL)), FORESEEN, FORESEEN),
    Scenario("memory", (create_or_replace(ALL), create_or_replace(ALL)), MEMORY, MEMORY),
    Scenario("announce, unloaded by hand", (create_or_replace(ALL), forget), APPEND, APPEND),
    Scenario("announce again, and the kernel does not answer", (create_or_replace(ALL), APPEND, answer_nothing), APPEND,
             APPEND),
    Scenario("attach another, read-only", (create_or_replace(ONE), SOCKET_1, SOCKET_2, attach), attach_readonly,
             attach_readonly),
    Scenario("attach, then announce", (create_or_replace(ONE), SOCKET_1), attach, APPEND),
    Scenario("announce, then attach", (create_or_replace(ONE), SOCKET_1), APPEND, attach, True),
    Scenario("attach, then replace", (create_or_replace(ONE), SOCKET_1), attach, create_or_replace(NONE)),
    Scenario("ask about a socket without a record", (create_or_replace(ALL),), ask_unrecorded, ask_unrecorded),
    # what has no XML cleans up after what has
    Scenario("replace, then remove", (create_or_replace(ALL),), create_or_replace(ONE), call("-R"), True),
    Scenario("attach, then remove", (create_or_replace(ONE), SOCKET_1), attach,
             call("-R"), True),
    Scenario("socket, then remove", (create_or_replace(ONE),), call("-r", "-F", SOCKET % "fs0", xml=ONE), call("-R"), True),
    Scenario("remove, then add", (create_or_replace(ALL),), call("-R"), ADD, True),
    Scenario("socket of a VM that is not loaded, then add", (create_or_replace(ONE), call("-R")),
             call("-r", "-F", SOCKET % "fs0", xml=ONE), ADD, True),
    Scenario("replace of a VM that is not loaded, then add", (create_or_replace(ALL), call("-R")),
             create_or_replace(ONE), ADD, True),
)


def own_texts(loaded):
    """Of what each profile was loaded with, in one text with others or not, its own part."""
    return {name: [part.strip() for part in text.split("#include <tunables/global>") if f"profile {name} " in part]
            for name, text in loaded.items()}


def state(world):
    folder = os.path.join(world.records, "vms")
    records = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), encoding="utf8") as text:
            # a process of this run, and when it began
            records[name] = re.sub(r"(?m)^(pid|start)=.*$", "", text.read())
    return {"files": world.files(), "kernel": own_texts(world.loaded()), "sockets": world.recorded(), "vms": records}


class Copy(World):
    """A copy of a world, in its own place."""

    def __init__(self, world):
        super().__init__(world.helper)
        shutil.rmtree(self.top)
        shutil.copytree(world.top, self.top, symlinks=True)


def reference(world, *calls):
    copy = Copy(world)
    try:
        for one in calls:
            one(copy)
        return state(copy)
    finally:
        copy.close()


def check_in_force(world, what):
    """The kernel has what is on disk; what it has not is not loaded."""
    files, loaded = world.files(), world.loaded()
    for profile, rules in ((NAME, NAME + ".files"), (FS, NAME + ".virtiofsd")):
        # one that the kernel did not let go stays, and allows no share
        shut = profile == FS and "/srv/" not in loaded.get(profile, "")
        if profile in loaded and rules in files and not shut:
            need(files[rules] in loaded[profile], f"{what}: {profile} is not what is on disk: {loaded[profile]}")


def check_untorn(world, old, news, what):
    """@news: what may be there after the call."""
    for name, text in world.files().items():
        whole = re.sub(r"\.tmp[23]?$", "", name)
        if name == whole and name.endswith((".files", ".virtiofsd", NAME, FS)):
            need(text in [state["files"].get(name) for state in (old, *news)], f"{what}: {name} is neither: {text!r}")
    for name, text in old["files"].items():
        kept = world.files()
        need(kept.get(name) in [text, *(new["files"].get(name) for new in news)] or
             text in [kept.get(name + temp) for temp in (".tmp", ".tmp2", ".tmp3")],
             f"{what}: {name} is lost")


def lose_record(world):
    os.makedirs(os.path.join(world.records, "vms"), exist_ok=True)
    spoil(os.path.join(world.records, "vms", NAME), "zeros")


def give_records_no_place(world):
    shutil.rmtree(world.records, ignore_errors=True)
    with open(world.records, "w", encoding="utf8"):
        pass


def check_mixed(found, old, news, what, kinds=("files", "sockets", "vms")):
    for kind in kinds:
        for name in {**found[kind], **old[kind], **news[0][kind]}:
            need(found[kind].get(name) in [state[kind].get(name) for state in (old, *news)],
                 f"{what}: {kind} {name} is neither")


class Proof:
    def __init__(self, helper):
        self.helper = helper
        self.events = self.missed = 0
        self.worlds = {}

    def begin(self, scenario):
        """The world before the call, what it is after it, and what it may be after the last call."""
        if scenario.name not in self.worlds:
            world = World(self.helper)
            for one in scenario.before:
                need(one(world).returncode == 0, scenario.name)
            self.worlds[scenario.name] = world, state(world), [
                reference(world, *before, scenario.call) for before in ((), (lose_record,), (give_records_no_place,))], [
                reference(world, *calls) for calls in (
                    (scenario.call, scenario.after), (scenario.after,),
                    (scenario.call, scenario.after, scenario.after), (scenario.after, scenario.after))]
        return self.worlds[scenario.name]

    def close(self):
        for world, *_ in self.worlds.values():
            world.close()

    def run(self, scenario, *events):
        """The first event is of the call, the others are of the calls after it, and then all is well."""
        base, old, (new, lost_record, no_place), ends = self.begin(scenario)
        what = f"{scenario.name}: " + " | ".join(map(str, events))
        lost, news = False, [new]
        world = Copy(base)
        try:
            for event, one in zip(events, itertools.chain([scenario.call], itertools.repeat(scenario.after))):
                done = one(world, **event.how())
                self.events += 1
                if done is None:
                    self.missed += 1
                    continue
                said = done.stderr.decode(errors="replace")
                # a record that could not be read was said to be lost, and what was attached with it
                lost = lost or "is lost" in said
                if one is scenario.call:
                    # what is done without a record is another thing, as the documentation has it
                    news += [lost_record] if lost else []
                    news += [no_place] if not state(world)["vms"] or event.denies() else []
                # GLib ends the process where there is no memory; malloc() of glibc 2.36 crashes after brk() failed
                statuses = {0, 1, -signal.SIGKILL, -signal.SIGTRAP, -signal.SIGABRT}
                crashed = str(event).startswith("brk ") and done.returncode == -signal.SIGSEGV
                need(crashed or done.returncode in statuses, f"{what}: status {done.returncode}: {said}")
                if one is scenario.call and scenario.name != "delete":
                    check_untorn(world, old, news, what)
                if done.returncode == 0 and one is scenario.call:
                    check_in_force(world, what)
                    kernel = state(world)["kernel"]
                    # where the kernel did not let it go it stays, and allows no share
                    if FS not in new["kernel"] and "/srv/" not in "".join(kernel.get(FS, [])):
                        kernel.pop(FS, None)
                    if kernel not in [state["kernel"] for state in news]:
                        same(kernel, new["kernel"], f"{what}: it exited 0")
            done = scenario.after(world)
            need(lost or done is None or done.returncode == 0, f"{what}: the next call: {done and done.stderr.decode()}")
            if done is None and scenario.mixed:
                # something is loaded, which is not to be added
                return
            check_in_force(world, what)
            found = state(world)
            if scenario.mixed:
                if scenario.after is attach:
                    # its record has a share more, and of what was announced what the record before it had
                    check_mixed(found, old, news + ends, what, ("files", "sockets"))
                else:
                    check_mixed(found, old, news, what)
                need((NAME in found["kernel"]) == (scenario.after in (ADD, attach)), f"{what}: {sorted(found['kernel'])}")
            if done is None:
                found["files"].pop(NAME + ".lock", None)
            if found not in ends and not lost and not scenario.mixed:
                same(found, ends[0], f"{what}: at the end")
            left = [name for top in (world.policy, world.records) for _, _, names in os.walk(top) for name in names
                    if re.search(r"\.(tmp[23]?|dirty|new|lock(\.pid.*)?)$", name)]
            need(lost or done is None or not left, f"{what}: left: {left}")
        finally:
            world.close()


class Fault(collections.namedtuple("Fault", "point skip kind")):
    def denies(self):
        return False

    def how(self):
        return {"fault": f"{self.point}:{self.skip}:{self.kind}"}

    def __str__(self):
        return f"{self.point} {self.skip} {self.kind}"


class Call(collections.namedtuple("Call", "name number what")):
    """The @number-th system call @name: an errno, or KILL."""

    def denies(self):
        return self.what in ("EACCES", "EPERM")

    def how(self):
        inject = "signal=KILL" if self.what == "KILL" else "error=" + self.what
        return {"wrap": ("strace", "-qq", "-o", "/dev/null", "-e", f"trace={self.name}",
                         "-e", f"inject={self.name}:{inject}:when={self.number}")}

    def __str__(self):
        return f"{self.name} {self.number} {self.what}"


def calls_of(scenario, base):
    """Each system call of the scenario's call, after the helper has given up its power."""
    copy = Copy(base)
    with tempfile.NamedTemporaryFile("r", suffix=".trace") as trace:
        scenario.call(copy, wrap=("strace", "-qq", "-o", trace.name))
        names = re.findall(r"^(\w+)\(", trace.read(), re.M)
    copy.close()
    first = names.index("capset") if "capset" in names else 0
    seen, calls = collections.Counter(), []
    for at, name in enumerate(names):
        seen[name] += 1
        if at >= first and name not in NEVER_FAIL:
            calls += [Call(name, seen[name], what) for what in ERRORS.get(name, ("EIO",))]
        if at >= first and name != "exit_group":
            calls.append(Call(name, seen[name], "KILL"))
    return calls


def short_form(proof, chance):
    """Each fault point in a scenario of its turn, and pairs."""
    faults = [Fault(*point, kind) for point in POINTS for kind in ("fail", "crash")]
    singles = list(itertools.product(SCENARIOS, faults))
    chance.shuffle(singles)
    for scenario, fault in singles[:150]:
        yield proof, scenario, fault
    for _ in range(20):
        yield proof, chance.choice(SCENARIOS), chance.choice(faults), chance.choice(faults)


def long_form(proof, chance):
    faults = [Fault(*point, kind) for point in POINTS for kind in ("fail", "crash")]
    calls = {scenario: calls_of(scenario, proof.begin(scenario)[0]) for scenario in SCENARIOS}
    singles = [(scenario, event) for scenario in SCENARIOS for event in faults + calls[scenario]]
    print(f"{len(singles)} single events", flush=True)
    chance.shuffle(singles)
    for scenario, event in singles:
        yield proof, scenario, event
    print("all single events", flush=True)
    while True:
        scenario = chance.choice(SCENARIOS)
        both = faults + calls[scenario]
        yield proof, scenario, chance.choice(both), chance.choice(both)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("helper")
    parser.add_argument("--long", nargs="?", type=float, const=60, metavar="MINUTES")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    if options.long and subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode:
        print("SKIPPED: strace is missing, or may not trace")
        return SKIP
    print("seed", options.seed, flush=True)
    proof, failed, sequences = Proof(options.helper), 0, 0
    end = time.monotonic() + (options.long or 0) * 60
    for run, *what in (long_form if options.long else short_form)(proof, random.Random(options.seed)):
        if options.long and time.monotonic() > end:
            break
        sequences += 1
        try:
            run.run(*what)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:
            failed += 1
            print("not ok", problem, flush=True)
    proof.close()
    print(f"{sequences} sequences with {proof.events} events: {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
