# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host with libvirt and all of ours installed, as tests of the chain need it: the files of host.Host, a securityfs,
a /proc, dpkg's own database, and an apparmor_parser that writes down what it is told and keeps the securityfs."""
import os
import shutil

import host as hosts

LIBEXEC = "/usr/lib/libvirt"
HELPER = LIBEXEC + "/virt-aa-helper"
OURS = LIBEXEC + "/virt-aa-virtiofs/virt-aa-helper"
LAUNCHER = LIBEXEC + "/virt-aa-virtiofsd"
JSON = "/usr/share/qemu/vhost-user/"
MASK = "/etc/qemu/vhost-user/40-virt-aa-virtiofsd.json"
AAFS = "/sys/kernel/security/apparmor"
LIBVIRTS = "#!/bin/sh\necho 'virt-aa-helper: error: unsupported option' >&2\nexit 1\n"
LAUNCHER_LABEL = "libvirt-virtiofsd-launcher"
# FILE, the name of its profile, its text
PROFILES = (
    ("usr.sbin.libvirtd", "libvirtd", "profile libvirtd /usr/sbin/libvirtd {\n"
     "  /usr/{lib,lib64,lib/qemu,libexec}/virtiofsd PUx,\n  include if exists <local/usr.sbin.libvirtd>\n}\n"),
    ("usr.lib.libvirt.virt-aa-helper", "virt-aa-helper",
     "profile virt-aa-helper {\n  #include <local/usr.lib.libvirt.virt-aa-helper>\n}\n"),
    ("virt-aa-virtiofsd", LAUNCHER_LABEL, "profile libvirt-virtiofsd-launcher {\n}\n"),
)
TEMPLATE = "# of VMs\nprofile LIBVIRT_TEMPLATE flags=(attach_disconnected) {\n  include <abstractions/x>\n}\n"
# What it compiles a file to is the text of it and of the local additions; the kernel shows what it was given last.
PARSER = """#!/bin/sh
root=@ROOT@
PATH=/usr/sbin:/usr/bin:/sbin:/bin
case $1 in
--replace | --remove) echo "$*" >>$root/parsed ;;
esac
for file; do :; done
if [ "$file" = /dev/stdin ]; then
    # of standard input
    [ ! -e $root/broken-template ] || { echo "syntax error" >&2; exit 1; }
    printf '\\004\\010\\000version\\000\\002'
    exec cat
fi
guard=$root/etc/apparmor.d/local/libvirt-virtiofsd-guard
[ "${file##*/}" = usr.sbin.libvirtd ] || guard=
text=$(cat "$file" "$root/etc/apparmor.d/local/${file##*/}" $guard 2>/dev/null)
name=$(sed -n 's/^profile \\([^ ]*\\).*/\\1/p' "$file")
[ ! -e "$root/broken-$name" ] || { echo "syntax error in $file" >&2; exit 1; }
kernel=$root@AAFS@
case $1 in
--skip-cache)
    printf '%s' "$text"
    ;;
--replace)
    mkdir -p "$kernel/policy/profiles/$name.1"
    echo "$name" >"$kernel/policy/profiles/$name.1/name"
    printf '%s' "$text" >"$kernel/policy/profiles/$name.1/raw_data"
    grep -q "^$name (" "$kernel/profiles" || echo "$name (enforce)" >>"$kernel/profiles"
    ;;
--remove)
    grep -v "^$name (" "$kernel/profiles" >"$kernel/profiles.new"
    mv "$kernel/profiles.new" "$kernel/profiles"
    ;;
esac
"""


def helper(version):
    return f"#!/bin/sh\necho 'virt-aa-helper (virt-aa-virtiofs) {version}'\n"


class Machine(hosts.Host):
    """Switched off, as after an installation beside a libvirt that runs."""

    def __init__(self, program, dpkg=True):
        super().__init__(program)
        self.write("/parser", PARSER.replace("@ROOT@", self.root).replace("@AAFS@", AAFS), 0o755)
        self.environment["CTL_HOST_ROOT"] = self.root
        self.environment["CTL_PARSER"] = self.path("/parser")
        self.write(HELPER, LIBVIRTS, 0o755)
        self.write(LIBEXEC + "/libvirt_iohelper", "", 0o755)
        self.write("/etc/apparmor.d/libvirt/TEMPLATE.qemu", TEMPLATE)
        self.write("/proc/self/attr/apparmor/current", "")
        self.write(AAFS + "/profiles", "")
        os.makedirs(self.path(AAFS + "/policy/profiles"))
        self.thread(1, 1, "unconfined")
        self.install()
        for file, _, text in PROFILES:
            self.write("/etc/apparmor.d/" + file, text)
            self.parse(file)
        self.describe("50-virtiofsd.json", "/usr/libexec/virtiofsd")
        self.write(JSON + "10-gpu.json", '{"type": "gpu", "binary": "/usr/libexec/vhost-user-gpu"}')
        self.write(MASK, "")
        if dpkg:
            self.write("/var/lib/dpkg/status", "Package: libvirt-daemon\nStatus: install ok installed\nVersion: 1\n"
                       "Architecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: x\n")
            self.write("/var/lib/dpkg/info/libvirt-daemon.list", self.path(HELPER) + "\n")

    def install(self, version="1"):
        """What meson installs."""
        self.write(OURS, helper(version), 0o755)
        self.write(LAUNCHER, "#!/bin/sh\n", 0o755)
        self.describe("40-virt-aa-virtiofsd.json", self.path(LAUNCHER))
        self.write("/etc/apparmor.d/libvirt/TEMPLATE.virtiofsd", TEMPLATE)
        for name in ("libvirt-virtiofsd", "virt-aa-helper-virtiofs"):
            self.write("/etc/apparmor.d/abstractions/" + name, "# rules\n")

    def parse(self, file):
        """Loads a profile, as the system does when it boots."""
        hosts.subprocess.run([self.path("/parser"), "--replace", self.path("/etc/apparmor.d/" + file)], check=True)
        self.write("/parsed", "")

    def parsed(self):
        """What apparmor_parser was told since."""
        text = self.read("/parsed") if self.exists("/parsed") else ""
        self.write("/parsed", "")
        return [line.replace(self.root, "") for line in text.splitlines()]

    def exists(self, path):
        return os.path.lexists(self.path(path))

    def remove(self, path):
        if os.path.isdir(self.path(path)):
            shutil.rmtree(self.path(path))
        else:
            os.unlink(self.path(path))

    def describe(self, name, binary, folder=JSON, kind="fs"):
        self.write(folder + name, '{\n  "type": "%s",\n  "binary": "%s"\n}\n' % (kind, binary))

    def thread(self, pid, tid, label, attribute="current"):
        self.write(f"/proc/{pid}/task/{tid}/attr/apparmor/{attribute}", label + "\n")

    def load(self, *names):
        """Profiles of VMs, in the kernel's list and in the fake one that they are removed from."""
        with open(self.path(AAFS + "/profiles"), "a", encoding="utf8") as file:
            file.write("".join(f"{name} (enforce)\n" for name in names))
        for name in names:
            self.write("/kernel/profiles/" + name, f"profile {name} {{}}\n")

    def snapshot(self, *more):
        """Every file of the host's configuration and programs: its bytes, its mode, where a link leads to."""
        found = {}
        for top in ("/etc", "/usr", "/var/lib/dpkg/diversions", *more):
            for folder, folders, names in os.walk(self.path(top)):
                for name in folders + names:
                    path = os.path.join(folder, name)
                    status = os.lstat(path)
                    content = os.readlink(path) if os.path.islink(path) else None
                    if os.path.isfile(path):
                        with open(path, "rb") as file:
                            content = content or file.read()
                    found[path[len(self.root):]] = (content, oct(status.st_mode), status.st_uid)
        if self.exists("/var/lib/dpkg/diversions"):
            found["diversions"] = self.read("/var/lib/dpkg/diversions")
        return {path: value for path, value in found.items() if value != ""}

    def findings(self, status, *arguments, **environment):
        """What verify finds: link → the worst verdict. @status is what must come of it."""
        order = ("good", "note", "unknown", "stale", "unconfined")
        worst = {}
        for finding in self.json(*(arguments or ("verify",)), status=status, **environment):
            old = worst.get(finding["link"], "good")
            worst[finding["link"]] = max(old, finding["verdict"], key=order.index)
        return worst
