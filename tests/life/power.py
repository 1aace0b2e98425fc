#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the helper, and the parser that it runs, may still do: read off the running processes.

usage: power.py HELPER-UNDER-TEST

Skipped where not run by root with all its capabilities: then there is nothing to give up.
"""
import os, shutil, subprocess, sys, tempfile, time

NAME = "libvirt-6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f"
XML = """<domain type='kvm'><name>guest</name><uuid>%s</uuid><os><type>hvm</type></os><devices>
<disk><source file='/a.img'/><target dev='vda'/></disk></devices></domain>""" % NAME[8:]
TEMPLATE = "\nprofile LIBVIRT_TEMPLATE {\n  /usr/bin/qemu rmix,\n}\n"
DAC_READ_SEARCH, SETPCAP, MAC_ADMIN = 1 << 2, 1 << 8, 1 << 33
KEPT = DAC_READ_SEARCH | MAC_ADMIN
SKIP = 77
SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")

# Stands for the parser: says what it is, and what limits it has.
PARSER = """#!/bin/sh
/bin/cat /proc/self/status > %(top)s/status
/bin/cat /proc/self/limits > %(top)s/limits
exec %(parser)s "$@"
"""
# CapInh, CapPrm, CapEff, CapBnd, CapAmb
HELPER_SETS = (0, KEPT, KEPT, KEPT, 0)
COMPILER_SETS = (0, 0, 0, KEPT, 0)


def capabilities(status):
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return tuple(int(fields[name], 16) for name in SETS)


def limits(text):
    """The name of each limit: the soft one and the hard one."""
    return {line[:26].strip(): tuple(line[26:].split()[:2]) for line in text.splitlines()[1:]}


def check(what, found, wanted):
    if found == wanted:
        print("ok", what)
        return 0
    print(f"not ok {what}: {found}, and not {wanted}")
    return 1


def at_most(what, found, wanted):
    """The limits @wanted."""
    return sum(check(f"{what}: {name}", found[name], amounts) for name, amounts in wanted.items())


def read(path):
    with open(path, encoding="utf8") as text:
        return text.read()


def own_memory(helper):
    """A sanitizer takes as many addresses as it likes."""
    with open(helper, "rb") as program:
        sanitized = b"__asan_init" in program.read()
    return limits(read("/proc/self/limits"))["Max address space"] if sanitized else ("1073741824",) * 2


def helper_of(pid):
    """Its status once it waits for the XML, which it does with what it has given up given up."""
    for _ in range(500):
        status = read(f"/proc/{pid}/status")
        if capabilities(status)[2] == KEPT or "State:\tZ" in status:
            return status
        time.sleep(0.02)
    return status


def main():
    own = capabilities(read("/proc/self/status"))
    if os.geteuid() != 0 or not own[1] & SETPCAP or not own[1] & MAC_ADMIN:
        print("SKIPPED: only root has capabilities to give up")
        return SKIP
    top = tempfile.mkdtemp(prefix="power-")
    policy, private = os.path.join(top, "policy", "libvirt"), os.path.join(top, "host", "private")
    os.makedirs(policy)
    os.makedirs(private)
    with open(os.path.join(policy, "TEMPLATE.qemu"), "w", encoding="utf8") as out:
        out.write(TEMPLATE)
    parser = os.path.join(top, "parser")
    with open(parser, "w", encoding="utf8") as out:
        out.write(PARSER % {"top": top, "parser": os.environ.get("HELPER_PARSER", "/sbin/apparmor_parser")})
    os.chmod(parser, 0o755)
    # an image of QEMU's, which root without capabilities cannot reach: its backing file is in it
    image, backing = os.path.join(private, "a.qcow2"), b"/private/below"
    with open(image, "wb") as out:
        out.write(b"QFI\xfb" + (2).to_bytes(4, "big") + (72).to_bytes(8, "big") +
                  len(backing).to_bytes(4, "big") + bytes(52) + backing)
    with open(os.path.join(private, "below"), "wb"):
        pass
    for path in (image, private):
        os.chown(path, 65534, 65534)
        os.chmod(path, 0o700)
    env = {"HELPER_POLICY_DIR": policy, "HELPER_KERNEL_DIR": os.path.join(top, "kernel"),
           "HELPER_HOST_ROOT": os.path.join(top, "host"), "HELPER_PARSER": parser}
    with subprocess.Popen([sys.argv[1], "-c", "-u", NAME], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=env) as helper:
        status, own_limits = helper_of(helper.pid), limits(read(f"/proc/{helper.pid}/limits"))
        xml = XML.replace("<disk>", "<disk><driver type='qcow2'/>").replace("/a.img", "/private/a.qcow2")
        _, said = helper.communicate(xml.encode(), timeout=60)
    failed = check("status", (helper.returncode, said.decode() if helper.returncode else ""), (0, ""))
    failed += check("of the helper", capabilities(status), HELPER_SETS)
    failed += check("of the parser", capabilities(read(os.path.join(top, "status"))), COMPILER_SETS)
    failed += at_most("the helper", own_limits, {
        "Max core file size": ("0", "0"), "Max open files": ("1024", "1024"), "Max cpu time": ("20", "21"),
        "Max address space": own_memory(sys.argv[1])})
    failed += at_most("the parser", limits(read(os.path.join(top, "limits"))), {
        "Max core file size": ("0", "0"), "Max address space": ("1073741824",) * 2, "Max cpu time": ("13", "14"),
        "Max file size": ("33554432",) * 2})
    failed += check("it read an image of another user's", '"/private/below" rk,' in
                    read(os.path.join(policy, NAME + ".files")), True)
    shutil.rmtree(top)
    return 1 if failed else 0


sys.exit(main())
