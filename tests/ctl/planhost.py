# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host of host.py with templates, what they include, and a small file system of its own, for plans."""
import html
import os
import shutil
import subprocess
import sys

import host as hosts

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tests", "golden"))
import golden

UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e1"

TEMPLATE = """include <tunables/global>
profile LIBVIRT_TEMPLATE flags=(attach_disconnected) {
  include <abstractions/libvirt-qemu>
}
"""

# What the tests need of the distribution's abstraction, with a child profile as that has one.
ABSTRACTION = """  /usr/bin/qemu-system-x86_64 rmix,
  owner @{PROC}/@{pid}/status r,
  /usr/share/{seabios,ovmf}/** r,
  deny /srv/secret/** rwklx,
  profile bridge_helper {
    /srv/of-the-child r,
  }
"""

TUNABLES = """@{PROC}=/proc/
@{pid}=[1-9]*
@{sys}=/sys/
@{multiarch}=*-linux-gnu*
"""


class PlanHost(hosts.Host):
    """CTL_HOST_ROOT is /host below the root."""

    def __init__(self, program, helper=None):
        super().__init__(program)
        self.helper = helper
        os.umask(0o022)
        self.environment["CTL_HOST_ROOT"] = self.path("/host")
        self.environment["CTL_INCLUDE_DIR"] = self.path("/etc/apparmor.d")
        self.directories("/srv/projects", "/var/lib/libvirt/images", "/var/lib/libvirt/qemu/channel/target")
        self.write("/etc/apparmor.d/tunables/global", TUNABLES)
        self.write("/etc/apparmor.d/abstractions/libvirt-qemu", ABSTRACTION)
        self.write("/etc/apparmor.d/libvirt/TEMPLATE.qemu", TEMPLATE)
        for name in ("abstractions/libvirt-virtiofsd", "libvirt/TEMPLATE.virtiofsd"):
            with open(os.path.join(SOURCE, "data/apparmor.d", name), encoding="utf8") as file:
                self.write("/etc/apparmor.d/" + name, file.read().replace("abi <abi/3.0>,\n", ""))

    def directories(self, *paths):
        for path in paths:
            os.makedirs(self.path("/host" + path), exist_ok=True)

    def image(self, path, **options):
        """A qcow2 image below the host's root."""
        self.write("/host" + path, "")
        with open(self.path("/host" + path), "wb") as file:
            file.write(golden.qcow2(options))

    def example(self):
        with open(os.path.join(SOURCE, "data/examples/desktop.xml"), encoding="utf8") as file:
            return file.read()

    def xml(self, name, number, devices="", identity=" id='1'", kind="kvm", more=""):
        return hosts.domain(name, UUID + str(number), devices, more, identity).replace(
            "type='test'", f"type='{kind}'"
        )

    def run_helper(self, xml, *arguments, uuid=UUID + "1", status=0):
        """virt-aa-helper, of the tests, on the same policy and kernel."""
        done = subprocess.run(
            [self.helper, "-u", "libvirt-" + uuid, *arguments],
            input=xml,
            capture_output=True,
            encoding="utf8",
            env={
                **self.environment,
                "HELPER_POLICY_DIR": self.path("/etc/apparmor.d/libvirt"),
                "HELPER_INCLUDE_DIR": self.path("/etc/apparmor.d"),
                "HELPER_HOST_ROOT": self.path("/host"),
                "HELPER_KERNEL_DIR": self.path("/kernel"),
                "HELPER_RECORDS": self.path("/run/virt-aa-virtiofs"),
                "HELPER_SETTINGS": self.path("/etc/libvirt/virt-aa-virtiofs.conf"),
            },
            timeout=60,
            check=False,
        )
        if done.returncode != status:
            raise AssertionError(f"{arguments}: status {done.returncode}\n{done.stderr}")
        return done.stderr

    def forget(self):
        """As before the first start."""
        shutil.rmtree(self.path("/run/virt-aa-virtiofs"), ignore_errors=True)


def escape(text):
    """For an attribute in apostrophes."""
    return html.escape(text, quote=True)


def disk(path, target="vda", more="", kind="qcow2"):
    path = escape(path)
    return (
        f"<disk type='file' device='disk'>\n<driver name='qemu' type='{kind}'/><source file='{path}'/>"
        f"<target dev='{target}' bus='virtio'/>{more}</disk>\n"
    )


def share(directory, tag="fs", more=""):
    directory = escape(directory)
    return (
        f"<filesystem type='mount'>\n<driver type='virtiofs'/>{more}<source dir='{directory}'/>"
        f"<target dir='{tag}'/></filesystem>\n"
    )
