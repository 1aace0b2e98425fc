# SPDX-License-Identifier: LGPL-2.1-or-later
"""Journals and audit records as kernels and daemons write them."""
import datetime
import os
import shutil
import subprocess
import time

REMOTE = next((path for path in ("/lib/systemd/systemd-journal-remote", "/usr/lib/systemd/systemd-journal-remote")
               if os.path.exists(path)), None)


class Record:
    """An AppArmor record; @kernel is the one whose format it has: 6.1 knows no class=, later ones do."""

    serial = 100

    def __init__(self, fields, ago=60, kernel="6.12", kind="DENIED", of_class="file"):
        Record.serial += 1
        self.ms = int((time.time() - ago) * 1000)
        self.serial = Record.serial
        operation, rest = fields.split(" ", 1)
        class_ = f'class="{of_class}" ' if kernel != "6.1" else ""
        self.body = f'apparmor="{kind}" operation="{operation}" {class_}{rest}'

    def stamp(self):
        return f"audit({self.ms // 1000}.{self.ms % 1000:03}:{self.serial}): "

    def auditd(self, enriched=False):
        """A line of audit.log."""
        more = '\x1dFSUID="libvirt-qemu" OUID="root"' if enriched else ""
        return f"type=AVC msg={self.stamp()}{self.body}{more}\n"

    def from_kernel(self):
        """As it is in the kernel's log."""
        return {"__REALTIME_TIMESTAMP": self.ms * 1000, "_TRANSPORT": "kernel", "SYSLOG_FACILITY": "0",
                "SYSLOG_IDENTIFIER": "kernel", "PRIORITY": "5",
                "MESSAGE": f"audit: type=1400 {self.stamp()}{self.body}"}

    def from_audit(self):
        """As journald has it from the audit socket: process_audit_string() of journald-audit.c."""
        entry = {"__REALTIME_TIMESTAMP": self.ms * 1000, "_SOURCE_REALTIME_TIMESTAMP": self.ms * 1000,
                 "_TRANSPORT": "audit", "_AUDIT_TYPE": "1400", "_AUDIT_TYPE_NAME": "AVC",
                 "_AUDIT_ID": self.serial, "SYSLOG_IDENTIFIER": "audit", "MESSAGE": f"AVC {self.body}"}
        for name in ("apparmor", "profile"):
            value = self.body.split(f" {name}=")[-1].split(" ")[0] if name != "apparmor" else \
                self.body.split(" ")[0].split("=")[1]
            entry[f"_AUDIT_FIELD_{name.upper()}"] = value
        return entry


def file(profile, name, mask="r", operation="open", comm="qemu-system-x86"):
    """The fields of a denial of a file; the kernel writes a name that is no plain word in hexadecimal."""
    plain = all("!" <= c <= "~" and c != '"' for c in name)
    shown = f'"{name}"' if plain else name.encode("utf8", "surrogateescape").hex().upper()
    return (f'{operation} profile="{profile}" name={shown} pid=4711 comm="{comm}" requested_mask="{mask}" '
            f'denied_mask="{mask}" fsuid=64055 ouid=0')


def capability(profile, name, comm="virtiofsd"):
    return f'capable profile="{profile}" pid=4711 comm="{comm}" capability=21  capname="{name}"'


def libvirtd(message, ago=60, **more):
    """What libvirtd says by sd_journal_send()."""
    return {"__REALTIME_TIMESTAMP": int((time.time() - ago) * 1e6), "_TRANSPORT": "journal", "_UID": "0",
            "_COMM": "libvirtd", "_EXE": "/usr/sbin/libvirtd", "_SYSTEMD_UNIT": "libvirtd.service", "PRIORITY": "3",
            "MESSAGE": message, **more}


def export(entries):
    """systemd's export format."""
    out = []
    for i, entry in enumerate(sorted(entries, key=lambda entry: entry["__REALTIME_TIMESTAMP"])):
        fields = {"__CURSOR": f"i={i}", "__MONOTONIC_TIMESTAMP": str(1000 + i),
                  "_BOOT_ID": "0123456789abcdef0123456789abcdef", **entry}
        for name, value in fields.items():
            data = str(value).encode("utf8", "surrogateescape")
            if b"\n" in data:
                out.append(name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n")
            else:
                out.append(name.encode() + b"=" + data + b"\n")
        out.append(b"\n")
    return b"".join(out)


def write(host, entries):
    """Makes them the host's journal."""
    directory = host.path("/journal")
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    subprocess.run([REMOTE, f"--output={directory}/system.journal", "-"], input=export(entries), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    host.environment["CTL_JOURNAL_DIR"] = directory


def none(host):
    """A host without a journal."""
    host.environment["CTL_JOURNAL_DIR"] = host.path("/no-journal")


def stamp(ago):
    """As libvirt's logs of domains have it."""
    moment = datetime.datetime.fromtimestamp(time.time() - ago, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S.123+0000")
