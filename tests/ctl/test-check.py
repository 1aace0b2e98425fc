#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-ctl check: what would go wrong, before it does."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
import planhost
from planhost import UUID, disk, share

PROGRAM = ""
HELPER = os.environ["HELPER"]
CONF = "/etc/libvirt/virt-aa-virtiofs.conf"
IMAGES = "/var/lib/libvirt/images"


class Base(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.host = planhost.PlanHost(PROGRAM, HELPER)

    def tearDown(self):
        self.host.directory.cleanup()

    def domains(self, *definitions, start=True):
        """The test driver runs all of them, each with the policy that the helper makes."""
        self.host.domains(definitions)
        for number, xml in enumerate(definitions, 1):
            uuid = xml.split("<uuid>")[1][:36]
            if start:
                self.host.run_helper(xml.replace("<domain ", f"<domain id='{number}' "), "-c", uuid=uuid)

    def vm(self, name, number, devices="", **others):
        return self.host.xml(name, number, devices, identity="", **others)

    def check(self, *arguments, status=0):
        return self.host.json("check", *arguments, status=status)

    def of(self, document, name):
        return next(d["findings"] for d in document["domains"] if d["name"] == name)

    def only(self, document, name):
        """(link, verdict, text) of the one thing that is found of a domain."""
        found = self.of(document, name)
        self.assertEqual(len(found), 1, found)
        return found[0]["link"], found[0]["verdict"], found[0]["text"]


class Config(Base):
    def config(self, status, text=None):
        if text is not None:
            self.host.write(CONF, text)
        document = self.check("--config", status=status)
        self.assertEqual(document["domains"], [])
        self.assertEqual([f["link"] for f in document["config"]], ["config"])
        return document["config"][0]

    def test_no_file(self):
        self.assertEqual(self.config(0)["verdict"], "good")

    def test_a_right_one(self):
        self.assertIn(CONF + " is right", self.config(0, "[shares]\nallow-read = /etc/ssl\n")["text"])

    def test_a_mistake_has_its_line(self):
        found = self.config(4, "[shares]\n\nallow-reed = /etc/ssl\n")
        self.assertIn(f"{CONF}: line 3", found["text"])
        self.assertIn("no domain with a share starts", found["text"])
        self.assertTrue(found["remedy"].startswith("${EDITOR:-vi} "))

    def test_it_asks_nobody(self):
        self.host.run("check", "--config", "-c", "qemu+unix:///system?socket=/nowhere")
        self.host.run("check", "-c", "qemu+unix:///system?socket=/nowhere", status=1)

    def test_it_is_said_once(self):
        self.host.write(CONF, "nonsense\n")
        self.domains(self.vm("a", 1, share("/srv/projects")), self.vm("b", 2), start=False)
        document = self.check(status=4)
        texts = [f["text"] for f in self.of(document, "a") if f["link"] == "start"]
        self.assertEqual(texts, ["it does not start while the configuration file is wrong"])
        self.assertEqual([f for f in self.of(document, "b") if f["link"] == "start"], [])


class Starts(Base):
    def test_all_is_well(self):
        self.domains(self.vm("a", 1, share("/srv/projects")), self.vm("b", 2))
        self.assertEqual([d["findings"] for d in self.check()["domains"]], [[], []])
        self.assertIn("2 of 2 domains: nothing to say", self.host.run("check")[0])

    def test_what_does_not_start(self):
        self.host.directories("/etc")
        self.domains(self.vm("a", 1, share("/etc")), self.vm("b", 2), self.vm("c", 3, share("/gone")), start=False)
        document = self.check(status=4)
        self.assertRegex(self.of(document, "a")[0]["text"], r"^it does not start: .* line \d+: filesystem 'fs'")
        self.assertEqual(self.of(document, "c")[0]["remedy"], "mkdir -p -- /gone")
        self.assertEqual([f for f in self.of(document, "b") if f["link"] == "start"], [])
        out = self.host.run("check", status=4)[0]
        self.assertIn("\na\nunconfined it does not start: ", out)

    def test_what_a_user_may_not_read(self):
        """Whether it starts is not known, then."""
        self.domains(self.vm("a", 1, share("/srv/projects")))
        self.host.write(CONF, "", 0 if os.geteuid() else 0o600)
        out = self.host.run_unprivileged("check", status=2)[0]
        self.assertNotIn("does not start", out)
        self.assertIn("unknown: needs root", out)
        self.assertIn("unknown: needs root", self.host.run_unprivileged("plan", "a", status=2)[0])
        os.chmod(self.host.path(CONF), 0o644)
        os.chmod(self.host.path("/etc/apparmor.d"), 0 if os.geteuid() else 0o700)
        self.assertNotIn("does not start", self.host.run_unprivileged("check", status=2)[0])
        os.chmod(self.host.path("/etc/apparmor.d"), 0o755)

    NONE = "<seclabel type='none' model='apparmor'/>"
    STATIC = "<seclabel type='static' model='apparmor' relabel='no'><label>my-own</label></seclabel>"

    def test_what_its_definition_exempts(self):
        """As status has it: what the administrator has decided there is a note, and virt-aa-helper refuses nothing."""
        self.host.directories("/etc")
        for label, text in ((self.NONE, "type='none'"), (self.STATIC, "static label")):
            self.domains(self.vm("a", 1, more=label), self.vm("b", 2, share("/etc"), more=label), start=False)
            for arguments in ([], ["--compile"]):
                document = self.check(*arguments)
                for name in "ab":
                    link, verdict, said = self.only(document, name)
                    self.assertEqual((link, verdict), ("seclabel", "note"))
                    self.assertIn(text, said)

    def test_what_does_not_start_although_it_is_exempt(self):
        """As nothing serves its share, or the launcher is told not to."""
        for directory, conf, text in (("/gone", "", "/gone"), ("/srv/projects", "[virtiofsd]\nunrecorded = refuse\n", "refuse")):
            self.host.write(CONF, conf)
            self.domains(self.vm("a", 1, share(directory), more=self.NONE), start=False)
            found = self.of(self.check(status=4), "a")
            self.assertEqual([f["link"] for f in found], ["seclabel", "start"])
            self.assertIn(text, found[1]["text"])
        self.host.write(CONF, "[virtiofsd]\nunrecorded = x\n")
        self.assertEqual([f["link"] for f in self.of(self.check(status=4), "a")], ["seclabel", "start"])
        self.domains(self.vm("a", 1, more=self.NONE), start=False)
        self.assertEqual([f["link"] for f in self.of(self.check(status=4), "a")], ["seclabel"])


class Shares(Base):
    def shares(self, status, *definitions):
        self.domains(*definitions)
        return self.check(status=status)

    def test_the_whole_host(self):
        self.host.write(CONF, "[shares]\nallow-read = /; /var/lib/libvirt; /etc\n")
        self.host.directories("/etc")
        document = self.shares(
            4, self.vm("a", 1, share("/", more="<readonly/>")),
            self.vm("b", 2, share("/var/lib/libvirt", more="<readonly/>")),
            self.vm("c", 3, share("/etc", more="<readonly/>")),
        )
        self.assertIn("shares the whole host", self.of(document, "a")[0]["text"])
        self.assertIn("the state of all VMs", self.of(document, "b")[0]["text"])
        self.assertEqual((self.of(document, "c")[0]["verdict"], self.of(document, "c")[0]["link"]), ("note", "share"))
        self.assertIn(CONF + " allows it", self.of(document, "c")[0]["text"])

    def test_a_disk_of_another_vm(self):
        self.host.directories("/srv/data")
        for name in ("/srv/data/base.qcow2", "/srv/database.img"):
            self.host.image(name)
        self.host.image("/srv/top.qcow2", backing="/srv/data/base.qcow2", format="qcow2")
        other = self.vm("b", 2, disk("/srv/top.qcow2") + disk("/srv/database.img", "vdb"))
        document = self.shares(4, self.vm("a", 1, share("/srv/data")), other)
        link, verdict, text = self.only(document, "a")
        self.assertEqual((link, verdict), ("share", "unconfined"))
        self.assertIn("has 1 disk of another VM in it that its guest can change, /srv/data/base.qcow2 of 'b'", text)
        self.assertEqual(self.of(document, "b"), [])

    def test_disks_of_others_to_be_read(self):
        self.host.directories("/srv/data")
        for name in "bcd":
            self.host.image(f"/srv/data/{name}.img")
        document = self.shares(
            4, self.vm("a", 1, share("/srv/data", more="<readonly/>")),
            *(self.vm(name, number, disk(f"/srv/data/{name}.img")) for number, name in enumerate("bcd", 2)),
        )
        self.assertIn("3 disks of other VMs in it that its guest can read, such as /srv/data/b.img of 'b'",
                      self.only(document, "a")[2])

    def test_its_own_disk(self):
        self.host.directories("/srv/data")
        self.host.image("/srv/data/a.img")
        document = self.shares(4, self.vm("a", 1, share("/srv/data") + disk("/srv/data/a.img")))
        self.assertIn("the VM's own disk /srv/data/a.img", self.only(document, "a")[2])
        document = self.shares_again(0, self.vm("a", 1, share("/srv/data", more="<readonly/>") + disk("/srv/data/a.img")))
        self.assertEqual(self.of(document, "a"), [])

    def shares_again(self, status, *definitions):
        self.host.domains(definitions)
        for number, xml in enumerate(definitions, 1):
            self.host.run_helper(xml.replace("<domain ", f"<domain id='{number}' "), "-r")
        return self.check(status=status)

    def test_overlaps(self):
        # a name that begins alike, and sorts between the two, is no directory of it
        self.host.directories("/srv/a/b", "/srv/a-b")
        document = self.shares(
            0, self.vm("a", 1, share("/srv/a") + share("/srv/a/b", "inner", "<readonly/>")),
            self.vm("b", 2, share("/srv/a-b")), self.vm("c", 3, share("/srv/a")),
        )
        self.assertEqual(self.of(document, "b"), [])
        texts = [f["text"] for name in "ac" for f in self.of(document, name)]
        self.assertEqual(len(texts), 2, texts)
        self.assertTrue(any("is shared with '" in text for text in texts))
        self.assertTrue(any("/srv/a/b" in text for text in texts))
        self.assertEqual({f["verdict"] for name in "ac" for f in self.of(document, name)}, {"note"})

    def test_a_read_only_share_in_a_writable_one(self):
        self.host.directories("/srv/a/b")
        document = self.shares(0, self.vm("a", 1, share("/srv/a") + share("/srv/a/b", "inner", "<readonly/>")))
        self.assertIn("is read-only, and lies in /srv/a, which the same guest may write", self.only(document, "a")[2])


class Policy(Base):
    def setUp(self):
        super().setUp()
        self.domains(self.vm("a b", 1, share("/srv/projects")))
        self.name = f"libvirt-{UUID}1"

    def test_another_policy_is_loaded(self):
        self.host.write("/kernel/profiles/" + self.name, "profile x {\n}\n")
        document = self.check(status=3)
        self.assertEqual(self.only(document, "a b")[:2], ("kernel", "stale"))
        remedy = self.of(document, "a b")[0]["remedy"]
        self.assertRegex(remedy, rf"^virsh dumpxml 'a b' \| \S+/virt-aa-helper -r -u {self.name}$")

    def test_the_remedy_helps(self):
        xml = self.vm("a b", 1, share("/srv/projects")).replace("<domain ", "<domain id='1' ")
        os.unlink(self.host.path("/kernel/profiles/" + self.name))
        self.assertEqual(self.only(self.check(status=4), "a b")[:2], ("kernel", "unconfined"))
        self.host.run_helper(xml, "-r")
        self.assertEqual(self.of(self.check(), "a b"), [])

    def test_edited_rules(self):
        path = f"/etc/apparmor.d/libvirt/{self.name}.virtiofsd"
        self.host.write(path, self.host.read(path) + '  "/srv/more/" r,\n')
        self.assertEqual(self.only(self.check(status=3), "a b")[:2], ("kernel", "stale"))
        self.host.write(path, self.host.read(path) + "  no rule\n")
        found = self.only(self.check(status=4), "a b")
        self.assertEqual(found[:2], ("compile", "unconfined"))
        self.assertIn(self.name + "-virtiofsd: what is on disk does not compile: ", found[2])

    def test_no_policy_on_disk(self):
        os.unlink(self.host.path("/etc/apparmor.d/libvirt/" + self.name))
        found = [f for f in self.of(self.check(status=3), "a b") if f["link"] == "disk"]
        self.assertRegex(found[0]["remedy"], r"-c -u libvirt-")

    def test_templates_are_compiled_where_that_is_asked_for(self):
        self.host.write("/etc/apparmor.d/abstractions/libvirt-qemu", "  no rule\n")
        self.check()  # the kernel has what was compiled before
        found = self.only(self.check("--compile", status=4), "a b")
        self.assertEqual(found[:2], ("compile", "unconfined"))
        self.assertIn("it does not start: the policy does not compile: ", found[2])


class Many(Base):
    def test_500_domains_are_one_pass(self):
        """No process is started: the parser would write that down."""
        count = 500
        self.host.write("/parser", f"#!/bin/sh\necho >> {self.host.path('/forks')}\nexit 1\n", 0o755)
        xml = []
        for number in range(count):
            uuid = f"5d3c4a1e-8f57-4f0b-9a52-{number:012x}"
            xml.append(self.vm(f"vm{number}", "", share("/srv/projects") + disk(f"{IMAGES}/{number}.img", kind="raw"))
                       .replace(f"<uuid>{UUID}</uuid>", f"<uuid>{uuid}</uuid>"))
        self.host.domains(xml[:-1])
        # a disk of one of 500 in the share of the other 499 is found
        self.host.directories("/srv/projects")
        self.host.domains(xml[:-1] + [xml[-1].replace(f"{IMAGES}/{count - 1}.img", "/srv/projects/x.img")])
        document = self.host.json("check", status=4, CTL_PARSER=self.host.path("/parser"))
        self.assertEqual(len(document["domains"]), count)
        hit = [d for d in document["domains"] if any("/srv/projects/x.img" in f["text"] for f in d["findings"])]
        self.assertEqual(len(hit), count)
        self.assertFalse(os.path.exists(self.host.path("/forks")))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
