#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-ctl plan: what it says is what the helper does, and where it comes from."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
import planhost
from planhost import UUID, disk, golden, share

PROGRAM = ""
HELPER = os.environ["HELPER"]
CASES = os.path.join(planhost.SOURCE, "tests", "golden", "cases")
IMAGES = "/var/lib/libvirt/images"


def rules(text):
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


class Base(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.host = planhost.PlanHost(PROGRAM, HELPER)

    def tearDown(self):
        self.host.directory.cleanup()

    def plan(self, xml, *arguments, status=0):
        self.host.write("/domain.xml", xml)
        return self.host.json("plan", self.host.path("/domain.xml"), *arguments, status=status)

    def text(self, xml, *arguments, status=0):
        return self.host.run("plan", "-", *arguments, stdin=xml, status=status)[0]

    def side(self, document, which):
        return next((p for p in document["profiles"] if p["of"] == which), None)

    def rule(self, document, which, text):
        found = [r for r in self.side(document, which)["rules"] if text in r["rule"]]
        self.assertEqual(len(found), 1, text)
        return found[0]


class AsTheHelper(unittest.TestCase):
    """Each golden case of the helper's -c: the same rules, the same refusals."""

    def case(self, name, top):
        case = golden.Case(os.path.join(CASES, name + ".xml"), top)
        root = os.path.join(top, "root")
        os.makedirs(os.path.join(root, "etc/libvirt"))
        os.makedirs(os.path.join(root, "etc/apparmor.d"))
        os.rename(case.policy, os.path.join(root, "etc/apparmor.d/libvirt"))
        if os.path.exists(case.settings):
            shutil.copy(case.settings, os.path.join(root, "etc/libvirt/virt-aa-virtiofs.conf"))
        done = subprocess.run(
            [PROGRAM, "plan", "--json", case.base + ".xml"],
            capture_output=True, encoding="utf8", check=False, timeout=60,
            env={**os.environ, "LC_ALL": "C.UTF-8", "CTL_ROOT": root, "CTL_HOST_ROOT": case.host},
        )
        return case, root, done

    def read(self, path):
        try:
            with open(path, encoding="utf8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def accepted(self, case, document):
        lines = self.read(case.base + ".xml").splitlines()
        for suffix, which in ((".files", "qemu"), (".virtiofsd", "virtiofsd")):
            planned = next((p["rules"] for p in document["profiles"] if p["of"] == which), [])
            wanted = rules(self.read(case.base + suffix))
            # a name that is cut in a character is bytes, of which JSON has none
            found = [re.sub("\ufffd+", "\ufffd", r["rule"]) for r in planned]
            self.assertEqual(found[: len(wanted)], wanted)
            # sockets whose directory has one name of two come with -F only
            self.assertFalse([r for r in found[len(wanted) :] if "-fs.sock" not in r])
            for rule in planned:
                self.assertTrue("line" in rule or "cause" in rule, rule)
                if "line" in rule:
                    self.assertIn("<", lines[rule["line"] - 1], rule)

    def refused(self, case, root, document):
        said = self.read(case.base + ".stderr").replace(
            "SETTINGS", os.path.join(root, "etc/libvirt/virt-aa-virtiofs.conf")
        )
        self.assertFalse(document["starts"])
        found = document["findings"][0]
        self.assertIn("template does not exist" if found["link"] == "template" else found["text"].split("\\")[0], said)

    def test_all(self):
        seen = {True: 0, False: 0}
        for name in sorted(f[:-4] for f in os.listdir(CASES) if f.endswith(".xml")):
            xml = self.read(os.path.join(CASES, name + ".xml"))
            with self.subTest(name), tempfile.TemporaryDirectory() as top:
                case, root, done = self.case(name, top)
                refused = name.startswith("should-fail-")
                if name == "should-fail-profile-exists" or case.args != ["-c"] or not re.search(r"<domain[^>]*\sid=", xml):
                    continue
                self.assertNotIn("Sanitizer", done.stderr)
                if refused and done.returncode == 1:  # no definition at all
                    self.assertIn("error: ", done.stderr)
                    continue
                self.assertEqual(done.returncode in (0, 4), True, done.stderr)
                if refused:
                    self.refused(case, root, json.loads(done.stdout))
                else:
                    self.accepted(case, json.loads(done.stdout))
                seen[refused] += 1
        self.assertGreater(seen[True], 15)
        self.assertGreater(seen[False], 60)


class Rules(Base):
    def test_each_rule_has_its_element_and_line(self):
        xml = self.host.example()
        document = self.plan(xml)
        lines = xml.splitlines()
        rule = self.rule(document, "qemu", "desktop-data.img")
        self.assertEqual((rule["rule"], rule["element"]), (f'"{IMAGES}/desktop-data.img" rwk,', "disk 'vdb'"))
        self.assertIn("<disk", lines[rule["line"] - 1])
        rule = self.rule(document, "virtiofsd", '"/srv/projects/**"')
        self.assertEqual((rule["rule"], rule["element"]), ('"/srv/projects/**" rwlk,', "filesystem 'projects'"))
        self.assertIn("<filesystem", lines[rule["line"] - 1])
        self.assertEqual(self.rule(document, "qemu", "monitor.sock")["cause"], "what each VM has")
        self.assertEqual(self.rule(document, "qemu", "unix ")["cause"], "its virtiofsd")
        self.assertEqual(self.rule(document, "virtiofsd", "unix ")["cause"], "its QEMU")
        self.assertEqual(self.rule(document, "virtiofsd", "mknod")["cause"], "a share that may be written")

    def test_what_libvirtd_announces(self):
        document = self.plan(self.host.example())
        qemu = "/var/lib/libvirt/qemu"
        self.assertEqual(
            [(call["mode"], call.get("append-file")) for call in document["calls"]],
            [("-c", None), ("-r", qemu + "/domain-1-desktop/{,**}"),
             ("-r", qemu + "/channel/target/domain-1-desktop/{,**}"), ("-r", "/dev/net/tun"),
             ("-r", qemu + "/domain-1-desktop/fs0-fs.sock")],
        )
        self.assertTrue(all(call["foreseen"] for call in document["calls"][1:]))
        self.assertEqual(self.rule(document, "qemu", '"/dev/net/tun"')["cause"], "libvirtd announces it: -F /dev/net/tun")

    def test_an_announcement_that_is_not_foreseen(self):
        # which of two names a directory has is the locale's to say: nothing is granted before
        document = self.plan(self.host.xml("fünfundzwanzig-Zeichen-x", 1, share("/srv/projects")))
        socket = document["calls"][-1]
        self.assertTrue(socket["append-file"].endswith("fs0-fs.sock"))
        self.assertFalse(socket["foreseen"])
        self.assertIn("-F ", self.rule(document, "qemu", socket["append-file"])["cause"])

    def test_a_profile_that_is_there_is_replaced(self):
        self.host.run_helper(self.host.xml("a", 1), "-c")
        self.assertEqual(self.plan(self.host.xml("a", 1))["calls"][0]["mode"], "-r")

    def test_only_one_side(self):
        self.assertEqual([p["of"] for p in self.plan(self.host.example(), "--qemu")["profiles"]], ["qemu"])
        self.assertEqual([p["of"] for p in self.plan(self.host.example(), "--virtiofsd")["profiles"]], ["virtiofsd"])
        self.assertNotIn("/srv/projects/**", self.text(self.host.example(), "--qemu"))

    def test_the_settings_are_a_cause(self):
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[virtiofsd]\nbinary = /opt/virtiofsd\n")
        self.host.write("/host/opt/virtiofsd", "", 0o755)
        document = self.plan(self.host.example())
        self.assertIn("virt-aa-virtiofs.conf", self.rule(document, "virtiofsd", "/opt/virtiofsd")["cause"])
        self.assertTrue(document["starts"])

    def test_text(self):
        out = self.text(self.host.example())
        self.assertIn("-r -F /dev/net/tun", out)
        self.assertRegex(out, r'"/srv/projects/\*\*" rwlk, +# line \d+: filesystem \'projects\'\n')

    def test_names_are_harmless(self):
        out = self.text(self.host.xml("a\u202eb", 1))
        self.assertIn("a\\342\\200\\256b", out)
        self.assertNotIn("\u202e", out)

    def test_an_id_that_is_not_known(self):
        off = self.host.xml("a", 1, identity="")
        document = self.plan(off)
        self.assertEqual((document["id"], document["id-assumed"]), (1, True))
        document = self.plan(off, "--id", "7")
        self.assertEqual((document["id"], document["id-assumed"]), (7, False))
        self.rule(document, "qemu", '"/var/lib/libvirt/qemu/domain-7-a/*"')
        document = self.plan(self.host.xml("a", 1, identity=" id='3'"), "--id", "7")
        self.assertEqual((document["id"], document["id-assumed"]), (3, False))
        self.assertIn("--id", self.text(off))
        self.assertIn("from 1 on", self.host.run("plan", "-", "--id", "0", stdin=off, status=1)[1])


class Input(Base):
    def test_a_domain_of_libvirt(self):
        self.host.domains([self.host.xml("a b", 1, share("/srv/projects"), identity="")])
        for name in ("a b", UUID + "1", "1"):
            self.assertEqual(self.host.json("plan", name)["name"], "a b")

    def test_a_file_and_standard_input(self):
        self.host.write("/domain.xml", self.host.example())
        self.assertEqual(self.host.json("plan", self.host.path("/domain.xml"))["name"], "desktop")
        self.assertIn("desktop", self.text(self.host.example()))

    def test_nothing(self):
        self.assertIn("there is no domain 'x'", self.host.run("plan", "x", status=1)[1])
        self.assertIn("/no/file", self.host.run("plan", "/no/file", status=1)[1])
        self.assertIn("standard input: ", self.host.run("plan", "-", stdin="<x/>", status=1)[1])
        self.assertIn("usage: ", self.host.run("plan", status=1)[1])

    def test_not_confined_at_all(self):
        self.host.domains([self.host.xml("a", 1, more="<seclabel type='none' model='apparmor'/>")])
        out = self.host.run("plan", "a", status=4)[0]
        self.assertIn("libvirt confines neither QEMU nor virtiofsd", out)

    def test_confined_by_another_profile(self):
        self.host.domains([self.host.xml("a", 1, more="<seclabel type='static' model='apparmor' relabel='no'>"
                                                      "<label>my-own</label></seclabel>")])
        found = self.host.json("plan", "a")["findings"]
        self.assertEqual([(f["link"], f["verdict"]) for f in found], [("seclabel", "note")])


class Refusals(Base):
    def refusal(self, xml):
        document = self.plan(xml, status=4)
        self.assertFalse(document["starts"])
        self.assertEqual([f["link"] for f in document["findings"]], ["start"])
        return document["findings"][0]

    def test_a_system_directory(self):
        self.host.directories("/etc")
        found = self.refusal(self.host.xml("a", 1, share("/etc")))
        self.assertRegex(found["text"], r'^invalid VM definition: line \d+: filesystem .*"allow-write = /etc"')
        self.assertEqual(self.plan(self.host.xml("a", 1, share("/etc")), status=4)["profiles"], [])

    def test_idmap(self):
        found = self.refusal(self.host.xml("a b", 1, share("/srv/projects", "fs", "<idmap/>")))
        self.assertRegex(found["text"], r"line \d+: filesystem 'fs': <idmap> works only")
        self.assertEqual(found["remedy"], "virsh edit 'a b'")

    def test_a_directory_that_is_not_there(self):
        found = self.refusal(self.host.xml("a", 1, share("/srv/it's gone")))
        self.assertIn("there is no directory /srv/it's gone", found["text"])
        self.assertEqual(found["remedy"], "mkdir -p -- '/srv/it'\\''s gone'")

    def test_a_virtiofsd_that_libvirtd_would_run_itself(self):
        xml = self.host.xml("a", 1, share("/srv/projects", "fs", "<binary path='/opt/virtiofsd'/>"))
        self.assertTrue(self.plan(xml)["starts"])  # the launcher is not switched on
        self.host.write("/usr/share/qemu/vhost-user/40-virt-aa-virtiofsd.json", "{}")
        self.assertIn("/opt/virtiofsd itself, unconfined", self.refusal(xml)["text"])
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[virtiofsd]\nallow-unconfined = /opt/virtiofsd\n")
        self.assertTrue(self.plan(xml)["starts"])

    def test_the_configured_virtiofsd(self):
        xml = self.host.xml("a", 1, share("/srv/projects"))
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[vm a]\nbinary = /opt/virtiofsd\n")
        self.assertIn("there is no program /opt/virtiofsd", self.refusal(xml)["text"])
        self.host.write("/host/opt/virtiofsd", "", 0o775)
        self.assertEqual(self.refusal(xml)["remedy"], "chown root: /opt/virtiofsd && chmod go-w /opt/virtiofsd")
        os.chmod(self.host.path("/host/opt/virtiofsd"), 0o755)
        self.assertTrue(self.plan(xml)["starts"])

    def test_all_shares_are_looked_at(self):
        document = self.plan(self.host.xml("a", 1, share("/srv/one") + share("/srv/two")), status=4)
        self.assertEqual(len(document["findings"]), 2)

    def test_wrong_settings(self):
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[shares]\nallow-everything = /\n")
        self.assertIn("line 2", self.refusal(self.host.xml("a", 1, share("/srv/projects")))["text"])
        self.assertTrue(self.plan(self.host.xml("a", 1))["starts"])  # nothing of it is about this VM


class Diff(Base):
    def start(self, xml):
        self.host.run_helper(xml, "-c")

    def diff(self, xml, status):
        return [p["diff"] for p in self.plan(xml, "--diff", status=status)["profiles"]]

    def test_before_the_start(self):
        for diff in self.diff(self.host.xml("a", 1, share("/srv/projects")), 0):
            self.assertEqual((diff["on-disk"], diff["kernel"]), (False, "not-loaded"))
            self.assertGreater(len(diff["added"]), 3)

    def test_after_the_start_nothing_differs(self):
        xml = self.host.xml("a", 1, share("/srv/projects") + disk(IMAGES + "/a.qcow2"))
        self.host.image(IMAGES + "/a.qcow2")
        planned = self.plan(xml)
        self.start(xml)
        for which, suffix in (("qemu", ".files"), ("virtiofsd", ".virtiofsd")):
            text = self.host.read(f"/etc/apparmor.d/libvirt/libvirt-{UUID}1{suffix}")
            self.assertEqual([r["rule"] for r in self.side(planned, which)["rules"]], rules(text))
        for diff in self.diff(xml, 0):
            self.assertEqual(diff, {"on-disk": True, "gone": [], "added": [], "kernel": "same"})
        self.assertIn("disk: the same", self.text(xml, "--diff"))

    def test_rules_that_were_edited(self):
        xml = self.host.xml("a", 1)
        self.start(xml)
        path = f"/etc/apparmor.d/libvirt/libvirt-{UUID}1.files"
        text = self.host.read(path).replace('"/run/libvirt/**/a.pid" rwk', '"/run/libvirt/**/a.pid" r')
        self.host.write(path, text)
        diff = self.diff(xml, 3)[0]
        self.assertEqual(diff["gone"], ['"/run/libvirt/**/a.pid" r,'])
        self.assertEqual(diff["added"], ['"/run/libvirt/**/a.pid" rwk,'])
        self.assertEqual(diff["kernel"], "same")
        out = self.text(xml, "--diff", status=3)
        self.assertIn('- "/run/libvirt/**/a.pid" r,\n+ "/run/libvirt/**/a.pid" rwk,\n', out)

    def test_the_order_does_not_count(self):
        disks = [disk(f"{IMAGES}/{name}.img", "vd" + name, kind="raw") for name in "ab"]
        self.start(self.host.xml("a", 1, disks[0] + disks[1]))
        self.assertEqual(self.diff(self.host.xml("a", 1, disks[1] + disks[0]), 0)[0]["kernel"], "same")

    def test_another_policy_in_the_kernel(self):
        xml = self.host.xml("a", 1)
        self.start(xml)
        self.host.write(f"/kernel/profiles/libvirt-{UUID}1", "profile x {\n}\n")
        self.assertEqual(self.diff(xml, 3)[0]["kernel"], "other")
        os.unlink(self.host.path(f"/kernel/profiles/libvirt-{UUID}1"))
        self.assertEqual(self.diff(xml, 3)[0]["kernel"], "not-loaded")


class Check(Base):
    def test_it_compiles(self):
        self.assertIn("the policy compiles", self.text(self.host.example(), "--check"))

    def test_it_does_not_compile(self):
        self.host.write("/etc/apparmor.d/abstractions/libvirt-qemu", "  no rule at all,\n")
        document = self.plan(self.host.example(), "--check", status=4)
        self.assertEqual([f["link"] for f in document["findings"]], ["compile"])
        self.assertIn("syntax error", document["findings"][0]["text"].lower())

    def test_only_what_is_asked_for_is_compiled(self):
        self.host.write("/etc/apparmor.d/abstractions/libvirt-qemu", "  no rule at all,\n")
        self.plan(self.host.example(), "--check", "--virtiofsd")

    def test_no_template(self):
        os.unlink(self.host.path("/etc/apparmor.d/libvirt/TEMPLATE.qemu"))
        for arguments in ([], ["--check"], ["--diff"]):
            document = self.plan(self.host.example(), *arguments, status=4)
            self.assertEqual([f["link"] for f in document["findings"]], ["template"])
            self.assertIn("template does not exist: ", document["findings"][0]["text"])
        self.assertIn("TEMPLATE.qemu",
                      self.host.run("plan", "-", "--path", "/", stdin=self.host.example(), status=1)[1])


class Path(Base):
    def setUp(self):
        super().setUp()
        self.host.image(IMAGES + "/base.qcow2")
        self.host.image(IMAGES + "/top.qcow2", backing=IMAGES + "/base.qcow2", format="qcow2")
        self.xml = self.host.xml(
            "a", 1, disk(IMAGES + "/top.qcow2")
            + disk(IMAGES + "/ro.img", "vdb", "<readonly/>", "raw") + share("/srv/projects"),
        )
        self.host.write("/host" + IMAGES + "/ro.img", "")

    def ask(self, path, xml=None, status=0):
        return self.plan(xml or self.xml, "--path", path, status=status)["path"]

    def test_a_disk(self):
        answer = self.ask(IMAGES + "/top.qcow2")
        self.assertEqual(answer["qemu"]["allowed"], ["read", "write", "lock"])
        rule = answer["qemu"]["rules"][0]
        self.assertEqual(rule["rule"], f'"{IMAGES}/top.qcow2" rwk,')
        self.assertRegex(rule["from"], r"^line \d+: disk 'vda'$")
        self.assertEqual(answer["qemu"]["remedies"], [])
        self.assertEqual(answer["virtiofsd"]["allowed"], [])

    def test_a_read_only_disk(self):
        for name in ("/ro.img", "/base.qcow2"):
            answer = self.ask(IMAGES + name)
            self.assertEqual(answer["qemu"]["allowed"], ["read", "lock"])
            self.assertRegex(answer["qemu"]["remedies"][0], r"^line \d+: disk 'vd[ab]' has it for reading only")
            self.assertEqual(answer["qemu"]["remedies"][1:], [f"virt-aa-ctl allow a {IMAGES}{name}"])

    def test_a_deny_rule_wins(self):
        xml = self.xml.replace("</type>", "</type>\n<kernel>/boot/vmlinuz</kernel>\n")
        self.host.write("/host/boot/vmlinuz", "")
        answer = self.ask("/boot/vmlinuz", xml)
        self.assertEqual(answer["qemu"]["allowed"], ["read"])
        self.assertEqual([r["deny"] for r in answer["qemu"]["rules"]], [False, True])
        remedy = answer["qemu"]["remedies"][0]
        self.assertRegex(remedy, r"^a deny rule wins .*: \"deny \"/boot/vmlinuz\" w,\" goes with line \d+: <kernel>$")
        self.assertEqual(len(answer["qemu"]["remedies"]), 1)
        answer = self.ask("/srv/secret/key")
        self.assertIn("abstractions/libvirt-qemu, line 4", answer["qemu"]["remedies"][0])

    def test_a_link_is_resolved(self):
        os.symlink(self.host.path("/host" + IMAGES), self.host.path("/host/disks"))
        os.unlink(self.host.path("/host/disks"))
        os.symlink("var/lib/libvirt/images", self.host.path("/host/disks"))
        answer = self.ask("/disks/top.qcow2")
        self.assertEqual(answer["path"], IMAGES + "/top.qcow2")
        self.assertIn("write", answer["qemu"]["allowed"])
        self.assertIn(f"/disks/top.qcow2 is {IMAGES}/top.qcow2", self.text(self.xml, "--path", "/disks/top.qcow2"))

    def test_a_shared_directory(self):
        answer = self.ask("/srv/projects")
        self.assertTrue(answer["directory"])
        self.assertEqual(answer["virtiofsd"]["allowed"], ["read"])
        self.assertEqual(answer["virtiofsd"]["allowed-below"], ["read", "write", "lock", "link"])
        self.assertRegex(answer["virtiofsd"]["rules"][0]["from"], r"^line \d+: filesystem 'fs'$")
        self.assertEqual(answer["qemu"]["allowed"], [])
        self.assertEqual(answer["qemu"]["remedies"][-2:],
                         ["virt-aa-ctl allow a /srv/projects --read-only", "virt-aa-ctl allow a /srv/projects"])

    def test_a_place_of_the_hosts_own(self):
        """No command that gives the host away is there to be pasted."""
        self.host.directories("/etc")
        self.host.write("/host/etc/shadow", "")
        self.host.write("/host/boot/kernel", "")
        for path in ("/", "/etc", "/etc/shadow"):
            remedies = " ".join(self.ask(path)["qemu"]["remedies"])
            self.assertNotIn("virt-aa-ctl allow", remedies, path)
            self.assertRegex(remedies, "system directory.*virt-aa-ctl edit a", path)
        remedies = self.ask("/boot/kernel")["qemu"]["remedies"]
        self.assertEqual([r for r in remedies if "allow" in r], ["virt-aa-ctl allow a /boot/kernel --read-only"])

    def test_a_directory_to_be_shared_is_xml(self):
        self.host.directories("/srv/it's <b> & c")
        remedy = self.ask("/srv/it's <b> & c")["virtiofsd"]["remedies"][0]
        element = ET.fromstring(re.search("<filesystem.*</filesystem>", remedy).group())
        self.assertEqual(element.find("source").get("dir"), "/srv/it's <b> & c")

    def test_what_is_in_a_shared_directory(self):
        self.assertIn("write", self.ask("/srv/projects/not/yet there")["virtiofsd"]["allowed"])

    def test_a_read_only_share(self):
        xml = self.host.xml("a", 1, share("/srv/projects", "fs", "<readonly/>"))
        answer = self.ask("/srv/projects/file", xml)
        self.assertEqual(answer["virtiofsd"]["allowed"], ["read", "lock"])
        self.assertRegex(answer["virtiofsd"]["remedies"][0], r"take <readonly/> out of line \d+: filesystem 'fs'")

    def test_all_shares_are_read_only_by_the_configuration(self):
        self.host.write("/etc/libvirt/virt-aa-virtiofs.conf", "[virtiofsd]\noptions = --readonly\n")
        self.assertIn("take --readonly out", self.ask("/srv/projects/file")["virtiofsd"]["remedies"][0])

    def test_a_system_directory_takes_a_line_of_the_configuration(self):
        self.host.directories("/etc")
        remedies = self.ask("/etc")["virtiofsd"]["remedies"]
        self.assertIn("<source dir='/etc'/>", remedies[0])
        self.assertIn('"allow-read = /etc"', remedies[1])

    def test_rules_of_the_template(self):
        answer = self.ask("/usr/share/ovmf/OVMF.fd")
        self.assertEqual(answer["qemu"]["allowed"], ["read"])
        rule = answer["qemu"]["rules"][0]
        self.assertEqual(rule["rule"], "/usr/share/{seabios,ovmf}/** r,")
        self.assertTrue(rule["from"].endswith("/abstractions/libvirt-qemu, line 3"), rule)
        rule = self.ask("/lib/x86_64-linux-gnu/libc.so.6")["virtiofsd"]["rules"][0]
        self.assertIn("@{multiarch}", rule["rule"])

    def test_rules_of_a_file_by_a_link(self):
        """The parser follows links, as of a configuration that is kept elsewhere."""
        abstraction = self.host.path("/etc/apparmor.d/abstractions/libvirt-qemu")
        os.rename(abstraction, self.host.path("/kept-elsewhere"))
        os.symlink("../../../kept-elsewhere", abstraction)
        answer = self.ask("/usr/share/ovmf/OVMF.fd")
        self.assertEqual(answer["qemu"]["allowed"], ["read"])
        self.assertTrue(answer["qemu"]["rules"][0]["from"].endswith("/abstractions/libvirt-qemu, line 3"))

    def test_child_profiles_are_not_the_vm(self):
        answer = self.ask("/srv/of-the-child")
        self.assertEqual((answer["qemu"]["allowed"], answer["qemu"]["rules"]), ([], []))

    def test_names_that_are_patterns(self):
        xml = self.host.xml("a", 1, disk(IMAGES + "/[ab]*.img", kind="raw"))
        self.assertEqual(len(self.ask(IMAGES + "/[ab]*.img", xml)["qemu"]["rules"]), 1)
        answer = self.ask(IMAGES + "/a.img", xml)
        self.assertEqual((answer["qemu"]["allowed"], answer["qemu"]["rules"]), ([], []))

    def test_what_is_loaded(self):
        self.host.run_helper(self.host.xml("a", 1), "-c")
        answer = self.ask(IMAGES + "/top.qcow2")
        self.assertEqual((answer["qemu"]["allowed"], answer["qemu"]["in-force"]), (["read", "write", "lock"], []))
        self.assertNotIn("in-force", answer["virtiofsd"])
        self.host.run_helper(self.xml, "-r")
        self.assertEqual(self.ask(IMAGES + "/top.qcow2")["qemu"]["in-force"], ["read", "write", "lock"])

    def test_whether_and_why_agree(self):
        """Where the compiled policy allows something there is a rule that says so, and the other way round."""
        paths = ["/proc/1/status", "/usr/bin/qemu-system-x86_64", IMAGES, IMAGES + "/base.qcow2", "/srv", "/",
                 "/srv/projects/", "/dev/null", "/etc/ld.so.cache", "/run/libvirt/x/a.pid", "/usr/share/seabios/b",
                 "/var/log/libvirt/qemu/a.log", "/var/lib/libvirt/qemu/domain-1-a/fs0-fs.sock", "/etc/shadow"]
        for path in paths:
            answer = self.ask(path)
            for which in ("qemu", "virtiofsd"):
                allowed = answer[which]["allowed"] + answer[which].get("allowed-below", [])
                found = [r for r in answer[which]["rules"] if not r["deny"] and "owner" not in r["rule"]]
                self.assertEqual(bool(allowed), bool(found), f"{path}: {answer[which]}")

    def test_with_others(self):
        err = self.host.run("plan", "-", "--path", "/", "--diff", stdin=self.xml, status=1)[1]
        self.assertIn("--path", err)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
