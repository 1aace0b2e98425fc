#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-ctl status: who is confined, on a faked /proc with profiles that virt-aa-helper made.

usage: test-status.py CTL-UNDER-TEST HELPER-UNDER-TEST MANUAL

MANUAL is data/man/virt-aa-ctl/status.mdoc.
"""
import fcntl
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import host as hosts

PROGRAM = ""
HELPER = ""
MANUAL = ""
UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e1"
TEMPLATE = """#include <tunables/global>

profile LIBVIRT_TEMPLATE flags=(attach_disconnected) {
  /usr/bin/qemu-system-x86_64 rmix,
}
"""
LAUNCHER = "libvirt-virtiofsd-launcher"
QEMU = 4000
FSD = 5000
GOOD, FAILED, UNKNOWN, STALE, UNCONFINED = range(5)


def filesystem(alias, path, more=""):
    return (f"<filesystem type='mount'><driver type='virtiofs'/>{more}<source dir='{path}'/><target dir='tag-{alias}'/>"
            f"<alias name='{alias}'/></filesystem>")


class Host(hosts.Host):
    """With domains as libvirt, kernel and virt-aa-helper leave them. One domain N has the ID N, QEMU is the process
    4000 + N and the virtiofsd of its share 5000 + N."""

    def __init__(self):
        super().__init__(PROGRAM)
        self.definitions = []
        self.held = []
        for path in ("/etc/libvirt", "/host", "/run/libvirt/qemu"):
            os.makedirs(self.path(path))
        self.write("/etc/apparmor.d/libvirt/TEMPLATE.qemu", TEMPLATE)
        self.write("/etc/apparmor.d/libvirt/TEMPLATE.virtiofsd", TEMPLATE)
        self.write("/sys/kernel/security/apparmor/.access", "", 0o666)
        self.write("/proc/self/attr/apparmor/current", "unconfined\n")
        self.thread(1, "unconfined")

    def close(self):
        for fd in self.held:
            os.close(fd)
        self.directory.cleanup()

    def thread(self, pid, label, tid=None, to_be=None, exe=None):
        folder = f"/proc/{pid}/task/{tid or pid}/attr/apparmor"
        self.write(folder + "/current", label + "\n")
        if to_be:
            self.write(folder + "/exec", to_be + "\n")
        if exe:
            os.symlink(exe, self.path(f"/proc/{pid}/exe"))

    def hold(self, path, pid, lock=fcntl.F_WRLCK):
        """A pid file of libvirt's that its process holds: by a lock of the description, of which nobody knows whose it is."""
        self.write(path, f"{pid}\n")
        if lock is None:
            return
        fd = os.open(self.path(path), os.O_RDWR)
        fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", lock, os.SEEK_SET, 0, 1, 0))
        self.held.append(fd)

    def helper(self, uuid, xml, *arguments):
        done = subprocess.run(
            [HELPER, *arguments, "-u", "libvirt-" + uuid], input=xml, encoding="utf8", capture_output=True, timeout=60,
            check=False, env={**self.environment, "HELPER_POLICY_DIR": self.path("/etc/apparmor.d/libvirt"),
                              "HELPER_KERNEL_DIR": self.path("/kernel"), "HELPER_HOST_ROOT": self.path("/host"),
                              "HELPER_SETTINGS": self.path("/etc/libvirt/virt-aa-virtiofs.conf"),
                              "HELPER_RECORDS": self.path("/run/virt-aa-virtiofs")})
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def policy(self, number, name, shares):
        uuid = UUID + str(number)
        xml = hosts.domain(name, uuid, "".join(shares), identity=f" id='{number}'").replace("'test'", "'kvm'")
        self.helper(uuid, xml, "-c")
        for alias in re.findall("alias name='([^']*)'", "".join(shares)):
            self.helper(uuid, xml, "-r", "-F", f"/var/lib/libvirt/qemu/domain-{number}-{name[:20]}/{alias}-fs.sock")

    def define(self, number, name="guest", shares=None, more=""):
        """A domain that runs, and nothing else of it. @shares are elements."""
        if shares is None:
            shares = [filesystem("ua-fs0", "/srv/share")]
        self.definitions.append(hosts.domain(xml_text(name), UUID + str(number), "".join(shares), more))
        self.domains(self.definitions)
        return shares

    def turn_off(self):
        """All domains, in libvirt's eyes."""
        self.domains([xml.replace("<domain type='test'>", "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/"
                                  "test/1.0'><test:runstate>5</test:runstate>") for xml in self.definitions])

    def vm(self, number, name="guest", shares=None, more="", policy=True, qemu=None, fsd=None):
        """A domain that is as it should be, but for the labels that are given."""
        profile = f"libvirt-{UUID}{number}"
        shares = self.define(number, name, shares, more)
        if policy:
            self.policy(number, name, shares)
        self.thread(QEMU + number, qemu or profile + " (enforce)")
        self.hold(f"/run/libvirt/qemu/{name}.pid", QEMU + number)
        if shares:
            self.thread(FSD + number, fsd or profile + "-virtiofsd (enforce)", exe="/usr/libexec/virtiofsd")
            self.hold(f"/run/libvirt/qemu/{number}-{name[:20]}-ua-fs0-fs.pid", FSD + number)
        return profile


def xml_text(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def links(findings):
    return [(finding["link"], finding["verdict"]) for finding in findings]


class Case(unittest.TestCase):
    def setUp(self):
        self.host = Host()

    def tearDown(self):
        self.host.close()

    def anew(self):
        """Another host, for the next of several rows."""
        self.host.close()
        self.host = Host()

    def status(self, status, *arguments):
        """The document, and that the text has the same exit status. What a verdict says is in the text as well."""
        document = self.host.json("status", *arguments, status=status)
        text = self.host.run("status", *arguments, status=status)[0]
        self.assertEqual(document["status"], status)
        for finding in document["findings"] + [f for d in document["domains"] for f in d["findings"]]:
            self.assertIn(finding["text"], text)
        return document

    def one(self, status, verdict, *findings):
        """The only domain, of which @findings are said."""
        document = self.status(status)
        domain = document["domains"][0]
        self.assertEqual(domain["verdict"], verdict, document)
        self.assertEqual(links(domain["findings"]), list(findings), domain)
        self.assertEqual(document["counts"][verdict], 1)
        self.assertEqual(sum(document["counts"].values()), len(document["domains"]))
        return domain


class Labels(Case):
    def test_confined(self):
        profile = self.host.vm(1)
        domain = self.one(GOOD, "confined")
        self.assertEqual(domain["qemu"]["pid"], QEMU + 1)
        self.assertEqual(domain["qemu"]["confinement"], "enforced")
        self.assertEqual((domain["qemu"]["label"], domain["qemu"]["mode"]), (profile, "enforce"))
        share = domain["shares"][0]
        self.assertEqual((share["directory"], share["target"], share["readonly"], share["recorded"]),
                         ("/srv/share", "tag-ua-fs0", False, True))
        self.assertEqual(share["virtiofsd"]["pid"], FSD + 1)
        self.assertEqual(share["virtiofsd"]["label"], profile + "-virtiofsd")
        self.assertEqual(share["virtiofsd"]["program"], "/usr/libexec/virtiofsd")
        self.assertEqual(domain["more"], [])
        text = self.host.run("status")[0]
        self.assertRegex(text, r"(?m)^confined   guest$")
        self.assertRegex(text, r"(?m)^  QEMU +4001 " + profile + r" \(enforce\)$")
        self.assertRegex(text, r"(?m)^  share     /srv/share -> tag-ua-fs0 \(ua-fs0\)$")

    def test_the_domain_that_is_asked_for(self):
        self.host.vm(1)
        self.host.vm(2, "other", qemu="unconfined", shares=[])
        self.assertEqual([d["name"] for d in self.status(GOOD, "guest")["domains"]], ["guest"])
        self.assertEqual([d["name"] for d in self.status(UNCONFINED, UUID + "2")["domains"]], ["other"])
        self.assertIn("there is no domain 'x'", self.host.run("status", "x", status=FAILED)[1])

    def test_kill_is_enforced(self):
        self.host.vm(1, qemu=f"libvirt-{UUID}1 (kill)")
        self.one(GOOD, "confined")

    def test_unconfined_qemu(self):
        self.host.vm(1, qemu="unconfined")
        domain = self.one(UNCONFINED, "unconfined", ("qemu-label", "unconfined"))
        self.assertIn("virsh shutdown guest", domain["findings"][0]["remedy"])
        self.assertIn("virsh start guest", self.host.run("status", status=UNCONFINED)[0])

    def test_the_profile_of_another_vm_is_none(self):
        for label in (f"libvirt-{UUID}2 (enforce)", f"libvirt-{UUID} (enforce)", f":ns://libvirt-{UUID}1 (enforce)",
                      f"libvirt-{UUID}1-virtiofsd (enforce)", f"libvirt-{UUID}1 (unconfined)", f"a//libvirt-{UUID}1 (enforce)"):
            with self.subTest(label):
                self.anew()
                self.host.vm(1, shares=[], qemu=label)
                self.assertEqual(self.status(UNCONFINED)["domains"][0]["verdict"], "unconfined")

    def test_complain(self):
        self.host.vm(1, qemu=f"libvirt-{UUID}1 (complain)")
        domain = self.one(UNCONFINED, "unconfined", ("qemu-complain", "unconfined"))
        self.assertEqual(domain["findings"][0]["remedy"], "virt-aa-ctl enforce guest")
        self.assertEqual(domain["qemu"]["confinement"], "complain")

    def test_virtiofsd_in_complain_mode(self):
        self.host.vm(1, fsd=f"libvirt-{UUID}1-virtiofsd (complain)")
        domain = self.one(UNCONFINED, "unconfined", ("virtiofsd-complain", "unconfined"))
        self.assertEqual(domain["findings"][0]["remedy"], "virt-aa-ctl enforce guest --virtiofsd")

    def test_a_stack(self):
        self.host.vm(1, qemu=f"outer//&libvirt-{UUID}1//&inner (enforce)",
                     fsd=f"libvirt-{UUID}1-virtiofsd//&outer (enforce)")
        self.one(GOOD, "confined")

    def test_a_stack_of_which_some_only_complains(self):
        self.host.vm(1, fsd=f"libvirt-{UUID}1-virtiofsd//&outer (mixed)")
        self.one(UNCONFINED, "unconfined", ("virtiofsd-complain", "unconfined"))

    def test_one_thread_unconfined(self):
        self.host.vm(1)
        self.host.thread(FSD + 1, "unconfined", tid=FSD + 900)
        domain = self.one(UNCONFINED, "unconfined", ("virtiofsd-label", "unconfined"))
        self.assertEqual(len(domain["shares"][0]["virtiofsd"]["labels"]), 2)
        self.assertRegex(domain["findings"][0]["text"], "label (unconfined, |.*, unconfined)")

    def test_a_label_for_the_next_exec(self):
        self.host.vm(1, fsd=LAUNCHER + " (enforce)")
        self.host.thread(FSD + 1, LAUNCHER + " (enforce)", to_be=f"libvirt-{UUID}1-virtiofsd")
        domain = self.one(GOOD, "confined", ("virtiofsd-starting", "note"))
        self.assertEqual([label["pending"] for label in domain["shares"][0]["virtiofsd"]["labels"]], [True, False])
        self.assertIn(f"-> libvirt-{UUID}1-virtiofsd, {LAUNCHER} (enforce)", self.host.run("status")[0])

    def test_a_launcher_in_complain_mode(self):
        self.host.vm(1, fsd=LAUNCHER + " (complain)")
        self.one(UNCONFINED, "unconfined", ("virtiofsd-label", "unconfined"))

    def test_a_label_that_cannot_be_read(self):
        self.host.vm(1)
        path = f"/proc/{FSD + 1}/task/{FSD + 1}/attr/apparmor/current"
        os.unlink(self.host.path(path))
        os.mkdir(self.host.path(path))
        domain = self.one(UNKNOWN, "unknown", ("virtiofsd-label", "unknown"))
        self.assertIn("its label", domain["findings"][0]["text"])

    def test_a_domain_that_is_off(self):
        self.host.vm(1)
        self.host.turn_off()
        shutil.rmtree(self.host.path(f"/proc/{QEMU + 1}"))
        shutil.rmtree(self.host.path(f"/proc/{FSD + 1}"))
        self.one(GOOD, "off")
        self.assertNotIn("guest", self.host.run("status")[0])
        self.assertIn("off        guest", self.host.run("status", "guest")[0])

    def test_what_is_left_of_a_domain_that_is_off(self):
        self.host.vm(1)
        self.host.turn_off()
        self.one(GOOD, "off", ("left", "note"), ("left", "note"))
        self.host.thread(FSD + 1, f"libvirt-{UUID}1-virtiofsd (complain)")
        self.one(UNCONFINED, "unconfined", ("left", "note"), ("left", "note"), ("virtiofsd-label", "unconfined"))


class PidFiles(Case):
    def lose(self, path, pid):
        """The file stays, and nobody holds it."""
        os.unlink(self.host.path(path))
        self.host.hold(path, pid, lock=None)

    FILE = "/run/libvirt/qemu/1-guest-ua-fs0-fs.pid"

    def test_a_number_that_was_left_is_anybodys(self):
        self.host.vm(1)
        shutil.rmtree(self.host.path(f"/proc/{FSD + 1}"))
        self.host.thread(77, "unconfined", exe="/usr/libexec/virtiofsd")
        self.lose(self.FILE, 77)
        domain = self.one(GOOD, "confined", ("virtiofsd-missing", "note"))
        self.assertIsNone(domain["shares"][0]["virtiofsd"])
        self.assertIn("virt-aa-ctl why guest", domain["findings"][0]["remedy"])

    def test_of_another_process_than_holds_it(self):
        self.host.vm(1)
        self.lose(self.FILE, 77)
        self.host.thread(77, "unconfined")
        fd = os.open(self.host.path(self.FILE), os.O_RDWR)
        self.addCleanup(os.close, fd)
        fcntl.lockf(fd, fcntl.LOCK_EX, 1, 0)
        domain = self.one(GOOD, "confined", ("virtiofsd-missing", "note"))
        # the one with the label is there all the same
        self.assertEqual([process["pid"] for process in domain["more"]], [FSD + 1])

    def test_of_the_process_that_holds_it(self):
        self.host.vm(1)
        self.lose(self.FILE, os.getpid())
        self.host.thread(os.getpid(), "unconfined")
        fd = os.open(self.host.path(self.FILE), os.O_RDWR)
        self.addCleanup(os.close, fd)
        fcntl.lockf(fd, fcntl.LOCK_EX, 1, 0)
        domain = self.one(UNCONFINED, "unconfined", ("virtiofsd-label", "unconfined"))
        self.assertEqual(domain["shares"][0]["virtiofsd"]["pid"], os.getpid())

    def test_held_by_a_shared_lock(self):
        self.host.vm(1)
        os.unlink(self.host.path(self.FILE))
        self.host.hold(self.FILE, FSD + 1, lock=fcntl.F_RDLCK)
        self.one(GOOD, "confined")

    def test_no_number(self):
        for text in ("", "x", "0", "-5", "99999999999999999999", "4294972297"):
            with self.subTest(text):
                self.anew()
                self.host.vm(1)
                os.unlink(self.host.path(self.FILE))
                self.host.hold(self.FILE, text)
                self.assertIsNone(self.status(GOOD)["domains"][0]["shares"][0]["virtiofsd"])

    def test_a_pipe_is_not_waited_for(self):
        self.host.vm(1)
        os.unlink(self.host.path(self.FILE))
        os.mkfifo(self.host.path(self.FILE))
        self.one(GOOD, "confined", ("virtiofsd-missing", "note"))

    def test_a_name_that_is_cut(self):
        self.host.vm(1, "a-name-that-is-longer-than-libvirt-takes")
        self.assertEqual(self.status(GOOD)["domains"][0]["shares"][0]["virtiofsd"]["pid"], FSD + 1)

    def test_qemu_without_its_file_is_found_by_the_label(self):
        self.host.vm(1)
        os.unlink(self.host.path("/run/libvirt/qemu/guest.pid"))
        self.host.thread(3999, f"libvirt-{UUID}1//passt (enforce)")
        self.assertEqual(self.status(GOOD)["domains"][0]["qemu"]["pid"], QEMU + 1)

    def test_qemu_that_nobody_finds(self):
        self.host.vm(1)
        os.unlink(self.host.path("/run/libvirt/qemu/guest.pid"))
        shutil.rmtree(self.host.path(f"/proc/{QEMU + 1}"))
        self.one(UNKNOWN, "unknown", ("qemu-label", "unknown"))

    def test_a_program_that_is_called_virtiofsd(self):
        self.host.thread(77, "unconfined", exe="/usr/libexec/virtiofsd")
        document = self.status(GOOD)
        self.assertEqual((document["strays"], document["findings"]), ([], []))


class Unconfined(Case):
    def test_before_it_was_switched_on(self):
        self.host.vm(1, policy=False, fsd="unconfined")
        domain = self.one(UNCONFINED, "unconfined", ("virtiofsd-label", "unconfined"), ("profile", "stale"))
        self.assertFalse(domain["shares"][0]["recorded"])
        self.assertIn("before the launcher was switched on", domain["findings"][0]["text"])
        self.assertIn("virsh start guest", domain["findings"][0]["remedy"])

    def test_a_program_that_the_definition_names(self):
        self.host.vm(1, fsd="unconfined", shares=[filesystem("ua-fs0", "/srv/share", "<binary path='/opt/v'/>")])
        domain = self.one(UNCONFINED, "unconfined", ("virtiofsd-label", "unconfined"))
        self.assertIn("names /opt/v, which libvirtd runs itself", domain["findings"][0]["text"])
        self.assertEqual(domain["findings"][0]["remedy"], "virsh edit guest")

    def test_one_that_the_administrator_allows(self):
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf",
                        "[virtiofsd]\nallow-unconfined = /usr/libexec/virtiofsd\n")
        self.host.vm(1, fsd="unconfined")
        domain = self.one(GOOD, "confined", ("virtiofsd-label", "note"))
        self.assertIn("allow-unconfined", domain["findings"][0]["text"])
        self.assertEqual(domain["shares"][0]["confinement"], "unconfined")

    def test_a_configuration_that_cannot_be_used_is_said(self):
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[virtiofsd]\nallow-unconfine = /x\n")
        self.assertEqual(links(self.status(UNKNOWN)["findings"]), [("configuration", "unknown")])

    def test_no_label_by_definition(self):
        self.host.vm(1, policy=False, qemu="unconfined", fsd="unconfined",
                     more="<seclabel type='none' model='apparmor'/>")
        domain = self.one(GOOD, "exempt", ("seclabel", "note"))
        self.assertEqual(domain["seclabel"], "none")
        self.assertIn("<seclabel type='none'/>", domain["findings"][0]["text"])

    STATIC = "<seclabel type='static' model='apparmor' relabel='no'><label>my-own</label></seclabel>"

    def test_a_static_label(self):
        self.host.vm(1, policy=False, qemu="my-own (enforce)", fsd="unconfined", more=self.STATIC)
        domain = self.one(GOOD, "exempt", ("seclabel", "note"))
        self.assertEqual(domain["seclabel"], "static")

    def test_a_static_label_that_it_does_not_have(self):
        self.host.vm(1, policy=False, qemu="unconfined", shares=[], more=self.STATIC)
        self.one(UNCONFINED, "unconfined", ("seclabel", "unconfined"))

    def test_a_static_label_of_which_nothing_is_seen(self):
        self.host.define(1, shares=[], more=self.STATIC)
        self.one(UNKNOWN, "unknown", ("qemu-label", "unknown"))

    def test_an_external_virtiofsd(self):
        self.host.vm(1, shares=[])
        self.host.definitions.clear()
        self.host.define(1, shares=["<filesystem type='mount'><driver type='virtiofs'/><source socket='/s'/>"
                                    "<target dir='t'/><alias name='ua-fs0'/></filesystem>"])
        domain = self.one(GOOD, "confined", ("virtiofsd-external", "note"))
        self.assertTrue(domain["shares"][0]["external"])


class Profiles(Case):
    FILES = "/etc/apparmor.d/libvirt/libvirt-" + UUID + "1"

    def test_edited_after_it_was_loaded(self):
        for name in (".files", ".virtiofsd"):
            with self.subTest(name):
                self.anew()
                self.host.vm(1)
                self.host.write(self.FILES + name, self.host.read(self.FILES + name) + "  /x r,\n")
                domain = self.one(STALE, "stale", ("profile", "stale"))
                self.assertIn("changed after they were loaded", domain["findings"][0]["text"])
                self.assertIn("virsh start guest", domain["findings"][0]["remedy"])

    def test_loaded_by_somebody_else(self):
        self.host.vm(1, shares=[])
        self.host.write(f"/kernel/profiles/libvirt-{UUID}1", f"profile libvirt-{UUID}1 {{}}\n")
        domain = self.one(STALE, "stale", ("profile", "stale"))
        self.assertIn("before virt-aa-virtiofs was switched on", domain["findings"][0]["text"])

    def test_files_that_are_lost(self):
        self.host.vm(1, shares=[])
        os.unlink(self.host.path(self.FILES))
        self.assertIn("lost or damaged", self.one(STALE, "stale", ("profile", "stale"))["findings"][0]["text"])

    def test_a_change_that_was_cut_off(self):
        self.host.vm(1, shares=[])
        self.host.write(self.FILES + ".dirty", "")
        self.assertIn("cut off", self.one(STALE, "stale", ("profile", "stale"))["findings"][0]["text"])

    def test_an_older_template(self):
        for name, again in (("qemu", "the next start makes it anew"), ("virtiofsd", "is removed before")):
            with self.subTest(name):
                self.anew()
                self.host.vm(1)
                self.host.write("/etc/apparmor.d/libvirt/TEMPLATE." + name, TEMPLATE.replace("rmix", "rmPx"))
                domain = self.one(STALE, "stale", ("template", "stale"))
                self.assertIn(again, domain["findings"][0]["text"])

    def test_a_kernel_that_cannot_be_asked(self):
        self.host.vm(1, shares=[])
        os.unlink(self.host.path("/sys/kernel/security/apparmor/.access"))
        self.one(UNKNOWN, "unknown", ("profile", "unknown"))

    def test_a_virtiofsd_that_runs_on_after_the_last_share_is_detached(self):
        self.host.vm(1, shares=[])
        self.host.thread(FSD + 1, f"libvirt-{UUID}1-virtiofsd (enforce)")
        domain = self.one(GOOD, "confined")
        self.assertEqual([process["pid"] for process in domain["more"]], [FSD + 1])

    def test_own_rules_are_shown(self):
        self.host.vm(1)
        self.assertFalse(self.one(GOOD, "confined")["own-rules"])
        self.host.write(f"/etc/apparmor.d/local/libvirt-{UUID}1-virtiofsd", "  /y r,\n")
        self.assertTrue(self.one(GOOD, "confined")["own-rules"])
        self.assertIn("guest (has own rules)", self.host.run("status")[0])


class Strays(Case):
    def test_of_a_domain_that_libvirt_does_not_know(self):
        self.host.vm(1, "gone")
        self.host.domains([])
        document = self.status(GOOD)
        self.assertEqual([(s["what"], s["uuid"], s["name"], s["process"]["pid"]) for s in document["strays"]],
                         [("qemu", UUID + "1", "gone", QEMU + 1), ("virtiofsd", UUID + "1", "gone", FSD + 1)])
        self.assertEqual(links(document["findings"]), [("stray", "note")] * 2)
        self.assertIn("of no domain of libvirt's:", self.host.run("status")[0])

    def test_of_one_that_complains(self):
        self.host.thread(77, f"libvirt-{UUID}1-virtiofsd (complain)")
        self.assertEqual(links(self.status(UNCONFINED)["findings"]), [("stray", "unconfined")])

    def test_an_unconfined_one_that_libvirt_has_written_down(self):
        self.host.thread(77, "unconfined")
        self.host.hold("/run/libvirt/qemu/9-gone-fs0-fs.pid", 77)
        document = self.status(UNCONFINED)
        self.assertEqual(links(document["findings"]), [("stray", "unconfined")])
        self.assertIsNone(document["strays"][0]["uuid"])

    def test_a_session(self):
        self.host.thread(77, "unconfined")
        self.host.hold("/run/user/1000/libvirt/qemu/run/1-mine-fs0-fs.pid", 77)
        document = self.status(GOOD)
        self.assertEqual(links(document["findings"]), [("session", "note")])
        self.assertTrue(document["strays"][0]["session"])

    def test_a_user_hides_nothing(self):
        self.host.thread(77, "unconfined")
        self.host.hold("/run/libvirt/qemu/9-gone-fs0-fs.pid", 77)
        self.host.hold("/run/user/1000/libvirt/qemu/run/1-mine-fs0-fs.pid", 77)
        self.host.vm(1, fsd="unconfined", policy=False)
        self.host.hold("/run/user/1000/libvirt/qemu/run/2-mine-fs0-fs.pid", FSD + 1)
        document = self.status(UNCONFINED)
        self.assertIn(("stray", "unconfined"), links(document["findings"]))
        self.assertEqual(document["domains"][0]["verdict"], "unconfined")

    def test_a_link_of_a_user_is_not_followed(self):
        self.host.thread(77, "unconfined")
        self.host.hold("/srv/x-fs.pid", 77)
        os.makedirs(self.host.path("/run/user/1000/libvirt/qemu"))
        os.symlink(self.host.path("/srv"), self.host.path("/run/user/1000/libvirt/qemu/run"))
        os.symlink(self.host.path("/srv"), self.host.path("/run/user/1001"))
        self.assertEqual(self.status(GOOD)["strays"], [])

    def test_libvirt_is_away(self):
        self.host.vm(1)
        self.host.thread(77, f"libvirt-{UUID}2-virtiofsd (enforce)")
        self.host.environment["CTL_URI"] = "qemu+unix:///system?socket=/nowhere"
        document = self.status(UNKNOWN)
        self.assertEqual(links(document["findings"]), [("libvirt", "unknown")])
        self.assertEqual([s["process"]["pid"] for s in document["strays"]], [77, QEMU + 1, FSD + 1])
        self.host.thread(78, f"libvirt-{UUID}3 (complain)")
        self.status(UNCONFINED)

    def test_one_domain_says_nothing_of_others(self):
        self.host.vm(1)
        self.host.thread(77, f"libvirt-{UUID}2-virtiofsd (complain)")
        self.assertNotIn("strays", self.status(GOOD, "guest"))


class NotRoot(Case):
    def test_a_proc_that_hides_others(self):
        self.host.vm(1)
        shutil.rmtree(self.host.path("/proc/1"))
        document = self.status(UNKNOWN)
        self.assertEqual(links(document["findings"]), [("processes", "unknown")])
        self.assertIn("does not show all processes", document["findings"][0]["text"])
        self.assertEqual("remedy" in document["findings"][0], os.geteuid() != 0)
        self.assertEqual(document["domains"][0]["verdict"], "unknown")

    @unittest.skipUnless(os.geteuid() == 0, "SKIPPED: needs root to become somebody else")
    def test_who_may_not_look(self):
        self.host.vm(1)
        for folder, _, names in os.walk(self.host.root):
            os.chmod(folder, 0o755)
            for name in names:
                if not os.path.islink(os.path.join(folder, name)):
                    os.chmod(os.path.join(folder, name), 0o644)
        os.chmod(self.host.path("/sys/kernel/security/apparmor/.access"), 0o666)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        rows = {
            "/run/libvirt/qemu": "pid-files",
            "/run/virt-aa-virtiofs/vms": "records",
            "/run/virt-aa-virtiofs": "records",
            "/etc/apparmor.d/libvirt": None,
            "/run/libvirt/qemu/1-guest-ua-fs0-fs.pid": None,
        }
        with tempfile.TemporaryDirectory() as copies:
            os.chmod(copies, 0o755)
            program = shutil.copy(PROGRAM, copies)
            for path, link in rows.items():
                with self.subTest(path):
                    mode = os.stat(self.host.path(path)).st_mode
                    os.chmod(self.host.path(path), 0o700)
                    done = subprocess.run(nobody + [program, "status"], env=self.host.environment, encoding="utf8",
                                          capture_output=True, timeout=60, check=False)
                    os.chmod(self.host.path(path), mode)
                    self.assertEqual(done.returncode, UNKNOWN, done.stdout + done.stderr)
                    self.assertIn("unknown: needs root", done.stdout, link)

    def test_what_cannot_be_seen_is_null(self):
        self.host.vm(1)
        shutil.rmtree(self.host.path("/run/virt-aa-virtiofs/sockets"))
        self.assertIs(self.status(GOOD)["domains"][0]["shares"][0]["recorded"], False)
        self.host.write("/run/virt-aa-virtiofs/sockets", "")
        self.assertIsNone(self.status(UNKNOWN)["domains"][0]["shares"][0]["recorded"])


class Names(Case):
    def test_a_name_that_talks_to_the_terminal(self):
        name = "a\u202egpj \u00e9 ' $(x)"
        self.host.vm(1, name, policy=False, shares=[], qemu="unconfined")
        document = self.status_of_names()
        self.assertEqual(document["domains"][0]["name"], name)
        text = self.host.run("status", status=UNCONFINED)[0]
        self.assertIn("a\\342\\200\\256gpj \u00e9 ' $(x)", text)
        # nobody can paste what is not shown as it is
        self.assertIn(f"virsh start {UUID}1", text)

    def test_a_name_that_talks_to_the_shell(self):
        self.host.vm(1, "\u00e9 ' $(x)", policy=False, shares=[], qemu="unconfined")
        self.assertIn("virsh start '\u00e9 '\\'' $(x)'", self.host.run("status", status=UNCONFINED)[0])

    def status_of_names(self):
        return self.host.json("status", status=UNCONFINED)

    def test_labels_and_programs_of_any_bytes(self):
        self.host.vm(1, shares=[])
        path = self.host.path(f"/proc/{QEMU + 1}/task/{QEMU + 1}/attr/apparmor/current")
        with open(path, "wb") as file:
            file.write(b"odd\xff\x1b[2J (enforce)\n")
        os.symlink(b"/x\xff", os.fsencode(self.host.path(f"/proc/{QEMU + 1}/exe")))
        document = self.host.json("status", status=UNCONFINED)
        self.assertEqual(document["domains"][0]["qemu"]["program"], "/x\\377")
        text = self.host.run("status", status=UNCONFINED)[0]
        self.assertNotIn("\x1b", text)


class Colours(Case):
    def test_by_verdict(self):
        self.host.vm(1, "good", shares=[])
        self.host.vm(2, "bad", shares=[], qemu="unconfined")
        out = hosts.on_a_terminal(self.host, "status")
        self.assertIn(b"\033[32mconfined   good", out)
        self.assertIn(b"\033[31munconfined bad", out)


class Manual(Case):
    """data/man/virt-aa-ctl/status.mdoc"""

    def setUp(self):
        super().setUp()
        with open(MANUAL, encoding="utf8") as file:
            self.text = file.read()

    def test_the_textfile_of_prometheus(self):
        self.host.vm(1, "good", shares=[])
        self.host.vm(2, "bad", shares=[], qemu="unconfined")
        example = re.search(r"(?s)\.Bd -literal.*?\n(.*?)\.Ed", self.text).group(1)
        self.assertNotIn("\\", example)
        self.host.write("/bin/virt-aa-ctl", f'#!/bin/sh\nexec {shlex.quote(PROGRAM)} "$@"\n', 0o755)
        directory = self.host.path("/run")
        environment = {**self.host.environment, "PATH": self.host.path("/bin") + ":" + os.environ["PATH"]}
        subprocess.run(["sh", "-ec", example], cwd=directory, env=environment, timeout=60, check=True)
        lines = self.host.read("/run/virt-aa.prom").splitlines()
        self.assertEqual(lines[0], "virt_aa_status 4")
        self.assertIn('virt_aa_domains{state="confined"} 1', lines)
        self.assertIn('virt_aa_domains{state="unconfined"} 1', lines)
        self.assertEqual(len(lines), 7)
        # where nothing is found out the old file stays, whose age tells
        environment["CTL_ROOT"] = ""
        self.host.write("/bin/virt-aa-ctl", "#!/bin/sh\nexit 1\n", 0o755)
        done = subprocess.run(["sh", "-c", example], cwd=directory, env=environment, timeout=60, check=False,
                              stderr=subprocess.PIPE)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.host.read("/run/virt-aa.prom").splitlines(), lines)

    def test_each_key_is_described(self):
        self.host.vm(1)
        self.host.vm(2, "bad", qemu="unconfined")
        self.host.thread(77, f"libvirt-{UUID}9-virtiofsd (complain)")
        keys = set()

        def add(node):
            if isinstance(node, dict):
                keys.update(node)
                node = list(node.values())
            for child in node if isinstance(node, list) else ():
                add(child)

        add(self.status(UNCONFINED))
        self.assertGreater(len(keys), 30)
        for key in keys:
            self.assertRegex(self.text, r"(?m)^\.It " + key + r"\b|(Dq|Li) ([a-z]+ , )*([a-z]+ No and Li )?" + key + r"\b", key)


class Large(Case):
    """No process is started for one, and what is done for a domain or a process does not depend on how many there are."""

    def calls(self, domains, processes):
        """How many system calls a status takes, and how many processes it starts."""
        self.anew()
        definitions = []
        for n in range(domains):
            uuid = f"5d3c4a1e-8f57-4f0b-9a52-{n:012d}"
            definitions.append(hosts.domain(f"vm{n}", uuid, filesystem("ua-fs0", "/srv")))
            profile = "libvirt-" + uuid
            for name in (profile, profile + ".files"):
                self.host.write("/etc/apparmor.d/libvirt/" + name, "profile " + profile + " { }\n")
            self.host.thread(10000 + n, profile + " (enforce)")
            self.host.thread(20000 + n, profile + "-virtiofsd (enforce)")
            self.host.hold(f"/run/libvirt/qemu/vm{n}.pid", 10000 + n)
            self.host.hold(f"/run/libvirt/qemu/{n + 1}-vm{n}-ua-fs0-fs.pid", 20000 + n)
        for n in range(processes):
            self.host.thread(30000 + n, "unconfined")
        self.host.domains(definitions)
        with tempfile.NamedTemporaryFile("r", encoding="utf8") as trace:
            done = subprocess.run(["strace", "-f", "-qq", "-o", trace.name, PROGRAM, "status", "--json"],
                                  env={**self.host.environment, "ASAN_OPTIONS": "detect_leaks=0"}, capture_output=True,
                                  encoding="utf8", timeout=200, check=False)
            lines = trace.readlines()
        self.assertEqual(done.returncode, STALE if domains else GOOD, done.stderr)
        document = hosts.json.loads(done.stdout)
        self.assertEqual(document["counts"]["stale"], domains)
        self.assertTrue(all(d["shares"][0]["virtiofsd"] for d in document["domains"]))
        started = [line for line in lines
                   if re.search(r" (v?fork|clone3?|execve)\(", line) and "CLONE_THREAD" not in line]
        return len(lines), len(started) - 1

    def test_linear(self):
        if not shutil.which("strace") or subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode:
            self.skipTest("SKIPPED: strace is missing, or may not trace")
        base, started = self.calls(0, 0)
        some, _ = self.calls(50, 60)
        many, started_by_many = self.calls(500, 600)
        # what looks at the installation may run a program or two, whatever the number of domains
        self.assertEqual(started, started_by_many)
        self.assertLess((many - base) / 10, (some - base) * 1.1, (base, some, many))


if __name__ == "__main__":
    PROGRAM, HELPER, MANUAL = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
    unittest.main()
