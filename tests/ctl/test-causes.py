#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every message that the helper or the launcher can end with has a cause: the table against the catalogue."""
import re
import subprocess
import sys
import unittest

PROGRAM = ""
CATALOGUE = ""


def unescape(text):
    """Of C, from UTF-8."""
    return re.sub(rb"\\([0-7]{3}|.)", lambda found: bytes([int(found.group(1), 8)]) if len(found.group(1)) == 3
                  else {b"n": b"\n", b"t": b"\t"}.get(found.group(1), found.group(1)), text.encode()).decode()


def catalogue():
    """The messages of all rooms but that of virt-aa-ctl itself."""
    with open(CATALOGUE, encoding="utf8") as file:
        entries = file.read().split("\n\n")[1:]
    for entry in entries:
        rooms = set(re.findall(r"src/([a-z]+)/", " ".join(re.findall(r"^#: (.*)$", entry, re.M))))
        message = "".join(re.findall(r'^(?:msgid )?"(.*)"$', entry.split("msgstr")[0], re.M))
        if rooms - {"ctl"} and message:
            yield unescape(message)


def sample(message):
    """It as it would be printed."""
    values = {"s": "/srv/x", "u": "7", "d": "7", "c": "q", "m": "x"}
    return re.sub(r"%(?:\.\*|\.?[0-9]+)?(?:[lzh]*)([sudcm])", lambda found: values[found.group(1)], message)


class Causes(unittest.TestCase):
    def table(self):
        out = subprocess.run([PROGRAM], check=True, capture_output=True, encoding="utf8").stdout
        rows = {}
        for line in out.splitlines():
            ends, message = line.split(" ", 1)
            rows[unescape(message)] = ends == "1"
        return rows

    def cause_of(self, message):
        return subprocess.run([PROGRAM, "--of", message], check=True, capture_output=True,
                              encoding="utf8").stdout.strip()

    def test_each_message_has_its_row(self):
        messages = {message for message in catalogue() if not message.startswith("Usage:")}
        rows = {message for message in self.table() if not message.startswith("Usage:")}
        self.assertGreater(len(messages), 300)
        self.maxDiff = None; self.assertEqual(sorted(messages - rows), [], "without a row in src/ctl/cause-messages.c")
        self.assertEqual(sorted(rows - messages), [], "in src/ctl/cause-messages.c, and no message any more")

    def test_each_is_recognised_as_it_is_printed(self):
        for message, ends in self.table().items():
            if ends:
                with self.subTest(message):
                    self.assertNotIn(self.cause_of("error: line 7: " + sample(message) + ": No such file"),
                                     ("unknown", "none"))

    def test_what_it_is_about(self):
        for message, word in (
                ("error: line 12: filesystem 'www': /etc is or contains a directory with the host's secrets and is "
                 "not shared: share what is needed of it, or allow it with \"allow-read = /etc\" in [shares] of "
                 "/etc/libvirt/virt-aa-virtiofs.conf", "restricted"),
                ("/etc/libvirt/virt-aa-virtiofs.conf: line 3: [shares] allow-write: '/srv/' ends in a slash: write "
                 "DIR, DIR/* for what lies in it, or DIR/** for it and all below it", "configuration"),
                ("virt-aa-virtiofsd: VM 'web', share '/srv/www': cannot open the directory: No such file or "
                 "directory; the VM's virtiofsd was not started: see virt-aa-virtiofsd(8)", "missing-directory"),
                ("virt-aa-virtiofsd: VM 'web', share '/srv/www': <idmap> (--uid-map, --gid-map) works only in a "
                 "virtiofsd that is not root; the VM's virtiofsd was not started: remove <idmap> from the filesystem "
                 "in the VM's definition; where files must change owner, see --translate-uid of virtiofsd", "idmap"),
                ("error: the policy does not compile; nothing was changed", "policy"),
                ("error: template does not exist: cannot open /etc/apparmor.d/libvirt/TEMPLATE.virtiofsd: No such "
                 "file or directory", "template"),
                ("error: libvirtd would run /opt/v itself, unconfined: remove <binary path=…> from the domain, or "
                 "allow it", "foreign-binary"),
                ("virt-aa-virtiofsd: VM 'web', share '/srv': /usr/lib/libvirt/virt-aa-helper failed with status 1 "
                 "(x); the VM's virtiofsd was not started: look at what virt-aa-helper logged", "helper"),
                ("something new", "unknown")):
            with self.subTest(message):
                self.assertEqual(self.cause_of(message), word)


if __name__ == "__main__":
    PROGRAM, CATALOGUE = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main()
