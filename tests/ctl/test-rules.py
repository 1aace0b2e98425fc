#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""allow, disallow, rules, edit, complain, enforce, gc: with a kernel that is a directory, and the real compiler."""
import fcntl
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
import host as hosts

PROGRAM = ""
HELPER = os.environ["HELPER_UNDER_TEST"]  # of the same build
UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e11"
OTHER = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e12"
NAME = "libvirt-" + UUID
FS = NAME + "-virtiofsd"
POLICY = "/etc/apparmor.d/libvirt/"
OWN = "/etc/apparmor.d/local/"
COMPLAIN = "/etc/apparmor.d/force-complain/"
TEMPLATE = """#include <tunables/global>

profile LIBVIRT_TEMPLATE flags=(attach_disconnected) {
  /usr/bin/qemu-system-x86_64 rmix,
}
"""
XML = """<domain type='kvm' id='7'><name>%s</name><uuid>%s</uuid><memoryBacking><source type='file'/></memoryBacking>
<os><type>hvm</type></os><devices>%s</devices></domain>"""
SHARE = """<filesystem type='mount'><driver type='virtiofs'/><source dir='/srv/share'/><target dir='tag'/>
<alias name='fs0'/></filesystem>"""


class Rules(unittest.TestCase):
    def setUp(self):
        self.host = hosts.Host(PROGRAM)
        self.host.write(POLICY + "TEMPLATE.qemu", TEMPLATE)
        self.host.write(POLICY + "TEMPLATE.virtiofsd", TEMPLATE)
        self.host.domains([hosts.domain("vm", UUID)])
        # paths on the command line are the host's
        self.srv = self.host.path("/srv")
        os.makedirs(self.srv + "/iso")
        self.host.write("/srv/one.img", "")

    def tearDown(self):
        self.host.directory.cleanup()

    def helper(self, *arguments, uuid=UUID, devices="", status=0):
        """The helper of the same host."""
        environment = {
            **self.host.environment,
            "HELPER_POLICY_DIR": self.host.path(POLICY[:-1]),
            "HELPER_KERNEL_DIR": self.host.path("/kernel"),
            "HELPER_RECORDS": self.host.path("/run/virt-aa-virtiofs"),
            "HELPER_HOST_ROOT": self.host.root,
            "HELPER_LAUNCHER": "/launcher",
            "HELPER_LAUNCHER_JSON": self.host.path("/40.json"),
        }
        self.host.write("/40.json", "{}")
        os.makedirs(self.srv + "/share", exist_ok=True)
        done = subprocess.run([HELPER, *arguments, "-u", "libvirt-" + uuid], input=XML % ("vm", uuid, devices),
                              capture_output=True, encoding="utf8", env=environment, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def loaded(self, profile=NAME):
        """What the kernel has of @profile, in a text with others or alone, and whether in complain mode."""
        text = self.host.read("/kernel/profiles/" + profile)
        parts = re.split(r"(?m)^(# in complain mode\n)?#include <tunables/global>\n", text)
        for complain, part in zip(parts[1::2], parts[2::2]):
            if f"profile {profile} " in part:
                return part, bool(complain)
        self.fail(f"{profile}: {text}")

    def state(self):
        """All files of the policy, and what is loaded."""
        found = {}
        for top in ("/etc", "/kernel", "/run"):
            for folder, _, names in os.walk(self.host.path(top)):
                for name in names:
                    path = os.path.join(folder, name)
                    with open(path, "rb") as file:
                        found[path[len(self.host.root):]] = file.read()
        return found

    def fails(self, *arguments, status=1, **environment):
        """Runs the program, which must fail and leave all as it was. Returns what it said."""
        before = self.state()
        err = self.host.run(*arguments, status=status, **environment)[1]
        self.assertEqual(self.state(), before)
        return err


class Allow(Rules):
    def test_a_running_vm_gets_it_at_once(self):
        self.helper("-c")
        out, err = self.host.run("allow", "vm", self.srv + "/one.img")
        rule = f'"{self.srv}/one.img" rwk,'
        self.assertIn(f"+  {rule}\n", out)
        self.assertIn("In force.", out)
        self.assertEqual(err, "")
        self.assertIn(rule, self.loaded()[0])
        self.assertIn(rule, self.host.read(OWN + NAME))
        self.assertEqual(os.stat(self.host.path(OWN + NAME)).st_mode & 0o777, 0o644)

    def test_closed_descriptors(self):
        """Nothing that is said gets into a file that was opened in their place."""
        rules, own = [], self.host.path(OWN + NAME)
        for closed in ("", "<&-", "2>&-", "<&- >&- 2>&-"):
            self.helper("-r" if closed else "-c")
            command = ["sh", "-c", f'exec "$@" {closed}', "sh", PROGRAM, "allow", "vm", self.srv + "/one.img"]
            done = subprocess.run(command, env=self.host.environment, capture_output=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 0, (closed, done.stderr))
            rules.append(self.host.read(OWN + NAME))
            os.unlink(own)
        self.assertEqual(rules, rules[:1] * len(rules))

    def test_it_lasts(self):
        self.helper("-c")
        self.host.run("allow", "vm", self.srv + "/one.img")
        loaded = self.loaded()
        for arguments in (("-r",), ("-D",), ("-r",), ("-R",), ("-a",), ("-r", "-F", "/x.img")):
            self.helper(*arguments)
            if arguments not in (("-D",), ("-R",)):
                self.assertIn(f'"{self.srv}/one.img" rwk,', self.loaded()[0])
        self.assertTrue(loaded)

    def test_the_helper_knows_it_again(self):
        """A call that has nothing to announce does not compile what virt-aa-ctl has loaded."""
        self.helper("-c")
        self.helper("-r", "-F", "/x.img")
        self.host.run("allow", "vm", self.srv + "/one.img")
        inode = os.stat(self.host.path("/kernel/profiles/" + NAME)).st_ino
        self.helper("-r", "-F", "/x.img")
        self.assertEqual(os.stat(self.host.path("/kernel/profiles/" + NAME)).st_ino, inode)

    def test_directories_and_read_only(self):
        self.helper("-c")
        self.host.run("allow", "vm", self.srv + "/iso", "--read-only")
        self.assertIn(f'"{self.srv}/iso/{{,**}}" rk,', self.loaded()[0])
        self.host.run("allow", "vm", self.srv + "/later/")
        self.assertIn(f'"{self.srv}/later/{{,**}}" rwk,', self.loaded()[0])

    def test_a_vm_that_is_off_or_never_ran(self):
        out, _ = self.host.run("allow", "vm", self.srv + "/one.img")
        self.assertIn("counts from the next start on", out)
        self.assertFalse(os.path.exists(self.host.path(POLICY + NAME)))
        self.helper("-c")
        self.assertIn("one.img", self.loaded()[0])
        self.helper("-D")
        out, _ = self.host.run("allow", "vm", self.srv + "/two.img")
        self.assertIn("counts from the next start on", out)
        self.assertFalse(os.path.exists(self.host.path("/kernel/profiles/" + NAME)))
        self.helper("-r")
        self.assertIn("two.img", self.loaded()[0])

    def test_disallow_leaves_no_trace(self):
        self.helper("-c")
        before = self.state()
        self.host.run("allow", "vm", self.srv + "/one.img")
        self.host.run("allow", "vm", self.srv + "/iso", "--read-only")
        out, _ = self.host.run("disallow", "vm", self.srv + "/one.img")
        self.assertIn(f'-  "{self.srv}/one.img" rwk,', out)
        self.assertNotIn("one.img", self.loaded()[0])
        self.assertIn("/iso/", self.loaded()[0])
        self.host.run("disallow", "vm", self.srv + "/iso")
        self.assertEqual(self.state(), before)

    def test_disallow_of_what_was_never_allowed(self):
        self.helper("-c")
        self.assertIn(f"virt-aa-ctl rules {UUID}", self.fails("disallow", "vm", self.srv + "/one.img"))

    def test_disallow_of_a_link_that_leads_elsewhere_now(self):
        self.helper("-c")
        os.symlink("one.img", self.srv + "/link")
        err = self.host.run("allow", "vm", self.srv + "/link")[1]
        self.assertIn(f"{self.srv}/link is {self.srv}/one.img", err)
        self.assertNotIn("link", self.loaded()[0])
        os.unlink(self.srv + "/link")
        self.host.run("disallow", "vm", self.srv + "/one.img")
        self.assertNotIn("one.img", self.loaded()[0])

    def test_hand_written_rules_are_kept(self):
        self.helper("-c")
        text = "# mine\n  /opt/mine r,\n\n  deny /opt/not w,"
        self.host.write(OWN + NAME, text)
        self.host.run("allow", "vm", self.srv + "/one.img")
        self.assertTrue(self.host.read(OWN + NAME).startswith(text + "\n"))
        self.assertIn("/opt/mine r,", self.loaded()[0])
        self.host.run("disallow", "vm", self.srv + "/one.img")
        self.assertEqual(self.host.read(OWN + NAME), text + "\n")

    def test_twice_is_once(self):
        self.helper("-c")
        self.host.run("allow", "vm", self.srv + "/one.img")
        before = self.state()
        self.assertIn("Nothing changes", self.host.run("allow", "vm", self.srv + "/one.img")[0])
        self.assertEqual(self.state(), before)

    def test_names_that_would_be_policy(self):
        self.helper("-c")
        for name in ('/x" rwk, /** rwk, "', "/a*", "/a{b,c}", "/a\\b", "/a\nb r,", "/@{HOME}", "/[ab]", "/ü#"):
            self.host.run("allow", "vm", self.srv + name)
            self.assertEqual(sum("rwk," in line for line in self.loaded()[0].split("\n")
                                 if self.srv in line and line.count('"') == 2), 1, name)
            self.host.run("disallow", "vm", self.srv + name)
            self.assertNotIn(self.srv, self.loaded()[0])

    def test_paths_that_are_none(self):
        self.helper("-c")
        self.assertIn("not an absolute path", self.fails("allow", "vm", "one.img"))
        self.assertIn("dots", self.fails("allow", "vm", "/nowhere/../etc/shadow"))
        self.assertIn("4095 bytes", self.fails("allow", "vm", "/" + "x" * 5000))

    def test_a_restricted_directory_is_said(self):
        self.helper("-c")
        for path in ("/", "/etc", "/etc/shadow", "/usr/bin/env", "/var/lib"):
            self.assertIn("a system directory", self.host.run("allow", "vm", path, "--dry-run")[1], path)
        self.assertIn("cgroup_device_acl", self.host.run("allow", "vm", "/dev/kvm", "--dry-run")[1])
        self.assertEqual(self.host.run("allow", "vm", self.srv, "--dry-run")[1], "")

    def test_dry_run(self):
        self.helper("-c")
        before = self.state()
        out, _ = self.host.run("allow", "vm", self.srv + "/one.img", "--dry-run")
        self.assertIn("one.img", out)
        self.assertIn("It compiles. Nothing was changed", out)
        self.assertEqual(self.state(), before)

    def test_what_does_not_compile_is_refused(self):
        self.helper("-c")
        self.host.write(OWN + NAME, "  /ok r,\n  nonsense here,\n")
        err = self.fails("allow", "vm", self.srv + "/one.img")
        self.assertIn(f"{self.host.path(OWN + NAME)}, line 2: ", err)
        self.assertIn(f"virt-aa-ctl edit {UUID}", err)
        self.host.write(OWN + NAME, "  /ok r,\n", 0o666)
        self.assertIn("chmod go-w", self.fails("allow", "vm", self.srv + "/one.img"))

    def test_a_directory_that_cannot_be_made(self):
        """Why is said, and not that it is not there."""
        self.helper("-c")
        shutil.rmtree(self.host.path(OWN), ignore_errors=True)
        os.chmod(self.host.path("/etc/apparmor.d"), 0o555)
        command = [PROGRAM]
        if os.geteuid() == 0:
            for folder, _, names in os.walk(self.host.root):
                for path in [folder] + [os.path.join(folder, name) for name in names]:
                    os.lchown(path, 65534, 65534)
            os.chown(self.host.path("/etc/apparmor.d"), 0, 0)
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                       shutil.copy(PROGRAM, self.host.path("/program"))]
        done = subprocess.run([*command, "allow", "vm", self.srv + "/one.img"], env=self.host.environment,
                              capture_output=True, encoding="utf8", timeout=60, check=False)
        os.chmod(self.host.path("/etc/apparmor.d"), 0o755)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "cannot make the directory .*/etc/apparmor.d/local: Permission denied")

    def test_refused_by_the_kernel(self):
        self.helper("-c")
        self.host.write("/kernel/refuse", "13")
        self.assertIn(NAME, self.fails("allow", "vm", self.srv + "/one.img"))

    def test_faults(self):
        """Whatever fails on the way, all is as it was; whatever ends the program, the next call puts it right."""
        self.helper("-c")
        # own rules, profile and record
        points = [(point, skip) for point in ("create", "write", "fsync", "rename", "fsync-dir") for skip in range(3)]
        points += [("write", 3), ("mark", 0), ("load", 0)]
        for point, skip in points:
            self.fails("allow", "vm", self.srv + "/one.img", CTL_FAULT=f"{point}:{skip}:fail")
        for point, skip in [*points, ("loaded", 0)]:
            self.host.run("allow", "vm", self.srv + "/one.img", status=-9, CTL_FAULT=f"{point}:{skip}:crash")
            text = self.state().get(OWN + NAME)
            self.assertIn(text and text.count(b"one.img"), (None, 1), point)
            self.helper("-r", "-F", "/x.img")
            self.assertEqual("one.img" in self.loaded()[0], text is not None, point)
            self.host.run("allow", "vm", self.srv + "/one.img")
            self.assertIn("one.img", self.loaded()[0])
            self.host.run("disallow", "vm", self.srv + "/one.img")
            left = [path for path in self.state() if re.search(r"\.(tmp[23]?|dirty|lock)$", path)]
            self.assertEqual(left, [], point)

    def test_after_a_crash_of_the_helper_both_profiles_are_loaded(self):
        self.helper("-c", devices=SHARE)
        text = self.host.read(POLICY + NAME + ".virtiofsd")
        self.host.write(POLICY + NAME + ".virtiofsd", text + "  /changed r,\n")
        self.host.write(POLICY + NAME + ".dirty", "")
        self.host.run("allow", "vm", self.srv + "/one.img")
        self.assertIn("one.img", self.loaded()[0])
        self.assertIn("/changed r,", self.loaded(FS)[0])

    def test_a_busy_vm_is_waited_for(self):
        """The lock is the helper's own."""
        import fcntl

        self.helper("-c")
        with open(self.host.path(POLICY + NAME + ".lock"), "w", encoding="utf8") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            err = self.host.run("allow", "vm", self.srv + "/one.img", status=1)[1]
        self.assertIn("another call for this VM", err)
        self.assertFalse(os.path.exists(self.host.path(OWN + NAME)))

    def test_virtiofsd(self):
        self.helper("-c", devices=SHARE)
        self.assertIn("read-only for it", self.fails("allow", "vm", self.srv + "/x", "--virtiofsd"))
        self.assertIn("Landlock", self.fails("allow", "vm", self.srv + "/x", "--virtiofsd", "--read-only"))
        self.assertIn("read-only for it", self.fails("allow", "vm", "/usr/lib/x", "--virtiofsd"))
        self.host.run("allow", "vm", "/usr/local/lib/of-mine/", "--virtiofsd", "--read-only")
        self.assertIn('/of-mine/{,**}" mr,', self.loaded(FS)[0])
        self.assertNotIn("of-mine", self.loaded()[0])
        self.host.run("disallow", "vm", "/usr/local/lib/of-mine", "--virtiofsd")
        self.assertNotIn("of-mine", self.loaded(FS)[0])

    def test_json(self):
        self.helper("-c")
        rule = f'"{self.srv}/one.img" rwk,'
        wanted = {"domain": "vm", "uuid": UUID, "profile": NAME, "file": self.host.path(OWN + NAME), "added": [rule],
                  "removed": [], "complain": False, "changed": True, "in_force": True}
        self.assertEqual(self.host.json("allow", "vm", self.srv + "/one.img"), wanted)
        self.assertEqual(self.host.json("disallow", "vm", self.srv + "/one.img"),
                         {**wanted, "added": [], "removed": [rule]})
        self.assertEqual(self.host.json("allow", "vm", self.srv + "/one.img", "--dry-run"),
                         {**wanted, "changed": False, "in_force": False})

    def test_domains_that_are_none(self):
        self.assertIn("there is no domain 'nobody'", self.fails("allow", "nobody", "/x"))
        self.assertIn("there is no domain", self.fails("allow", OTHER, "/x"))
        self.host.domains([hosts.domain("vm", UUID, more="<seclabel type='none' model='apparmor'/>")])

    def test_without_libvirt_the_uuid_is_enough(self):
        self.helper("-c")
        err = self.host.run("allow", UUID, self.srv + "/one.img", CTL_URI="qemu+unix:///system?socket=/nowhere")[1]
        self.assertIn("going on with the UUID", err)
        self.assertIn("one.img", self.loaded()[0])
        self.fails("allow", "vm", self.srv + "/one.img", CTL_URI="qemu+unix:///system?socket=/nowhere")


class Mode(Rules):
    def test_complain_and_enforce(self):
        self.helper("-c")
        before = self.state()
        self.assertIn("complain mode", self.host.run("complain", "vm")[0])
        self.assertTrue(self.loaded()[1])
        for arguments in (("-r",), ("-D",), ("-r",), ("-r", "-F", "/x.img")):
            self.helper(*arguments)
        self.assertTrue(self.loaded()[1])
        self.helper("-r")
        self.assertIn("enforce mode", self.host.run("enforce", "vm")[0])
        self.assertFalse(self.loaded()[1])
        self.helper("-r")
        self.assertEqual(self.state().keys(), before.keys())
        self.assertFalse(self.loaded()[1])

    def test_a_vm_that_is_off(self):
        self.host.run("complain", "vm")
        self.helper("-c")
        self.assertTrue(self.loaded()[1])

    def test_virtiofsd_alone(self):
        self.helper("-c", devices=SHARE)
        self.host.run("complain", "vm", "--virtiofsd")
        self.assertTrue(self.loaded(FS)[1])
        self.assertFalse(self.loaded()[1])

    def test_the_flag_of_the_profile_itself(self):
        self.helper("-c")
        self.host.write(POLICY + NAME, self.host.read(POLICY + NAME).replace("(attach", "(complain,attach"))
        self.assertIn(POLICY + NAME, self.host.run("enforce", "vm")[1])

    def test_json(self):
        self.helper("-c")
        found = self.host.json("complain", "vm")
        self.assertEqual((found["complain"], found["changed"], found["in_force"]), (True, True, True))


class Show(Rules):
    def test_rules(self):
        self.helper("-c")
        self.assertIn("no own rules", self.host.run("rules", "vm")[0])
        self.host.run("allow", "vm", self.srv + "/one.img")
        self.host.run("complain", "vm", "--virtiofsd")
        out, _ = self.host.run("rules", "vm")
        self.assertIn(f'  "{self.srv}/one.img" rwk,', out)
        self.assertIn(f"virt-aa-ctl enforce {UUID} --virtiofsd", out)
        self.assertNotIn("monitor.sock", out)
        self.assertIn("monitor.sock", self.host.run("rules", "vm", "--all")[0])

    def test_json(self):
        self.helper("-c")
        self.host.write(OWN + NAME, "# no rule\n#include <abstractions/base>\n#include<abstractions/consoles>\n#includes\n  /x r,\n")
        found = self.host.json("rules", "vm", "--all")
        self.assertEqual(found["qemu"]["rules"], ["#include <abstractions/base>", "#include<abstractions/consoles>", "/x r,"])
        self.assertTrue(found["qemu"]["definition_rules"])
        self.assertEqual(found["virtiofsd"], {"profile": FS, "file": self.host.path(OWN + FS), "rules": [],
                                              "complain": False})

    def test_damaged(self):
        self.host.write(OWN + NAME, "  /x r,\n", 0o666)
        self.assertIn("chmod go-w", self.host.run("rules", "vm", status=4)[0])
        self.assertIn("chmod go-w", self.host.json("rules", "vm", status=4)["qemu"]["problem"])

    def test_rules_that_are_no_text(self):
        self.host.write(OWN + NAME, "")
        with open(self.host.path(OWN + NAME), "wb") as file:
            file.write(b'  "/a\xff" r,\n')
        self.assertEqual(self.host.json("rules", "vm")["qemu"]["rules"], ['"/a\ufffd" r,'])


class Edit(Rules):
    def setUp(self):
        super().setUp()
        os.makedirs(self.host.path("/tmp"))
        self.host.environment["TMPDIR"] = self.host.path("/tmp")

    def editor(self, script):
        """An editor that does this with the file $1."""
        self.host.write("/editor", "#!/bin/sh\nset -e\n" + script, 0o755)
        return {"EDITOR": self.host.path("/editor") + " 'an argument'"}

    def copies(self):
        return [os.path.join(folder, name) for folder, _, names in os.walk(self.host.path("/tmp")) for name in names]

    def test_edit(self):
        self.helper("-c")
        out, _ = self.host.run("edit", "vm", **self.editor('[ "$1" = "an argument" ]\necho "  /new r," >> "$2"\n: > "$2~"\n'))
        self.assertIn("+  /new r,", out)
        self.assertIn("/new r,", self.loaded()[0])
        self.assertEqual(self.copies(), [])
        self.assertEqual(os.listdir(self.host.path("/tmp")), [])

    def test_visual_comes_first(self):
        self.helper("-c")
        self.host.run("edit", "vm", VISUAL="true", EDITOR="false")
        self.assertIn("false", self.host.run("edit", "vm", EDITOR="false", status=1)[1])

    def test_without_a_terminal(self):
        """An editor that nobody has named would wait for a person for ever; what is named may need none."""
        self.helper("-c")
        before = self.state()
        err = self.host.run("edit", "vm", status=1)[1]
        self.assertRegex(err, "no terminal .* set EDITOR")
        self.assertNotIn("what you have written", err)
        self.assertEqual((self.state(), self.copies()), (before, []))
        self.host.write("/rules", "  /from-a-file r,\n")
        self.host.run("edit", "vm", "--from", self.host.path("/rules"), EDITOR="true")
        self.assertIn("/from-a-file r,", self.loaded()[0])

    def test_from_a_file_with_a_nul_byte(self):
        self.helper("-c")
        before = self.state()
        self.host.write("/rules", "  /a r,\n\0  /b r,\n")
        err = self.host.run("edit", "vm", "--from", self.host.path("/rules"), status=1, EDITOR="true")[1]
        self.assertIn(self.host.path("/rules") + " contains a NUL byte", err)
        self.assertEqual(self.state(), before)

    def test_what_does_not_compile_is_kept_elsewhere(self):
        self.helper("-c")
        before = self.state()
        err = self.host.run("edit", "vm", status=1, **self.editor('echo "  nonsense" >> "$2"\n'))[1]
        self.assertEqual(self.state(), before)
        self.assertIn("line 3", err)
        (copy,) = self.copies()
        self.assertIn(f"virt-aa-ctl edit {UUID} --from {copy}", err)
        with open(copy, encoding="utf8") as file:
            self.assertIn("nonsense", file.read())
        self.host.run("edit", "vm", "--from", copy, **self.editor('sed -i "s,nonsense,/mended r\\,," "$2"\n'))
        self.assertIn("/mended r,", self.loaded()[0])

    def test_what_is_wrong_can_be_edited(self):
        self.helper("-c")
        self.host.write(OWN + NAME, "nonsense\n", 0o666)
        self.host.run("edit", "vm", **self.editor('echo "  /right r," > "$2"\n'))
        self.assertIn("/right r,", self.loaded()[0])
        self.assertEqual(os.stat(self.host.path(OWN + NAME)).st_mode & 0o777, 0o644)
        os.unlink(self.host.path(OWN + NAME))
        os.symlink("/dev/null", self.host.path(OWN + NAME))
        self.assertIn("move it away", self.host.run("edit", "vm", status=1, EDITOR="true")[1])

    def test_nothing_left_is_no_file(self):
        self.helper("-c")
        before = self.state()
        self.host.run("allow", "vm", self.srv + "/one.img")
        self.host.run("edit", "vm", **self.editor(': > "$2"\n'))
        self.assertEqual(self.state(), before)

    def test_somebody_else_was_faster(self):
        self.helper("-c")
        target = self.host.path(OWN + NAME)
        os.makedirs(os.path.dirname(target))
        err = self.host.run("edit", "vm", status=1,
                            **self.editor(f'echo "  /mine r," >> "$2"\necho "  /theirs r," > {target}\n'))[1]
        self.assertIn("has been changed meanwhile", err)
        self.assertEqual(self.host.read(OWN + NAME), "  /theirs r,\n")
        self.assertEqual(len(self.copies()), 1)

    def test_no_lock_is_held_while_somebody_types(self):
        self.helper("-c")
        self.host.run("edit", "vm", **self.editor(f'! [ -e {self.host.path(POLICY + NAME)}.lock ]\n'))

    def test_dry_run(self):
        self.helper("-c")
        before = self.state()
        self.host.run("edit", "vm", "--dry-run", **self.editor('echo "  /new r," >> "$2"\n'))
        self.assertEqual(self.state(), before)


class Gone(Rules):
    def setUp(self):
        super().setUp()
        self.host.domains([hosts.domain("vm", UUID), hosts.domain("other", OTHER)])
        self.helper("-c")
        self.helper("-c", uuid=OTHER, devices=SHARE)
        self.helper("-r", "-F", "/var/lib/libvirt/qemu/domain-7-vm/fs0-fs.sock", uuid=OTHER, devices=SHARE)
        self.host.run("allow", "other", self.srv + "/one.img")
        self.host.run("complain", "other", "--virtiofsd")
        self.host.write(POLICY + f"libvirt-{OTHER}.bak", "mine")
        self.host.write(OWN + "usr.sbin.libvirtd", "")

    def of_other(self):
        return {path for path in self.state() if OTHER in path and not path.endswith(".bak")}

    def sockets(self):
        return os.listdir(self.host.path("/run/virt-aa-virtiofs/sockets"))

    def test_nothing_of_domains_that_there_are(self):
        before = self.state()
        self.assertIn("Nothing is left", self.host.run("gc", "--yes")[0])
        self.assertEqual(self.state(), before)
        self.assertEqual(self.host.json("gc"), [])

    def test_shown_first(self):
        self.host.domains([hosts.domain("vm", UUID)])
        before = self.state()
        out, _ = self.host.run("gc")
        self.assertEqual(self.state(), before)
        self.assertIn("gc --yes", out)
        self.assertIn("with rules of your own", out)
        for path in self.of_other():
            if not path.startswith("/kernel"):
                self.assertIn(f"  {self.host.root}{path}\n", out)
        self.assertNotIn(UUID, out)
        self.assertNotIn(".bak", out)
        found = self.host.json("gc")
        self.assertEqual([(gone["uuid"], gone["own_rules"], gone["removed"]) for gone in found], [(OTHER, True, False)])

    def test_names_that_are_no_text(self):
        """libvirt cuts a VM's name after 20 bytes, where these may be half a character."""
        sockets = os.fsencode(self.host.path("/run/virt-aa-virtiofs/sockets/"))
        (name,) = os.listdir(sockets)
        os.rename(sockets + name, sockets + name.replace(b"-vm", b"-vm\xc3"))
        self.host.domains([hosts.domain("vm", UUID)])
        (gone,) = self.host.json("gc")
        self.assertTrue(any("-vm\ufffd" in path for path in gone["files"]), gone)

    def test_removed(self):
        self.assertEqual(len(self.sockets()), 1)
        self.host.domains([hosts.domain("vm", UUID)])
        mine = {path: text for path, text in self.state().items() if OTHER not in path and "/sockets/" not in path}
        self.assertIn("removed", self.host.run("gc", "--yes")[0])
        self.assertEqual(self.of_other(), set())
        self.assertEqual(self.sockets(), [])
        left = self.state()
        self.assertEqual(left.pop(POLICY + f"libvirt-{OTHER}.bak"), b"mine")
        self.assertEqual(left, {path: text for path, text in mine.items() if path != "/kernel/profiles/libvirt-" + OTHER})

    def test_a_process_runs_under_it(self):
        self.host.domains([hosts.domain("vm", UUID)])
        self.host.write(f"/kernel/in-use/libvirt-{OTHER}-virtiofsd", "")
        before = self.state()
        self.assertIn("a process runs under", self.host.run("gc", "--yes", status=1)[0])
        self.assertEqual(self.state(), before)

    def test_a_launcher_is_on_its_way(self):
        self.host.domains([hosts.domain("vm", UUID)])
        before = self.state()
        with open(self.host.path("/run/virt-aa-virtiofs/sockets/") + self.sockets()[0], "rb") as record:
            fcntl.flock(record, fcntl.LOCK_SH)
            self.assertIn("a process runs under", self.host.run("gc", "--yes", status=1)[0])
            self.assertEqual(self.state(), before)
        self.host.run("gc", "--yes")
        self.assertEqual(self.of_other(), set())

    def test_libvirt_that_does_not_answer(self):
        before = self.state()
        self.host.run("gc", "--yes", status=1, CTL_URI="qemu+unix:///system?socket=/nowhere")
        self.assertEqual(self.state(), before)

    def test_another_libvirt_is_no_reason(self):
        """Not even where it has no domain of these."""
        self.host.write("/empty.xml", "<node/>")
        before = self.state()
        self.host.run("gc", "--yes", "--connect", "test://" + self.host.path("/empty.xml"))
        self.assertEqual(self.state(), before)

    def test_containers_are_of_another_driver(self):
        self.host.domains([hosts.domain("vm", UUID)])
        text = self.host.read(POLICY + "libvirt-" + OTHER)
        self.host.write(POLICY + "libvirt-" + OTHER, text + "# abstractions/libvirt-lxc\n")
        self.assertEqual(self.host.json("gc"), [])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
