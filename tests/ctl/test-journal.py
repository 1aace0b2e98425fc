#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-ctl denials from systemd's journal: which messages are the kernel's."""
import sys
import unittest

sys.dont_write_bytecode = True
import host as hosts
import journals
from journals import Record, file

PROGRAM = ""
UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e11"
QEMU = "libvirt-" + UUID


class Journal(unittest.TestCase):
    def setUp(self):
        self.host = hosts.Host(PROGRAM)

    def tearDown(self):
        self.host.directory.cleanup()

    def denials(self, *arguments, status=0):
        return self.host.json("denials", *arguments, status=status)["denials"]

    def test_all_ways_count_once(self):
        record = Record(file(QEMU, "/srv/a"))
        journals.write(self.host, [record.from_kernel(), record.from_audit()])
        self.host.write("/var/log/audit/audit.log", record.auditd())
        self.assertEqual([(d["object"], d["count"]) for d in self.denials()], [("/srv/a", 1)])

    def test_each_way(self):
        record = Record(file(QEMU, "/srv/a"), kernel="6.1")
        for entry in (record.from_kernel(), record.from_audit()):
            journals.write(self.host, [entry])
            self.assertEqual([(d["object"], d["count"]) for d in self.denials()], [("/srv/a", 1)])

    def test_what_others_say(self):
        """A program can log any text, and root write into /dev/kmsg; neither has the fields of the kernel."""
        record = Record(file(QEMU, "/srv/a"))
        entries = [record.from_kernel() | {"_TRANSPORT": "syslog"}, record.from_kernel() | {"SYSLOG_FACILITY": "1"},
                   record.from_audit() | {"_AUDIT_TYPE": "1107"}, record.from_audit() | {"_TRANSPORT": "journal"}]
        journals.write(self.host, entries)
        self.assertEqual(self.denials(), [])

    def test_since(self):
        journals.write(self.host, [Record(file(QEMU, "/srv/a"), ago=7200).from_audit(),
                                   Record(file(QEMU, "/srv/b"), ago=60).from_audit()])
        self.assertEqual([d["object"] for d in self.denials("--since", "1h")], ["/srv/b"])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    if not journals.REMOTE:
        print("SKIPPED: systemd-journal-remote is not installed (scripts/install-deps --test)", file=sys.stderr)
        sys.exit(77)
    unittest.main()
