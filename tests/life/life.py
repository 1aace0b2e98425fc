#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lives of a VM's policy: what is on disk and in the kernel after calls that fail, crash or collide.

usage: life.py HELPER-UNDER-TEST LIBDIR

LIBDIR is where the helper looks for libvirt's library.
"""
import concurrent.futures, difflib, fcntl, itertools, os, re, pprint, pty, select, shutil, signal, socket, stat, subprocess, sys
import tempfile, time

UUID = "6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f"
NAME = "libvirt-" + UUID
TEMPLATE = """#include <tunables/global>

profile LIBVIRT_TEMPLATE flags=(attach_disconnected) {
  /usr/bin/qemu-system-x86_64 rmix,
}
"""
XML = """<domain type='kvm'><name>guest</name><uuid>%s</uuid><os><type>hvm</type></os><devices>
<disk><source file='%%s'/><target dev='vda'/></disk></devices></domain>""" % UUID


SHARE = """<filesystem type='mount'><driver type='virtiofs'/>%s<source dir='%s'/><target dir='tag%d'/>%s</filesystem>"""
FS = NAME + "-virtiofsd"
SOCKET = "/var/lib/libvirt/qemu/domain-7-guest/%s-fs.sock"


class Skipped(Exception):
    """What a test needs is not here: no failure, but in CI, where all of it is."""


def shares(*dirs, binary=""):
    """A running domain with a virtiofs device for each of @dirs."""
    devices = "".join(SHARE % (binary, path, n, f"<alias name='fs{n}'/>") for n, path in enumerate(dirs))
    return f"""<domain type='kvm' id='7'><name>guest</name><uuid>{UUID}</uuid><memoryBacking><source type='file'/>
<access mode='shared'/></memoryBacking><os><type>hvm</type></os><devices>{devices}</devices></domain>"""


def definition_of(live, *, starts_with=("/srv/start",)):
    """A running domain that shares @starts_with, with the attached shares @live: alias: (directory, read-only)."""
    more = "".join(SHARE % ("", path, 9, f"<alias name='{alias}'/>" + ("<readonly/>" if readonly else ""))
                   for alias, (path, readonly) in live.items())
    return shares(*starts_with).replace("</devices>", more + "</devices>")


class World:
    """An empty policy directory, kernel and host."""

    def __init__(self, helper):
        self.helper = helper
        os.umask(0o022)
        self.top = tempfile.mkdtemp(prefix="life-")
        self.policy = os.path.join(self.top, "policy", "libvirt")
        self.kernel = os.path.join(self.top, "kernel")
        self.host = os.path.join(self.top, "host")
        for folder in (self.policy, self.kernel, self.host):
            os.makedirs(folder)
        self.records = os.path.join(self.top, "records")
        self.settings = os.path.join(self.top, "settings")
        self.launcher_json = os.path.join(self.top, "40.json")
        self.put("TEMPLATE.qemu", TEMPLATE)
        self.put("TEMPLATE.virtiofsd", TEMPLATE.replace(" flags=(attach_disconnected)", ""))

    def put(self, name, text):
        with open(os.path.join(self.policy, name), "w", encoding="utf8") as out:
            out.write(text)

    def environment(self, fault=""):
        return dict(os.environ, HELPER_POLICY_DIR=self.policy, HELPER_KERNEL_DIR=self.kernel,
                    HELPER_HOST_ROOT=self.host, HELPER_FAULT=fault, HELPER_RECORDS=self.records,
                    HELPER_SETTINGS=self.settings, HELPER_LAUNCHER="/launcher",
                    HELPER_LAUNCHER_JSON=self.launcher_json)

    def run(self, *args, disk="/a.img", xml=None, fault="", profile=NAME, wrap=(), **kwargs):
        return subprocess.run([*wrap, self.helper, *args, "-u", profile], input=(xml or XML % disk).encode(),
                              env=self.environment(fault), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90,
                              check=False, **kwargs)

    def count_compiles(self):
        """From now on every run of the parser is written down."""
        parser = os.path.join(self.top, "counting-parser")
        self.runs = os.path.join(self.top, "runs")
        with open(parser, "w", encoding="utf8") as out:
            out.write(f"#!/bin/sh\necho \"$*\" >> {self.runs}\nexec {shutil.which('apparmor_parser', path='/sbin:/usr/sbin')} \"$@\"\n")
        os.chmod(parser, 0o755)
        os.environ["HELPER_PARSER"] = parser

    def compiles(self):
        """How many runs there were since the last time."""
        if not os.path.exists(self.runs):
            return 0
        with open(self.runs, encoding="utf8") as lines:
            count = len(lines.readlines())
        os.unlink(self.runs)
        return count

    def forget(self, *names):
        """Takes profiles out of the kernel."""
        for name in names:
            os.unlink(os.path.join(self.kernel, "profiles", name))

    def files(self):
        state = {}
        for name in sorted(os.listdir(self.policy)):
            if name.startswith("TEMPLATE."):
                continue
            with open(os.path.join(self.policy, name), encoding="utf8") as text:
                state[name] = text.read()
        return state

    def loaded(self):
        folder = os.path.join(self.kernel, "profiles")
        state = {}
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), encoding="utf8") as text:
                state[name] = text.read()
        return state

    def recorded(self):
        folder = os.path.join(self.records, "sockets")
        state = {}
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), encoding="utf8") as text:
                state[name.replace("%2F", "/")] = text.read().splitlines()
        return state

    def touch(self, path):
        os.makedirs(os.path.dirname(self.host + path), exist_ok=True)
        with open(self.host + path, "w", encoding="utf8"):
            pass

    def add_share(self, path, alias, *more, **kwargs):
        return self.run("-r", "--add-share", path, "--share-socket", SOCKET % alias, *more, **kwargs)

    def ask_unrecorded(self, *more, fault="", wrap=()):
        """The launcher's question about a socket without a record."""
        return subprocess.run([*wrap, self.helper, "--unrecorded", SOCKET % "fs0", *more], env=self.environment(fault),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)

    def state(self):
        return self.files(), self.loaded()

    def close(self):
        shutil.rmtree(self.top)


def need(condition, message):
    if not condition:
        raise AssertionError(message)


def same(found, wanted, what):
    """What is on disk or in the kernel is as it was; a failure shows the lines that are not."""
    if found != wanted:
        lines = [pprint.pformat(state, width=150).splitlines() for state in (wanted, found)]
        raise AssertionError(f"{what}:\n" + "\n".join(difflib.unified_diff(*lines, "wanted", "found", lineterm="", n=0)))


def ok(done):
    need(done.returncode == 0, f"status {done.returncode}: {done.stderr.decode()}")


def fails(done, *words):
    said = done.stderr.decode()
    need(done.returncode == 1, f"status {done.returncode}: {said}")
    for word in words:
        need(word in said, f"'{word}' is not in: {said}")


def test_create_replace_delete(world):
    ok(world.run("-c"))
    files, loaded = world.state()
    need(sorted(files) == [NAME, NAME + ".files"], sorted(files))
    need(list(loaded) == [NAME], loaded)
    need('"/a.img" rwk,' in loaded[NAME], loaded)
    ok(world.run("-r", disk="/b.img"))
    need('"/b.img" rwk,' in world.loaded()[NAME] and '"/a.img"' not in world.loaded()[NAME], world.loaded())
    ok(world.run("-r", "-F", "/c.img", disk="/x.img"))
    rules = world.files()[NAME + ".files"]
    need('"/b.img"' in rules and '"/c.img" rwk' in rules and "/x.img" not in rules, rules)
    ok(world.run("-D"))
    files, loaded = world.state()
    need(sorted(files) == [NAME] and not loaded, (files, loaded))
    ok(world.run("-r"))
    need(list(world.loaded()) == [NAME], world.loaded())


def test_modes(world):
    ok(world.run("-c"))
    for name in (NAME, NAME + ".files"):
        mode = os.stat(os.path.join(world.policy, name)).st_mode & 0o7777
        need(mode == 0o644, f"{name}: {mode:o}")


def test_unload_twice_warns(world):
    ok(world.run("-c"))
    ok(world.run("-R"))
    done = world.run("-R")
    ok(done)
    need("already unloaded" in done.stderr.decode(), done.stderr)
    done = world.run("-D")
    ok(done)
    need("already unloaded" in done.stderr.decode(), done.stderr)


def test_add(world):
    fails(world.run("-a"), "profile does not exist")
    ok(world.run("-c"))
    loaded = world.loaded()
    fails(world.run("-a"))
    same(world.loaded(), loaded, "changed")
    ok(world.run("-R"))
    ok(world.run("-a"))
    same(world.loaded(), loaded, "changed")


def test_dry_run_changes_nothing(world):
    for args in (("-c",), ("-r",), ("-r", "-f", "/x"), ("-r", "-F", "/x"), ("-a",), ("-R",), ("-D",)):
        before = world.state()
        world.run("--dry-run", *args)
        same(world.state(), before, args)
    ok(world.run("-c"))
    for args in (("-r",), ("-r", "-f", "/x"), ("-r", "-F", "/x"), ("-a",), ("-R",), ("-D",)):
        before = world.state()
        ok(world.run("--dryrun", *args))
        same(world.state(), before, args)


def test_complain_mode_of_the_template(world):
    world.put("TEMPLATE.qemu", TEMPLATE.replace("attach_disconnected", "complain"))
    ok(world.run("-c"))
    # the spelling that libvirtd looks for
    need(f" {NAME} flags=(complain)" in world.files()[NAME], world.files()[NAME])


OWN = '  "/opt/mine.img" rwk,\n'


def own(world, text, name=NAME, mode=0o644, folder="local"):
    """The administrator's own rules; None: none."""
    path = os.path.join(os.path.dirname(world.policy), folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    if text is not None:
        with open(path, "w", encoding="utf8") as out:
            out.write(text)
        os.chmod(path, mode)
    return path


def test_own_rules_are_in_force_and_leave_no_trace(world):
    ok(world.run("-c"))
    before = world.state()
    own(world, OWN)
    ok(world.run("-r"))
    need('"/opt/mine.img" rwk,' in world.loaded()[NAME], world.loaded())
    need("<local" not in world.loaded()[NAME], "the compiler is left to read the file itself")
    need(f"  #include if exists <local/{NAME}>\n}}" in world.files()[NAME], world.files()[NAME])
    same(world.files()[NAME + ".files"], before[0][NAME + ".files"], "own rules are in libvirt's file")
    for args in (("-D",), ("-r",), ("-r", "-F", "/more.img")):
        ok(world.run(*args))
    need('"/opt/mine.img" rwk,' in world.loaded()[NAME], "lost by a stop and a start")
    ok(world.run("-R"))
    ok(world.run("-a"))
    need('"/opt/mine.img" rwk,' in world.loaded()[NAME], "lost by -a")
    own(world, None)
    ok(world.run("-r"))
    same(world.state(), before, "not as before")


def test_own_rules_of_a_vm_that_is_new(world):
    """libvirt removes no profile; where an administrator has, the include comes back with it."""
    own(world, OWN)
    ok(world.run("-c"))
    need('"/opt/mine.img" rwk,' in world.loaded()[NAME], world.loaded())
    ok(world.run("-D"))
    os.unlink(os.path.join(world.policy, NAME))
    ok(world.run("-c"))
    need('"/opt/mine.img" rwk,' in world.loaded()[NAME], world.loaded())


def test_an_edit_of_own_rules_is_never_skipped(world):
    """A call that finds its policy loaded compiles nothing, unless own rules, mode or profile have changed."""
    ok(world.run("-c"))
    same_call = ("-r", "-F", "/a.img")
    ok(world.run(*same_call))
    for change in (lambda: own(world, OWN), lambda: own(world, OWN.replace("mine", "other")),
                   lambda: own(world, "", folder="force-complain"),
                   lambda: own(world, None, folder="force-complain"), lambda: own(world, None)):
        change()
        before = world.loaded()[NAME]
        ok(world.run(*same_call))
        after = world.loaded()[NAME]
        need(after != before, "skipped")
        inode = os.stat(os.path.join(world.kernel, "profiles", NAME)).st_ino
        ok(world.run(*same_call))
        need(os.stat(os.path.join(world.kernel, "profiles", NAME)).st_ino == inode, "loaded once more for nothing")


DAMAGE = (
    ("  /opt/mine r\n", 0o644, ("line 1", "unexpected")),
    ("  /opt/ok r,\n  nonsense\n  /opt/ok2 r,\n", 0o644, ("line 2", "unexpected")),
    ("  /opt/ok r,\n  /opt/open", 0o644, ("line 2", "unexpected")),
    ("  /opt/a[b r,\n", 0o644, ("grouping",)),
    ("  include <abstractions/of-nobody>\n", 0o644, ("line 1", "of-nobody")),
    ("}\n  /x r,\n", 0o644, ("unexpected",)),
    ("".join(f"  /opt/{n} r,\n" for n in range(2000)), 0o644, ("rules", "compile in time")),
    (OWN + "\0", 0o644, ("NUL",)),
    ("# " + "x" * 65536 + "\n", 0o644, ("larger than",)),
    (OWN, 0o664, ("chown root:",)),
    (OWN, 0o646, ("chown root:",)),
)


def test_damaged_own_rules_never_open(world):
    ok(world.run("-c"))
    for text, mode, words in DAMAGE:
        path = own(world, text, mode=mode)
        before = world.state()
        remedy = "chmod go-w" if mode != 0o644 else f"virt-aa-ctl edit {UUID}"
        for args in (("-r",), ("-r", "-F", "/a.img"), ("-r", "-F", "/b.img")):
            done = world.run(*args)
            fails(done, path, remedy, *words)
            need(done.stderr.count(b"error:") == 1 or b"arser" in done.stderr, done.stderr)
            same(world.state(), before, f"{text!r} {mode:o}")
    path = own(world, None)
    os.symlink("/dev/null", path)
    fails(world.run("-r"), path, "symbolic link")
    os.unlink(path)
    os.mkfifo(path)
    fails(world.run("-r"), path, "not a regular file")
    os.unlink(path)
    os.mkdir(path)
    fails(world.run("-r"), path, "not a regular file")
    # a stop ends what was allowed, whatever is in the file
    ok(world.run("-R"))
    fails(world.run("-a"), path)
    need(NAME not in world.loaded(), "loaded without the own rules")
    os.rmdir(path)
    ok(world.run("-a"))


def test_damaged_own_rules_make_no_new_vm(world):
    own(world, "nonsense\n")
    before = world.state()
    fails(world.run("-c"), "line 1", f"virt-aa-ctl edit {UUID}")
    same(world.state(), before, "changed")


def test_a_template_that_is_wrong_is_not_the_own_rules_fault(world):
    own(world, OWN)
    world.put("TEMPLATE.qemu", TEMPLATE.replace("rmix,", "nonsense"))
    done = world.run("-c")
    fails(done, "arser")
    need(b"virt-aa-ctl edit" not in done.stderr, done.stderr)


def test_complain_lasts(world):
    ok(world.run("-c"))
    enforced = world.loaded()[NAME]
    own(world, "", folder="force-complain")
    for args in (("-r",), ("-r", "-F", "/b.img"), ("-D",), ("-r",)):
        ok(world.run(*args))
        need(args == ("-D",) or world.loaded()[NAME].startswith("# in complain mode\n"), args)
    own(world, None, folder="force-complain")
    ok(world.run("-r"))
    same(world.loaded()[NAME], enforced, "it still complains")
    link = own(world, None, folder="force-complain")
    os.symlink("/nowhere", link)
    ok(world.run("-r"))
    same(world.loaded()[NAME], enforced, "a link to nowhere counts")


def part_of(world, profile):
    """What @profile was loaded with, alone or in one text with another."""
    text = world.loaded()[profile]
    return next(part for part in text.split("profile ") if part.startswith(profile + " "))


def test_own_rules_of_virtiofsd(world):
    ok(world.run("-c", xml=shares("/srv/a")))
    own(world, "  deny /srv/a/secret r,\n", FS)
    own(world, "", FS, folder="force-complain")
    ok(world.run("-r", xml=shares("/srv/a")))
    need("deny /srv/a/secret" in part_of(world, FS) and "deny /srv" not in part_of(world, NAME), world.loaded())
    # in front of the second of the two
    need("# in complain mode" in world.loaded()[FS][1:] and world.loaded()[FS][0:5] != "# in ", world.loaded()[FS])
    own(world, "nonsense", FS)
    before = world.state()
    fails(world.run("-r", xml=shares("/srv/a", "/srv/b")), f"virt-aa-ctl edit {UUID} --virtiofsd")
    same(world.state(), before, "changed")
    # nothing is shared any more, and somebody runs on: neither a right of its own nor complain mode is left
    os.makedirs(os.path.join(world.kernel, "in-use"), exist_ok=True)
    with open(os.path.join(world.kernel, "in-use", FS), "w", encoding="utf8"):
        pass
    ok(world.run("-r", xml=shares()))
    need("/srv/a" not in part_of(world, FS) and "complain" not in world.loaded()[FS], world.loaded()[FS])


def test_an_edited_profile_stays_edited(world):
    ok(world.run("-c"))
    edited = world.files()[NAME].replace("rmix,", "rmix,\n  /opt/mine r,").replace(
        f"#include if exists <libvirt/{NAME}.files>", f"include <libvirt/{NAME}.files>")
    world.put(NAME, edited)
    ok(world.run("-r", disk="/b.img"))
    same(world.files()[NAME], edited, "the profile was rewritten")
    need("/opt/mine" in world.loaded()[NAME] and '"/b.img"' in world.loaded()[NAME], world.loaded())
    ok(world.run("-D"))
    same(world.files()[NAME], edited, "a stop took the profile")
    ok(world.run("-r"))
    need("/opt/mine" in world.loaded()[NAME], world.loaded())


def test_policy_that_does_not_compile_changes_nothing(world):
    ok(world.run("-c"))
    world.put(NAME, world.files()[NAME].replace("rmix,", "nonsense"))
    before = world.state()
    fails(world.run("-r", disk="/b.img"), "arser", "nothing was changed")
    same(world.state(), before, "changed")


def test_what_is_said_goes_into_no_file(world):
    """One that is opened would have the number of standard error where that is closed: the lock, for one."""
    parser, runs = os.path.join(world.top, "waiting-parser"), os.path.join(world.top, "runs")
    with open(parser, "w", encoding="utf8") as out:
        out.write(f"""#!/bin/sh
: >{runs}
while [ -e {runs} ]; do sleep 0.05; done
exec {shutil.which('apparmor_parser', path='/sbin:/usr/sbin')} "$@"
""")
    os.chmod(parser, 0o755)
    os.environ["HELPER_PARSER"] = parser
    environment = world.environment()
    del environment["HELPER_HOST_ROOT"]
    for closed in ((2,), (1,), (1, 2)):
        with subprocess.Popen([world.helper, "-c", "-u", NAME], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, env=environment,
                              preexec_fn=lambda numbers=closed: [os.close(number) for number in numbers]) as helper:
            helper.stdin.write((XML % "/a.img").encode())
            helper.stdin.close()
            for _ in range(1200):
                if os.path.exists(runs) or helper.poll() is not None:
                    break
                time.sleep(0.05)
            found = [os.readlink(f"/proc/{helper.pid}/fd/{number}") for number in closed]
            os.unlink(runs)
            need(helper.wait(timeout=60) == 0, helper.returncode)
        need(set(found) == {"/dev/null"}, (closed, found))
        os.environ["HELPER_PARSER"] = ""
        ok(world.run("-D"))
        os.unlink(os.path.join(world.policy, NAME))


def test_a_path_on_the_command_line_is_no_pattern(world):
    ok(world.run("-c"))
    for option in ("-f", "-F"):
        for path, rule in (("/x{", r'"/x\173" rwk,'), ("/{etc,x}/shadow", r'"/\173etc,x\175/shadow" rwk,'),
                           ("/**", r'"/\052\052" rwk,'), ("/a/{,**}/b", r'"/a/\173,\052\052\175/b" rwk,'),
                           ("/nowhere/{,**}", r'"/nowhere/\173,\052\052\175" rwk,')):
            ok(world.run("-r", option, path))
            need(rule in world.files()[NAME + ".files"], f"{path}: {world.files()[NAME + '.files']}")
        os.makedirs(world.host + "/dir{x}/sub", exist_ok=True)
        ok(world.run("-r", option, "/dir{x}/{,**}"))
        need(r'"/dir\173x\175/{,**}" rwk,' in world.files()[NAME + ".files"], world.files())
        for path in ("/{,**}", "/etc/{,**}", "/usr/{,**}"):
            os.makedirs(world.host + path[:-6], exist_ok=True)
            before = world.state()
            fails(world.run("-r", option, path), path[:-6], "system director")
            need(world.state() == before, path)


def test_an_announced_tree_is_judged_as_a_shared_one(world):
    own = ("/var/lib/libvirt/qemu/domain-7-guest", "/var/lib/libvirt/qemu/channel/target/domain-7-guest",
           "/run/libvirt/qemu/channel/7-guest", "/dev/hugepages/libvirt/qemu/7-guest", "/dev/shm/mine/7-guest",
           # as a libvirtd has cut the name whose locale is of neither UTF-8 nor single bytes
           "/run/libvirt/qemu/channel/7-gue", "/srv/free")
    others = ("/", "/var", "/var/lib", "/run", "/dev", "/root", "/root/.ssh", "/var/spool/cron", "/run/systemd",
              "/var/lib/libvirt/qemu", "/var/lib/libvirt/qemu/domain-8-other", "/run/libvirt/qemu/channel/8-other",
              "/dev/hugepages/libvirt/qemu/8-other", "/dev/hugepages/libvirt/qemu/77-guest",
              # called as the domain's own are; a device at a port of USB is, without anybody's doing
              "/root/.ssh/7-guest", "/sys/devices/pci0000:00/usb7/7-guest")
    xml = shares().replace("</devices>", """<serial type='unix'><source mode='bind' path='/srv/named/{,**}'/></serial>
        </devices>""")
    for path in (*own, *others, "/srv/named"):
        os.makedirs(world.host + path, exist_ok=True)
    # a link of libvirtd's name leads anybody anywhere
    os.symlink("/var", world.host + "/srv/7-guest")
    os.makedirs(world.host + "/srv/libvirt/qemu")
    os.symlink("/sys/devices/pci0000:00/usb7/7-guest", world.host + "/srv/libvirt/qemu/7-guest")
    ok(world.run("-c", xml=xml))
    for path in own:
        ok(world.run("-r", "-f", path + "/{,**}", xml=xml))
        need(f'"{path}/{{,**}}" rwk,' in world.files()[NAME + ".files"], (path, world.files()))
    before = world.state()
    for path in (*others, "/srv/7-guest", "/srv/libvirt/qemu/7-guest", "/srv/../var", "//root/."):
        for option in ("-f", "-F"):
            fails(world.run("-r", option, path.rstrip("/") + "/{,**}", xml=xml), "system directory")
            same(world.state(), before, path)
    # what the XML calls so is a file
    for option in ("-f", "-F"):
        ok(world.run("-r", option, "/srv/named/{,**}", xml=xml))
        need('"/srv/named/{,**}"' not in world.files()[NAME + ".files"], world.files())


def test_template_that_does_not_compile_leaves_nothing(world):
    world.put("TEMPLATE.qemu", TEMPLATE.replace("rmix,", "nonsense"))
    before = world.state()
    fails(world.run("-c"), "arser")
    same(world.state(), before, "changed")
    world.put("TEMPLATE.qemu", TEMPLATE)
    ok(world.run("-c"))


def test_what_does_not_compile_is_named(world):
    """The compiler reads its standard input, of which nobody else knows the lines."""
    bad = TEMPLATE.replace("rmix,", "rmix,\n  /bad rX,")
    line = bad.splitlines().index("  /bad rX,") + 1
    world.put("TEMPLATE.qemu", bad)
    fails(world.run("-c"), f"TEMPLATE.qemu, line {line}: /bad rX,")
    world.put("TEMPLATE.qemu", TEMPLATE)
    ok(world.run("-c"))
    world.put(NAME, world.files()[NAME].replace("rmix,", "rmix,\n  /bad rX,"))
    fails(world.run("-r", disk="/b.img"), f"{NAME}, line ", ": /bad rX,")
    world.put(NAME, re.sub(r"\n}", "\n  /behind rX,\n}", world.files()[NAME].replace("  /bad rX,\n", "")))
    fails(world.run("-r", disk="/b.img"), f"{NAME}, with its rules: /behind rX,")


def test_refusal_by_the_kernel_changes_nothing(world):
    os.makedirs(world.kernel, exist_ok=True)
    refuse = os.path.join(world.kernel, "refuse")
    with open(refuse, "w", encoding="utf8") as out:
        out.write("13")
    before = world.files()
    fails(world.run("-c"))
    same(world.files(), before, "changed")
    os.unlink(refuse)
    ok(world.run("-c"))
    before = world.state()
    with open(refuse, "w", encoding="utf8") as out:
        out.write("13")
    fails(world.run("-r", disk="/b.img"))
    same(world.state(), before, "changed")


POINTS = [(point, skip) for point in ("create", "write", "fsync", "rename") for skip in (0, 1)] + [
    ("fsync-dir", 0), ("load", 0)]


def test_failures(world):
    for point, skip in POINTS:
        empty = world.state()
        fails(world.run("-c", fault=f"{point}:{skip}:fail"))
        same(world.state(), empty, f"create: {point} {skip}")
    ok(world.run("-c"))
    for point, _ in POINTS:
        before = world.state()
        fails(world.run("-r", disk="/b.img", fault=f"{point}:0:fail"))
        same(world.state(), before, f"replace: {point}")
    ok(world.run("-r", disk="/b.img"))


def test_crashes(world):
    ok(world.run("-c"))
    disks = itertools.cycle(("/b.img", "/c.img"))
    for point in ("create", "write", "fsync", "rename", "fsync-dir", "load", "loaded"):
        before, disk = world.files()[NAME + ".files"], next(disks)
        done = world.run("-r", disk=disk, fault=f"{point}:0:crash")
        need(done.returncode == -signal.SIGKILL, f"{point}: {done.returncode}")
        after = world.files()[NAME + ".files"]
        need(after == before or (f'"{disk}" rwk' in after and after.startswith("# DO NOT") and
                                 after.endswith(",\n")), f"{point}: {after}")
        ok(world.run("-r", disk=disk))
        need(f'"{disk}" rwk' in world.loaded()[NAME], point)
        need(sorted(world.files()) == [NAME, NAME + ".files"], sorted(world.files()))


def test_concurrent_calls_lose_nothing(world):
    ok(world.run("-c"))
    extra = [f"/extra{i}.img" for i in range(16)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in pool.map(lambda path: world.run("-r", "-F", path), extra):
            ok(done)
    rules = world.files()[NAME + ".files"]
    for path in extra:
        need(rules.count(f'"{path}" rwk,') == 1, f"{path}: {rules}")
        need(path in world.loaded()[NAME], path)
    need(sorted(world.files()) == [NAME, NAME + ".files"], sorted(world.files()))


def test_64_at_once_for_one_vm(world):
    """Nobody gives up who could have been served, and nobody's rule is lost."""
    begin = time.monotonic()
    ok(world.run("-c"))
    alone = time.monotonic() - begin
    extra = [f"/extra{i}.img" for i in range(64)]
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        calls = list(pool.map(lambda path: world.run("-r", "-F", path), extra))
    served = [path for path, done in zip(extra, calls) if done.returncode == 0]
    # on a machine that is busy with other things, 64 may be more than there is time for
    need(len(served) >= min(64, 12 / (4 * alone)), f"{len(served)} served, and one takes {alone} s")
    for done in calls:
        if done.returncode:
            # which has the lock changes all the time: it may be nobody when it is asked who it is
            fails(done, "another call for this VM", "has not ended within 12 seconds")
    rules = world.files()[NAME + ".files"]
    for path in served:
        need(rules.count(f'"{path}" rwk,') == 1 and path in world.loaded()[NAME], f"{path}: {rules}")
    need(sorted(world.files()) == [NAME, NAME + ".files"], sorted(world.files()))


def test_64_vms_at_once(world):
    def life(number):
        uuid = f"{number:08x}" + UUID[8:]
        xml = shares(f"/srv/{number}").replace(UUID, uuid).replace("id='7'", f"id='{number + 1}'")
        socket = (SOCKET % "fs0").replace("-7-", f"-{number + 1}-")
        for args in (("-c",), ("-r", "-F", f"/disk{number}.img"), ("-r", "-F", socket)):
            ok(world.run(*args, xml=xml, profile="libvirt-" + uuid))
        return uuid

    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        uuids = list(pool.map(life, range(64)))
    files, loaded = world.state()
    for number, uuid in enumerate(uuids):
        name = "libvirt-" + uuid
        need(f'"/disk{number}.img" rwk,' in loaded[name], name)
        need(re.findall(r'^  "(/srv/.*)/\*\*" (\w+),$', loaded[name + "-virtiofsd"], re.M) ==
             [(f"/srv/{number}", "rwlk")], name)
    need(len(files) == 4 * 64 and len(loaded) == 2 * 64 and len(world.recorded()) == 64, sorted(files))


def test_a_rule_is_added_once(world):
    ok(world.run("-c"))
    for _ in range(3):
        ok(world.run("-r", "-F", "/dev/net/tun"))
    need(world.files()[NAME + ".files"].count("/dev/net/tun") == 1, world.files())


def test_a_stop_without_a_lock(world):
    """There is no room for one, or the file system is read-only: nothing starts, and what runs is stopped."""
    for mode in ("-R", "-D"):
        ok(world.run("-c" if NAME not in world.files() else "-r", xml=shares("/srv/a")))
        fails(world.run("-r", fault="lock:0:fail"), NAME + ".lock")
        done = world.run(mode, fault="lock:0:fail")
        ok(done)
        need("without the lock" in done.stderr.decode(), done.stderr)
        need(not world.loaded(), world.loaded())
    need(sorted(world.files()) == [NAME, FS], sorted(world.files()))


def test_a_socket_record_that_cannot_be_read_is_not_left_in_silence(world):
    ok(world.run("-c", xml=shares("/srv/a")))
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=shares("/srv/a")))
    record = os.path.join(world.records, "sockets", (SOCKET % "fs0").replace("/", "%2F"))
    os.unlink(record)
    os.mkfifo(record)
    fails(world.run("-D"), "not a regular file")
    need(not world.loaded() and sorted(world.files()) == [NAME, FS], world.state())
    # the next call still knows of it
    fails(world.run("-D"), "not a regular file")
    os.unlink(record)
    ok(world.run("-D"))
    need(not os.listdir(os.path.join(world.records, "vms")), "the VM's record is left")


def spoil(path, how):
    """What a power loss, or somebody, may leave in the place of a file."""
    kept = b""
    if os.path.isfile(path) and not os.path.islink(path):
        with open(path, "rb") as there:
            kept = there.read()
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    elif os.path.lexists(path):
        os.unlink(path)
    if how == "pipe":
        os.mkfifo(path)
    elif how == "directory":
        os.mkdir(path)
    elif how in ("foreign", "writable", "second name"):
        with open(path, "wb") as out:
            out.write(kept)
        if how == "foreign":
            os.chown(path, 1, 1)
        elif how == "writable":
            os.chmod(path, 0o666)
        else:
            other = os.path.join(os.path.dirname(os.path.dirname(path)), "other")
            if os.path.exists(other):
                os.unlink(other)
            os.link(path, other)
    elif how == "link":
        os.symlink("/etc/passwd", path)
    elif how == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
    else:
        with open(path, "wb") as out:
            out.write({"zeros": bytes(200), "empty": b"", "large": b"# x\n" * 3000000}[how])


SPOILT = ("zeros", "empty", "large", "pipe", "link", "socket", "directory")
if os.geteuid() == 0:
    # the text is there, and who wrote it is not known
    SPOILT += ("foreign", "writable", "second name")


def test_what_is_no_policy_is_made_anew(world):
    """A VM whose files were lost starts, and takes what is attached."""
    xml, calls = shares("/srv/a"), itertools.cycle((("-r",), ("-r", "-F", "/x.img")))
    ok(world.run("-c", xml=xml))
    for how in SPOILT:
        for name in (NAME, FS, NAME + ".files", NAME + ".virtiofsd"):
            spoil(os.path.join(world.policy, name), how)
            args = next(calls)
            done = world.run(*args, xml=xml)
            need(done.returncode == 0, f"{how} {name} {args}: {done.stderr.decode()}")
            # of virtiofsd's rules nothing is ever read
            need("made anew" in done.stderr.decode() or name.endswith(".virtiofsd") or
                 (name == FS and "-F" in args), f"{how} {name} {args}: {done.stderr.decode()}")
            ok(world.run("-r", xml=xml))
            files, loaded = world.state()
            need(sorted(files) == [NAME, FS, NAME + ".files", NAME + ".virtiofsd"], f"{how} {name}: {sorted(files)}")
            need(files[NAME + ".files"] in loaded[NAME] and files[NAME + ".virtiofsd"] in loaded[FS], f"{how} {name}")
            for file in files:
                need(stat.S_ISREG(os.lstat(os.path.join(world.policy, file)).st_mode), f"{how} {name}: {file}")


def test_what_is_no_policy_is_put_back_where_the_kernel_refuses(world):
    ok(world.run("-c"))
    rules = os.path.join(world.policy, NAME + ".files")
    spoil(rules, "link")
    fails(world.run("-r", fault="load:0:fail"))
    need(os.path.islink(rules) and sorted(os.listdir(world.policy)) == sorted(
        [NAME, NAME + ".files", "TEMPLATE.qemu", "TEMPLATE.virtiofsd"]), os.listdir(world.policy))


def test_what_is_no_template_is_said(world):
    for template, xml in (("TEMPLATE.qemu", None), ("TEMPLATE.virtiofsd", shares("/srv/a"))):
        path = os.path.join(world.policy, template)
        with open(path, encoding="utf8") as text:
            kept = text.read()
        for how in SPOILT:
            if how in ("foreign", "writable", "second name"):
                spoil(path, "empty")
                world.put(template, kept)
            spoil(path, how)
            done = world.run("-c", xml=xml)
            fails(done, template)
            need("does not exist:" not in done.stderr.decode().split("error:")[1], f"{how}: {done.stderr.decode()}")
            need(not world.loaded() and not world.files(), f"{how}: {world.files()}")
            spoil(path, "empty")
            world.put(template, kept)
        os.unlink(path)
        fails(world.run("-c", xml=xml), "template does not exist", template)
        world.put(template, kept)


def test_what_stands_in_a_temporarys_place(world):
    """And in that of the mark and of the lock: no call is kept from its work for ever, and no file of others changes."""
    xml = shares("/srv/a")
    victim = os.path.join(world.top, "victim")
    with open(victim, "w", encoding="utf8") as out:
        out.write("victim")
    ok(world.run("-c", xml=xml))
    places = [name + suffix for name in (NAME, FS, NAME + ".files", NAME + ".virtiofsd") for suffix in (".tmp", ".tmp2")]
    for place, how in itertools.product([*places, NAME + ".dirty"], ("directory", "link", "pipe", "socket", "second name")):
        path = os.path.join(world.policy, place)
        if how == "second name":
            os.link(victim, path)
        else:
            spoil(path, how)
        for args in (("-r", "-F", f"/{how}.img"), ("-r",)):
            ok(world.run(*args, xml=xml))
            need(not os.path.lexists(path), f"{place} {how}: left")
    with open(victim, encoding="utf8") as text:
        need(text.read() == "victim", "another's file was changed")
    before = world.state()
    for how in ("directory", "link", "pipe", "socket", "second name"):
        path = os.path.join(world.policy, NAME + ".lock")
        if how == "second name":
            os.link(victim, path)
        else:
            spoil(path, how)
        fails(world.run("-r", xml=xml), NAME + ".lock")
        done = world.run("-R")
        ok(done)
        need("without the lock" in done.stderr.decode(), done.stderr)
        (os.rmdir if how == "directory" else os.unlink)(path)
        ok(world.run("-a"))
    need(before[0] == world.files(), "changed")
    with open(victim, encoding="utf8") as text:
        need(text.read() == "victim", "another's file was changed")


def test_a_full_directory_in_the_place_of_a_file(world):
    xml = shares("/srv/a")
    ok(world.run("-c", xml=xml))
    before = world.loaded()
    path = os.path.join(world.policy, NAME + ".files")
    os.unlink(path)
    os.mkdir(path)
    with open(os.path.join(path, "mine"), "w", encoding="utf8"):
        pass
    for args in (("-r",), ("-r", "-F", "/x.img")):
        fails(world.run(*args, xml=xml), path, "move it away")
        same(world.loaded(), before, args)
        need(sorted(os.listdir(path)) == ["mine"], "what was in it is gone")
    shutil.rmtree(path)
    ok(world.run("-r", xml=xml))


def test_a_stop_reads_no_policy(world):
    """What runs is stopped, whatever has become of the files of its policy."""
    xml = shares("/srv/a")
    ok(world.run("-c", xml=xml))
    for how, turn in zip(SPOILT, itertools.cycle((0, 1))):
        for number, name in enumerate((NAME, FS, NAME + ".files", NAME + ".virtiofsd")):
            mode = ("-R", "-D")[(number + turn) % 2]
            spoil(os.path.join(world.policy, name), how)
            done = world.run(mode)
            need(done.returncode == 0 and not done.stderr and not world.loaded(), f"{mode} {how} {name}: {done.stderr.decode()}")
            ok(world.run("-r", xml=xml))
    ok(world.run("-D"))
    need(sorted(world.files()) == [NAME, FS], sorted(world.files()))


def test_a_profile_without_files_is_unloaded(world):
    """What somebody removed from the disk is in force all the same."""
    calls = ((("-R",), ()), (("-D",), ()), (("-r",), (NAME,)))
    for args, left in calls:
        for in_use in (False, True):
            ok(world.run("-c" if NAME not in world.files() else "-r", xml=shares("/srv/a")))
            for name in (FS, NAME + ".virtiofsd"):
                os.unlink(os.path.join(world.policy, name))
            label = os.path.join(world.kernel, "in-use", FS)
            os.makedirs(os.path.dirname(label), exist_ok=True)
            if in_use:
                with open(label, "w", encoding="utf8"):
                    pass
            done = world.run(*args, xml=shares())
            ok(done)
            loaded = world.loaded()
            need(("stays loaded" in done.stderr.decode()) == in_use, f"{args}: {done.stderr.decode()}")
            need(sorted(loaded) == sorted([*left, *([FS] if in_use else [])]), f"{args}: {sorted(loaded)}")
            need("/srv/a" not in loaded.get(FS, ""), f"{args}: {loaded.get(FS)}")
            if in_use:
                os.unlink(label)


def test_a_stop_without_the_vms_record_finds_those_of_its_sockets(world):
    """They say whose they are, and another VM's stay."""
    vm, xml = os.path.join(world.records, "vms", NAME), shares("/srv/a")
    other = os.path.join(world.records, "sockets", "%2Fother-fs.sock")

    def announce():
        ok(world.run("-c" if NAME not in world.files() else "-r", xml=xml))
        ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))

    announce()
    with open(other, "w", encoding="utf8") as out:
        out.write("virt-aa-virtiofs 1\nprofile=libvirt-0" + UUID[1:] + "\ndomain=guest\n")
    for how in ("gone", *SPOILT):
        for calls in ((), (("-r", "-F", "/x.img"),)):
            announce()
            need(len(world.recorded()) == 2, world.recorded())
            os.unlink(vm) if how == "gone" else spoil(vm, how)
            for args in (*calls, ("-D",)):
                done = world.run(*args, xml=xml)
                need(done.returncode == 0, f"{how} {args}: {done.stderr.decode()}")
                need(("is lost" in done.stderr.decode()) == (how != "gone" and args in ((*calls, ("-D",))[0],)),
                     f"{how} {args}: {done.stderr.decode()}")
            need(list(world.recorded()) == ["/other-fs.sock"] and not os.path.lexists(vm), f"{how}: {world.recorded()}")


def test_a_record_of_nobody_is_not_left_in_silence(world):
    vm, xml = os.path.join(world.records, "vms", NAME), shares("/srv/a")
    record = os.path.join(world.records, "sockets", (SOCKET % "fs0").replace("/", "%2F"))
    ok(world.run("-c", xml=xml))
    for named in (True, False):
        ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
        with open(record, "w", encoding="utf8") as out:
            out.write("damaged")
        if not named:
            os.unlink(vm)
        fails(world.run("-D"), "fs0-fs.sock", "does not begin with")
        need(not world.loaded() and os.path.exists(vm) == named, world.loaded())
        ok(world.run("-r", xml=xml))
    # another VM's, which knows what is its own
    os.rename(record, record.replace("fs0", "fs9"))
    ok(world.run("-D"))
    need(not os.path.exists(vm), "the VM's record is left")
    # and what a call writes at the moment
    os.rename(record.replace("fs0", "fs9"), f"{record}@{OTHER}.tmp")
    ok(world.run("-D"))
    need(os.path.exists(f"{record}@{OTHER}.tmp"), "another VM's call has lost what it writes")


OTHER = "libvirt-0" + UUID[1:]


class Stopped:
    """A call that has stopped at a fault point; with another one, while it has and when it has gone on."""

    def __init__(self, world, fault, *args, xml, profile):
        self.process = subprocess.Popen([world.helper, *args, "-u", profile], env=world.environment(fault + ":stop"),
                                        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.process.stdin.write(xml.encode())
        self.process.stdin.close()
        self.process.stdin = None
        self.stopped = os.WIFSTOPPED(os.waitpid(self.process.pid, os.WUNTRACED)[1])

    def beside(self, other):
        """Whether or not @other waits for it. Returns: what @other returned"""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            done = pool.submit(other)
            concurrent.futures.wait([done], 0.3)
            if self.stopped:
                os.kill(self.process.pid, signal.SIGCONT)
                self.process.communicate(timeout=60)
            return done.result(60)


# where who removes, and who takes over, can be stopped: the point and how often it comes before
REMOVING = [("-D", f"unlink:{skip}") for skip in range(6)] + [("-r", f"rename:{skip}") for skip in range(5)]
TAKING_OVER = [(mode, f"{point}:{skip}") for mode in ("-D", "-r") for point in ("create", "rename") for skip in range(3)]


def test_a_record_that_another_vm_takes_over_meanwhile(world):
    """A libvirtd that begins to count anew gives a VM whose name begins alike the path that a VM had whose end it
    never saw. What is removed of that one's is never the other's, however they meet."""
    socket, ran = SOCKET % "fs0", shares("/srv/a")
    other = ran.replace(UUID, OTHER[len("libvirt-"):]).replace("/srv/a", "/srv/b")
    runs = ran.replace("id='7'", "id='8'")
    refuse = os.path.join(world.kernel, "refuse")

    def remove(mode):
        return {"xml": runs, "profile": NAME}, (mode,)

    def take_over():
        return {"xml": other, "profile": OTHER}, ("-r", "-F", socket)

    def meet(fault, first, second, refused=False):
        for profile, xml in ((NAME, ran), (OTHER, other)):
            ok(world.run("-r" if profile in world.files() else "-c", xml=xml, profile=profile))
        ok(world.run("-r", "-F", socket, xml=ran))
        need(f"profile={NAME}" in world.recorded()[socket], what)
        call = Stopped(world, fault, *first[1], **first[0])
        if refused:
            with open(refuse, "w", encoding="utf8") as out:
                out.write("13")
        # of that one all is loaded already, so that it is not refused
        done = call.beside(lambda: world.run(*second[1], **second[0]))
        if refused:
            os.unlink(refuse)
        ok(done)
        need((call.process.wait(60) == 0) == (not refused), what)

    meetings = [(f"{mode}, stopped at {fault}", fault, remove(mode), take_over()) for mode, fault in REMOVING]
    meetings += [("-r, refused", "load:0", remove("-r"), take_over(), True)]
    meetings += [(f"taken over, stopped at {fault}, {mode}", fault, take_over(), remove(mode))
                 for mode, fault in TAKING_OVER]
    for what, *meeting in meetings:
        meet(*meeting)
        need(f"profile={OTHER}" in world.recorded().get(socket, []), f"{what}: {world.recorded()}")
        ok(world.run("-r", xml=runs))
        ok(world.run("-D"))
        ok(world.run("-D", profile=OTHER))
        left = [name for _, _, names in os.walk(world.records) for name in names]
        need(not left, f"{what}: {left}")


def test_records_that_have_no_place(world):
    xml = shares("/srv/a")
    ok(world.run("-c", xml=xml))
    shutil.rmtree(os.path.join(world.records, "sockets"))
    spoil(os.path.join(world.records, "sockets"), "empty")
    fails(world.run("-D"), "sockets")
    need(not world.loaded() and sorted(world.files()) == [NAME, FS], world.state())
    os.unlink(os.path.join(world.records, "sockets"))
    os.mkdir(os.path.join(world.records, "sockets"))
    ok(world.run("-D"))
    need(not os.listdir(os.path.join(world.records, "vms")), "the VM's record is left")
    # where there never was one a stop makes none
    shutil.rmtree(world.records)
    ok(world.run("-D"))
    need(not os.path.exists(world.records), "made")


def test_records_that_are_out_of_reach_do_not_grow_old(world):
    """Else the next call puts back what was in them."""
    xml = XML.replace("type='kvm'", "type='kvm' id='7'")
    ok(world.run("-c", xml=xml % "/a.img"))
    for folder in (world.records, os.path.join(world.records, "vms"), os.path.join(world.records, "sockets")):
        os.rename(folder, world.top + "/kept")
        os.symlink(folder, folder)
        before = world.state()
        for call in (("-r",), ("-r", "-F", "/x.img"), ("-a",)):
            fails(world.run(*call, xml=xml % "/b.img"), "cannot", "Too many levels")
            same(world.state(), before, "changed")
        ok(world.run("-r", "--dry-run", xml=xml % "/b.img"))
        os.unlink(folder)
        os.rename(world.top + "/kept", folder)
        ok(world.run("-r", "-F", "/x.img", xml=xml % "/b.img"))
        need('"/a.img"' in world.loaded()[NAME] and '"/b.img"' not in world.loaded()[NAME], world.loaded())


def test_what_cannot_be_removed_is_said(world):
    for skip in range(4):
        ok(world.run("-c" if NAME not in world.files() else "-r", xml=shares("/srv/a")))
        fails(world.run("-D", fault=f"unlink:{skip}:fail"), "cannot remove")
        need(not world.loaded(), world.loaded())
        ok(world.run("-D"))
        need(sorted(world.files()) == [NAME, FS], sorted(world.files()))


def test_full_disk(world):
    ok(world.run("-c"))
    before = world.state()

    def small_files():
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))

    done = world.run("-r", disk="/b.img", preexec_fn=small_files)
    need(done.returncode == 1, done)
    same(world.state(), before, "changed")


def test_a_stop_needs_no_room_at_all(world):
    """A limit of no bytes, of which the kernel tells with a signal: it must not end the call half-way."""
    import resource

    def no_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    ok(world.run("-c", xml=shares("/srv/a")))
    before = world.state()
    fails(world.run("-r", disk="/b.img", preexec_fn=no_files), "File too large")
    same(world.state(), before, "changed")
    ok(world.run("-R", preexec_fn=no_files))
    need(not world.loaded(), world.loaded())
    ok(world.run("-a"))
    ok(world.run("-D", preexec_fn=no_files))
    need(not world.loaded() and sorted(world.files()) == [NAME, FS], world.state())


def test_a_call_ends_although_nobody_listens(world):
    """libvirtd, or a launcher that waited long enough, is gone: what there is to say does not end the call half-way."""
    ok(world.run("-c"))
    world.forget(NAME)
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen([world.helper, "-D", "-u", NAME], env=world.environment("lock:0:fail"), stdin=subprocess.DEVNULL,
                          stdout=writer, stderr=writer) as process:
        os.close(writer)
        need(process.wait(60) in (0, 1), f"status {process.returncode}")
    need(list(world.files()) == [NAME], world.files())


def test_no_parser(world):
    ok(world.run("-c"))
    before = world.state()
    os.environ["HELPER_PARSER"] = "/nonexistent/apparmor_parser"
    try:
        fails(world.run("-r", disk="/b.img"), "/nonexistent/apparmor_parser")
    finally:
        del os.environ["HELPER_PARSER"]
    same(world.state(), before, "changed")


def test_input_is_bounded(world):
    env = dict(os.environ, HELPER_POLICY_DIR=world.policy, HELPER_KERNEL_DIR=world.kernel)
    with subprocess.Popen([world.helper, "-c", "-u", NAME], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=env) as process:
        _, said = process.communicate(b" " * (11 * 1024 * 1024), timeout=60)
    need(process.returncode == 1 and b"larger than" in said, said)


def test_warnings_are_bounded(world):
    """The first are said, and how many there are besides."""
    def warnings(count):
        disks = "".join(f"<input type='x'><y path='/p{n}'/></input>" for n in range(count))
        done = world.run("-r", "-d", xml=(XML % "/a.img").replace("</devices>", disks + "</devices>"))
        ok(done)
        return [line for line in done.stderr.decode().splitlines() if "warning: " in line and "/a.img" not in line]

    few = warnings(90)
    need(len(few) == 90 and "/p89" in few[-1], few)
    many = warnings(3000)
    need(len(many) <= 100 and "/p0'" in many[0], many)
    need(re.search(r"warning: 29[0-9]{2} more warnings are left out$", many[-1]), many[-1])


def test_rules_are_counted_before_they_are_compiled(world):
    """More than the parser has time for are refused at once, and nothing changes."""
    def domain(count):
        disks = "".join(f"<disk><source file='/d{n}'/><target dev='x{n}'/></disk>" for n in range(count))
        return (XML % "/a.img").replace("</devices>", disks + "</devices>")

    world.count_compiles()
    ok(world.run("-c"))
    need(world.compiles() == 1, "not compiled")
    before = world.state()
    fails(world.run("-r", xml=domain(2000)), "the VM needs", "no more than 2000")
    need(world.compiles() == 0, "compiled")
    same(world.state(), before, "changed")


def test_the_environment_is_of_no_use(world):
    env = {"LIBVIRT_LOG_OUTPUTS": "1:stderr", "LC_ALL": "xx_XX.UTF-8", "LANGUAGE": "zz", "PATH": "/nonexistent",
           "G_MESSAGES_DEBUG": "all", "IFS": "x", "XML_CATALOG_FILES": "/nonexistent"}
    os.environ.update(env)
    if os.geteuid() == 0:
        os.environ["LOCPATH"] = world.top
    # who opens one of these waits for ever
    os.mkdir(os.path.join(world.top, "xx_XX.UTF-8"))
    for category in ("CTYPE", "IDENTIFICATION", "MESSAGES", "COLLATE"):
        os.mkfifo(os.path.join(world.top, "xx_XX.UTF-8", "LC_" + category))
    ok(world.run("-c"))


def test_shares_have_a_profile_of_their_own(world):
    ok(world.run("-c", xml=shares("/srv/a", "/srv/b")))
    files, loaded = world.state()
    need(sorted(files) == [NAME, FS, NAME + ".files", NAME + ".virtiofsd"], sorted(files))
    need(sorted(loaded) == [NAME, FS], sorted(loaded))
    need('"/srv/a/**" rwlk,' in loaded[FS] and '"/srv/b/" r,' in loaded[FS], loaded[FS])
    need('"/srv/a' not in files[NAME + ".files"], files[NAME + ".files"])
    ok(world.run("-r", xml=shares("/srv/b")))
    need('"/srv/a' not in world.loaded()[FS] and '"/srv/b' in world.loaded()[FS], world.loaded()[FS])
    ok(world.run("-r"))
    files, loaded = world.state()
    need(sorted(files) == [NAME, NAME + ".files"] and list(loaded) == [NAME], (sorted(files), sorted(loaded)))


def test_both_profiles_or_none(world):
    for fault in ("load:0:fail", "rename:0:fail", "rename:1:fail", "rename:2:fail", "rename:3:fail", "write:3:fail"):
        before = world.state()
        fails(world.run("-c", xml=shares("/srv/a"), fault=fault))
        same(world.state(), before, fault)
    world.put("TEMPLATE.virtiofsd", "\nprofile LIBVIRT_TEMPLATE {\n  nonsense\n}\n")
    before = world.state()
    fails(world.run("-c", xml=shares("/srv/a")), "does not compile")
    same(world.state(), before, "changed")
    os.unlink(os.path.join(world.policy, "TEMPLATE.virtiofsd"))
    fails(world.run("-c", xml=shares("/srv/a")), "TEMPLATE.virtiofsd")
    same(world.state(), before, "changed")


def test_a_socket_is_recorded(world):
    xml = shares("/srv/a", "/srv/b")
    with open(world.settings, "w", encoding="utf8") as out:
        out.write("[virtiofsd]\nbinary = /opt/v%d\noptions = --xattr; --cache=never\n[vm guest]\noptions=-o flock\n")
    ok(world.run("-c", xml=xml))
    ok(world.run("-r", "-F", SOCKET % "fs1", xml=xml))
    need(world.recorded() == {SOCKET % "fs1": [
        "virt-aa-virtiofs 1", f"profile={NAME}", "domain=guest", "share=/srv/b", "readonly=no",
        "binary=/opt/v%25d", "option=--xattr", "option=--cache=never", "option=-o",
        "option=flock"]}, world.recorded())
    need(os.stat(world.records).st_mode & 0o777 == 0o700, "mode")
    # a disk that is called like a socket is none
    ok(world.run("-r", "-F", "/images/fs1-fs.sock", xml=xml))
    need(len(world.recorded()) == 1, world.recorded())
    ok(world.run("-D"))
    need(not world.recorded(), world.recorded())


def test_a_name_that_is_not_ascii(world):
    # libvirtd cuts it after 20 characters or bytes, as its locale is; the helper has none either way
    name = "Büro-Arbeitsplatz-Links"
    xml = shares("/srv/a").replace("<name>guest", "<name>" + name)
    ok(world.run("-c", xml=xml))
    for locale in ("C", "C.UTF-8"):
        os.environ["LC_ALL"] = locale
        for cut in (name.encode()[:20].decode(), name[:20]):
            socket = f"/var/lib/libvirt/qemu/domain-7-{cut}/fs0-fs.sock"
            ok(world.run("-r", "-F", socket, xml=xml))
            need(world.recorded()[socket][1] == f"profile={NAME}", world.recorded())
            ok(world.run("-r", "-F", f"/mnt/libvirt/qemu/7-{cut}/{{,**}}", xml=xml))
            need(f'"/mnt/libvirt/qemu/7-{cut}/{{,**}}" rw,' in world.files()[NAME + ".virtiofsd"], world.files())
        # what is cut elsewhere is another VM's
        fails(world.run("-r", "-F", "/var/lib/libvirt/qemu/domain-7-Büro/fs0-fs.sock", xml=xml),
              "form of a virtiofsd's socket")
        need(len(world.recorded()) == 2, world.recorded())
        shutil.rmtree(world.records)
    del os.environ["LC_ALL"]


def test_hotplug(world):
    ok(world.run("-c", xml=shares()))
    fails(world.add_share("/srv/hot", "fs0"), "has not announced")
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=shares()))
    need(world.recorded() == {SOCKET % "fs0": ["virt-aa-virtiofs 1", f"profile={NAME}", "domain=guest"]},
         world.recorded())
    need(FS not in world.loaded(), "too early")
    need(f"peer=(label={FS})" in world.loaded()[NAME], world.loaded()[NAME])
    # what has the name by now is not what the launcher holds
    os.makedirs(world.host + "/srv/other")
    os.symlink("other", world.host + "/srv/hot")
    before = world.state()
    for path in ("/srv/hot", "/srv/../srv/hot", "/srv/./other"):
        fails(world.add_share(path, "fs0"), path, "another directory")
        same(world.state(), before, path)
    os.unlink(world.host + "/srv/hot")
    ok(world.add_share("/srv/hot", "fs0"))
    need('"/srv/hot/**" rwlk,' in world.loaded()[FS], world.loaded()[FS])
    # libvirtd's next call for another device leaves it, and its full rewrite has it from the XML
    world.touch(SOCKET % "fs0")
    ok(world.run("-r", "-F", "/disk.img", xml=shares()))
    need('"/srv/hot/**" rwlk,' in world.files()[NAME + ".virtiofsd"], world.files())
    ok(world.run("-r", xml=shares("/srv/hot")))
    rules = world.files()[NAME + ".virtiofsd"]
    need(rules.count('"/srv/hot/**" rwlk,') == 1 and "hotplugged" not in rules, rules)


def test_the_name_of_an_attached_share_is_the_announced_one(world):
    ok(world.run("-c", xml=shares("/srv/start")))
    for live, alias, path in (({}, "ua-a", "/srv/a"), ({"ua-a": ("/srv/a", False)}, "ua-a-fs.sock-b", "/srv/b")):
        os.makedirs(world.host + path)
        ok(world.run("-r", "-F", SOCKET % alias, xml=definition_of(live)))
        ok(world.add_share(path, alias))
    for path in ("/srv/start", "/srv/a", "/srv/b"):
        need(f'"{path}/**" rwlk,' in world.loaded()[FS], (path, world.loaded()[FS]))


def test_hotplugged_shares_are_pruned(world):
    ok(world.run("-c", xml=shares("/srv/a")))
    for n in (1, 2):
        ok(world.run("-r", "-F", SOCKET % f"fs{n}", xml=shares("/srv/a")))
        ok(world.add_share(f"/srv/hot{n}", f"fs{n}", *(["--share-readonly"] if n == 1 else [])))
        world.touch(SOCKET % f"fs{n}")
    need('"/srv/hot1/**" rk,' in world.loaded()[FS] and '"/srv/hot2/**" rwlk,' in world.loaded()[FS], "missing")
    os.unlink(world.host + SOCKET % "fs1")
    ok(world.run("-r", "-F", SOCKET % "fs3", xml=shares("/srv/a")))
    ok(world.add_share("/srv/hot3", "fs3"))
    loaded = world.loaded()[FS]
    need("/srv/hot1" not in loaded and "/srv/hot2" in loaded and "/srv/hot3" in loaded and "/srv/a" in loaded, loaded)


def test_the_only_share_is_detached(world):
    """No call is about that, and the next one, whatever it is about, ends what was allowed."""
    xml, record = shares(), os.path.join(world.records, "vms", NAME)
    ok(world.run("-c", xml=xml))
    for lost in (False, True):
        for argument in ("/x.img", SOCKET % "fs2"):
            ok(world.run("-r", "-F", SOCKET % "fs1", xml=xml))
            world.touch(SOCKET % "fs1")
            ok(world.add_share("/srv/hot", "fs1"))
            need("/srv/hot/" in world.loaded()[FS], world.loaded())
            os.unlink(world.host + SOCKET % "fs1")
            if lost:
                spoil(record, "zeros")
            ok(world.run("-r", "-F", argument, xml=xml))
            files, loaded = world.state()
            need("/srv/hot" not in loaded[FS] and "/srv/hot" not in files[NAME + ".virtiofsd"], f"{argument}: {loaded[FS]}")
            ok(world.run("-r", xml=xml))
            need(FS not in world.loaded() and NAME + ".virtiofsd" not in world.files(), world.state())


def test_a_crash_is_repaired_for_both_profiles(world):
    """By a call that is about the other one."""
    xml, live = shares("/srv/a"), shares("/srv/a", "/srv/b")
    calls = ((("-r", "-F", "/x.img"), xml), (("-r",), live), (("-r", "--add-share", "/srv/c", "--share-socket", SOCKET % "fs2"), xml))
    nexts = (("-r", "--add-share", "/srv/hot", "--share-socket", SOCKET % "fs1"), ("-r", "-F", "/y.img"))
    world.touch(SOCKET % "fs1")
    world.touch(SOCKET % "fs2")
    for (args, of), after, point in itertools.product(calls, nexts, ("load", "loaded", "rename", "fsync-dir")):
        ok(world.run("-r" if NAME in world.files() else "-c", xml=xml))
        for alias in ("fs1", "fs2"):
            ok(world.run("-r", "-F", SOCKET % alias, xml=xml))
        need(world.run(*args, xml=of, fault=point + ":0:crash").returncode == -signal.SIGKILL, (args, point))
        ok(world.run(*after, xml=xml))
        files, loaded = world.state()
        for profile, rules in ((NAME, NAME + ".files"), (FS, NAME + ".virtiofsd")):
            need(files[rules] in loaded[profile], f"{args} {point}, then {after}: {profile} is not what is on disk")
        need(not [name for name in files if name.endswith((".dirty", ".tmp"))], sorted(files))
        ok(world.run("-D"))


WRITES = "PATH=/bin:/usr/bin:/sbin:/usr/sbin; export PATH\n"
WRITTEN = (  # by a parser that exits 0, of "$@" and its standard input; and words of what is said of it
    (": > $0.out", "has no profile"),
    ("echo rubbish > $0.out", "is not compiled policy"),
    ("head -c 16 $0.good > $0.out", "is not whole"),
    ("head -c 200 $0.good > $0.out", "is not whole"),
    ("head -c -1 $0.good > $0.out", "is not whole"),
    ("head -c -100 $0.good > $0.out", "is not whole"),
    ("(cat $0.good; echo) > $0.out", "is not whole"),
    ("(cat $0.good; head -c 40 $0.good) > $0.out", "is not whole"),
    ("cat $0.good $0.good > $0.out", "the same profile twice"),
    ("cat $0.other > $0.out", "does not have the profile"),
    ("cat $0.good $0.other > $0.out", "the profile other, which nobody asked for"),
    ("cat $0.other $0.good > $0.out", "the profile other, which nobody asked for"),
)


def test_what_the_parser_wrote_is_looked_at(world):
    """Before the kernel, which would take the profiles of others as well, has it."""
    ok(world.run("-c"))
    before = world.state()
    parser = os.path.join(world.top, "parser")
    real = shutil.which("apparmor_parser", path="/sbin:/usr/sbin")
    for write, words in WRITTEN:
        with open(parser, "w", encoding="utf8") as out:
            out.write(f"#!/bin/sh\n{WRITES}{real} \"$@\" > $0.good\necho 'profile other {{ /** rw, }}' > $0.text\n"
                      f"{real} --skip-kernel-load --stdout $0.text > $0.other\n{write}\ncat $0.out\n")
        os.chmod(parser, 0o755)
        fails(world.run("-r", disk="/b.img", wrap=("env", "HELPER_PARSER=" + parser)), words)
        same(world.state(), before, write)


def test_a_hotplugged_share_in_a_system_directory(world):
    ok(world.run("-c", xml=shares("/srv/a")))
    ok(world.run("-r", "-F", SOCKET % "fs1", xml=shares("/srv/a")))
    before = world.state()
    fails(world.add_share("/etc", "fs1"), "/etc", "allow-write")
    same(world.state(), before, "changed")
    fails(world.add_share("/etc", "fs1", "--share-readonly"), "/etc", "allow-read")
    done = world.add_share("/etc/nginx", "fs1", "--share-readonly")
    ok(done)
    need("/etc/nginx lies in" in done.stderr.decode(), done.stderr)
    for key, more in (("read", ["--share-readonly"]), ("write", ["--share-readonly"]), ("write", [])):
        with open(world.settings, "w", encoding="utf8") as out:
            out.write(f"[shares]\nallow-{key} = /etc\n")
        ok(world.add_share("/etc", "fs1", *more))
    with open(world.settings, "w", encoding="utf8") as out:
        out.write("[shares]\nallow-read = /etc\n")
    fails(world.add_share("/etc", "fs1"), "allow-write")


def test_records_change_with_the_policy_or_not_at_all(world):
    xml = shares("/srv/a")
    ok(world.run("-c", xml=xml))
    for fault in ("record:0:fail", "record:1:fail", "rename:2:fail", "load:0:fail", "fsync-dir:1:fail", "mark:0:fail"):
        before, recorded = world.state(), world.recorded()
        fails(world.run("-r", "-F", SOCKET % "fs0", xml=shares("/srv/a", "/srv/b"), fault=fault))
        same(world.state(), before, fault)
        same(world.recorded(), recorded, fault)
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
    before, recorded = world.state(), world.recorded()
    for fault in ("record:0:fail", "load:0:fail"):
        fails(world.add_share("/srv/hot", "fs0", fault=fault))
        same(world.state(), before, fault)
        same(world.recorded(), recorded, fault)


def test_a_crash_is_repaired_by_the_next_call_of_any_kind(world):
    calls = ((("-r",), shares("/srv/b")), (("-r", "-F", "/x.img"), shares("/srv/b")),
             (("-r", "-F", SOCKET % "fs0"), shares("/srv/b")))
    for point in ("rename:0", "rename:1", "fsync-dir:0", "fsync-dir:1", "load:0", "loaded:0"):
        for args, xml in calls:
            ok(world.run("-c" if NAME not in world.files() else "-r", xml=shares("/srv/a", "/srv/b")))
            done = world.run("-r", xml=xml, fault=point + ":crash")
            need(done.returncode == -signal.SIGKILL, f"{point}: {done.returncode}")
            # a call that fails repairs nothing, and must not hide that there is something to repair
            fails(world.run("-r", "-F", "/y.img", xml=xml, fault="create:0:fail"))
            ok(world.run(*args, xml=xml))
            loaded, files = world.loaded(), world.files()
            need("/srv/a" not in loaded[FS] and '"/srv/b/**" rwlk,' in loaded[FS], f"{point} {args}: {loaded[FS]}")
            need(files[NAME + ".files"] in loaded[NAME] and files[NAME + ".virtiofsd"] in loaded[FS], point)
            need(sorted(files) == [NAME, FS, NAME + ".files", NAME + ".virtiofsd"], sorted(files))


def test_a_crash_leaves_nothing_after_the_modes_without_xml(world):
    """Nor does the kernel have anything but what is on disk, or nothing."""
    xml, socket_call = shares("/srv/a"), ("-r", "-F", SOCKET % "fs1")
    crashing = (lambda fault: world.run("-r", xml=shares("/srv/b"), fault=fault),
                lambda fault: world.run(*socket_call, xml=xml, fault=fault))
    for point in ("create:0", "create:1", "write:1", "mark:0", "rename:0", "rename:1", "load:0"):
        for crash in crashing:
            for calls in (("-R",), ("-R", "-a"), ("-a",)):
                ok(world.run("-c" if NAME not in world.files() else "-r", xml=xml))
                ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
                if calls == ("-a",):
                    ok(world.run("-R"))
                done = crash(point + ":crash")
                # the kernel has what is announced already
                need(done.returncode == -signal.SIGKILL or crash is crashing[1] and point == "load:0",
                     f"{point} {calls}: {done.returncode}")
                for mode in calls:
                    ok(world.run(mode))
                    left = [name for top in (world.policy, world.records) for _, _, names in os.walk(top)
                            for name in names if re.search(r"\.(tmp[23]?|dirty|lock)$", name)]
                    need(not left, f"{point} {calls}: {left}")
                files, loaded = world.state()
                need((NAME in loaded) == (calls[-1] == "-a"), f"{point} {calls}: {sorted(loaded)}")
                need(not loaded or files[NAME + ".files"] in loaded[NAME] and files[NAME + ".virtiofsd"] in loaded[FS],
                     f"{point} {calls}")
                ok(world.run("-D"))


def test_shares_come_and_go(world):
    """Each sequence of attach (+), attach read-only (+r) and detach (-), and what is open after another call."""
    sequences = (
        # what was attached below another keeps its rules when that goes
        ("+0:/srv/wide +1:/srv/wide/narrow -0", {"/srv/wide/narrow": "rwlk"}),
        ("+0:/srv/twice +1:/srv/twice -0", {"/srv/twice": "rwlk"}),
        # what is detached is shut by the next call, whatever it is about
        ("+0:/srv/a +1:/srv/b -0", {"/srv/b": "rwlk"}),
        ("+0:/srv/wide +1:/srv/wide/narrow -0 -1", {}),
        ("+0:/srv/a -0 +r0:/srv/a", {"/srv/a": "rk"}),
        ("+0:/srv/a =  -0", {}),
        ("+0:/srv/a -0 +1:/srv/b = -1 +0:/srv/c", {"/srv/c": "rwlk"}),
    )
    for sequence, expected in sequences:
        world.run("-D")
        live = {}

        ok(world.run("-c" if NAME not in world.files() else "-r", xml=shares("/srv/start")))
        for step in sequence.split():
            if step == "=":
                ok(world.run("-r", xml=definition_of(live)))
                continue
            kind, rest = ("+r", step[2:]) if step.startswith("+r") else (step[0], step[1:])
            number, _, path = rest.partition(":")
            alias = f"fs1{number}"
            if kind == "-":
                del live[alias]
                os.unlink(world.host + SOCKET % alias)
                continue
            ok(world.run("-r", "-F", SOCKET % alias, xml=definition_of(live)))
            ok(world.add_share(path, alias, *(["--share-readonly"] if kind == "+r" else [])))
            world.touch(SOCKET % alias)
            loaded = world.loaded()[FS]
            need(f'"{path}/**" {"rk" if kind == "+r" else "rwlk"},' in loaded, f"{sequence} at {step}: {loaded}")
            live[alias] = (path, kind == "+r")
        ok(world.run("-r", "-F", "/any.img", xml=definition_of(live)))
        for text in (world.loaded()[FS], world.files()[NAME + ".virtiofsd"]):
            found = dict(re.findall(r'^  "(/srv/.*)/\*\*" (\w+),$', text, re.M))
            need(found.pop("/srv/start") == "rwlk", text)
            need(found == expected, f"{sequence}: {found}")
        ok(world.run("-r", xml=definition_of(live)))
        found = dict(re.findall(r'^  "(/srv/.*)/\*\*" (\w+),$', world.loaded()[FS], re.M))
        need({**expected, "/srv/start": "rwlk"} == found, f"{sequence}, whole: {found}")


def test_another_vms_record_is_never_touched(world):
    xml = shares("/srv/a")
    ok(world.run("-c", xml=xml))
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
    # the VM was killed without a word, and another one has its id and, to 20 characters, its name
    other = os.path.join(world.records, "sockets", (SOCKET % "fs0").replace("/", "%2F"))
    text = f"virt-aa-virtiofs 1\nprofile=libvirt-0{UUID[1:]}\ndomain=guest\n"
    with open(other, "w", encoding="utf8") as out:
        out.write(text)
    ok(world.run("-r", xml=xml.replace("id='7'", "id='8'")))
    need(open(other, encoding="utf8").read() == text, "changed by a start")
    ok(world.run("-D"))
    need(open(other, encoding="utf8").read() == text, "removed by a stop")


def test_a_virtiofsd_without_a_record(world):
    ask = world.ask_unrecorded
    before = world.state()
    ok(ask())
    for text, wanted in (("unrecorded = pass", None), ("unrecorded = refuse", "unrecorded = refuse"),
                         ("unrecorded = maybe", "line 2")):
        with open(world.settings, "w", encoding="utf8") as out:
            out.write(f"[virtiofsd]\n{text}\n")
        if wanted:
            fails(ask(), wanted)
        else:
            ok(ask())
    fails(ask("-r"), "alone")
    fails(ask("-u", NAME), "alone")
    same(world.state(), before, "changed")


def test_a_launcher_on_its_way_keeps_the_profile(world):
    """By the record that it holds, whether or not the VM's own record still names that."""
    xml, vm = shares("/srv/a"), os.path.join(world.records, "vms", NAME)
    record = os.path.join(world.records, "sockets", (SOCKET % "fs0").replace("/", "%2F"))
    for how, mode, between in itertools.product(("kept", "gone", "zeros"), ("-D", "-R"), ((), ("-r", "-F", "/x.img"))):
        what = f"{mode}, record {how}, after {between}"
        ok(world.run("-r" if NAME in world.files() else "-c", xml=xml))
        ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
        if how == "gone":
            os.unlink(vm)
        elif how != "kept":
            spoil(vm, how)
        if between:
            ok(world.run(*between, xml=xml))
        with open(record, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_SH)
            done = world.run(mode)
            ok(done)
            need("stays loaded" in done.stderr.decode(), f"{what}: {done.stderr}")
            need(FS in world.loaded() and "/srv/a" not in world.loaded()[FS], f"{what}: {world.loaded()}")
        ok(world.run("-r", xml=xml))
        ok(world.run("-D"))
        need(not world.loaded(), f"{what}: {world.loaded()}")


def test_a_vm_that_had_many_sockets(world):
    """Whoever attaches and detaches shares can give each a name of its own, and each leaves a record until the VM stops."""
    xml, vm = shares("/srv/a"), os.path.join(world.records, "vms", NAME)
    for mode, again in (("-D", ()), ("-R", ()), ("-D", ("-r",))):
        ok(world.run("-r" if NAME in world.files() else "-c", xml=xml))
        ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
        record = os.path.join(world.records, "sockets", (SOCKET % "fs0").replace("/", "%2F"))
        text = open(record, encoding="utf8").read()
        for number in range(700):
            path = record.replace("fs0", f"ua-{number}")
            with open(path, "w", encoding="utf8") as out:
                out.write(text)
            os.chmod(path, 0o600)
        named = f"listens={SOCKET % 'fs0'}\n"
        recorded = open(vm, encoding="utf8").read()
        with open(vm, "w", encoding="utf8") as out:
            out.write(recorded.replace(named, named + "".join(named.replace("fs0", f"ua-{n}") for n in range(700))))
        if again:
            ok(world.run(*again, xml=xml.replace("id='7'", "id='8'")))
            need(not world.recorded(), f"{len(world.recorded())} records are left by a start")
        done = world.run(mode)
        need(done.returncode == 0 and not done.stderr and not world.loaded(), f"{mode}: {done.stderr.decode()[:500]}")
        ok(world.run("-D"))
        need(not world.recorded(), f"{mode}: {len(world.recorded())} records are left")


def test_a_launcher_of_another_vm_keeps_no_profile(world):
    """Nor does it where it has the path that was this VM's."""
    xml = shares("/srv/a")
    ok(world.run("-c", xml=xml))
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
    record = os.path.join(world.records, "sockets", (SOCKET % "fs0").replace("/", "%2F"))
    text = open(record, encoding="utf8").read().replace(NAME, OTHER)
    with open(record, "w", encoding="utf8") as out:
        out.write(text)
    with open(record, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        done = world.run("-D")
        need(done.returncode == 0 and not done.stderr and not world.loaded(), done)
    need(open(record, encoding="utf8").read() == text, "another VM's record is gone")


def test_a_launcher_does_not_keep_its_vm_from_announcing(world):
    """It may be waiting, for this very call."""
    xml = shares("/srv/a")
    ok(world.run("-c", xml=xml))
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
    record = os.path.join(world.records, "sockets", (SOCKET % "fs0").replace("/", "%2F"))
    with open(record, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
        with open(world.settings, "w", encoding="utf8") as out:
            out.write("[virtiofsd]\noptions = --xattr\n")
        ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
    need("option=--xattr" in world.recorded()[SOCKET % "fs0"], world.recorded())


def test_a_record_that_a_launcher_has_is_not_taken_over(world):
    """It may be of another VM's run that nobody has seen the end of, and is waited for."""
    xml = shares("/srv/a")
    ok(world.run("-c", xml=xml))
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
    record = os.path.join(world.records, "sockets", (SOCKET % "fs0").replace("/", "%2F"))
    text = open(record, encoding="utf8").read()
    with open(record, "w", encoding="utf8") as out:
        out.write(text.replace(NAME, OTHER))
    with open(record, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        before = world.state(), world.recorded()
        fails(world.run("-r", "-F", SOCKET % "fs0", xml=xml), "is being used by another VM's call or virtiofsd")
        same((world.state(), world.recorded()), before, "changed")
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
    need(open(record, encoding="utf8").read() == text, "not this VM's")


def test_load_as_it_is(world):
    ok(world.run("-c"))
    ok(world.run("-R"))
    rules = os.path.join(world.policy, NAME + ".files")
    with open(rules, "w", encoding="utf8") as out:
        out.write("damaged")
    fails(world.run("-a"), "damaged")
    need(not world.loaded(), world.loaded())
    os.unlink(rules)
    os.mkfifo(rules)
    fails(world.run("-a"), NAME + ".files")
    os.unlink(rules)
    ok(world.run("-a"))


def test_guest_memory(world):
    ok(world.run("-c", xml=shares("/srv/a")))
    for path in ("/mnt/libvirt/qemu/7-guest/{,**}", "/run/libvirt/qemu/channel/7-guest/{,**}", "/mnt/libvirt/qemu/8-other/{,**}"):
        ok(world.run("-r", "-F", path, xml=shares("/srv/a")))
    rules = world.files()[NAME + ".virtiofsd"]
    need('"/mnt/libvirt/qemu/7-guest/{,**}" rw,' in rules and "channel" not in rules and "8-other" not in rules, rules)
    need('"/mnt/libvirt/qemu/7-guest/{,**}" rw,' in world.loaded()[FS], world.loaded()[FS])
    ok(world.run("-r", xml=shares("/srv/b")))
    need('"/mnt/libvirt/qemu/7-guest/{,**}" rw,' in world.files()[NAME + ".virtiofsd"], world.files()[NAME + ".virtiofsd"])


def test_a_profile_in_use_stays(world):
    ok(world.run("-c", xml=shares("/srv/a")))
    in_use = os.path.join(world.kernel, "in-use")
    os.makedirs(in_use, exist_ok=True)
    with open(os.path.join(in_use, FS), "w", encoding="utf8"):
        pass
    for mode in ("-R", "-D"):
        done = world.run(mode)
        ok(done)
        need(f"{FS} stays loaded" in done.stderr.decode(), done.stderr)
        need(FS in world.loaded() and NAME not in world.loaded(), world.loaded())
    os.unlink(os.path.join(in_use, FS))
    ok(world.run("-D"))
    need(not world.loaded() and sorted(world.files()) == [NAME, FS], world.state())


def test_a_virtiofsd_without_the_launcher(world):
    xml = shares("/srv/a", binary="<binary path='/usr/libexec/virtiofsd'/>")
    ok(world.run("-c", xml=xml))
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))
    with open(world.launcher_json, "w", encoding="utf8"):
        pass
    fails(world.run("-r", "-F", SOCKET % "fs0", xml=xml), "/usr/libexec/virtiofsd", "allow-unconfined")
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml.replace("/usr/libexec/virtiofsd", "/launcher")))
    with open(world.settings, "w", encoding="utf8") as out:
        out.write("[virtiofsd]\nallow-unconfined = /usr/libexec/virtiofsd\n")
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=xml))


def test_a_virtiofsd_behind_a_link(world):
    """What counts is where the name leads to, at its end or on its way."""
    def announce(binary):
        return world.run("-r", "-F", SOCKET % "fs0", xml=shares("/srv/a", binary=f"<binary path='{binary}'/>"))

    for program in ("/opt/good/v", "/opt/bad/v"):
        world.touch(program)
    for link, target in (("/opt/good/to-bad", "/opt/bad/v"), ("/opt/bad/to-good", "../good/v"), ("/opt/dir", "good"),
                         ("/opt/two", "/opt/bad/to-good"), ("/opt/good/nowhere", "/opt/good/none"),
                         ("/opt/good/loop", "loop")):
        os.symlink(target, world.host + link)
    with open(world.launcher_json, "w", encoding="utf8"), open(world.settings, "w", encoding="utf8") as out:
        out.write("[virtiofsd]\nallow-unconfined = /opt/good/v; /opt/good/to-bad; /opt/good/gone\n")
    ok(world.run("-c", xml=shares("/srv/a")))
    for binary in ("/opt/good/v", "/opt/bad/to-good", "/opt/dir/v", "/opt/two", "/opt/good/../good/v"):
        ok(announce(binary))
    # the name that is in the file is that of a link, and the person is told the one that is no link
    for binary, named in (("/opt/bad/v", "/opt/bad/v"), ("/opt/good/to-bad", "/opt/bad/v"), ("/opt/dir/to-bad", "/opt/bad/v"),
                          ("/opt/good/../bad/v", "/opt/bad/v"), ("/opt/good/nowhere", "/opt/good/nowhere"),
                          ("/opt/good/loop", "/opt/good/loop")):
        fails(announce(binary), f"libvirtd would run {binary} itself", f'"allow-unconfined = {named}"')
    fails(announce("/opt/good/v/../../bad/v"), "write the path without")
    # what is not there yet goes by its name
    ok(announce("/opt/good/gone"))


def test_bad_settings_stop_only_who_needs_them(world):
    with open(world.settings, "w", encoding="utf8") as out:
        out.write("[shares]\nallow = /\n")
    done = world.run("-c")
    ok(done)
    need(b"line 2" in done.stderr, done.stderr)
    done = world.run("-r", xml=shares("/srv/a"))
    fails(done, "line 2", "'allow'")
    need(done.stderr.count(b"line 2") == 1, done.stderr)
    os.unlink(world.settings)


def test_settings_that_cannot_be_read_stop_only_who_needs_them(world):
    def too_large():
        with open(world.settings, "w", encoding="utf8") as out:
            out.write("#" * (11 << 20))

    def put(then):
        with open(world.settings, "w", encoding="utf8") as out:
            out.write("[shares]\n")
        then()

    # it may have made the share read-only
    ways = (
        (lambda: os.mkdir(world.settings), os.rmdir, "is not a regular file"),
        (lambda: os.mkfifo(world.settings), os.unlink, "is not a regular file"),
        (lambda: os.symlink("/there", world.settings), os.unlink, "is a symbolic link"),
        (too_large, os.unlink, "is larger than"),
    )
    if os.geteuid() == 0:
        ways += (
            (lambda: put(lambda: os.chown(world.settings, 1, 1)), os.unlink, "can be changed by others than root"),
            (lambda: put(lambda: os.chmod(world.settings, 0o664)), os.unlink, "can be changed by others than root"),
            (lambda: put(lambda: os.link(world.settings, world.settings + ".other")), os.unlink, "has a second name"),
        )
    ok(world.run("-c"))
    for make, remove, words in ways:
        make()
        before = world.state()
        done = world.run("-r", xml=shares("/srv/a"))
        fails(done, world.settings, words)
        need(done.stderr.count(b"\n") == 1, done.stderr)
        same(world.state(), before, words)
        done = world.run("-r")
        ok(done)
        need(f"{world.settings} {words}" in done.stderr.decode(), done.stderr)
        remove(world.settings)


def test_a_wrong_line_is_said_once(world):
    """And before what the file may allow, which would send people to a line that they have written."""
    with open(world.settings, "w", encoding="utf8") as out:
        out.write("[shares]\nallow-write = /etc\nallow-read = /usr/\n")
    done = world.run("-c", xml=shares("/etc"))
    fails(done, "line 3: [shares] allow-read: '/usr/' ends in a slash")
    need(done.stderr.count(b"\n") == 1, done.stderr)
    done = world.run("-c", disk="/etc/a")
    fails(done, "warning: %s: line 3: [shares] allow-read" % world.settings, "which may allow it")
    need(b"allow-write" not in done.stderr and done.stderr.count(b"line 3") == 1, done.stderr)
    done = world.run("-c", xml="<domain>")
    need(b"line 3" not in done.stderr, done.stderr)


COMMAND_LINES = (
    (["--foo"], "unsupported option '--foo'"),
    (["-x"], "unsupported option '-x'"),
    (["-cx"], "unsupported option '-x'"),
    (["--create", "-xz"], "unsupported option '-x'"),
    (["-p", "1", "-c"], "unsupported option '-p'"),
    (["--dry-run=3"], "unsupported option '--dry-run=3'"),
    (["--check=3"], "unsupported option '--check=3'"),
    (["--re"], "unsupported option '--re'"),
    (["-c", "-u"], "option '-u' has no value"),
    (["-c", "--uuid"], "option '--uuid' has no value"),
    (["-c"], "invalid UUID: -u libvirt-UUID is missing"),
    (["-c", "-u", "foo"], "invalid UUID: 'foo' is not of the form libvirt-UUID"),
    (["-c", "-u", UUID], f"invalid UUID: '{UUID}' is not"),
    (["-c", "-u", NAME + "0"], f"invalid UUID: '{NAME}0' is not"),
    (["-c", "-u", "a\nb"], "invalid UUID: 'a\\012b' is not"),
    (["-c", "-D", "-u", NAME], "--create and --delete contradict each other"),
    (["-c", "-r", "-u", NAME], "--create and --replace contradict each other"),
    (["-R", "-D", "-u", NAME], "--remove and --delete contradict each other"),
    (["-aR", "-u", NAME], "--add and --remove contradict each other"),
    (["-c", "-f", "/a", "-F", "/b", "-u", NAME], "--add-file and --append-file contradict each other"),
    (["-r", "-F", "/a", "-F", "/b", "-u", NAME], "'/a' and '/b' are given for the same option"),
    (["-c", "-u", NAME, "-u", NAME + "0"], "are given for the same option"),
    (["-R", "-f", "/a", "-u", NAME], "go with --create and --replace only, not with --remove"),
    (["-D", "-F", "/a", "-u", NAME], "not with --delete"),
    (["-c", "--share-readonly", "-u", NAME], "go with --add-share only"),
    (["-c", "--check", "-u", NAME], "go with --dryrun only"),
    (["-c", "-u", NAME, "x"], "unexpected argument 'x'"),
)


def test_command_lines_that_are_refused(world):
    world.put(NAME, "profile of the administrator's\n")
    before = world.state()
    for args, words in COMMAND_LINES:
        done = subprocess.run([world.helper, *args], env=world.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90, check=False)
        fails(done, words)
        # one line, and not getopt's before ours
        need(done.stderr.count(b"\n") == 1 and not done.stdout, f"{args}: {done.stderr!r} {done.stdout!r}")
        same(world.state(), before, str(args))


def test_what_a_person_asks(world):
    def ask(*args):
        return subprocess.run([world.helper, *args], env=world.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90, check=False)
    for args, status in ((["--help"], 0), (["-h"], 0), (["-u", NAME], 1)):
        done = ask(*args)
        need(done.returncode == status and b"Usage: " in done.stdout and not done.stderr, f"{args}: {done}")
        for option in ("--create", "--dryrun", "--check", "--policy-dir DIR", "-F, --append-file FILE"):
            need(option in done.stdout.decode(), option)
    done = ask("--version")
    need(done.returncode == 0 and re.fullmatch(rb"\S+ \(\S+\) [0-9.]+\n", done.stdout), done)
    for args in (["-r", "--add-share", "/a"], ["-c", "--add-share", "/a", "--share-socket", "/s"],
                 ["-r", "--add-share", "/a", "--share-socket", "/s", "-F", "/b"],
                 ["-r", "-d", "--add-share", "/a", "--share-socket", "/s"]):
        fails(world.run(*args), "--add-share goes with --replace and --share-socket, and nothing else")


def test_a_dry_run_compiles_what_it_is_told_to(world):
    other = os.path.join(world.top, "other")
    os.makedirs(other)
    before = world.state()
    done = world.run("-c", "--dryrun", "--check", xml=shares("/srv/a"))
    ok(done)
    for profile in (NAME, FS):
        need(f"The parser accepts the policy of {profile}." in done.stderr.decode(), done.stderr)
    need("accepts" not in world.run("-c", "--dryrun").stderr.decode(), "it was not asked")
    with open(os.path.join(other, "TEMPLATE.qemu"), "w", encoding="utf8") as out:
        out.write(TEMPLATE.replace("rmix,", "nonsense"))
    fails(world.run("-c", "--dryrun", "--check", "--policy-dir", other), "arser")
    ok(world.run("-c", "--dryrun", "--policy-dir", other))
    # what is not there is taken from where the real thing is, and the other way round
    os.rename(os.path.join(other, "TEMPLATE.qemu"), os.path.join(other, "TEMPLATE.lxc"))
    ok(world.run("-c", "--dryrun", "--check", "--policy-dir", other))
    same(world.state(), before, "changed")
    shutil.rmtree(world.policy)
    fails(world.run("-c", "--dryrun", "--check", "--policy-dir", other), f"{other}/TEMPLATE.qemu")
    fails(world.run("-c", "--dryrun", "--check"), f"{world.policy}/TEMPLATE.qemu")


def test_what_is_said_twice_is_said(world):
    ok(world.run("-c", "-c", "--create", "-u", NAME, "-f", "/b", "--add-file", "/b"))


def test_a_terminal_is_told_what_is_waited_for(world):
    for args in (["-c", "--dry-run"], ["-c"]):
        try:
            ours, theirs = pty.openpty()
        except OSError as problem:
            raise Skipped(f"no terminal can be had here: {problem}") from problem
        with subprocess.Popen([world.helper, *args, "-u", NAME], stdin=theirs, stderr=subprocess.PIPE,
                              env=world.environment()) as helper:
            os.close(theirs)
            # before it has anything to read
            need(select.select([helper.stderr], [], [], 60)[0], "nothing is said")
            said = os.read(helper.stderr.fileno(), 4096).decode()
            need("waiting for the domain's XML" in said and said.count("\n") == 1, said)
            os.write(ours, (XML % "/a.img").encode() + b"\n\x04")
            rest = helper.stderr.read().decode()
            need(helper.wait(60) == 0 and "waiting" not in rest, rest)
        os.close(ours)
    done = world.run("-r")
    ok(done)
    need(b"waiting" not in done.stderr, done.stderr)


def test_what_is_covered_is_not_compiled(world):
    xml = shares("/srv/a")
    tree = "/var/lib/libvirt/qemu/domain-7-guest"
    calls = (  # and how often the parser runs: once for each profile
        (("-c",), 2),
        (("-r", "-F", tree + "/{,**}"), 0),
        (("-r", "-F", "/there/{,**}"), 1),
        (("-r", "-F", "/there/{,**}"), 0),
        (("-r", "-F", "/there/file"), 0),
        (("-r", "-F", "/there"), 1),
        (("-r", "-F", tree + "/master-key.aes"), 0),
        (("-r", "-F", tree + "/a/b"), 0),
        (("-r", "-F", SOCKET % "fs0"), 0),
        (("-r", "-F", tree), 1),
        (("-r", "-F", tree + "er/x"), 1),
        (("-r", "-F", "/dev/net/tun"), 1),
        (("-r", "-F", "/dev/net/tun"), 0),
        (("-r", "-F", "/dev/iommu"), 1),
        # what libvirtd has made anew it has made anew
        (("-r",), 2),
        (("-r",), 2),
    )
    os.makedirs(world.host + "/there")
    world.count_compiles()
    for args, wanted in calls:
        before = world.state()
        ok(world.run(*args, xml=xml))
        found = world.compiles()
        need(found == wanted, f"{args}: {found} runs of the parser, not {wanted}")
        need(wanted or world.state() == before, f"{args}: changed")
    need(world.recorded(), "the socket is not recorded")


START = """<domain type='kvm' id='%d'><name>guest</name><uuid>%s</uuid><memoryBacking>%s</memoryBacking>
<os><type>hvm</type></os><devices>%s<interface type='network'><model type='e1000'/></interface></devices></domain>"""


def test_a_start_is_compiled_once(world):
    """The calls of a start, as libvirt 9.0, 11.3 and 12.8 make them; then another start, of another id."""
    library = world.host + sys.argv[2]
    lib, run = "/var/lib/libvirt/qemu", "/run/libvirt/qemu"
    shared = "<access mode='shared'/>"
    share = SHARE % ("", "/srv/a", 1, "<alias name='fs0'/>")
    cases = (  # version, what of the memory, devices, what else is announced, runs of the parser
        ("9000", "", "", [f"{lib}/channel/target/domain-%s/{{,**}}"], 1),
        ("9000", shared, share, [f"{lib}/channel/target/domain-%s/{{,**}}", f"{lib}/ram/%s/{{,**}}"], 2),
        ("11003", "", "", [f"{run}/channel/%s/{{,**}}", "/dev/userfaultfd"], 1),
        ("11003", "<source type='file'/>", share,
         [f"{run}/channel/%s/{{,**}}", "/dev/hugepages/libvirt/qemu/%s/{,**}", f"{lib}/ram/%s/{{,**}}", "/dev/userfaultfd"], 2),
        ("12008", "<source type='memfd'/>" + shared, share,
         [f"{run}/channel/%s/{{,**}}", f"{lib}/ram/%s/{{,**}}", "/dev/userfaultfd"], 2),
    )
    world.count_compiles()
    for folder in (lib + "/channel/target", lib + "/ram", "/dev/hugepages/libvirt/qemu", "/dev/net"):
        os.makedirs(world.host + folder)
    os.makedirs(library)
    world.touch("/dev/userfaultfd")
    for number, (version, memory, devices, more, wanted) in enumerate(cases, 5):
        name = f"{number}-guest"
        xml = START % (number, UUID, memory, devices)
        announced = [argument.replace("%s", name) for argument in [f"{lib}/domain-%s/{{,**}}", *more, f"{lib}/domain-%s/master-key.aes"]]
        announced += [f"{lib}/domain-{name}/fs0-fs.sock"] if devices else []
        announced += ["/dev/net/tun"] * 2
        if version != "9000":
            os.makedirs(world.host + run + "/channel", exist_ok=True)
        for link in os.listdir(library):
            os.unlink(os.path.join(library, link))
        world.touch(sys.argv[2] + f"/libvirt.so.0.{version}.0")
        os.symlink(f"libvirt.so.0.{version}.0", library + "/libvirt.so.0")
        ok(world.run("-r" if NAME in world.files() else "-c", xml=xml))
        rules = world.files()[NAME + ".files"]
        for argument in announced:
            ok(world.run("-r", "-F", argument, xml=xml))
        found = world.compiles()
        need(found == wanted, f"{version} {devices}: {found} runs of the parser, not {wanted}")
        same(world.files()[NAME + ".files"], rules, f"{version} {devices}")
        # nothing is foreseen that is not announced
        heading = "  # foreseen: what libvirtd announces during this start\n"
        need(heading in rules, rules)
        foreseen = re.findall(r'^  "(.*)" rwk,$', rules.split(heading)[1], re.M)
        need(set(foreseen) <= set(announced), f"{version}: {set(foreseen) - set(announced)}")
        ok(world.run("-D"))


def test_the_first_share_is_attached_with_one_compilation(world):
    """Where the XML has none, and libvirt lets one be attached, as the memory is shared: virtiofsd's profile."""
    ok(world.run("-c", xml=shares().replace(" id='7'", "")))
    need(FS not in world.loaded()[NAME], "of a VM that is off")
    world.count_compiles()
    ok(world.run("-r", xml=shares()))
    need(world.compiles() == 1, "not compiled")
    ok(world.run("-r", "-F", SOCKET % "fs0", xml=shares()))
    ok(world.add_share("/srv/attached", "fs0"))
    found = world.compiles()
    need(found == 1, f"{found} runs of the parser")
    need(f"peer=(label={FS})" in world.loaded()[NAME] and '"/srv/attached/**" rwlk,' in world.loaded()[FS], world.loaded())


def test_what_was_foreseen_ends_with_the_start(world):
    ok(world.run("-c", xml=shares("/srv/a").replace(" id='7'", "")))
    need("foreseen" not in world.files()[NAME + ".files"], "of a VM that is off")
    ok(world.run("-r", xml=shares("/srv/a")))
    need("foreseen" in world.files()[NAME + ".files"], "not of a start")
    ok(world.run("-r", xml=shares("/srv/a")))
    need("foreseen" not in world.files()[NAME + ".files"], "of a VM that has started long ago")


def test_a_lost_record_widens_nothing(world):
    """What was recorded of QEMU's rules is gone, and their text is no record."""
    xml, record, rules = shares("/srv/a"), os.path.join(world.records, "vms", NAME), os.path.join(world.policy, NAME + ".files")

    def begin():
        ok(world.run("-c" if NAME not in world.files() else "-r", xml=xml))
        ok(world.run("-r", xml=xml))
        ok(world.run("-r", "-F", "/old.img", xml=xml))
        need("foreseen" not in world.files()[NAME + ".files"] and '"/old.img"' in world.loaded()[NAME], world.files())
        with open(rules, "a", encoding="utf8") as out:
            out.write('  "/by/hand" r,\n')

    for how in SPOILT:
        begin()
        spoil(record, how)
        done = world.run("-r", xml=xml)
        ok(done)
        text = world.loaded()[NAME]
        need("is lost" in done.stderr.decode() and "foreseen" not in text and "old.img" not in text, f"{how}: {text}")
    # another run, and a lost record of this one
    for late, spoils in ((xml.replace("id='7'", "id='9'"), False), (xml, True)):
        ok(world.run("-D"))
        begin()
        if spoils:
            spoil(record, "zeros")
        ok(world.run("-r", "-F", "/new.img", xml=late))
        text = world.loaded()[NAME]
        need('"/new.img" rwk,' in text and "guest.log" in text, text)
        need("old.img" not in text and "by/hand" not in text and "foreseen" not in text, text)
        ok(world.run("-r", "-F", "/newer.img", xml=late))
        need('"/new.img" rwk,' in world.loaded()[NAME] and '"/newer.img" rwk,' in world.loaded()[NAME], world.loaded())


def test_rules_that_never_had_a_record_are_kept(world):
    """As of a VM that libvirt's helper started: it has disks that were attached to it."""
    xml, record, rules = shares("/srv/a"), os.path.join(world.records, "vms", NAME), os.path.join(world.policy, NAME + ".files")
    ok(world.run("-c", xml=xml))
    ok(world.run("-r", "-F", "/old.img", xml=xml))
    os.unlink(record)
    for path in ("/new.img", "/newer.img"):
        ok(world.run("-r", "-F", path, xml=xml))
        need(f'"{path}" rwk,' in world.loaded()[NAME] and '"/old.img" rwk,' in world.loaded()[NAME], world.loaded())
    # and when that text is lost, the XML is what is left
    spoil(rules, "zeros")
    ok(world.run("-r", "-F", "/last.img", xml=xml))
    text = world.loaded()[NAME]
    need("old.img" not in text and '"/last.img" rwk,' in text and "guest.log" in text, text)
    ok(world.run("-r", "-F", "/more.img", xml=xml))
    need('"/last.img" rwk,' in world.loaded()[NAME] and '"/more.img" rwk,' in world.loaded()[NAME], world.loaded())


def test_when_it_must_not_be_skipped(world):
    """Each way in which the kernel may come to have another policy than the one that was compiled last."""
    again = ("-r", "-F", "/x.img")

    def reload_by_hand():
        # what the parser makes of the files: the same name, the same rules
        with open(os.path.join(world.kernel, "profiles", NAME), "w", encoding="utf8") as out:
            out.write(world.files()[NAME] + world.files()[NAME + ".files"])

    def no_answers():
        with open(os.path.join(world.kernel, "no-answers"), "w", encoding="utf8"):
            pass

    def crash(point):
        done = world.run("-r", "-F", f"/y-{point}.img", fault=point + ":0:crash")
        need(done.returncode == -signal.SIGKILL, f"{point}: {done.returncode}")

    def half_way():
        # compiled and refused: what was there before is there still, and so is what was known of it
        fails(world.run("-r", "-F", "/z.img", fault="load:0:fail"))

    def reboot():
        shutil.rmtree(world.records)
        shutil.rmtree(world.kernel)
        os.makedirs(world.kernel)

    def edited_rules():
        with open(os.path.join(world.policy, NAME + ".files"), "a", encoding="utf8") as out:
            out.write('  "/by/hand" r,\n')

    cases = (
        ("nothing happened", lambda: None, 0),
        ("unloaded, as aa-teardown does", lambda: world.forget(NAME), 1),
        ("apparmor_parser -r", reload_by_hand, 1),
        ("a kernel that does not answer", no_answers, 1),
        ("unloaded by the helper", lambda: ok(world.run("-R")), 1),
        ("unloaded and loaded as it is", lambda: [ok(world.run("-R")), ok(world.run("-a"))], 0),
        ("a crash before the load", lambda: crash("load"), 1),
        ("a crash after the load", lambda: crash("loaded"), 1),
        ("a load that was refused", half_way, 0),
        ("a reboot", reboot, 1),
        ("the record is gone", lambda: shutil.rmtree(os.path.join(world.records, "vms")), 1),
        ("the rules were edited", edited_rules, 1),
        ("the rules were edited, and the record is gone",
         lambda: [edited_rules(), shutil.rmtree(os.path.join(world.records, "vms")), ok(world.run(*again)), edited_rules()], 1),
        ("the rules are gone", lambda: os.unlink(os.path.join(world.policy, NAME + ".files")), 1),
    )
    ok(world.run("-c"))
    world.count_compiles()
    for what, happens, wanted in cases:
        ok(world.run("-r"))
        ok(world.run(*again))
        happens()
        world.compiles()
        ok(world.run(*again))
        found = world.compiles()
        need(found == wanted, f"{what}: {found} runs of the parser, not {wanted}")
        if os.path.exists(world.kernel + "/no-answers"):
            os.unlink(world.kernel + "/no-answers")
        need('"/x.img" rwk,' in world.loaded()[NAME] and '"/x.img"' in world.files()[NAME + ".files"], what)


def test_what_is_included_has_changed(world):
    """At any depth and in any way, of which none shows in the text of the profile or in the rules."""
    top = os.path.dirname(world.policy)
    again = ("-r", "-F", "/x.img")

    def put(name, text):
        os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
        with open(os.path.join(top, name), "w", encoding="utf8") as out:
            out.write(text)

    def put_old(name, text):
        """As a copy that keeps the times."""
        before = os.stat(os.path.join(top, name))
        with open(os.path.join(top, name), "r+", encoding="utf8") as out:
            out.write(text)
        os.utime(os.path.join(top, name), ns=(before.st_atime_ns, before.st_mtime_ns))
        need(os.stat(os.path.join(top, name)).st_size == before.st_size, "another size")

    def link(name, to):
        if os.path.lexists(os.path.join(top, name)):
            os.unlink(os.path.join(top, name))
        os.symlink(to, os.path.join(top, name))

    def upgrade():
        copy = parser + ".new"
        shutil.copy(parser, copy)
        os.rename(copy, parser)

    put("abstractions/mine", "  include <abstractions/deeper>\n  #include if exists <abstractions/mine.d>\n"
        f"  include if exists <local/abs>\n  include if exists \"{top}/quoted\"\n  include if exists <abstractions/absent>\n"
        "  include <\"abstractions/in quotes\">\n  include <abstractions/mine.d/below>\n")
    put("abstractions/in quotes", "  /i1 r,\n")
    put("abstractions/mine.d/below/x", "  /b1 r,\n")
    put("abstractions/deeper", "  /a1 r,\n  include <abstractions/linked>\n")
    put("one", "  /one r,\n")
    put("two", "  /two r,\n")
    link("abstractions/linked", "../one")
    put("tunables/mine", "@{MINE}=/mine\n")
    own(world, "  include if exists <abstractions/of-own-rules>\n")
    world.put("TEMPLATE.qemu", TEMPLATE.replace("rmix,", "rmix,\n  #include <abstractions/mine>\n  @{MINE}/x r,")
              .replace("<tunables/global>", "<tunables/global>\n#include <tunables/mine>"))
    os.environ["HELPER_INCLUDE_DIR"] = top
    world.count_compiles()
    parser = os.environ["HELPER_PARSER"]
    ok(world.run("-c"))
    ok(world.run(*again))
    cases = (
        ("nothing", lambda: None, 0),
        ("the file", lambda: put("abstractions/mine", "  /m r,\n" + open(os.path.join(top, "abstractions/mine"), encoding="utf8").read()), 1),
        ("one below it", lambda: put("abstractions/deeper", "  /a2 r,\n  include <abstractions/linked>\n"), 1),
        ("with the same size and times", lambda: put_old("abstractions/deeper", "  /a3 r,\n"), 1),
        ("its times only", lambda: os.utime(os.path.join(top, "abstractions/deeper"), (1, 1)), 0),
        ("where a link leads", lambda: link("abstractions/linked", "../two"), 1),
        ("what a link leads to", lambda: put("two", "  /three r,\n"), 1),
        ("a new file in a directory", lambda: put("abstractions/mine.d/x", "  /x1 r,\n"), 1),
        ("a file in a directory", lambda: put("abstractions/mine.d/x", "  /x2 r,\n"), 1),
        ("a file's name in a directory", lambda: os.rename(os.path.join(top, "abstractions/mine.d/x"), os.path.join(top, "abstractions/mine.d/y")), 1),
        ("a file in a directory is gone", lambda: os.unlink(os.path.join(top, "abstractions/mine.d/y")), 1),
        ("a hidden file", lambda: put("abstractions/mine.d/.x", "  /x1 r,\n"), 0),
        ("what is included if it exists", lambda: put("local/abs", "  /l r,\n"), 1),
        ("it is gone again", lambda: os.unlink(os.path.join(top, "local/abs")), 1),
        ("by a path", lambda: put("quoted", "  /q r,\n"), 1),
        ("in quotes", lambda: put("abstractions/in quotes", "  /i2 r,\n"), 1),
        ("in a directory that lies in one", lambda: put("abstractions/mine.d/below/x", "  /b2 r,\n"), 1),
        ("a directory where there was nothing", lambda: put("abstractions/absent/x", "  /d r,\n"), 1),
        ("a variable", lambda: put("tunables/mine", "@{MINE}=/yours\n"), 1),
        ("by the own rules", lambda: put("abstractions/of-own-rules", "  /o r,\n"), 1),
        ("the parser", upgrade, 1),
    )
    for what, happens, wanted in cases:
        happens()
        world.compiles()
        ok(world.run(*again))
        found = world.compiles()
        need(found == wanted, f"{what}: {found} runs of the parser, not {wanted}")
        ok(world.run(*again))
        need(world.compiles() == 0, f"{what}: compiled once more for nothing")
    # what cannot be read is not known
    link("abstractions/mine.d/pipe", "../pipe")
    os.mkfifo(os.path.join(top, "abstractions/pipe"))
    for _ in range(2):
        ok(world.run(*again))
        need(world.compiles() == 1, "skipped beside a pipe")


def test_a_skip_is_said_where_libvirtd_logs_that_much(world):
    ok(world.run("-c"))
    for outputs, wanted in (("3:stderr", False), ("1:stderr", True), ("3:file:/x 1:journald", True), ("11:stderr", False)):
        os.environ["LIBVIRT_LOG_OUTPUTS"] = outputs
        ok(world.run("-r", "-F", "/x.img"))
        done = world.run("-r", "-F", "/x.img")
        need((f"debug: {NAME}: " in done.stderr.decode()) == wanted, f"{outputs}: {done.stderr.decode()}")


def test_a_failure_points_to_virt_aa_ctl_where_libvirtd_logs_it(world):
    # the path is in a system directory
    pointer = f'virt-aa-helper: "virt-aa-ctl why {NAME[len("libvirt-"):]}" says more'
    for outputs, wanted in (("3:stderr", True), (None, False)):
        os.environ.pop("LIBVIRT_LOG_OUTPUTS", None)
        if outputs:
            os.environ["LIBVIRT_LOG_OUTPUTS"] = outputs
        done = world.run("-r", "-F", "/etc/shadow")
        need(done.returncode == 1, done)
        lines = done.stderr.decode().splitlines()
        need("error: " in lines[-2 if wanted else -1], lines)
        need((lines[-1].split(": ", 1)[1] == pointer.split(": ", 1)[1]) == wanted, lines)


def main():
    helper, failed, skipped = sys.argv[1], 0, 0
    tests = {name[5:]: call for name, call in globals().items() if name.startswith("test_")}
    kept = dict(os.environ)
    for name, call in tests.items():
        world = World(helper)
        try:
            call(world)
            print("ok", name)
        except Skipped as reason:
            skipped += 1
            print("SKIPPED", name, reason)
        except (AssertionError, KeyError, OSError, subprocess.TimeoutExpired) as problem:
            failed += 1
            said = str(problem) if isinstance(problem, AssertionError) else repr(problem)
            print("not ok", name, "\n   ", said.replace("\n", "\n    "))
        finally:
            world.close()
            os.environ.clear()
            os.environ.update(kept)
    print(f"{len(tests) - failed - skipped} of {len(tests)} passed, {skipped} skipped")
    return 1 if failed or skipped and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
