#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-ctl denials: what AppArmor's records say, from where they are kept, and what is made of them."""
import os
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
import host as hosts
import journals
from journals import Record, capability, file

PROGRAM = ""
UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e11"
OTHER = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e12"
QEMU = "libvirt-" + UUID
VIRTIOFSD = QEMU + "-virtiofsd"
SHARE = ("<filesystem type='mount'><driver type='virtiofs'/><source dir='{dir}'/><target dir='{tag}'/>{more}"
         "</filesystem>")


class Case(unittest.TestCase):
    def setUp(self):
        self.host = hosts.Host(PROGRAM)
        journals.none(self.host)
        self.define()

    def tearDown(self):
        self.host.directory.cleanup()

    def define(self, name="web", shares=(("/srv/www", "www", ""), ("/srv/docs", "docs", "<readonly/>"))):
        devices = "".join(SHARE.format(dir=dir, tag=tag, more=more) for dir, tag, more in shares)
        self.host.domains([hosts.domain(name, UUID, devices), hosts.domain("other", OTHER)])

    def audit(self, *records, **options):
        self.host.write("/var/log/audit/audit.log", "".join(record.auditd(**options) for record in records))

    def denials(self, *arguments, status=0):
        return self.host.json("denials", *arguments, status=status)["denials"]

    def only(self, *records):
        self.audit(*records)
        found = self.denials()
        self.assertEqual(len(found), 1, found)
        return found[0]


class Formats(Case):
    """The same record, as kernels and daemons write it."""

    def check(self):
        found = self.denials()
        self.assertEqual([(d["domain"], d["role"], d["operation"], d["object"], d["mask"], d["count"])
                          for d in found], [("web", "qemu", "open", "/srv/iso/a.iso", "r", 1)])

    def test_kernels(self):
        for kernel in ("6.1", "6.12", "7.2"):
            with self.subTest(kernel):
                self.audit(Record(file(QEMU, "/srv/iso/a.iso"), kernel=kernel))
                self.check()

    def test_enriched(self):
        self.audit(Record(file(QEMU, "/srv/iso/a.iso")), enriched=True)
        self.check()

    def test_from_another_host(self):
        self.host.write("/var/log/audit/audit.log", "node=a " + Record(file(QEMU, "/srv/iso/a.iso")).auditd())
        self.check()

    def test_a_key_that_nobody_knows(self):
        record = Record(file(QEMU, "/srv/iso/a.iso"))
        record.body += ' tomorrow="x y" when=3'
        self.audit(record)
        self.check()

    def test_what_is_no_record_of_the_kernels(self):
        record = Record(file(QEMU, "/srv/iso/a.iso"))
        self.host.write("/var/log/audit/audit.log", "".join((
            f"type=USER_AVC msg={record.stamp()}pid=1 uid=0 msg='{record.body}'\n",
            f"type=USER_LOGIN msg={record.stamp()}acct=\"x type=AVC msg={record.stamp()}{record.body}\n",
            f"type=AVC msg={record.stamp()}x=1 {record.body}\n",
            f"type=AVC msg={record.stamp()}" + record.body.replace("DENIED", "STATUS") + "\n",
            "type=AVC msg=audit(99999999999999999999.000:1): " + record.body + "\n",
            "type=AVC msg=audit(1.000:1): apparmor=\"DENIED\n",
            "\0\n", "x" * 100000 + "\n")))
        self.assertEqual(self.denials(), [])

    def test_a_name_that_looks_like_a_record(self):
        name = f'/srv/a" profile="libvirt-{OTHER}" name="/etc/shadow'
        found = self.only(Record(file(QEMU, name)))
        self.assertEqual((found["domain"], found["object"]), ("web", name))

    def test_a_name_that_talks_to_the_terminal(self):
        self.audit(Record(file(QEMU, "/srv/a\033[2J\u202e\nb")))
        out = self.host.run("denials")[0]
        self.assertNotIn("\033", out)
        self.assertNotIn("\u202e", out)
        self.assertIn("/srv/a\\033[2J\\342\\200\\256\\012b", out)
        self.assertNotIn("virt-aa-ctl allow", out)

    def test_a_name_that_is_no_utf8(self):
        self.assertEqual(self.only(Record(file(QEMU, "/srv/\udcff")))["object"], "/srv/\\377")

    def test_a_name_for_a_shell(self):
        self.define(name="a b'c")
        found = self.only(Record(file(QEMU, "/srv/$(reboot)'")))
        self.assertEqual(found["remedy"], "virt-aa-ctl allow 'a b'\\''c' '/srv/$(reboot)'\\''' --read-only")


class Sources(Case):
    def test_rotated(self):
        self.audit(Record(file(QEMU, "/srv/b"), ago=10))
        self.host.write("/var/log/audit/audit.log.1", Record(file(QEMU, "/srv/a"), ago=3000).auditd())
        self.assertEqual([d["object"] for d in self.denials()], ["/srv/a", "/srv/b"])
        self.assertEqual([d["object"] for d in self.denials("--since", "30min")], ["/srv/b"])

    def test_since(self):
        self.audit(Record(file(QEMU, "/srv/a"), ago=8 * 86400), Record(file(QEMU, "/srv/b"), ago=7200))
        self.assertEqual([d["object"] for d in self.denials()], ["/srv/b"])
        self.assertEqual(len(self.denials("--since", "2 w")), 2)
        self.assertEqual(len(self.denials("--since", "2020-01-01")), 2)
        self.assertEqual(len(self.denials("--since=2020-01-01 10:00:00")), 2)
        self.assertEqual(self.denials("--since", "1h"), [])
        for wrong in ("", "1x", "-1h", "2020-13-01", "2020-01-01x", "2020-01-01 1", "now", "99999999999999999999s"):
            with self.subTest(wrong):
                self.assertIn("is no time", self.host.run("denials", "--since", wrong, status=1)[1])

    def test_neither_is_there(self):
        out = self.host.run("denials", status=2)[0]
        self.assertIn("unknown", out)
        self.assertNotIn("nothing was denied", out)
        self.assertFalse(self.host.json("denials", status=2)["complete"])

    def test_nothing_was_denied(self):
        self.audit()
        self.assertIn("nothing was denied since", self.host.run("denials")[0])

    def test_needs_root(self):
        self.audit(Record(file(QEMU, "/srv/a")))
        out = self.as_nobody("denials")
        self.assertIn("unknown: needs root", out)
        self.assertNotIn("nothing was denied", out)

    def as_nobody(self, *arguments):
        os.chmod(self.host.path("/var/log/audit/audit.log"), 0)
        program = [PROGRAM]
        options = {}
        if os.geteuid() == 0:
            copied = self.host.path("/program")
            shutil.copy(PROGRAM, copied)
            os.chmod(self.host.root, 0o755)
            program = [copied]
            options = {"user": 65534, "group": 65534, "extra_groups": []}
        done = subprocess.run([*program, *arguments], env=self.host.environment, capture_output=True,
                              encoding="utf8", check=False, **options)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        return done.stdout

    def test_libvirt_that_does_not_answer(self):
        self.audit(Record(file(QEMU, "/srv/a")))
        out, err = self.host.run("denials", "-c", "test:///nowhere", status=2)
        self.assertIn("(not defined)", out)
        self.assertIn("without the names", err)


class Groups(Case):
    def test_counted(self):
        self.audit(Record(file(QEMU, "/srv/a"), ago=300), Record(file(QEMU, "/srv/a"), ago=200),
                   Record(file(QEMU, "/srv/a"), ago=100), Record(file(QEMU, "/srv/a", "w"), ago=100))
        found = self.denials()
        self.assertEqual(sorted(d["count"] for d in found), [1, 3])
        most = max(found, key=lambda d: d["count"])
        self.assertLess(most["first"], most["last"])
        self.assertIn("3 times", self.host.run("denials")[0])

    def test_by_domain(self):
        self.audit(Record(file(QEMU, "/srv/a")), Record(file("libvirt-" + OTHER, "/srv/b")),
                   Record(file("firefox", "/srv/c")))
        self.assertEqual([d["domain"] for d in self.denials()], ["web", "other"])
        self.assertEqual([d["object"] for d in self.denials("other")], ["/srv/b"])
        self.assertIn("no domain", self.host.run("denials", "nobody", status=1)[1])

    def test_of_a_vm_that_is_gone(self):
        gone = UUID[:-1] + "9"
        self.audit(Record(file("libvirt-" + gone, "/srv/a")))
        self.assertEqual([d["object"] for d in self.denials(gone)], ["/srv/a"])
        self.assertIn("(not defined)", self.host.run("denials")[0])

    def test_a_guest_cannot_drown_the_others(self):
        self.audit(*(Record(file(VIRTIOFSD, f"/etc/{i}"), ago=i) for i in range(1000)),
                   Record(file("libvirt-" + OTHER, "/srv/b")))
        document = self.host.json("denials")
        self.assertEqual(len(document["denials"]), 201)
        self.assertFalse(document["complete"])
        self.assertIn("800 more records", self.host.run("denials")[0])

    def test_labels(self):
        for profile, role in ((QEMU, "qemu"), (QEMU + "//qemu_bridge_helper", "qemu-child"), (VIRTIOFSD, "virtiofsd"),
                              (VIRTIOFSD + "//null-/bin/sh", "virtiofsd"), ("docker//&" + VIRTIOFSD, "virtiofsd"),
                              ("libvirt-virtiofsd-launcher", "launcher"), ("virt-aa-helper", "helper"),
                              ("/usr/lib/libvirt/virt-aa-helper", "helper")):
            with self.subTest(profile):
                self.assertEqual(self.only(Record(file(profile, "/srv/a")))["role"], role)
        for profile in (QEMU + "x", "libvirt-" + UUID.upper(), VIRTIOFSD + "2", "x" + QEMU):
            with self.subTest(profile):
                self.audit(Record(file(profile, "/srv/a")))
                self.assertEqual(self.denials(), [])


class Meaning(Case):
    def test_qemu(self):
        found = self.only(Record(file(QEMU, "/srv/iso/a.iso", "r")))
        self.assertEqual(found["remedy"], "virt-aa-ctl allow web /srv/iso/a.iso --read-only")
        found = self.only(Record(file(QEMU, "/srv/iso/a.iso", "wr")))
        self.assertEqual(found["remedy"], "virt-aa-ctl allow web /srv/iso/a.iso")
        self.assertFalse(found["suspicious"])

    def test_qemu_at_the_hosts_own(self):
        for path, mask, suspicious in (("/etc/shadow", "r", True), ("/etc/cron.d/x", "wc", True),
                                       ("/usr/bin/x", "w", True), ("/root/.ssh/authorized_keys", "w", True),
                                       ("/root/.ssh/id_rsa", "r", False), ("/dev/sda", "rw", True),
                                       ("/dev/sda", "r", False), ("/run/docker.sock", "wr", False),
                                       ("/proc/sys/vm/overcommit_memory", "r", False)):
            with self.subTest(path, mask=mask):
                found = self.only(Record(file(QEMU, path, mask)))
                self.assertEqual(found["suspicious"], suspicious)
                self.assertNotIn("virt-aa-ctl allow", found["remedy"] or "")

    def test_qemu_runs_something(self):
        for path in ("/usr/bin/true", "/srv/program"):
            found = self.only(Record(file(QEMU, path, "x", "exec")))
            self.assertNotIn("virt-aa-ctl allow", found["remedy"])

    def test_a_guest_tries_to_get_out(self):
        for fields, of_class in ((file(VIRTIOFSD, "/etc/shadow", comm="virtiofsd"), "file"),
                                 (file(VIRTIOFSD, "/srv/wwwroot/x", comm="virtiofsd"), "file"),
                                 (file(VIRTIOFSD, "/usr/lib/x", "w", comm="virtiofsd"), "file"),
                                 (file(VIRTIOFSD, "/srv/www/x", "x", "exec", comm="virtiofsd"), "file"),
                                 (capability(VIRTIOFSD, "sys_module"), "cap"),
                                 (f'mount profile="{VIRTIOFSD}" name="/srv/www/" pid=3 comm="virtiofsd" '
                                  'fstype="tmpfs" srcname="tmpfs" flags="rw, bind"', "mount"),
                                 (f'create profile="{VIRTIOFSD}" pid=3 comm="v" family="inet" sock_type="stream" '
                                  'protocol=0 requested="create" denied="create" addr=none', "net"),
                                 (f'ptrace profile="{VIRTIOFSD}" pid=3 comm="v" requested_mask="read" '
                                  'denied_mask="read" peer="unconfined"', "ptrace")):
            for kernel in ("6.1", "7.2"):
                with self.subTest(fields, kernel=kernel):
                    found = self.only(Record(fields, kernel=kernel, of_class=of_class))
                    self.assertTrue(found["suspicious"], found)
                    self.assertIn("may have", found["text"])
                    self.assertNotIn("virt-aa-ctl", found["remedy"])

    def test_in_complain_mode_it_is_said_that_it_was_not_refused(self):
        found = self.only(Record(file(VIRTIOFSD, "/etc/shadow"), kind="ALLOWED"))
        self.assertFalse(found["refused"])
        self.assertIn("NOT refused", found["remedy"])

    def test_a_readonly_share(self):
        found = self.only(Record(file(VIRTIOFSD, "/srv/docs/a", "wc", "mknod")))
        self.assertEqual((found["share"], found["share_target"]), ("/srv/docs", "docs"))
        self.assertFalse(found["suspicious"])
        self.assertIn("<readonly/>", found["remedy"])

    def test_the_share_itself_is_a_link(self):
        self.define(shares=((self.host.path("/link"), "www", ""),))
        os.makedirs(self.host.path("/real"))
        os.symlink(self.host.path("/real"), self.host.path("/link"))
        found = self.only(Record(file(VIRTIOFSD, self.host.path("/real/a"), "w")))
        self.assertEqual(found["share_target"], "www")

    def test_a_capability_of_writing(self):
        found = self.only(Record(capability(VIRTIOFSD, "mknod"), of_class="cap"))
        self.assertFalse(found["suspicious"])
        self.assertIn("modcaps", found["text"])

    def test_libvirtd_is_kept_from_running_a_virtiofsd(self):
        found = self.only(Record(file("libvirtd", "/usr/libexec/virtiofsd", "x", "exec")))
        self.assertEqual(found["remedy"], "virt-aa-ctl verify")

    def test_libvirtds_own_troubles_are_none_of_ours(self):
        self.audit(Record(file("libvirtd", "/etc/x", "r")))
        self.assertEqual(self.denials(), [])

    def test_a_signal_to_a_vm(self):
        found = self.only(Record(f'signal profile="libvirtd" pid=1 comm="libvirtd" requested_mask="send" '
                                 f'denied_mask="send" signal=kill peer="{VIRTIOFSD}"', of_class="signal"))
        self.assertEqual((found["domain"], found["object"]), ("web", "kill"))

    def test_allowed_since(self):
        self.host.write("/kernel/profiles/" + QEMU, f"profile {QEMU} {{\n  /srv/* r,\n  deny /srv/b r,\n}}\n")
        self.audit(Record(file(QEMU, "/srv/a")), Record(file(QEMU, "/srv/b")))
        found = {d["object"]: d for d in self.denials()}
        self.assertEqual((found["/srv/a"]["now"], found["/srv/a"]["remedy"]), ("allowed", None))
        self.assertIn("allowed since", found["/srv/a"]["text"])
        self.assertEqual(found["/srv/b"]["now"], "denied")

    def test_the_vm_is_off(self):
        self.assertEqual(self.only(Record(file(QEMU, "/srv/a")))["now"], "unknown")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
