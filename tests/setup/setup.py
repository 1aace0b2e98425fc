#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-aa-setup in a host of its own: what it writes, takes back, keeps loaded and says.

usage: setup.py VIRT-AA-SETUP
"""
import os, re, shutil, subprocess, sys, tempfile

UUID = "%08d-0000-4000-8000-000000000000"
FS = "libvirt-" + UUID + "-virtiofsd"
LIBVIRTD = """profile libvirtd /usr/sbin/libvirtd {
  /usr/{lib,lib64,lib/qemu,libexec}/virtiofsd PUx,
  %s
}
"""
GUARD = "include if exists <local/libvirt-virtiofsd-guard>\n"
MADE = "# Made by virt-aa-setup.\n"


class Host:
    """Directories for all that the script names, and a parser that writes down what it is told."""

    def __init__(self, script):
        self.top = tempfile.mkdtemp(prefix="setup-")
        paths = {"libexecdir": "libexec", "helper_dir": "ours", "apparmor_dir": "apparmor.d", "parser": "parser",
                 "settings": "virt-aa-virtiofs.conf", "records": "records", "json_mask": "etc/vhost-user/40-virt-aa-virtiofsd.json",
                 "json": "share/vhost-user/40-virt-aa-virtiofsd.json", "pid_files": "run", "proc": "proc",
                 "aafs": "aafs"}
        with open(script, encoding="utf8") as source:
            text = source.read()
        for name, path in paths.items():
            text, n = re.subn(f"(?m)^{name}=.*$", f"{name}={self.path(path)}", text)
            assert n == 1, name
        text = text.replace("need_root() {", "need_root() {\n    return 0", 1)
        text = text.replace("command -v dpkg-divert", "false", 1)
        self.put("setup", text, 0o755)
        self.put("parser", f"#!/bin/sh\necho \"$*\" >>{self.top}/parsed\n"
                 f"case $* in */usr.sbin.libvirtd) [ ! -e {self.top}/no-parser ] ;; esac\n", 0o755)
        self.put("ours/virt-aa-helper", "#!/bin/sh\necho 'virt-aa-helper 1 (virt-aa-virtiofs)'\n", 0o755)
        self.put("libexec/virt-aa-helper", "#!/bin/sh\necho libvirt\n", 0o755)
        self.put("libexec/virt-aa-virtiofsd", "#!/bin/sh\n", 0o755)
        self.put("apparmor.d/usr.sbin.libvirtd", LIBVIRTD % "include if exists <local/usr.sbin.libvirtd>")
        self.put("apparmor.d/usr.lib.libvirt.virt-aa-helper",
                 "profile virt-aa-helper {\n  #include <local/usr.lib.libvirt.virt-aa-helper>\n}\n")
        self.describe("40-virt-aa-virtiofsd.json", self.path("libexec/virt-aa-virtiofsd"))
        self.describe("50-virtiofsd.json", "/usr/libexec/virtiofsd")
        self.put("share/vhost-user/10-gpu.json", '{"type": "gpu", "binary": "/usr/libexec/vhost-user-gpu"}')
        self.put("etc/vhost-user/.keep", "")
        self.put("apparmor.d/libvirt/.keep", "")
        self.put("aafs/policy/.keep", "")
        self.put("aafs/.remove", "")
        self.put("aafs/profiles", "libvirtd (enforce)\n")
        self.put("proc/self/attr/apparmor/current", "")
        self.thread(1, 1, "unconfined")

    def path(self, name):
        return os.path.join(self.top, name)

    def put(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf8") as out:
            out.write(text)
        os.chmod(self.path(name), mode)

    def get(self, name):
        with open(self.path(name), encoding="utf8") as file:
            return file.read()

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def describe(self, name, binary, folder="share", kind="fs"):
        self.put(f"{folder}/vhost-user/{name}", '{\n  "type": "%s",\n  "binary": "%s"\n}\n' % (kind, binary))

    def thread(self, pid, tid, label, attribute="current"):
        self.put(f"proc/{pid}/task/{tid}/attr/apparmor/{attribute}", label + "\n")

    def load(self, *names):
        self.put("aafs/profiles", "libvirtd (enforce)\n" + "".join(f"{name} (enforce)\n" for name in names))

    def daemon(self, pid, name="1-vm-fs0"):
        """One of which libvirt has the number, and which has the file open."""
        self.put(f"run/{name}-fs.pid", str(pid))
        os.makedirs(self.path(f"proc/{pid}/fd"), exist_ok=True)
        os.symlink(self.path(f"run/{name}-fs.pid"), self.path(f"proc/{pid}/fd/7"))

    def run(self, command):
        return subprocess.run([self.path("setup"), command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=60, check=False, encoding="utf8")

    def does(self, command):
        done = self.run(command)
        assert done.returncode == 0, (command, done.stdout)
        return done.stdout

    def guarded(self):
        return re.findall(r'(?m)^audit deny "(.*)" x,$', self.get("apparmor.d/local/libvirt-virtiofsd-guard"))

    def files(self):
        found = {}
        for top in ("apparmor.d", "libexec"):
            for folder, _, names in os.walk(self.path(top)):
                for name in names:
                    file = os.path.relpath(os.path.join(folder, name), self.top)
                    found[file] = (self.get(file), os.stat(self.path(file)).st_mode)
        return found


def test_back_byte_for_byte(host):
    rows = {"none": None, "empty": "", "a rule": "  /a r,\n", "no newline": "  /a r,\n# the end", "newlines": "\n\n"}
    for row, text in rows.items():
        for name in ("usr.sbin.libvirtd", "usr.lib.libvirt.virt-aa-helper"):
            if text is None:
                shutil.rmtree(host.path("apparmor.d/local"), ignore_errors=True)
            else:
                host.put("apparmor.d/local/" + name, text, 0o640)
        before = host.files()
        host.does("enable")
        on = host.files()
        assert on["apparmor.d/local/usr.sbin.libvirtd"][0] == GUARD + (MADE if text is None else text or ""), (row, on)
        host.does("enable")
        assert host.files() == on, row
        host.does("disable")
        assert host.files() == before, (row, host.files(), before)
    host.put("apparmor.d/local/usr.sbin.libvirtd", "  /a r,\n" + GUARD + "  /b r,\n")
    host.does("enable")
    assert host.get("apparmor.d/local/usr.sbin.libvirtd") == "  /a r,\n" + GUARD + "  /b r,\n"
    host.does("disable")
    assert host.get("apparmor.d/local/usr.sbin.libvirtd") == "  /a r,\n  /b r,\n"


def test_what_is_guarded(host):
    host.describe("10-foreign.json", "/opt/foreign/fsd")
    host.describe("60-odd.json", "/opt/odd name")
    host.describe("70-gpu.json", "/opt/gpu", kind="gpu")
    host.describe("80-hidden.json", "/opt/hidden")
    host.put("etc/vhost-user/80-hidden.json", "")
    host.put("virt-aa-virtiofs.conf", "[virtiofsd]\nbinary = /opt/new/virtiofsd\n[vm a*]\nbinary=/opt/a/fsd\n")
    said = host.does("enable")
    guarded = host.guarded()
    for path in ("/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/bin/virtiofsd", "/opt/foreign/fsd",
                 "/opt/new/virtiofsd", "/opt/a/fsd"):
        assert path in guarded, (path, guarded)
    for path in ("/opt/odd name", "/opt/gpu", "/opt/hidden", host.path("libexec/virt-aa-virtiofsd"), ""):
        assert path not in guarded, (path, guarded)
    assert "/opt/odd name: libvirtd is not kept" in said
    assert "10-foreign.json comes before ours and names /opt/foreign/fsd" in host.run("status").stdout


def test_allow_unconfined(host):
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
        ("allow-unconfined = /usr/**/virtiofsd", {qemu}),
        ("allow-unconfined = /**", set()),
        ("allow-unconfined = /usr/libexec/virtiof[r-t]d", {qemu}),
        ("other = /usr/libexec/virtiofsd", {libexec, qemu}),
        ("x-allow-unconfined = /usr/libexec/virtiofsd", {libexec, qemu}),
    )
    for line, expected in rows:
        host.put("virt-aa-virtiofs.conf", f"[shares]\nallow-write = /usr/libexec/virtiofsd\n[virtiofsd]\n{line}\n")
        host.does("enable")
        got = {libexec, qemu} & set(host.guarded())
        assert got == expected, (line, got)
    # a link that is allowed, and what it leads to
    host.put("real", "", 0o755)
    os.symlink(host.path("real"), host.path("link"))
    host.describe("60-link.json", host.path("link"))
    host.put("virt-aa-virtiofs.conf", "")
    host.does("update")
    assert {host.path("link"), host.path("real")} <= set(host.guarded())
    host.put("virt-aa-virtiofs.conf", f"[virtiofsd]\nallow-unconfined = {host.path('link')}\n")
    assert "kept from more than" in host.does("status")
    host.does("update")
    assert not {host.path("link"), host.path("real")} & set(host.guarded())
    host.put("virt-aa-virtiofs.conf", "")
    done = host.run("status")
    assert done.returncode == 1 and "virt-aa-setup update" in done.stdout, done.stdout


def test_order_and_loading(host):
    host.does("enable")
    parsed = host.get("parsed").splitlines()
    assert parsed[-1].endswith("usr.sbin.libvirtd"), parsed
    host.put("aafs/profiles", "other (enforce)\n")
    host.put("parsed", "")
    host.does("update")
    assert "usr.sbin.libvirtd" not in host.get("parsed"), "a profile was loaded that was not"
    # where libvirtd's profile does not load, it is as it was
    host.load()
    host.does("disable")
    before = host.get("apparmor.d/usr.sbin.libvirtd"), host.exists("apparmor.d/local/usr.sbin.libvirtd")
    host.does("enable")
    host.put("no-parser", "")
    assert host.run("update").returncode == 1
    os.unlink(host.path("no-parser"))
    assert not host.exists("apparmor.d/local/libvirt-virtiofsd-guard")
    assert (host.get("apparmor.d/usr.sbin.libvirtd"), host.exists("apparmor.d/local/usr.sbin.libvirtd")) == before
    # the launcher hidden: libvirtd has to run virtiofsd
    host.does("enable")
    host.put("etc/vhost-user/40-virt-aa-virtiofsd.json", "")
    assert "virt-aa-setup update" in host.run("status").stdout
    host.does("update")
    assert not host.exists("apparmor.d/local/libvirt-virtiofsd-guard")
    # a profile without a place for it
    host.put("apparmor.d/usr.sbin.libvirtd", LIBVIRTD % "")
    host.does("enable")
    done = host.run("status")
    assert done.returncode == 1 and "may run another itself" in done.stdout, done.stdout


def test_disable_keeps_what_is_used(host):
    host.thread(20, 20, FS % 1 + " (enforce)")
    host.thread(21, 21, "unconfined")
    host.thread(21, 22, FS % 2 + " (enforce)")
    host.thread(23, 23, "unconfined")
    host.thread(23, 23, FS % 3 + " (enforce)", "exec")
    host.thread(24, 24, "outer//&" + FS % 4 + " (enforce)")
    host.thread(25, 25, FS % 5 + "//child (enforce)")
    host.thread(26, 26, FS % 6 + "x (enforce)")
    names = [FS % n for n in range(1, 9)]
    host.load(*names[:7])
    for name in names:
        host.put("apparmor.d/libvirt/" + name, "")
        host.put(f"apparmor.d/libvirt/{name[:-10]}.virtiofsd", "")
        host.put("records/sockets/" + name, "profile=" + name[:-10] + "\n")
    said = host.does("disable")
    for n, name in enumerate(names, 1):
        used = n <= 5
        assert host.exists("apparmor.d/libvirt/" + name) == used, name
        assert host.exists(f"apparmor.d/libvirt/{name[:-10]}.virtiofsd") == used, name
        assert host.exists("records/sockets/" + name) == used, name
        assert (f"{name} stays" in said) == used, (name, said)
    # what was written last: the kernel takes one at a time
    assert host.get("aafs/.remove") == FS % 7


def test_disable_where_nobody_knows(host):
    host.load(FS % 1)
    host.put("apparmor.d/libvirt/" + FS % 1, "")
    shutil.rmtree(host.path("proc/1"))
    done = host.run("disable")
    assert done.returncode == 1 and "labels cannot be read" in done.stdout, done.stdout
    assert host.get("aafs/.remove") == "" and host.exists("apparmor.d/libvirt/" + FS % 1)


def test_disable_while_a_launcher_runs(host):
    host.put("setup", host.get("setup").replace("sleep 1", ":"), 0o755)
    host.load(FS % 1)
    host.thread(30, 30, "libvirt-virtiofsd-launcher (enforce)")
    done = host.run("disable")
    assert done.returncode == 1 and "is still running" in done.stdout, done.stdout
    assert host.get("aafs/.remove") == ""


def test_status_of_running(host):
    rows = (
        # label, mode, whether libvirt has it, what is said, status
        (FS % 1 + " (enforce)", True, FS % 1 + " (enforce)", 0),
        (FS % 1 + " (enforce)", False, FS % 1 + " (enforce)", 0),
        (FS % 1 + " (complain)", True, "not confined: 1", 1),
        ("unconfined", True, "not confined: 1", 1),
        ("virtiofsd (unconfined)", True, "not confined: 1", 1),
        ("libvirtd (enforce)", True, "not confined: 1", 1),
        ("libvirt-virtiofsd-launcher (enforce)", True, "launcher (enforce)", 0),
        ("unconfined", False, "no virtiofsd", 0),
    )
    host.does("enable")
    for label, libvirts, said, status in rows:
        shutil.rmtree(host.path("proc/40"), ignore_errors=True)
        shutil.rmtree(host.path("run"), ignore_errors=True)
        host.thread(40, 40, label)
        if libvirts:
            host.daemon(40)
        done = host.run("status")
        assert done.returncode == status and said in done.stdout, (label, libvirts, done.stdout)
    # one thread of two
    host.thread(40, 40, FS % 1 + " (enforce)")
    host.thread(40, 41, "unconfined")
    assert host.run("status").returncode == 1
    # the number was given to another process since
    shutil.rmtree(host.path("proc/40"))
    host.thread(40, 40, "unconfined")
    host.put("run/1-vm-fs0-fs.pid", "40")
    os.makedirs(host.path("proc/40/fd"))
    assert "no virtiofsd" in host.does("status")


def test_status_of_the_helper(host):
    done = host.run("status")
    assert done.returncode == 1 and "confines nothing" in done.stdout, done.stdout
    host.does("enable")
    host.does("status")
    shutil.copy(host.path("libexec/virt-aa-helper.libvirt"), host.path("libexec/virt-aa-helper"))
    done = host.run("status")
    assert done.returncode == 1 and "put back" in done.stdout, done.stdout
    host.does("disable")
    host.does("status")


def test_update_after_an_installation(host):
    done = host.run("update")
    assert done.returncode == 1 and "virt-aa-setup enable" in done.stdout, done.stdout
    host.does("enable")
    host.put("ours/virt-aa-helper", "#!/bin/sh\necho 'virt-aa-helper 2 (virt-aa-virtiofs)'\n", 0o755)
    host.put("apparmor.d/virt-aa-virtiofsd", "")
    host.put("parsed", "")
    assert "another than the one installed" in host.does("status")
    said = host.does("update")
    assert "virt-aa-helper 2" in said and "another" not in said.splitlines()[0], said
    for name in ("usr.lib.libvirt.virt-aa-helper", "virt-aa-virtiofsd", "usr.sbin.libvirtd"):
        assert host.get("parsed").count(f"/{name}\n") == 1, (name, host.get("parsed"))
    # libvirt's profile, and with it its local additions, went and came back
    shutil.rmtree(host.path("apparmor.d/local"))
    host.does("update")
    assert "virt-aa-helper-virtiofs>" in host.get("apparmor.d/local/usr.lib.libvirt.virt-aa-helper")
    # virtiofsd alone is off, and stays
    host.put("etc/vhost-user/40-virt-aa-virtiofsd.json", "")
    host.does("update")
    assert host.exists("etc/vhost-user/40-virt-aa-virtiofsd.json")
    host.does("disable")
    assert host.get("libexec/virt-aa-helper") == "#!/bin/sh\necho libvirt\n"


def test_libvirt_has_gone(host):
    """Its package took its helper, which was beside ours."""
    text = host.get("setup").replace("command -v dpkg-query", "true", 1)
    owned = text.replace("dpkg-query --search", "echo libvirt-daemon:", 1)
    gone = text.replace("dpkg-query --search", "echo local diversion from:", 1)
    assert len({text, owned, gone}) == 3
    host.does("enable")
    os.unlink(host.path("libexec/virt-aa-helper.libvirt"))
    host.put("setup", owned, 0o755)
    done = host.run("disable")
    assert done.returncode == 1 and "reinstall libvirt" in done.stdout, done.stdout
    assert host.exists("libexec/virt-aa-helper")
    host.put("setup", gone, 0o755)
    host.does("disable")
    assert not host.exists("libexec/virt-aa-helper")


def main():
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        host = Host(sys.argv[1])
        try:
            test(host)
        finally:
            shutil.rmtree(host.top)
        print("ok", name)


main()
