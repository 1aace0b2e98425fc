#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Completion in the shells themselves: what is typed on a terminal, with tabs, is what the command then gets."""
import html
import json
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
import host as hosts

PROGRAM = ""
UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e1"
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
COMPLETION = os.path.join(SOURCE, "data", "completion")
NAMES = ["web one", "web two", "it's", 'say "hi"', "a:b", "$(touch forged)", "ünlaut", "*star", "x=1@y", "back`tick", "quoted'"]

# In the place of the program: what it is asked for completion it answers, and else it writes its arguments down.
WRAPPER = """#!/bin/sh
for argument; do
    case $argument in
    --help) exec {program} "$@" ;;
    esac
done
case $1 in
domains) exec {program} "$@" ;;
esac
exec {python} -c 'import json, sys; json.dump(sys.argv[2:], open(sys.argv[1], "w"))' {out} "$@"
"""


class Shell:
    """An interactive one on a terminal of its own."""

    def __init__(self, argv, environment, directory):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            os.execve(argv[0], argv, environment)

    def read(self, until, seconds=60):
        text, end = b"", time.monotonic() + seconds
        while until not in text and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.2)[0]:
                try:
                    text += os.read(self.terminal, 4096)
                except OSError:
                    break
        return text

    def type(self, text):
        os.write(self.terminal, text.encode())

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


class Base:
    def setUp(self):
        self.host = hosts.Host(PROGRAM)
        self.host.domains(
            [hosts.domain(html.escape(name), UUID[:-1] + f"{number:02x}") for number, name in enumerate(NAMES)]
        )
        self.out = self.host.path("/out")
        self.host.write("/bin/virt-aa-ctl", self.wrapper(), 0o755)
        self.host.write("/files/some file", "")
        self.host.write("/files/web/x", "")  # a directory that is called like the beginning of a domain
        self.environment = {
            **self.host.environment,
            "PATH": self.host.path("/bin") + ":" + os.environ["PATH"],
            "TERM": "dumb",
            "CTL_URI": self.host.environment["CTL_URI"],
            "PS1": "ready>",
        }
        self.shell = Shell(self.argv(), self.environment, self.host.path("/files"))
        self.begin()

    def wrapper(self):
        """A build directory may have any name."""
        return WRAPPER.format(program=shlex.quote(PROGRAM), python=shlex.quote(sys.executable), out=shlex.quote(self.out))

    def tearDown(self):
        self.shell.close()
        self.host.directory.cleanup()

    def completed(self, typed):
        """The arguments that come of what is typed, with its tabs, and a newline."""
        if os.path.exists(self.out):
            os.unlink(self.out)
        for piece in typed.replace("\t", "\t\0").split("\0"):
            self.shell.type(piece)
            time.sleep(0.5 if piece.endswith("\t") else 0.05)
        self.shell.type("\n")
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with open(self.out, encoding="utf8") as file:
                    return json.load(file)
            except (OSError, ValueError):
                time.sleep(0.05)
        self.shell.type("\x03")
        return self.shell.read(b"\0", 1)

    def test_verbs(self):
        self.assertEqual(self.completed("virt-aa-ctl che\t"), ["check"])

    def test_options(self):
        self.assertEqual(self.completed("virt-aa-ctl plan x --virt\t"), ["plan", "x", "--virtiofsd"])
        self.assertEqual(self.completed("virt-aa-ctl plan x --pa\tsome\t"), ["plan", "x", "--path=some file"])

    def test_names(self):
        for name in NAMES[2:]:
            with self.subTest(name):
                typed = {"it's": "it", "$(touch forged)": r"\$", "*star": r"\*", "x=1@y": "x", "a:b": "a"}
                start = typed.get(name, name[:3].replace(" ", "\\ "))
                self.assertEqual(self.completed(f"virt-aa-ctl plan {start}\t"), ["plan", name])
        self.assertFalse(os.path.exists(self.host.path("/files/forged")))

    def test_what_names_have_in_common(self):
        self.assertEqual(self.completed("virt-aa-ctl plan we\tt\t"), ["plan", "web two"])

    def test_in_quotes(self):
        self.assertEqual(self.completed("virt-aa-ctl plan 'web o\t"), ["plan", "web one"])
        self.assertEqual(self.completed('virt-aa-ctl plan "say\t'), ["plan", 'say "hi"'])
        self.assertEqual(self.completed("virt-aa-ctl plan 'quo\t"), ["plan", "quoted'"])
        self.assertEqual(self.completed("virt-aa-ctl plan '$(t\t"), ["plan", "$(touch forged)"])
        self.assertEqual(self.completed('virt-aa-ctl plan "back\t'), ["plan", "back`tick"])
        self.assertFalse(os.path.exists(self.host.path("/files/forged")))

    def test_files(self):
        self.assertEqual(self.completed("virt-aa-ctl plan x --path some\t"), ["plan", "x", "--path", "some file"])
        self.assertEqual(self.completed("virt-aa-ctl plan so\t"), ["plan", "some file"])
        self.assertEqual(self.completed("virt-aa-ctl edit x --from some\t"), ["edit", "x", "--from", "some file"])
        self.assertEqual(self.completed("virt-aa-ctl edit x --from=some\t"), ["edit", "x", "--from=some file"])

    def test_values_that_are_no_names(self):
        self.assertEqual(self.completed("virt-aa-ctl why --since back\t"), ["why", "--since", "back"])
        self.assertEqual(self.completed("virt-aa-ctl why -s back\t"), ["why", "-s", "back"])


class Bash(Base, unittest.TestCase):
    def argv(self):
        return [shutil.which("bash"), "--norc", "--noprofile", "-i"]

    def begin(self):
        self.shell.read(b"ready>")
        self.shell.type(f". {shlex.quote(COMPLETION)}/bash; echo lo''aded\n")
        self.assertIn(b"loaded", self.shell.read(b"loaded"))

    def test_what_is_typed_is_not_run(self):
        self.shell.type("virt-aa-ctl plan '$(touch forged)' \"`touch forged`\"x\t")
        time.sleep(1)
        self.shell.type("\x03")
        self.assertFalse(os.path.exists(self.host.path("/files/forged")))

    def test_another_connection(self):
        self.host.write("/other.xml", "<node>" + hosts.domain("elsewhere", UUID + "1") + "</node>")
        uri = "test://" + self.host.path("/other.xml")
        self.assertEqual(self.completed(f"virt-aa-ctl plan -c {uri} el\t"), ["plan", "-c", uri, "elsewhere"])

    def test_the_verbs_are_all_there_are(self):
        script = (
            f". {shlex.quote(COMPLETION)}/bash; COMP_LINE='virt-aa-ctl '; COMP_POINT=12; COMP_WORDS=(virt-aa-ctl ''); COMP_CWORD=1;"
            ' _virt_aa_ctl virt-aa-ctl; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        out = subprocess.run(["bash", "-c", script], env=self.environment, capture_output=True, encoding="utf8", check=True)
        usage = self.host.run("--help")[0]
        verbs = [line.split()[0] for line in usage.splitlines() if line.startswith("  ")]
        self.assertEqual(sorted(out.stdout.split()), sorted(verbs + ["--help", "--version"]))


@unittest.skipUnless(shutil.which("zsh"), "SKIPPED: zsh is not installed (scripts/install-deps --test)")
class Zsh(Base, unittest.TestCase):
    def argv(self):
        return [shutil.which("zsh"), "-f", "-i"]

    def begin(self):
        os.makedirs(self.host.path("/functions"))
        shutil.copy(os.path.join(COMPLETION, "zsh"), self.host.path("/functions/_virt-aa-ctl"))
        self.shell.read(b"ready>")
        self.shell.type(f"fpath=({shlex.quote(self.host.path('/functions'))} $fpath); autoload -Uz compinit; compinit -u -D; echo lo''aded\n")
        self.assertIn(b"loaded", self.shell.read(b"loaded"))


if __name__ == "__main__":
    PROGRAM = os.path.realpath(sys.argv.pop(1))
    unittest.main()
