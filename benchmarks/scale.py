# SPDX-License-Identifier: LGPL-2.1-or-later
"""What grows: the disks and layers of a domain, and the VMs of a host."""
import os

import lives
from measure import Result, Runner, Table, timed

SIZES = ("50x20", "100x20", "200x20", "500x20")
MANY = 1000
TEMPLATE = "#include <tunables/global>\nprofile LIBVIRT_TEMPLATE flags=(attach_disconnected) {\n  /usr/bin/qemu-system-x86_64 rmix,\n}\n"


def many_disks(options, scratch):
    table = Table("dry runs of domains with DISKSxLAYERS images")
    for size in SIZES:
        path = lives.make_domain(size, scratch)
        disks, layers = map(int, size.split("x"))
        images = disks * layers
        theirs, ours = Runner(options).both(path, ["-d", "-c", "-u", lives.PROFILE], max(options.rounds // 10, 3))
        table.row(f"{size}, {os.path.getsize(path) // 1024} KiB of XML", theirs, ours)
        print(f"{'':8}an image: {theirs.median / images * 1000:.1f} and {ours.median / images * 1000:.1f} µs")


def host_of(top, vms):
    """The directories of a host that has @vms; the environment that names them to the helper under test."""
    policy, kernel, host, records = (os.path.join(top, name) for name in ("policy/libvirt", "kernel", "host", "records"))
    for folder in (policy, kernel + "/profiles", host, records + "/vms"):
        os.makedirs(folder)
    with open(policy + "/TEMPLATE.qemu", "w", encoding="utf8") as out:
        out.write(TEMPLATE)
    for number in range(vms):
        name = f"libvirt-{number:08x}-0000-4000-8000-000000000000"
        for path in (f"{policy}/{name}", f"{policy}/{name}.files", f"{kernel}/profiles/{name}",
                     f"{records}/vms/{name}"):
            with open(path, "w", encoding="utf8") as out:
                out.write("# of another VM\n" * 20)
    return {"HELPER_POLICY_DIR": policy, "HELPER_KERNEL_DIR": kernel, "HELPER_HOST_ROOT": host, "HELPER_RECORDS": records}


def many_vms(options, scratch):
    """Only ours: the directories of libvirt's are built in. A call that is compiled, and one that is not."""
    xml = lives.make_domain("small", scratch)
    hosts = [host_of(os.path.join(scratch, str(vms)), vms) for vms in (0, MANY)]
    times = {(at, what): [] for at in range(2) for what in ("compiled", "covered")}
    for env in hosts:
        timed(options.under_test, xml, ["-c", "-u", lives.PROFILE], env)
    for number in range(options.rounds):
        for at, env in enumerate(hosts):
            add = ["-u", lives.PROFILE, "-r", "-F", f"/images/{number}.img"]
            times[at, "compiled"].append(timed(options.under_test, xml, add, env))
            times[at, "covered"].append(timed(options.under_test, xml, add, env))
    table = Table("our helper, real compiler, kernel of the tests", names=("empty host", f"{MANY} VMs"))
    for what in ("compiled", "covered"):
        table.row(f"a call that is {what}", *(Result.of(times[at, what]) for at in range(2)))


def run(options, scratch):
    if options.runner:
        many_disks(options, scratch)
    if options.under_test:
        many_vms(options, scratch)
