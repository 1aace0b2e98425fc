#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-switch, which packages run: its verbs do, say and answer what those of virt-aa-ctl do, and it has no others.

But what it would have somebody type is itself, for virt-aa-ctl is in another package.
"""
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
import machine

CTL, SWITCH = "", ""
OWN = machine.LIBEXEC + "/virt-aa-virtiofs/virt-aa-switch"
UUID = "7c1e6f0a-52b9-4d43-8a0e-3f5d9b7a6c21"
LOADED = f"libvirt-{UUID}-virtiofsd"
FAILED, UNKNOWN, STALE, UNCONFINED = range(1, 5)


def on(host):
    host.run("enable")


def hidden(host):
    host.run("enable")
    host.write(machine.MASK, "")


def newer(host):
    host.run("enable")
    host.install("2")


def another_description(host):
    host.run("enable")
    host.describe("60-other.json", "/opt/other/virtiofsd")


def damaged_description(host):
    host.write(machine.JSON + "60-damaged.json", '{"type": "fs", "binary": ')


def no_libvirt(host):
    host.run("enable")
    host.remove(machine.LIBEXEC + "/libvirt_iohelper")
    host.remove(machine.HELPER + ".libvirt")
    host.remove("/var/lib/dpkg")


def with_leftovers(host):
    host.run("enable")
    host.write(f"/etc/apparmor.d/libvirt/{LOADED}", "")
    host.load(LOADED)


def broken(host):
    host.write("/broken-libvirtd", "")


def edited_badly(host):
    host.run("enable")
    host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[shares]\nno such line\n")


# A host, before a verb; virt-aa-ctl makes it.
HOSTS = [lambda host: None, on, hidden, newer, another_description, damaged_description, no_libvirt, with_leftovers,
         broken, edited_badly]


class Same(unittest.TestCase):
    maxDiff = None

    def seen(self, program, prepare, *arguments):
        """What a program does to a host: its files, what it loads, what it says and its status."""
        host = machine.Machine(CTL)
        try:
            prepare(host)
            host.parsed()
            done = subprocess.run([program, *arguments], capture_output=True, encoding="utf8", env=host.environment,
                                  timeout=60, check=False)
            name = {CTL: "ctl-under-test", SWITCH: "switch-under-test"}[program]
            said = [text.replace(host.root, "").replace(name, "PROGRAM") for text in (done.stdout, done.stderr)]
            if program == CTL:
                said = [re.sub("virt-aa-ctl (enable|update|disable)", OWN + r" \1", text) for text in said]
            files = {path: (content.replace(host.root.encode(), b"") if isinstance(content, bytes) else content, *rest)
                     for path, (content, *rest) in host.snapshot().items() if path != "diversions"}
            loaded = [line.replace(host.root, "") for line in host.read(machine.AAFS + "/profiles").splitlines()]
            return done.returncode, said, files, host.parsed(), sorted(loaded)
        finally:
            host.directory.cleanup()

    def test_as_virt_aa_ctl(self):
        statuses, typed = set(), 0
        for prepare in HOSTS:
            for arguments in (("enable",), ("update",), ("disable",), ("disable", "--dry-run")):
                expected = self.seen(CTL, prepare, *arguments)
                with self.subTest(host=prepare.__name__, verb=arguments):
                    self.assertEqual(self.seen(SWITCH, prepare, *arguments), expected)
                statuses.add(expected[0])
                typed += f"{OWN} " in "".join(expected[1])
        self.assertGreater(typed, 2)
        self.assertLessEqual({0, FAILED, UNCONFINED}, statuses)

    def test_asks_libvirt_nothing(self):
        """It may be being upgraded; and there is no library to ask it with."""
        host = machine.Machine(SWITCH)
        host.environment["CTL_URI"] = "qemu+ssh://nobody.invalid/system"
        for verb in ("enable", "update", "disable"):
            self.assertNotIn("nobody.invalid", "".join(host.run(verb)))
        host.directory.cleanup()

    def test_no_other_verb(self):
        host = machine.Machine(SWITCH)
        for verb in ("status", "verify", "domains", "gc"):
            self.assertRegex(host.run(verb, status=FAILED)[1], f"no verb '{verb}'; virt-aa-switch --help")
        for option in ("--json", "--connect=test:///default"):
            self.assertIn(option.split("=")[0], host.run("enable", option, status=FAILED)[1])
        text = host.run("--help")[0]
        for verb in ("enable", "update", "disable"):
            self.assertRegex(text, rf"(?m)^  {verb} ")
            self.assertIn(f"virt-aa-switch {verb}", host.run(verb, "--help")[0])
        self.assertNotIn("status", text)
        self.assertIn("virt-aa-switch (", host.run("--version")[0])
        host.directory.cleanup()


if __name__ == "__main__":
    CTL, SWITCH = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
