#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""enable, update, disable and verify: what they write, take back, keep loaded and say."""
import fcntl
import os
import re
import shlex
import shutil
import sys
import unittest

sys.dont_write_bytecode = True
import machine
from machine import AAFS, HELPER, JSON, LAUNCHER, LAUNCHER_LABEL, LIBEXEC, LIBVIRTS, MASK, OURS

PROGRAM = ""
UUID = "%08d-0000-4000-8000-000000000000"
FS = "libvirt-" + UUID + "-virtiofsd"
LOCAL = "/etc/apparmor.d/local/"
GUARD = LOCAL + "libvirt-virtiofsd-guard"
GUARD_LINE = "include if exists <local/libvirt-virtiofsd-guard>\n"
HELPER_LINE = "include if exists <abstractions/virt-aa-helper-virtiofs>\n"
DAEMON, HELPERS = LOCAL + "usr.sbin.libvirtd", LOCAL + "usr.lib.libvirt.virt-aa-helper"
MADE = "# Made by virt-aa-ctl.\n"
CONF = "/etc/libvirt/virt-aa-virtiofs.conf"
GOOD, FAILED, UNKNOWN, STALE, UNCONFINED = range(5)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.host = machine.Machine(PROGRAM)

    def tearDown(self):
        self.host.directory.cleanup()

    def guarded(self):
        return re.findall(r'(?m)^audit deny "(.*)" x,$', self.host.read(GUARD))

    def fresh(self, **options):
        self.host.directory.cleanup()
        self.host = machine.Machine(PROGRAM, **options)
        return self.host

    def says(self, status, pattern, *arguments):
        out, err = self.host.run(*arguments, status=status)
        self.assertRegex(out + err, pattern)


class OnAndOff(Case):
    def test_a_host_that_is_on(self):
        self.host.run("enable")
        self.assertEqual(self.host.read(HELPER), machine.helper(1))
        self.assertEqual(self.host.read(HELPER + ".libvirt"), LIBVIRTS)
        self.assertIn(self.host.path(HELPER), self.host.read("/var/lib/dpkg/diversions").split("\n"))
        self.assertFalse(self.host.exists(MASK))
        self.assertEqual(set(self.host.findings(GOOD).values()), {"good"})

    def test_back_byte_for_byte(self):
        rows = {"no directory": None, "none": "-", "empty": "", "a rule": "  /a r,\n", "no newline": "  /a r,\n# the end",
                "newlines": "\n\n", "letters": "# \u00e4\n"}
        for row, text in rows.items():
            for dpkg in (True, False) if text in (None, "") else (True,):
                host = self.fresh(dpkg=dpkg)
                if text is not None:
                    os.makedirs(host.path(LOCAL))
                if text not in (None, "-"):
                    for path in (DAEMON, HELPERS):
                        host.write(path, text, 0o640)
                before = host.snapshot()
                host.run("enable")
                on = host.snapshot()
                if text not in (None, "-"):
                    self.assertEqual(on[DAEMON][:2], ((GUARD_LINE + text).encode(), oct(0o100640)), row)
                else:
                    self.assertIn(MADE[:-2], host.read(DAEMON), row)
                host.run("enable")
                host.run("update")
                self.assertEqual(host.snapshot(), on, row)
                host.run("disable")
                self.assertEqual(host.snapshot(), before, row)
                host.run("disable")
                self.assertEqual(host.snapshot(), before, row)

    def test_a_line_of_the_administrators(self):
        self.host.write(DAEMON, "  /a r,\n" + GUARD_LINE + "  /b r,\n")
        self.host.run("enable")
        self.assertEqual(self.host.read(DAEMON), "  /a r,\n" + GUARD_LINE + "  /b r,\n")
        self.host.run("disable")
        self.assertEqual(self.host.read(DAEMON), "  /a r,\n  /b r,\n")

    def test_a_link(self):
        self.host.write("/etc/elsewhere", "  /a r,\n")
        os.makedirs(self.host.path(LOCAL))
        os.symlink("../../elsewhere", self.host.path(DAEMON))
        before = self.host.snapshot()
        self.host.run("enable")
        self.assertEqual(self.host.read("/etc/elsewhere"), GUARD_LINE + "  /a r,\n")
        self.host.run("disable")
        self.assertEqual(self.host.snapshot(), before)

    def test_dry_runs(self):
        """Each says what the verb then does, and changes nothing."""
        for verb in ("enable", "update", "disable"):
            before = self.host.snapshot()
            would = self.host.json(verb, "--dry-run")
            self.assertEqual(self.host.snapshot(), before, verb)
            self.assertEqual(self.host.parsed(), [], verb)
            does = self.host.json(verb)
            self.assertEqual((would["dry_run"], does["dry_run"]), (True, False))
            self.assertEqual(would["changes"], does["changes"], verb)
            self.host.parsed()
        self.assertIn("Nothing has changed", self.host.run("enable", "-n")[0])

    def test_options_that_nobody_knows(self):
        before = self.host.snapshot()
        for arguments in (["--dry-rum"], ["--help-me"], ["now"], ["-x"]):
            for verb in ("enable", "update", "disable", "verify"):
                self.host.run(verb, *arguments, status=FAILED)
        self.assertEqual(self.host.snapshot(), before)

    def test_who_may_not(self):
        """An ordinary user; asked of the real one, for access(2) goes by that."""
        if os.geteuid() != 0:
            os.chmod(self.host.path(LIBEXEC), 0o555)
            self.assertIn("needs root", self.host.run("enable", status=FAILED)[1])
            os.chmod(self.host.path(LIBEXEC), 0o755)
            return
        os.chmod(self.host.root, 0o755)
        before = self.host.snapshot()
        for verb, status in (("enable", FAILED), ("disable", FAILED), ("verify", GOOD)):
            done = machine.hosts.subprocess.run([PROGRAM, verb], env=self.host.environment, user=65534, group=65534,
                                                extra_groups=[], capture_output=True, encoding="utf8", check=False)
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            if status:
                self.assertIn("needs root", done.stderr)
        self.assertEqual(self.host.snapshot(), before)
        # what is root's to see is unknown, and not bad
        self.host.run("enable")
        os.chmod(self.host.path(AAFS + "/profiles"), 0o600)
        done = machine.hosts.subprocess.run([PROGRAM, "verify"], env=self.host.environment, user=65534, group=65534,
                                            extra_groups=[], capture_output=True, encoding="utf8", check=False)
        self.assertEqual(done.returncode, UNKNOWN, done.stdout + done.stderr)
        self.assertIn("unknown: needs root", done.stdout)

    def test_what_a_user_may_not_read(self):
        """It is unknown, and neither missing nor wrong."""
        self.host.run("enable")
        self.host.write(CONF, "")
        self.host.describe("60-other.json", "/usr/libexec/virtiofsd")
        self.host.findings(GOOD)
        os.chmod(self.host.path(AAFS + "/profiles"), 0 if os.geteuid() else 0o600)
        for path in (DAEMON, HELPERS, GUARD, CONF, JSON + "60-other.json", "/etc/apparmor.d/virt-aa-virtiofsd",
                     "/etc/apparmor.d/usr.sbin.libvirtd", "/etc/apparmor.d/usr.lib.libvirt.virt-aa-helper",
                     "/etc/apparmor.d/libvirt/TEMPLATE.qemu", "/etc/apparmor.d/libvirt/TEMPLATE.virtiofsd"):
            os.chmod(self.host.path(path), 0 if os.geteuid() else 0o600)
            out = self.host.run_unprivileged("verify", status=UNKNOWN)[0]
            self.assertRegex(out, f"unknown +.*{self.host.path(path)}.*: unknown: needs root", path)
            os.chmod(self.host.path(path), 0o644)

    def test_order(self):
        self.host.run("enable")
        self.assertEqual(
            self.host.parsed(),
            [f"--replace --skip-read-cache /etc/apparmor.d/{name}"
             for name in ("virt-aa-virtiofsd", "usr.lib.libvirt.virt-aa-helper", "usr.sbin.libvirtd")])
        steps = [step["path"].replace(self.host.root, "") for step in self.host.json("disable", "-n")["changes"]]
        self.assertLess(steps.index(GUARD), steps.index(MASK))
        self.assertLess(steps.index(MASK), steps.index(HELPER + ".libvirt"))
        self.assertLess(steps.index(HELPER + ".libvirt"), steps.index(HELPERS))

    def test_a_profile_that_is_not_loaded_is_not_loaded(self):
        self.host.run("enable")
        self.host.write(AAFS + "/profiles", f"other (enforce)\n{LAUNCHER_LABEL} (enforce)\n")
        self.host.parsed()
        self.host.run("update", status=UNCONFINED)
        self.assertNotIn("usr.sbin.libvirtd", " ".join(self.host.parsed()))

    def test_without_apparmor(self):
        shutil.rmtree(self.host.path(AAFS))
        before = self.host.snapshot()
        self.host.run("enable", status=UNCONFINED)
        self.assertEqual(self.host.parsed(), [])
        self.assertEqual(self.host.findings(UNCONFINED)["apparmor"], "unconfined")
        self.host.run("disable")
        self.assertEqual(self.host.snapshot(), before)


class Failures(Case):
    """Of each step: the host is as it was, and so is the kernel."""

    def kernel(self):
        return {name: self.host.read(f"{AAFS}/policy/profiles/{name}/raw_data")
                for name in os.listdir(self.host.path(AAFS + "/policy/profiles"))}

    def test_profiles_that_do_not_load(self):
        for profile in (LAUNCHER_LABEL, "virt-aa-helper", "libvirtd"):
            before, kernel = self.host.snapshot(), self.kernel()
            self.host.write("/broken-" + profile, "")
            err = self.host.run("enable", status=FAILED)[1]
            self.assertIn("nothing has changed: ", err)
            self.assertIn("syntax error", err)
            self.host.remove("/broken-" + profile)
            self.assertEqual(self.host.snapshot(), before, profile)
            if profile != "libvirtd":  # what could not be loaded is loaded again, if it can be
                self.assertEqual(self.kernel(), kernel, profile)

    def test_what_was_loaded_is_loaded_as_before(self):
        """The last step fails when all others are done."""
        before, kernel = self.host.snapshot(), self.kernel()
        os.makedirs(self.host.path(GUARD))
        self.host.run("enable", status=FAILED)
        self.host.remove(GUARD)
        os.rmdir(self.host.path(LOCAL))
        self.assertEqual(self.host.snapshot(), before)
        self.assertEqual(self.kernel(), kernel)
        self.assertIn("/etc/apparmor.d/usr.lib.libvirt.virt-aa-helper", self.host.parsed()[-2])

    def test_a_launcher_profile_that_was_not_loaded(self):
        self.host.write(AAFS + "/profiles", "libvirtd (enforce)\nvirt-aa-helper (enforce)\n")
        self.host.write("/broken-virt-aa-helper", "")
        self.host.run("enable", status=FAILED)
        self.assertNotIn(LAUNCHER_LABEL, self.host.read(AAFS + "/profiles"))

    def test_dpkg_that_refuses(self):
        self.host.write("/bin/dpkg-divert", "#!/bin/sh\necho 'no diversions today' >&2\nexit 2\n", 0o755)
        before = self.host.snapshot()
        err = self.host.run("enable", status=FAILED, CTL_DPKG_BIN=self.host.path("/bin"))[1]
        self.assertIn("no diversions today", err)
        self.assertEqual(self.host.snapshot(), before)

    def test_disable(self):
        self.host.run("enable")
        on, kernel = self.host.snapshot(), self.kernel()
        for profile in ("libvirtd", "virt-aa-helper"):
            self.host.write("/broken-" + profile, "")
            self.host.run("disable", status=FAILED)
            self.host.remove("/broken-" + profile)
            self.assertEqual(self.host.snapshot(), on, profile)
        self.host.run("update")
        self.assertEqual(self.kernel(), kernel)

    def test_what_is_missing_is_said_before_anything_is_changed(self):
        for path in (OURS, LAUNCHER, JSON + "40-virt-aa-virtiofsd.json", "/etc/apparmor.d/virt-aa-virtiofsd",
                     "/etc/apparmor.d/libvirt/TEMPLATE.virtiofsd", "/etc/apparmor.d/abstractions/libvirt-virtiofsd",
                     "/etc/apparmor.d/abstractions/virt-aa-helper-virtiofs"):
            os.rename(self.host.path(path), self.host.path("/away"))
            before = self.host.snapshot()
            err = self.host.run("enable", status=FAILED)[1]
            self.assertIn(f"{self.host.path(path)} is not there: install the project again", err)
            self.assertEqual(self.host.snapshot(), before)
            os.rename(self.host.path("/away"), self.host.path(path))

    def test_a_configuration_with_a_mistake(self):
        self.host.write(CONF, "[virtiofsd]\nallow-unconfined = /a, /b\nno-such-key = 1\n")
        before = self.host.snapshot()
        self.assertIn(CONF, self.host.run("enable", status=FAILED)[1])
        self.assertEqual(self.host.snapshot(), before)

    def test_a_nul_byte(self):
        """In the administrator's additions: what is behind it was lost."""
        text = "  /a r,\n\0  /b r,\n"
        for path in (DAEMON, HELPERS):
            host = self.fresh()
            host.write(path, text)
            before = host.snapshot()
            self.says(FAILED, host.path(path) + " contains a NUL byte.*remove it", "enable")
            self.assertEqual(host.snapshot(), before)
            host.remove(path)
            host.run("enable")
            host.write(path, host.read(path) + text)
            on = host.snapshot()
            for verb in ("update", "disable"):
                self.says(FAILED, host.path(path) + " contains a NUL byte", verb)
                self.assertEqual(host.snapshot(), on)
            self.says(UNCONFINED, host.path(path) + " contains a NUL byte", "verify")

    def test_a_nul_byte_elsewhere(self):
        """A file that has no line of ours, as one that an editor has left."""
        self.host.write(LOCAL + ".usr.sbin.libvirtd.swp", "b0VIM\0" + GUARD_LINE)
        before = self.host.snapshot()
        self.host.run("enable")
        self.host.run("disable")
        self.assertEqual(self.host.snapshot(), before)

    def test_additions_that_cannot_be_read(self):
        self.host.run("enable")
        on = self.host.snapshot()
        for path in (DAEMON, HELPERS, GUARD):
            os.rename(self.host.path(path), self.host.path("/away"))
            os.makedirs(self.host.path(path))
            # to the parser of these tests the profile of libvirtd is another one without it
            self.says(UNKNOWN if path == HELPERS else STALE, f"unknown +{self.host.path(path)} is no file", "verify")
            self.says(FAILED, self.host.path(path) + " is no file", "update")
            self.host.remove(path)
            os.rename(self.host.path("/away"), self.host.path(path))
            self.assertEqual(self.host.snapshot(), on)
        self.host.write(LOCAL + "huge", "#" * (10 << 20) + "\n")
        self.says(FAILED, LOCAL + "huge", "disable")

    def test_a_profile_without_a_place(self):
        self.host.write("/etc/apparmor.d/usr.lib.libvirt.virt-aa-helper", "profile virt-aa-helper {\n}\n")
        self.assertIn("takes no local additions", self.host.run("enable", status=FAILED)[1])

    def test_a_directory_in_the_place(self):
        self.host.remove(MASK)
        os.makedirs(self.host.path(MASK))
        self.host.run("enable")
        self.assertIn("is no file", self.host.run("disable", status=FAILED)[1])


class Guard(Case):
    def test_what_is_guarded(self):
        self.host.describe("60-foreign.json", "/opt/foreign/fsd")
        self.host.describe("61-odd.json", "/opt/odd name")
        self.host.describe("70-gpu.json", "/opt/gpu", kind="gpu")
        self.host.describe("80-hidden.json", "/opt/hidden")
        self.host.write("/etc/qemu/vhost-user/80-hidden.json", "")
        self.host.write(CONF, "[virtiofsd]\nbinary = /opt/new/virtiofsd\n[vm a*]\nbinary=/opt/a/fsd\n")
        out = self.host.run("enable")[0]
        guarded = self.guarded()
        for path in ("/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/bin/virtiofsd", "/opt/foreign/fsd",
                     "/opt/new/virtiofsd", "/opt/a/fsd"):
            self.assertIn(path, guarded)
        for path in ("/opt/odd name", "/opt/gpu", "/opt/hidden", self.host.path(LAUNCHER), ""):
            self.assertNotIn(path, guarded)
        self.assertRegex(out, "note +libvirtd is not kept from running /opt/odd name")

    def test_allow_unconfined(self):
        libexec, qemu = "/usr/libexec/virtiofsd", "/usr/libexec/qemu/virtiofsd"
        rows = (
            ("allow-unconfined = /usr/libexec/virtiofsd", {qemu}),
            ("allow-unconfined=/a ; /usr/libexec/virtiofsd;", {qemu}),
            ("# allow-unconfined = /usr/libexec/virtiofsd", {libexec, qemu}),
            ("allow-unconfined = /usr/libexec/virtiofs", {libexec, qemu}),
            ("allow-unconfined = /usr/libexec", {libexec, qemu}),
            ("allow-unconfined = /usr/libexec/virtiofsd/x", {libexec, qemu}),
            ("allow-unconfined = /usr/libexec/*", {qemu}),
            ("allow-unconfined = /usr/*/virtiofsd", {qemu}),
            ("allow-unconfined = /usr/libexec/**", set()),
            ("allow-unconfined = /usr/lib*/**", set()),
            ("allow-unconfined = /usr/libexec/virtiof[r-t]d", {qemu}),
        )
        self.host.run("enable")
        for line, expected in rows:
            self.host.write(CONF, f"[shares]\nallow-write = /usr/libexec/virtiofsd\n[virtiofsd]\n{line}\n")
            self.host.run("update")
            self.assertEqual({libexec, qemu} & set(self.guarded()), expected, line)

    def test_a_link_that_is_allowed(self):
        link, real = self.host.path("/link"), self.host.path("/real")
        self.host.write("/real", "", 0o755)
        os.symlink(real, link)
        self.host.describe("60-link.json", link)
        self.host.run("enable")
        self.assertLessEqual({link, real}, set(self.guarded()))
        for allowed in (link, real):
            self.host.write(CONF, f"[virtiofsd]\nallow-unconfined = {allowed}\n")
            self.says(STALE, "kept from more than", "verify")
            self.host.run("update")
            self.assertFalse({link, real} & set(self.guarded()), allowed)
            self.host.write(CONF, "")
            self.says(UNCONFINED, "(?s)not kept from all.*virt-aa-ctl update", "verify")
            self.host.run("update")

    def test_the_launcher_is_hidden(self):
        """virtiofsd alone is off: libvirtd has to run it, and an update leaves it so."""
        self.host.run("enable")
        self.host.write(MASK, "")
        self.assertEqual(self.host.findings(UNCONFINED)["guard"], "unconfined")
        self.host.run("update")
        self.assertFalse(self.host.exists(GUARD))
        self.assertTrue(self.host.exists(MASK))
        self.assertEqual(self.host.findings(GOOD)["description"], "note")

    def test_a_daemon_without_a_place(self):
        self.host.write("/etc/apparmor.d/usr.sbin.libvirtd", "profile libvirtd {\n}\n")
        self.says(UNCONFINED, "may run another virtiofsd itself", "enable")

    def test_a_new_description(self):
        self.host.run("enable")
        self.host.describe("60-new.json", "/opt/new/fsd")
        self.assertEqual(self.host.findings(UNCONFINED)["guard"], "unconfined")
        self.host.run("update")
        self.assertIn("/opt/new/fsd", self.guarded())


class Chain(Case):
    """A chain of which one link is broken: what was said of it once was "started by …launcher", and nothing else."""

    def broken(self, link, verdict, status, remedy=None):
        for finding in self.host.json("verify", status=status):
            if finding["link"] == link and finding["verdict"] == verdict:
                if remedy:
                    self.assertIn(remedy, finding.get("remedy", ""))
                return
        self.fail(self.host.run("verify", status=status)[0])

    def test_links_that_are_gone(self):
        rows = (
            (HELPERS, "helper-profile", "virt-aa-ctl update"),
            (DAEMON, "guard", "virt-aa-ctl update"),
            (GUARD, "guard", "virt-aa-ctl update"),
            ("/etc/apparmor.d/virt-aa-virtiofsd", "launcher-profile", "install"),
            ("/etc/apparmor.d/libvirt/TEMPLATE.virtiofsd", "template", "install"),
            ("/etc/apparmor.d/libvirt/TEMPLATE.qemu", "template", "install"),
            ("/etc/apparmor.d/abstractions/libvirt-virtiofsd", "template", "install"),
            ("/etc/apparmor.d/abstractions/virt-aa-helper-virtiofs", "helper-profile", "install"),
            (LAUNCHER, "launcher", "install"),
            (HELPER, "helper", "virt-aa-ctl enable"),
        )
        for path, link, remedy in rows:
            for empty in (False, True):
                host = self.fresh()
                host.run("enable")
                if empty and path in (LAUNCHER, HELPER):
                    continue
                if empty:
                    host.write(path, "")
                else:
                    host.remove(path)
                with self.subTest(path=path, empty=empty):
                    self.broken(link, "unconfined", UNCONFINED, remedy)
                if remedy.startswith("virt-aa-ctl"):
                    host.run(remedy.split()[1])
                    self.assertEqual(set(host.findings(GOOD).values()), {"good"})

    def test_all_at_once(self):
        """As it was found: the local addition emptied, the launcher's profile and the template deleted."""
        self.host.run("enable")
        self.host.write(HELPERS, "")
        self.host.remove("/etc/apparmor.d/virt-aa-virtiofsd")
        self.host.remove("/etc/apparmor.d/libvirt/TEMPLATE.virtiofsd")
        found = self.host.findings(UNCONFINED)
        for link in ("helper-profile", "launcher-profile", "template"):
            self.assertEqual(found[link], "unconfined", link)

    def test_the_helper(self):
        self.broken_helper = ((LIBVIRTS, "unconfined", UNCONFINED, "enable"),
                              (machine.helper(2), "stale", STALE, "update"))
        for text, verdict, status, verb in self.broken_helper:
            self.host.run("enable")
            self.host.write(HELPER, text, 0o755)
            self.broken("helper", verdict, status, "virt-aa-ctl " + verb)
            self.host.run(verb)
            self.assertEqual(self.host.findings(GOOD)["helper"], "good")
        self.host.write(OURS, "no program\n", 0o755)
        shutil.copy(self.host.path(OURS), self.host.path(HELPER))
        self.broken("helper", "unconfined", UNCONFINED)

    def test_the_diversion(self):
        self.host.run("enable")
        self.host.write("/var/lib/dpkg/diversions", "")
        self.broken("diversion", "stale", STALE, "virt-aa-ctl update")
        self.host.run("update")
        self.assertEqual(self.host.findings(GOOD)["diversion"], "good")
        self.host.write("/var/lib/dpkg/diversions", "/a\n/b\n")
        self.broken("diversion", "unknown", UNKNOWN)

    def test_loaded_profiles(self):
        rows = {LAUNCHER_LABEL: ("launcher-profile", UNCONFINED), "virt-aa-helper": ("helper-profile", STALE),
                "libvirtd": ("libvirtd-profile", UNCONFINED)}
        for name, (link, status) in rows.items():
            host = self.fresh()
            host.run("enable")
            kept = host.read(AAFS + "/profiles")
            host.write(AAFS + "/profiles", kept.replace(f"{name} (enforce)\n", ""))
            self.broken(link, "stale" if status == STALE else "unconfined", status)
            host.write(AAFS + "/profiles", kept.replace(f"{name} (enforce)", f"{name} (complain)"))
            complains = name == LAUNCHER_LABEL
            self.broken(link, "unconfined" if complains else "note", UNCONFINED if complains else GOOD)
            host.write(AAFS + "/profiles", kept)
            # what is loaded is part of what the file has, as from a cache
            raw = f"{AAFS}/policy/profiles/{name}.1/raw_data"
            text = host.read(raw)
            host.write(raw, text[: len(text) // 2])
            host.findings(GOOD)
            host.write(raw, text + "of yesterday")
            self.broken(link, "stale", STALE, "virt-aa-ctl update")
            host.run("update")
            host.findings(GOOD)
            # a kernel that does not show it
            host.remove(raw)
            self.assertEqual(host.findings(GOOD)[link], "good")
            host.write("/broken-" + name, "")
            self.broken(link, "unconfined", UNCONFINED)

    def test_the_template(self):
        self.host.run("enable")
        self.host.write("/broken-template", "")
        self.broken("template", "unconfined", UNCONFINED)
        self.host.remove("/broken-template")
        self.host.write("/etc/apparmor.d/libvirt/TEMPLATE.virtiofsd",
                        machine.TEMPLATE.replace("attach", "complain,attach"))
        self.broken("template", "unconfined", UNCONFINED, "complain")

    def test_descriptions(self):
        self.host.run("enable")
        rows = (
            # FILE, text, verdict, what is in the remedy
            (JSON + "10-foreign.json", '{"type": "fs", "binary": "/opt/f"}', "unconfined",
             "touch " + self.host.path("/etc/qemu/vhost-user/10-foreign.json")),
            ("/etc/qemu/vhost-user/10-own.json", '{"type": "fs", "binary": "/opt/f"}', "unconfined", "mv "),
            (MASK, '{"type": "fs", "binary": "/opt/f"}', "unconfined", "mv "),
            (JSON + "10-x.json", '{"binary": "/opt/f",\n"tags": {"type": ["no"]}, "type":\n"fs"}', "unconfined", "touch"),
            (JSON + "90-late.json", '{"type": "fs", "binary": "/usr/bin/virtiofsd"}', "good", ""),
            (JSON + "10-blk.json", '{"type": "block", "binary": "/opt/f", "tags": ["\\"type\\": \\"fs\\""]}', "good", ""),
            (JSON + ".10-hidden.json", '{"type": "fs", "binary": "/opt/f"}', "good", ""),
            (JSON + "99-damaged.json", '{"type": "fs", "binary": ', "unconfined", "rm "),
            (JSON + "99-array.json", "[]", "unconfined", "rm "),
            (JSON + "99-none.json", '{"type": "fs"}', "unconfined", "rm "),
            (JSON + "99-number.json", '{"type": "fs", "binary": 7}', "unconfined", "rm "),
            (JSON + "99-twice.json", '{"type": "gpu", "binary": "/opt/f", "type": "gpu"}', "unconfined", "rm "),
            (JSON + "99-comment.json", '/* */ {"type": "gpu", "binary": "/opt/f"}', "unconfined", "rm "),
            ("/etc/qemu/vhost-user/99-empty.json", "", "good", ""),
        )
        for path, text, verdict, remedy in rows:
            self.host.write(path, text)
            with self.subTest(path=path, text=text):
                found = {f["link"]: f for f in self.host.json("verify", status=GOOD if verdict == "good" else UNCONFINED)}
                self.assertEqual(found["description"]["verdict"], verdict)
                self.assertIn(remedy, found["description"].get("remedy", ""))
                if verdict != "good":
                    self.assertIn(self.host.path(path), found["description"]["text"])
            self.host.remove(path)
        # a name of two words, and of something else
        for folder in (JSON, "/etc/qemu/vhost-user/"):
            self.host.describe("10 a;reboot.json", "/opt/f", folder)
            found = {f["link"]: f for f in self.host.json("verify", status=UNCONFINED)}
            remedy = found["description"]["remedy"]
            self.assertEqual(shlex.split(remedy)[1:][-1].rpartition("/")[2],
                             "10 a;reboot.json" if folder == JSON else "50-10 a;reboot.json")
            machine.hosts.subprocess.run(remedy, shell=True, check=True)
            self.host.findings(GOOD if folder == JSON else UNCONFINED)
        self.host.remove("/etc/qemu/vhost-user/50-10 a;reboot.json")
        self.host.remove(JSON + "10 a;reboot.json")
        # a remedy that helps
        self.host.write(rows[0][0], rows[0][1])
        self.host.write("/etc/qemu/vhost-user/10-foreign.json", "")
        self.host.findings(GOOD)

    def test_ours_is_gone(self):
        self.host.run("enable")
        self.host.remove(JSON + "40-virt-aa-virtiofsd.json")
        self.host.remove(JSON + "50-virtiofsd.json")
        self.broken("description", "unconfined", UNCONFINED, "install")

    def test_apparmor(self):
        self.host.run("enable")
        self.host.write(AAFS + "/profiles", f"other (enforce)\nvirt-aa-helper (enforce)\n{LAUNCHER_LABEL} (enforce)\n")
        self.broken("libvirtd-profile", "unconfined", UNCONFINED)
        for name in ("/usr/sbin/libvirtd", "virtqemud", "/usr/sbin/virtqemud"):
            self.host.write(AAFS + "/profiles", f"{name} (enforce)\nvirt-aa-helper (enforce)\n{LAUNCHER_LABEL} (enforce)\n")
            self.assertIn(self.host.findings(GOOD)["libvirtd-profile"], ("good", "note"), name)
        shutil.rmtree(self.host.path(AAFS))
        self.broken("apparmor", "unconfined", UNCONFINED)

    def test_the_security_driver(self):
        self.host.run("enable")
        rows = (
            ('security_driver = "none"\n', "unconfined"),
            ('  security_driver="selinux"\n', "unconfined"),
            ('security_driver = [\n "selinux",\n "dac" ]\n', "unconfined"),
            ("security_default_confined = 0\n", "unconfined"),
            ('security_driver = [ "selinux", "apparmor" ]\n', None),
            ('#security_driver = "none"\n', None),
            ('x_security_driver = "none"\n', None),
            ("security_default_confined = 1\n", None),
        )
        for text, verdict in rows:
            self.host.write("/etc/libvirt/qemu.conf", text)
            found = self.host.findings(UNCONFINED if verdict else GOOD)
            self.assertEqual(found.get("security-driver"), verdict, text)

    def test_libvirt_that_does_not_answer(self):
        # who switches something does not ask it: a package manager may be at work on it
        self.host.run("enable", "-c", "qemu+unix:///system?socket=/nowhere")
        found = self.host.findings(UNKNOWN, "verify", "-c", "qemu+unix:///system?socket=/nowhere")
        self.assertEqual(found["security-driver"], "unknown")

    def test_a_configuration_with_a_mistake(self):
        self.host.run("enable")
        self.host.write(CONF, "[nobody]\n")
        self.broken("configuration", "unconfined", UNCONFINED)

    def test_what_is_left_although_all_is_off(self):
        os.makedirs(self.host.path(LOCAL))
        self.host.write(GUARD, 'audit deny "/usr/libexec/virtiofsd" x,\n')
        self.broken("guard", "unconfined", UNCONFINED, "virt-aa-ctl disable")
        self.host.run("disable")
        self.assertEqual(self.host.findings(GOOD), {"switch": "note"})

    def test_installed_and_seen_by_libvirt_at_once(self):
        """Nobody hid the launcher: it would refuse to start VMs, with libvirt's own helper."""
        self.host.remove(MASK)
        self.broken("helper", "unconfined", UNCONFINED, "virt-aa-ctl enable")
        self.host.run("disable")
        self.assertEqual(self.host.findings(GOOD), {"switch": "note"})

    def test_on_a_terminal_and_json(self):
        self.host.run("enable")
        out = self.host.run("verify")[0]
        self.assertRegex(out, "(?m)^good +switched on$")
        for finding in self.host.json("verify"):
            self.assertIn(finding["text"].replace(self.host.root, ""), out.replace(self.host.root, ""))


class Libvirt(Case):
    """libvirt comes, goes, and is updated meanwhile; and it may be another than we think."""

    def test_elsewhere(self):
        self.host.remove(HELPER)
        self.says(FAILED, "install libvirt's package that has virt-aa-helper", "enable")
        self.host.remove(LIBEXEC + "/libvirt_iohelper")
        before = self.host.snapshot()
        self.says(FAILED, "it is not installed, or in another directory", "enable")
        self.host.write("/host/usr/libexec/virt-aa-helper", LIBVIRTS, 0o755)
        err = self.host.run("enable", status=FAILED, CTL_HOST_ROOT=self.host.path("/host"))[1]
        self.assertIn("the libvirt of this host is in " + self.host.path("/host/usr/libexec"), err)
        self.assertIn("meson configure", err)
        self.assertEqual(self.host.snapshot(), before)

    def test_ours_is_no_libvirts(self):
        """Its own helper, copied there by hand or by an installation with another prefix, is no libvirt."""
        self.host.write(HELPER, machine.helper(1), 0o755)
        self.says(FAILED, "its own helper is not", "enable")
        self.host.remove(LIBEXEC + "/libvirt_iohelper")
        self.says(FAILED, "libvirt is not in", "enable")

    def test_descriptions_elsewhere(self):
        err = self.host.run("enable", status=FAILED, CTL_DATA_JSON_DIR="/usr/local/share/qemu/vhost-user")[1]
        self.assertIn("and ours is in /usr/local/share/qemu/vhost-user", err)

    def test_updated_with_a_diversion(self):
        self.host.run("enable")
        self.host.write(HELPER + ".libvirt", LIBVIRTS + "# newer\n", 0o755)
        self.host.findings(GOOD)
        self.host.run("disable")
        self.assertEqual(self.host.read(HELPER), LIBVIRTS + "# newer\n")

    def test_updated_without_dpkg(self):
        """As on openSUSE and Arch: libvirt's helper is back, and a newer one."""
        host = self.fresh(dpkg=False)
        host.run("enable")
        self.assertEqual(host.findings(GOOD)["diversion"], "note")
        host.write(HELPER, LIBVIRTS + "# newer\n", 0o755)
        self.says(UNCONFINED, "(?s)put back in the place of ours.*virt-aa-ctl enable", "verify")
        self.says(FAILED, "libvirt's own: virt-aa-ctl enable", "update")
        host.run("enable")
        self.assertEqual(host.read(HELPER + ".libvirt"), LIBVIRTS + "# newer\n")
        host.run("disable")
        self.assertEqual(host.read(HELPER), LIBVIRTS + "# newer\n")
        self.assertFalse(host.exists(HELPER + ".libvirt"))
        # and with nobody having noticed
        host.run("enable")
        host.write(HELPER, LIBVIRTS + "# newest\n", 0o755)
        host.run("disable")
        self.assertEqual(host.read(HELPER), LIBVIRTS + "# newest\n")
        self.assertFalse(host.exists(HELPER + ".libvirt"))

    def test_put_back_by_hand_with_a_diversion(self):
        self.host.run("enable")
        shutil.copy(self.host.path(HELPER + ".libvirt"), self.host.path(HELPER))
        self.says(UNCONFINED, "put back", "verify")
        self.host.run("disable")
        self.assertEqual(self.host.read(HELPER), LIBVIRTS)
        self.assertFalse(self.host.exists(HELPER + ".libvirt"))

    def test_a_database_of_nothing(self):
        """dpkg as a tool of another distribution's."""
        host = self.fresh(dpkg=False)
        host.write("/var/lib/dpkg/status", "")
        host.run("enable")
        self.assertFalse(host.exists("/var/lib/dpkg/diversions"))
        self.assertEqual(host.findings(GOOD)["diversion"], "note")

    def test_removed(self):
        """Its package took its helper, which was beside ours."""
        self.host.run("enable")
        self.host.remove(HELPER + ".libvirt")
        self.says(FAILED, "install libvirt's package", "disable")
        self.assertTrue(self.host.exists(HELPER))
        self.assertEqual(self.host.findings(UNCONFINED)["diversion"], "stale")
        self.host.write("/var/lib/dpkg/info/libvirt-daemon.list", "/.\n")
        self.host.remove(LIBEXEC + "/libvirt_iohelper")
        self.host.run("update", status=UNCONFINED)
        self.host.run("disable")
        self.assertFalse(self.host.exists(HELPER))
        self.assertEqual(self.host.read("/var/lib/dpkg/diversions"), "")

    def test_removed_without_dpkg(self):
        host = self.fresh(dpkg=False)
        host.run("enable")
        host.remove(HELPER)
        host.remove(LIBEXEC + "/libvirt_iohelper")
        host.run("disable")
        self.assertFalse(host.exists(HELPER + ".libvirt"))
        self.assertFalse(host.exists(HELPER))
        # taken away by hand: libvirt is still there
        host = self.fresh(dpkg=False)
        host.run("enable")
        host.remove(HELPER)
        host.run("disable")
        self.assertEqual(host.read(HELPER), LIBVIRTS)

    def test_purged_and_reinstalled(self):
        """libvirt's profiles, and with them their local additions, went and came back."""
        self.host.write(HELPERS, "# of libvirt\n")
        self.host.run("enable")
        shutil.rmtree(self.host.path(LOCAL))
        self.host.write(HELPERS, "# of libvirt\n")
        self.host.run("update")
        self.assertEqual(self.host.read(HELPERS), HELPER_LINE + "# of libvirt\n")
        self.host.findings(GOOD)

    def test_diverted_by_a_package(self):
        """Ours is installed in the place itself: it is the package's to move."""
        self.host.write(HELPER, machine.helper(1), 0o755)
        self.host.write(HELPER + ".real", LIBVIRTS, 0o755)
        path = self.host.path(HELPER)
        self.host.write("/var/lib/dpkg/diversions", f"{path}\n{path}.real\nvirt-aa-virtiofs\n")
        before = self.host.snapshot()
        place = {"CTL_HELPER_DIR": self.host.path(LIBEXEC)}
        self.host.run("enable", **place)
        self.assertEqual(self.host.snapshot()[HELPER], before[HELPER])
        self.assertFalse(self.host.exists(HELPER + ".libvirt"))
        self.assertEqual(set(self.host.findings(GOOD, **place).values()), {"good"})
        self.host.run("disable", **place)
        self.assertEqual(self.host.snapshot(), before)

    def test_diverted_by_somebody_else(self):
        path = self.host.path(HELPER)
        for owner in ("other-helper", ":"):
            self.host.write("/var/lib/dpkg/diversions", f"{path}\n{path}.real\n{owner}\n")
            before = self.host.snapshot()
            self.assertIn("is diverted to", self.host.run("enable", status=FAILED)[1])
            self.assertEqual(self.host.snapshot(), before)


class Update(Case):
    def test_it_enables_nothing(self):
        before = self.host.snapshot()
        self.says(FAILED, "virt-aa-ctl enable", "update")
        self.assertEqual(self.host.snapshot(), before)

    def test_after_an_installation(self):
        self.host.run("enable")
        self.host.install("2")
        self.host.parsed()
        self.says(STALE, "another than the one that is installed", "verify")
        self.assertIn("virt-aa-helper (virt-aa-virtiofs) 2", self.host.run("update")[0])
        self.assertEqual(self.host.read(HELPER), machine.helper(2))
        self.assertEqual(sorted(line.rpartition("/")[2] for line in self.host.parsed()),
                         ["usr.lib.libvirt.virt-aa-helper", "usr.sbin.libvirtd", "virt-aa-virtiofsd"])
        self.host.run("disable")
        self.assertEqual(self.host.read(HELPER), LIBVIRTS)

    def test_a_mistake_in_the_configuration(self):
        """No installation fails for it; what it allowed is not known."""
        self.host.run("enable")
        self.host.write(CONF, "[virtiofsd]\nallow-unconfined = /usr/libexec/virtiofsd\n")
        self.host.run("update")
        self.assertNotIn("/usr/libexec/virtiofsd", self.guarded())
        self.host.write(CONF, "[virtiofsd]\nallow-unconfined = /usr/libexec/virtiofsd\nx = 1\n")
        self.host.install("2")
        self.assertIn(f"warning: {self.host.path(CONF)}", self.host.run("update", status=UNCONFINED)[1])
        self.assertEqual(self.host.read(HELPER), machine.helper(2))
        self.assertIn("/usr/libexec/virtiofsd", self.guarded())

    def test_a_newer_one_by_enable(self):
        self.host.run("enable")
        self.host.install("2")
        self.host.run("enable")
        self.assertEqual(self.host.read(HELPER), machine.helper(2))
        self.assertEqual(self.host.read(HELPER + ".libvirt"), LIBVIRTS)


class Mask(Case):
    def test_a_description_of_the_administrators_own(self):
        """By the name of ours: to hide it would be to destroy it."""
        self.host.run("enable")
        for binary in (self.host.path(LAUNCHER), "/opt/own"):
            self.host.describe("40-virt-aa-virtiofsd.json", binary, "/etc/qemu/vhost-user/")
            before = self.host.snapshot()
            self.assertIn("is your own", self.host.run("disable", status=FAILED)[1])
            self.assertEqual(self.host.snapshot(), before)
        self.host.remove(MASK)
        self.host.run("disable")


class Leftovers(Case):
    """No profile goes that a thread has or may get: to remove it would be to unconfine who has it."""

    def vm(self, name):
        self.host.write("/etc/apparmor.d/libvirt/" + name, "")
        self.host.write(f"/etc/apparmor.d/libvirt/{name[:-10]}.virtiofsd", "")
        self.host.write("/run/virt-aa-virtiofs/sockets/" + name, f"virt-aa-virtiofs 1\nprofile={name[:-10]}\ndomain=a\n")
        self.host.write("/run/virt-aa-virtiofs/vms/" + name[:-10], "x\n")

    def loaded(self):
        folder = self.host.path("/kernel/profiles")
        return set(os.listdir(folder)) if os.path.isdir(folder) else set()

    def test_what_is_used_stays(self):
        self.host.run("enable")
        self.host.thread(20, 20, FS % 1 + " (enforce)")
        self.host.thread(21, 21, "unconfined")
        self.host.thread(21, 22, FS % 2 + " (enforce)")
        self.host.thread(23, 23, "unconfined")
        self.host.thread(23, 23, FS % 3 + " (enforce)", "exec")
        self.host.thread(24, 24, "outer//&" + FS % 4 + " (enforce)")
        self.host.thread(25, 25, FS % 5 + "//child (enforce)")
        self.host.thread(26, 26, FS % 6 + "x (enforce)")
        names = [FS % n for n in range(1, 9)]
        self.host.load(*names[:7], "libvirt-" + UUID % 1)
        for name in names:
            self.vm(name)
        would = self.host.json("disable", "-n")["changes"]
        self.assertEqual(len(self.loaded()), 8)
        done = self.host.json("disable")["changes"]
        self.assertEqual(would, done)
        for n, name in enumerate(names, 1):
            used = n <= 5
            for path in ("/etc/apparmor.d/libvirt/" + name, f"/etc/apparmor.d/libvirt/{name[:-10]}.virtiofsd",
                         "/run/virt-aa-virtiofs/sockets/" + name, "/run/virt-aa-virtiofs/vms/" + name[:-10]):
                self.assertEqual(self.host.exists(path), used, path)
            said = [step["action"] for step in done if step["path"] == name]
            self.assertEqual(said, ["stay" if used else "drop"], name)
        self.assertEqual(self.loaded(), {*names[:5], "libvirt-" + UUID % 1})
        self.assertFalse([name for name in os.listdir(self.host.path("/etc/apparmor.d/libvirt")) if "lock" in name])

    def test_where_nobody_knows(self):
        self.host.run("enable")
        self.host.load(FS % 1)
        self.vm(FS % 1)
        shutil.rmtree(self.host.path("/proc/1"))
        self.says(FAILED, "the profiles of virtiofsds stay", "disable")
        self.assertEqual(self.loaded(), {FS % 1})
        self.assertTrue(self.host.exists("/etc/apparmor.d/libvirt/" + FS % 1))
        self.assertEqual(self.host.read(HELPER), LIBVIRTS)

    def test_a_thread_that_cannot_be_asked(self):
        self.host.run("enable")
        self.host.load(FS % 1)
        os.makedirs(self.host.path("/proc/30/task/30/attr/apparmor"))
        self.says(FAILED, "label of process 30 cannot be read", "disable")
        self.assertEqual(self.loaded(), {FS % 1})

    def test_while_a_launcher_runs(self):
        self.host.run("enable")
        self.host.load(FS % 1)
        self.host.thread(30, 30, LAUNCHER_LABEL + " (enforce)")
        self.says(FAILED, "a launcher is still running", "disable")
        self.assertEqual(self.loaded(), {FS % 1})

    def test_a_launcher_that_came_after_the_look(self):
        """libvirtd had chosen it before its description was hidden: it is on its way, or has become virtiofsd."""
        self.host.run("enable")
        self.host.load(FS % 1, FS % 2, FS % 3)
        for n in (1, 2, 3):
            self.vm(FS % n)
        self.host.write("/kernel/in-use/" + FS % 1, "")
        with open(self.host.path("/run/virt-aa-virtiofs/sockets/" + FS % 2), "rb") as record:
            fcntl.flock(record, fcntl.LOCK_SH)
            done = self.host.json("disable")["changes"]
        self.assertEqual(self.loaded(), {FS % 1, FS % 2})
        for n in (1, 2):
            self.assertIn("stay", [step["action"] for step in done if step["path"] == FS % n])
            self.assertTrue(self.host.exists("/etc/apparmor.d/libvirt/" + FS % n))
            self.assertTrue(self.host.exists("/run/virt-aa-virtiofs/sockets/" + FS % n))
        self.assertFalse(self.host.exists("/etc/apparmor.d/libvirt/" + FS % 3))

    def test_a_directory_that_cannot_be_read(self):
        """What is in it is not known, and all stays; it was taken for empty."""
        self.host.run("enable")
        self.host.load(FS % 1)
        self.vm(FS % 1)
        entries = len(os.listdir(self.host.path("/etc/apparmor.d/libvirt"))) + len((".", "..", "the end"))
        for skip, path in ((0, "/etc/apparmor.d/libvirt"), (entries, "/run/virt-aa-virtiofs/sockets")):
            err = self.host.run("disable", status=FAILED, CTL_FAULT=f"readdir:{skip}:fail")[1]
            self.assertRegex(err, "the profiles of virtiofsds stay; try again: cannot read " + self.host.path(path))
            self.assertEqual(self.loaded(), {FS % 1})
            self.assertTrue(self.host.exists("/run/virt-aa-virtiofs/sockets/" + FS % 1))
        for path in ("/run/virt-aa-virtiofs/sockets", "/run/virt-aa-virtiofs/vms"):
            os.rename(self.host.path(path), self.host.path("/away"))
            self.host.write(path, "")
            self.says(FAILED, f"stay; try again: .*{self.host.path(path)}", "disable")
            self.host.remove(path)
            os.rename(self.host.path("/away"), self.host.path(path))
        self.host.run("disable")
        self.assertEqual(self.loaded(), set())

    def test_a_record_of_nobody(self):
        """It is named, and is no reason to keep what is known."""
        self.host.run("enable")
        self.host.load(FS % 1)
        self.vm(FS % 1)
        record = "/run/virt-aa-virtiofs/sockets/damaged"
        self.host.write(record, "no record\n")
        self.says(GOOD, f"warning: .*nobody knows whose it is: {self.host.path(record)}", "disable")
        self.assertEqual(self.loaded(), set())
        self.assertTrue(self.host.exists(record))

    def test_many(self):
        """200 profiles and 300 processes took four minutes."""
        self.host.run("enable")
        names = [FS % n for n in range(200)]
        self.host.load(*names)
        for pid in range(100, 400):
            self.host.thread(pid, pid, names[pid % 100] + " (enforce)")
        done = self.host.json("disable")["changes"]
        self.assertEqual(sum(step["action"] == "stay" for step in done), 100)
        self.assertEqual(self.loaded(), set(names[:100]))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
