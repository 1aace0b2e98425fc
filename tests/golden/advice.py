#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whoever does what virt-aa-helper says has what was refused.

usage: advice.py HELPER CASES

Each line of the configuration file that the helper suggests is put there as it was printed. Then the helper
has nothing against the file, and does not suggest the line again. It is asked about all golden cases, and about
each way of asking for a path with names that mean something in a pattern, in the file or on a terminal; what
can be allowed by lines of the file goes through in the end.
"""
import os, re, subprocess, sys, tempfile
from xml.sax.saxutils import quoteattr

import golden

LINE = re.compile(rb'"(allow-[a-z]+) = (.*)" in \[([a-z]+)\] of ')
SOCKET = "/var/lib/libvirt/qemu/domain-3-guest/fs0-fs.sock"
ROUNDS = 8  # more than any case has paths

DOMAIN = """<domain type='kvm' id='3'>
  <name>guest</name>
  <uuid>6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f</uuid>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>%s</devices>
</domain>
"""
SHARE = "<filesystem type='mount'><driver type='virtiofs'%s/><source dir=%s/><target dir='t'/>%s</filesystem>"

WAYS = {
    "share": lambda path: (SHARE % ("", path, ""), ["-c"]),
    "9p": lambda path: (f"<filesystem type='mount'><source dir={path}/><target dir='t'/></filesystem>", ["-c"]),
    "disk": lambda path: (f"<disk type='file'><source file={path}/><target dev='vda'/></disk>", ["-c"]),
    "disk, read-only": lambda path: (
        f"<disk type='file'><source file={path}/><target dev='vda'/><readonly/></disk>", ["-c"]),
    "binary": lambda path: (
        SHARE % ("", "'/srv/a'", "<binary path=%s/>" % path), ["-r", "-F", SOCKET, "--dry-run"]),
}

# Below /etc, as they are in the XML.
NAMES = ["a", "a b", "a ", " a", "a  ", "a\t", "\ta", "a\nb", "a;b", ";", "a#b", "# a", "a # b", "a\\", "\\a", "a\\;b",
         "a\\040", "*", "**", "a*", "?", "[a", "[a]", "a]", "[!a]", "[z-a]", "{a,b}", "{a", "}", "a,", "a, b", "a:", "a:b",
         "a, /usr", "a:/b", "a /b", ".a", "...", '"a"', '"', "'a'", "=", "a=b", "a%20b", "$a", "@{HOME}", "~", "&lt;",
         "\u00fc", "\u3000", "\u00a0", "\u202ea", "\u200b", "\ufeff", "\u0085", "\u2028", "a\u0301", "\U0001f600",
         '" in [shares] of /x', "[shares]", "-a", "new//a", "a" * 255]
# What links may lead to besides.
BYTES = [b"\x01", b"\x1b[31m", b"\x7f", b"\xff", b"\xc3", b"\xc3\x28", b"a\r", b"\xed\xa0\x80", b"\xfc "]
# What no line can allow; the person is told what else to write.
NEVER = ["new/../a", "new/./a", ".."]


class Faults:
    def __init__(self):
        self.found = 0
        self.asked = 0

    def say(self, *words):
        self.found += 1
        print("FAIL:", *words, file=sys.stderr)


def with_lines(text, lines):
    """The file with @lines, each (group, key, value), in their groups."""
    for group, key, value in lines:
        head = b"[" + group + b"]\n"
        old = re.compile(rb"^(" + re.escape(key) + rb" = .*)$", re.M)
        if old.search(text):
            text = old.sub(lambda match: match.group(1) + b"; " + value, text, count=1)
        else:
            text = text.replace(head, head + key + b" = " + value + b"\n") if head in text else text + (
                head + key + b" = " + value + b"\n")
    return text


def follow(what, run, settings, faults):
    """Does what the helper says until it says nothing more; the last status and messages."""
    seen = set()
    for _ in range(ROUNDS):
        status, said = run()
        faults.asked += 1
        lines = {(group, key, value) for key, value, group in LINE.findall(said)}
        if os.fsencode(settings) + b": line" in said:
            faults.say(what, "the file is refused:", said)
        for line in lines & seen:
            faults.say(what, "is suggested again:", line)
        if not lines or lines & seen:
            return status, said, seen
        seen |= lines
        text = b""
        if os.path.exists(settings):
            with open(settings, "rb") as old:
                text = old.read()
        with open(settings, "wb") as new:
            new.write(with_lines(text, sorted(lines)))
    faults.say(what, "more is suggested each time:", said)
    return status, said, seen


class World(golden.Case):
    """An empty host, in which a case without files is asked about."""

    def __init__(self, helper, top):
        super().__init__("none.xml", top)
        self.helper = helper
        self.json = os.path.join(top, "40.json")
        self.write(self.json, b"{}")
        self.write(os.path.join(self.host, "srv", "a", "file"), b"")

    def ask(self, devices, args):
        env = dict(os.environ, HELPER_POLICY_DIR=self.policy, HELPER_HOST_ROOT=self.host, LC_ALL="C.UTF-8",
                   HELPER_KERNEL_DIR=self.kernel, HELPER_RECORDS=self.records, HELPER_SETTINGS=self.settings,
                   HELPER_LAUNCHER="/launcher", HELPER_LAUNCHER_JSON=self.json)
        done = subprocess.run([self.helper, *args, "--dry-run", "-u", "libvirt-6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f"],
                              input=(DOMAIN % devices).encode(), env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        return done.returncode, done.stderr


def attribute(path):
    return quoteattr(path, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def check_way(helper, way, path, target, faults):
    """@target: bytes that the host has at @path a link to, or None."""
    with tempfile.TemporaryDirectory(prefix="advice-") as top:
        world = World(helper, top)
        if target is not None:
            os.makedirs(os.fsencode(world.host) + b"/etc/" + target)
            os.symlink(b"/etc/" + target, os.fsencode(world.host + path))
        devices, args = WAYS[way](attribute(path))
        what = f"{way}: {target or path!r}:"
        status, said, seen = follow(what, lambda: world.ask(devices, args), world.settings, faults)
        if not seen:
            faults.say(what, "is not refused, or nothing is suggested:", said)
        elif status != 0:
            faults.say(what, "is refused for good:", said)


def check_never(helper, way, path, faults):
    with tempfile.TemporaryDirectory(prefix="advice-") as top:
        world = World(helper, top)
        devices, args = WAYS[way](attribute(path))
        status, said = world.ask(devices, args)
        if status == 0 or LINE.search(said) or b"write the path without '.', '..' and empty parts" not in said:
            faults.say(f"{way}: {path!r}: is refused, and nothing else is said:", said)


def check_wrong_file(helper, way, faults):
    """The line is in the file, which something else is wrong with."""
    with tempfile.TemporaryDirectory(prefix="advice-") as top:
        world = World(helper, top)
        world.write(world.settings, b"[shares]\nallow-write = /etc/a\n[virtiofsd]\nallow-unconfined = /etc/a\nwrong\n")
        devices, args = WAYS[way]("'/etc/a'")
        status, said = world.ask(devices, args)
        if status == 0 or LINE.search(said) or said.count(b"line 5: [virtiofsd]: 'wrong'") != 1:
            faults.say(f"{way}: a file that is wrong:", said)


def check_case(helper, path, faults):
    with tempfile.TemporaryDirectory(prefix="advice-") as top:
        case = golden.Case(path, top)
        if "should-fail-settings" in case.name:
            return False

        def run():
            # as if each time were the first
            for name in os.listdir(case.policy):
                if name.startswith("libvirt-") and name not in before:
                    os.unlink(os.path.join(case.policy, name))
            status, said, _, _ = case.run(helper)
            return status, said.encode()

        before = os.listdir(case.policy)
        return bool(follow(case.name + ":", run, case.settings, faults)[2])


def main():
    helper, cases = sys.argv[1:]
    faults = Faults()
    names = sorted(name for name in os.listdir(cases) if name.endswith(".xml"))
    told = sum(check_case(helper, os.path.join(cases, name), faults) for name in names)
    if told < 10:
        faults.say("hardly a golden case has suggestions:", told)
    for way in WAYS:
        # all lines are made in one place, so that one way has all names
        step = 1 if way == "share" else 6
        for name in NAMES[::step]:
            check_way(helper, way, "/etc/" + name, None, faults)
        for target in BYTES[::step]:
            check_way(helper, way, "/srv/link", target, faults)
        for name in NEVER:
            check_never(helper, way, "/etc/" + name, faults)
        check_wrong_file(helper, way, faults)
    print(f"{faults.asked} questions, {told} golden cases with suggestions, {faults.found} faults")
    return 1 if faults.found else 0


if __name__ == "__main__":
    sys.exit(main())
