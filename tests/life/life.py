#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lives of a VM's policy: what is on disk and in the kernel after calls that fail, crash or collide.

usage: life.py HELPER-UNDER-TEST
"""
import concurrent.futures, itertools, os, shutil, signal, subprocess, sys, tempfile

UUID = "6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f"
NAME = "libvirt-" + UUID
TEMPLATE = """#include <tunables/global>

profile LIBVIRT_TEMPLATE flags=(attach_disconnected) {
  /usr/bin/qemu-system-x86_64 rmix,
}
"""
XML = """<domain type='kvm'><name>guest</name><uuid>%s</uuid><os><type>hvm</type></os><devices>
<disk><source file='%%s'/><target dev='vda'/></disk></devices></domain>""" % UUID


class World:
    """An empty policy directory, kernel and host."""

    def __init__(self, helper):
        self.helper = helper
        self.top = tempfile.mkdtemp(prefix="life-")
        self.policy = os.path.join(self.top, "policy", "libvirt")
        self.kernel = os.path.join(self.top, "kernel")
        self.host = os.path.join(self.top, "host")
        for folder in (self.policy, self.kernel, self.host):
            os.makedirs(folder)
        self.put("TEMPLATE.qemu", TEMPLATE)

    def put(self, name, text):
        with open(os.path.join(self.policy, name), "w", encoding="utf8") as out:
            out.write(text)

    def run(self, *args, disk="/a.img", fault="", **kwargs):
        env = dict(os.environ, HELPER_POLICY_DIR=self.policy, HELPER_KERNEL_DIR=self.kernel,
                   HELPER_HOST_ROOT=self.host, HELPER_FAULT=fault)
        return subprocess.run([self.helper, *args, "-u", NAME], input=(XML % disk).encode(), env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90, check=False, **kwargs)

    def files(self):
        state = {}
        for name in sorted(os.listdir(self.policy)):
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

    def state(self):
        return self.files(), self.loaded()

    def close(self):
        shutil.rmtree(self.top)


def need(condition, message):
    if not condition:
        raise AssertionError(message)


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
    need(sorted(files) == ["TEMPLATE.qemu", NAME, NAME + ".files"], sorted(files))
    need(list(loaded) == [NAME], loaded)
    need('"/a.img" rwk,' in loaded[NAME], loaded)
    ok(world.run("-r", disk="/b.img"))
    need('"/b.img" rwk,' in world.loaded()[NAME] and '"/a.img"' not in world.loaded()[NAME], world.loaded())
    ok(world.run("-r", "-F", "/c.img", disk="/x.img"))
    rules = world.files()[NAME + ".files"]
    need('"/b.img"' in rules and '"/c.img" rwk' in rules and "/x.img" not in rules, rules)
    ok(world.run("-D"))
    files, loaded = world.state()
    need(sorted(files) == ["TEMPLATE.qemu", NAME] and not loaded, (files, loaded))
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
    need(world.loaded() == loaded, "changed")
    ok(world.run("-R"))
    ok(world.run("-a"))
    need(world.loaded() == loaded, (world.loaded(), loaded))


def test_dry_run_changes_nothing(world):
    for args in (("-c",), ("-r",), ("-r", "-f", "/x"), ("-r", "-F", "/x"), ("-a",), ("-R",), ("-D",)):
        before = world.state()
        world.run("--dry-run", *args)
        need(world.state() == before, args)
    ok(world.run("-c"))
    for args in (("-r",), ("-r", "-f", "/x"), ("-r", "-F", "/x"), ("-a",), ("-R",), ("-D",)):
        before = world.state()
        ok(world.run("--dryrun", *args))
        need(world.state() == before, args)


def test_complain_mode_of_the_template(world):
    world.put("TEMPLATE.qemu", TEMPLATE.replace("attach_disconnected", "complain"))
    ok(world.run("-c"))
    # the spelling that libvirtd looks for
    need(f" {NAME} flags=(complain)" in world.files()[NAME], world.files()[NAME])


def test_an_edited_profile_stays_edited(world):
    ok(world.run("-c"))
    edited = world.files()[NAME].replace("rmix,", "rmix,\n  /opt/mine r,").replace(
        f"#include if exists <libvirt/{NAME}.files>", f"include <libvirt/{NAME}.files>")
    world.put(NAME, edited)
    ok(world.run("-r", disk="/b.img"))
    need(world.files()[NAME] == edited, "the profile was rewritten")
    need("/opt/mine" in world.loaded()[NAME] and '"/b.img"' in world.loaded()[NAME], world.loaded())


def test_policy_that_does_not_compile_changes_nothing(world):
    ok(world.run("-c"))
    before = world.state()
    fails(world.run("-r", "-f", "/x{"), "does not compile")
    need(world.state() == before, "changed")
    fails(world.run("-r", "-F", "/x{"), "does not compile")
    need(world.state() == before, "changed")
    world.put(NAME, world.files()[NAME].replace("rmix,", "nonsense"))
    before = world.state()
    fails(world.run("-r", disk="/b.img"), "arser", "nothing was changed")
    need(world.state() == before, "changed")


def test_template_that_does_not_compile_leaves_nothing(world):
    world.put("TEMPLATE.qemu", TEMPLATE.replace("rmix,", "nonsense"))
    before = world.state()
    fails(world.run("-c"), "arser")
    need(world.state() == before, "changed")
    world.put("TEMPLATE.qemu", TEMPLATE)
    ok(world.run("-c"))


def test_refusal_by_the_kernel_changes_nothing(world):
    os.makedirs(world.kernel, exist_ok=True)
    refuse = os.path.join(world.kernel, "refuse")
    with open(refuse, "w", encoding="utf8") as out:
        out.write("13")
    before = world.files()
    fails(world.run("-c"))
    need(world.files() == before, world.files())
    os.unlink(refuse)
    ok(world.run("-c"))
    before = world.state()
    with open(refuse, "w", encoding="utf8") as out:
        out.write("13")
    fails(world.run("-r", disk="/b.img"))
    need(world.state() == before, "changed")


POINTS = [(point, skip) for point in ("create", "write", "fsync", "rename") for skip in (0, 1)] + [
    ("fsync-dir", 0), ("load", 0)]


def test_failures(world):
    for point, skip in POINTS:
        empty = world.state()
        fails(world.run("-c", fault=f"{point}:{skip}:fail"))
        need(world.state() == empty, f"create: {point} {skip}")
    ok(world.run("-c"))
    for point, _ in POINTS:
        before = world.state()
        fails(world.run("-r", disk="/b.img", fault=f"{point}:0:fail"))
        need(world.state() == before, f"replace: {point}")
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
        need(sorted(world.files()) == ["TEMPLATE.qemu", NAME, NAME + ".files"], sorted(world.files()))


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
    need(sorted(world.files()) == ["TEMPLATE.qemu", NAME, NAME + ".files"], sorted(world.files()))


def test_a_rule_is_added_once(world):
    ok(world.run("-c"))
    for _ in range(3):
        ok(world.run("-r", "-F", "/dev/net/tun"))
    need(world.files()[NAME + ".files"].count("/dev/net/tun") == 1, world.files())


def test_full_disk(world):
    ok(world.run("-c"))
    before = world.state()

    def small_files():
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))

    done = world.run("-r", disk="/b.img", preexec_fn=small_files)
    need(done.returncode == 1, done)
    need(world.state() == before, "changed")


def test_no_parser(world):
    ok(world.run("-c"))
    before = world.state()
    os.environ["HELPER_PARSER"] = "/nonexistent/apparmor_parser"
    try:
        fails(world.run("-r", disk="/b.img"), "/nonexistent/apparmor_parser")
    finally:
        del os.environ["HELPER_PARSER"]
    need(world.state() == before, "changed")


def test_input_is_bounded(world):
    env = dict(os.environ, HELPER_POLICY_DIR=world.policy, HELPER_KERNEL_DIR=world.kernel)
    with subprocess.Popen([world.helper, "-c", "-u", NAME], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=env) as process:
        _, said = process.communicate(b" " * (11 * 1024 * 1024), timeout=60)
    need(process.returncode == 1 and b"larger than" in said, said)


def test_the_environment_is_of_no_use(world):
    env = {"LIBVIRT_LOG_OUTPUTS": "1:stderr", "LC_ALL": "xx_XX.UTF-8", "LANGUAGE": "zz", "PATH": "/nonexistent",
           "G_MESSAGES_DEBUG": "all", "IFS": "x", "XML_CATALOG_FILES": "/nonexistent"}
    os.environ.update(env)
    ok(world.run("-c"))


def main():
    helper, failed = sys.argv[1], 0
    tests = {name[5:]: call for name, call in globals().items() if name.startswith("test_")}
    kept = dict(os.environ)
    for name, call in tests.items():
        world = World(helper)
        try:
            call(world)
            print("ok", name)
        except (AssertionError, subprocess.TimeoutExpired) as problem:
            failed += 1
            print("not ok", name, "\n   ", str(problem).replace("\n", "\n    "))
        finally:
            world.close()
            os.environ.clear()
            os.environ.update(kept)
    print(f"{len(tests) - failed} of {len(tests)} passed")
    return 1 if failed else 0


sys.exit(main())
