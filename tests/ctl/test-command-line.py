#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-ctl's command line, and what all verbs have in common."""
import sys
import unittest

sys.dont_write_bytecode = True
import host as hosts

PROGRAM = ""
UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e1"


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.host = hosts.Host(PROGRAM)

    def tearDown(self):
        self.host.directory.cleanup()

    def test_help(self):
        out, err = self.host.run("--help")
        self.assertIn("Usage: virt-aa-ctl VERB", out)
        self.assertIn("  domains ", out)
        self.assertEqual(err, "")
        self.assertLess(out.count("\n"), 25)
        self.assertLess(max(map(len, out.splitlines())), 81)

    def test_help_of_a_verb(self):
        self.assertIn("\n  virt-aa-ctl domains [OPTION", self.host.run("domains", "--help")[0])

    def test_without_a_verb_it_fails(self):
        self.assertIn("Usage", self.host.run(status=1)[0])

    def test_an_unknown_verb(self):
        self.assertIn("there is no verb 'stat'", self.host.run("stat", status=1)[1])

    def test_an_unknown_option_is_refused(self):
        self.assertIn("--dry-rum", self.host.run("domains", "--dry-rum", status=1)[1])

    def test_too_many_arguments(self):
        self.assertRegex(self.host.run("domains", "x", status=1)[1], r"usage: virt-aa-ctl domains\n$")

    def test_what_begins_with_a_dash(self):
        """Behind "--" it is a name, as for virsh."""
        self.host.domains([hosts.domain("-n", UUID + "1"), hosts.domain("--json", UUID + "2")])
        for name in ("-n", "--json"):
            self.assertIn(name, self.host.run("status", "--", name, status=2)[0])
        self.assertIn("there is no domain '--'", self.host.run("status", "--", "--", status=1)[1])
        self.assertIn("there is no domain '--'", self.host.run("rules", "--", "--", status=1)[1])
        self.host.run("status", "--", status=2)

    def test_version(self):
        self.assertRegex(self.host.run("--version")[0], r"^virt-aa-ctl \(virt-aa-virtiofs\) \d")

    def test_libvirt_that_does_not_answer(self):
        err = self.host.run("domains", "-c", "qemu+unix:///system?socket=/nowhere", status=1)[1]
        self.assertIn("libvirt cannot be reached", err)
        self.assertEqual(err.count("\n"), 1)

    def test_a_full_disk(self):
        with open("/dev/full", "w", encoding="utf8") as full:
            import subprocess

            done = subprocess.run([PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE,
                                  env=self.host.environment, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)


class Domains(unittest.TestCase):
    def setUp(self):
        self.host = hosts.Host(PROGRAM)

    def tearDown(self):
        self.host.directory.cleanup()

    def test_names_in_order(self):
        self.host.domains([hosts.domain("b", UUID + "1"), hosts.domain("a", UUID + "2")])
        self.assertEqual(self.host.run("domains")[0], "a\nb\n")

    def test_json(self):
        self.host.domains([hosts.domain("b", UUID + "1")])
        self.assertEqual(self.host.json("domains"), [{"name": "b", "uuid": UUID + "1", "running": True}])

    def test_a_name_that_talks_to_the_terminal(self):
        self.host.domains([hosts.domain("\u202egpj.vm", UUID + "1")])
        self.assertEqual(self.host.run("domains")[0], "\\342\\200\\256gpj.vm\n")


class Colours(unittest.TestCase):
    """On a terminal only."""

    def on_a_terminal(self, **environment):
        host = hosts.Host(PROGRAM)
        text = hosts.on_a_terminal(host, "--help", **environment)
        host.directory.cleanup()
        return text

    def test_bold_on_a_terminal(self):
        self.assertIn(b"\033[1m", self.on_a_terminal())

    def test_no_color(self):
        self.assertNotIn(b"\033", self.on_a_terminal(NO_COLOR="1"))

    def test_dumb_terminal(self):
        self.assertNotIn(b"\033", self.on_a_terminal(TERM="dumb"))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
