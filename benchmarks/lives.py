# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lives of VMs: the calls that a libvirtd makes of its helper, and their replay for real.

For real means that files are written below /etc/apparmor.d/libvirt and profiles are loaded, under UUIDs that no VM
has, and everything is removed again.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import time

from measure import Result, Table, timed

HERE = os.path.dirname(os.path.abspath(__file__))
UUID = "b6b1f7de-3c0c-4a5c-9e0b-6f7a6a2d4c55"  # make-domain's
PROFILE = "libvirt-" + UUID
POLICY = "/etc/apparmor.d/libvirt"
# libvirt 9.0 refuses a domain for a watchdog that it does not know; no rule comes from any.
NEWER_WATCHDOG, OLDER_WATCHDOG = b"<watchdog model='itco'", b"<watchdog model='i6300esb'"

LIB = "/var/lib/libvirt/qemu"
# As libvirt 11.3 makes them for a VM with two disks, an interface and a channel, in this order.
START = [
    ["-c"],
    ["-r", "-F", LIB + "/domain-1-bench/{,**}"],
    ["-r", "-F", "/run/libvirt/qemu/channel/1-bench/{,**}"],
    ["-r", "-F", LIB + "/domain-1-bench/master-key.aes"],
    ["-r", "-F", "/dev/net/tun"],
    ["-r", "-F", "/dev/userfaultfd"],
]
# 9.0, which lays channels elsewhere and does not know the last
START_9 = [*START[:2], ["-r", "-F", LIB + "/channel/target/domain-1-bench/{,**}"], *START[3:5]]
LATER = [
    ("attach of a disk", ["-r", "-F", "/var/lib/libvirt/images/hot.qcow2"]),
    ("attach of an interface", ["-r", "-F", "/dev/net/tun"]),
    ("snapshot", ["-r", "-F", "/var/lib/libvirt/images/disk0.snapshot"]),
    ("blockcommit", ["-r", "-F", "/var/lib/libvirt/images/disk0-layer1.qcow2"]),
    ("blockcommit, once more", ["-r", "-F", "/var/lib/libvirt/images/disk0-layer1.qcow2"]),
    ("save", ["-r", "-F", "/var/lib/libvirt/images/save.img"]),
]
# The first share of a VM that has shared memory: libvirtd's call, and that of our launcher, which has virtiofsd
# confined. With libvirt alone nothing confines it.
SHARED_MEMORY = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"
SOCKET = LIB + "/domain-1-bench/fs0-fs.sock"
ATTACH_SHARE = ["-r", "-F", SOCKET]
LAUNCHER = ["-r", "--add-share", "/srv", "--share-socket", SOCKET]


def make_domain(size, scratch):
    path = os.path.join(scratch, size + ".xml")
    with open(path, "wb") as out:
        subprocess.run([os.path.join(HERE, "make-domain"), size, scratch], stdout=out, check=True)
    return path


def recorded(scratch):
    """Each recording: its name, and (phase, file with the XML, arguments) of each call."""
    traces = os.environ.get("VIRT_AA_TRACES") or os.path.join(HERE, "..", "..", "shared", "traces")
    for directory, _, files in sorted(os.walk(traces)):
        if "calls.tsv" not in files:
            continue
        calls = []
        with open(os.path.join(directory, "calls.tsv"), encoding="utf8") as lines:
            for line in lines:
                number, phase, xml, arguments = (line.rstrip("\n").split("\t") + [""] * 4)[:4]
                if line.startswith("#") or xml == "-":
                    continue
                path = os.path.join(scratch, number + ".xml")
                with open(os.path.join(directory, xml), "rb") as text, open(path, "wb") as out:
                    out.write(text.read().replace(NEWER_WATCHDOG, OLDER_WATCHDOG))
                calls.append((phase, path, arguments.split(" ")))
        yield os.path.basename(directory), calls


class Vm:
    """A VM that only the helper believes in."""

    def __init__(self, number, scratch, memory=""):
        self.uuid = UUID[:-4] + f"{number:04x}"
        self.xml = os.path.join(scratch, f"vm{number}.xml")
        with open(make_domain("small", scratch), encoding="utf8") as text, open(self.xml, "w", encoding="utf8") as out:
            out.write(text.read().replace(UUID, self.uuid).replace("<os>", memory + "<os>"))

    def call(self, helper, arguments):
        return timed(helper, self.xml, [*arguments, "-u", "libvirt-" + self.uuid])

    def start(self, helper):
        calls = START if os.path.isdir("/run/libvirt/qemu/channel") else START_9
        return [self.call(helper, arguments) for arguments in calls]

    def end(self, helper):
        timed(helper, self.xml, ["-D", "-u", "libvirt-" + self.uuid], check=False)
        for suffix in ("", ".files", ".virtiofsd", "-virtiofsd"):
            try:
                os.unlink(f"{POLICY}/libvirt-{self.uuid}{suffix}")
            except FileNotFoundError:
                pass


def one_life(vm, helper):
    try:
        return vm.start(helper), [vm.call(helper, arguments) for _, arguments in LATER]
    finally:
        vm.end(helper)


def attach_share(vm, helper, calls):
    try:
        vm.start(helper)
        return sum(vm.call(helper, arguments) for arguments in calls)
    finally:
        vm.end(helper)


def together(vms, helper):
    """Milliseconds until the last of @vms has started."""
    try:
        with concurrent.futures.ThreadPoolExecutor(len(vms)) as pool:
            begun = time.perf_counter()
            list(pool.map(lambda vm: vm.start(helper), vms))
            return (time.perf_counter() - begun) * 1000
    finally:
        for vm in vms:
            vm.end(helper)


def run(options, scratch):
    helpers = [options.theirs, options.ours]
    vm = Vm(1, scratch)
    sharing = Vm(2, scratch, SHARED_MEMORY)
    lives = {helper: [] for helper in helpers}
    attached = {helper: [] for helper in helpers}
    for number in range(options.rounds + 1):
        for helper in helpers:
            life = one_life(vm, helper)
            took = attach_share(sharing, helper, [ATTACH_SHARE] + ([LAUNCHER] if helper == options.ours else []))
            if number > 0:  # the first warms up
                lives[helper].append(life)
                attached[helper].append(took)
    table = Table(f"a VM's life with real loads, {options.rounds} rounds")
    table.row("start, all calls", *(Result.of([sum(start) for start, _ in lives[helper]]) for helper in helpers))
    calls = START if len(lives[helpers[0]][0][0]) == len(START) else START_9
    for at, arguments in enumerate(calls):
        table.row("  " + " ".join(arguments), *(Result.of([start[at] for start, _ in lives[helper]]) for helper in helpers))
    for at, (what, _) in enumerate(LATER):
        table.row(what, *(Result.of([later[at] for _, later in lives[helper]]) for helper in helpers))
    table.row("attach of the first share", *(Result.of(attached[helper]) for helper in helpers))
    if options.save:
        saved = [[Result.of([start[at] for start, _ in lives[helper]]).median for at in range(len(calls))] for helper in helpers]
        with open(options.save, "w", encoding="utf8") as out:
            json.dump({"calls": [" ".join(arguments) for arguments in calls], "libvirt": saved[0], "ours": saved[1]}, out, indent=1)
    vms = [Vm(0x1000 + number, scratch) for number in range(options.together)]
    if vms:
        table.row(f"{len(vms)} VMs at once", *(Result.of([together(vms, helper)]) for helper in helpers))
    sys.stdout.flush()
