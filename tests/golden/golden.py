#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Golden tests of virt-aa-helper.

usage: golden.py HELPER CASES [--update] [NAME…]

A case is CASES/NAME.xml. The helper creates its policy in an empty directory, on the host that NAME.host
describes, and what it writes is compared with NAME.files; what it says on standard error is compared with
NAME.stderr if that exists. A case whose name begins with should-fail- must be refused with the text of
NAME.stderr, and leave no file behind. --update writes what is found to these files in place of comparing,
for the cases that are named, or all.

NAME.host: a line an entry, in shell words:
    file PATH [TEXT]           a file, TEXT with backslash escapes
    dir PATH
    link PATH TARGET
    program PATH MODE          a file with that mode, in octal; directories have 755
    mode PATH MODE
    qcow2 PATH [backing=NAME] [format=FORMAT] [data=NAME] [version=2|3]
    args ARG…                  instead of -c
    existing NAME TEXT         a file that is in the policy directory already
    settings TEXT              the configuration file
"""
import argparse, codecs, difflib, os, re, shlex, struct, subprocess, sys, tempfile

# For one call. It takes milliseconds, but valgrind has a lot to do for the largest.
SECONDS = float(os.environ.get("GOLDEN_SECONDS", 60))

TEMPLATE = """# template
#include <tunables/global>

profile LIBVIRT_TEMPLATE flags=(attach_disconnected) {
  /usr/bin/qemu-system-x86_64 rmix,
}
"""


def qcow2(options):
    """The first cluster of a qcow2 image (docs/interop/qcow2.txt of QEMU)."""
    version = int(options.get("version", "3"))
    backing = options.get("backing", "").encode()
    extensions = b""
    for kind, text in ((0xE2792ACA, options.get("format")), (0x44415441, options.get("data"))):
        if text:
            data = text.encode()
            extensions += struct.pack(">II", kind, len(data)) + data + b"\0" * (-len(data) % 8)
    header_length = 72 if version == 2 else 104
    offset = header_length + len(extensions) + 8 if backing else 0
    head = b"QFI\xfb" + struct.pack(">IQIIQIIQQIIQ", version, offset, len(backing), 16, 1 << 20, 0, 1,
                                   0x30000, 0x10000, 1, 0, 0)
    if version == 3:
        head += struct.pack(">QQQII", 4 if "data" in options else 0, 0, 0, 4, header_length)
    head += extensions + b"\0" * 8 + backing
    return head + b"\0" * (65536 - len(head))


TEMPLATE_VIRTIOFSD = """# template
#include <tunables/global>

profile LIBVIRT_TEMPLATE {
  /usr/libexec/virtiofsd mr,
}
"""


class Case:
    def __init__(self, path, top):
        self.name = os.path.basename(path)[:-4]
        self.base = path[:-4]
        self.host = os.path.join(top, "host")
        self.policy = os.path.join(top, "policy", "libvirt")
        self.kernel = os.path.join(top, "kernel")
        self.args = ["-c"]
        for folder in (self.host, self.policy, self.kernel):
            os.makedirs(folder)
        for template in ("qemu", "lxc"):
            self.write(os.path.join(self.policy, "TEMPLATE." + template), TEMPLATE.encode())
        self.write(os.path.join(self.policy, "TEMPLATE.virtiofsd"), TEMPLATE_VIRTIOFSD.encode())
        self.records = os.path.join(top, "records")
        self.settings = os.path.join(top, "settings.conf")
        if os.path.exists(self.base + ".host"):
            with open(self.base + ".host", encoding="utf8") as lines:
                for line in lines:
                    if line.strip() and not line.startswith("#"):
                        self.entry(*shlex.split(line))

    @staticmethod
    def write(path, data):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(data)

    def entry(self, kind, *words):
        if kind == "args":
            self.args = list(words)
            return
        name, rest = codecs.decode(words[0], "unicode_escape"), words[1:]
        place = self.host + name
        if kind == "settings":
            self.write(self.settings, codecs.decode(words[0], "unicode_escape").encode())
        elif kind == "existing":
            self.write(os.path.join(self.policy, name), codecs.decode(rest[0], "unicode_escape").encode())
        elif kind == "dir":
            os.makedirs(place)
        elif kind == "link":
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(rest[0], place)
        elif kind == "file":
            self.write(place, codecs.decode(rest[0], "unicode_escape").encode("latin1") if rest else b"")
        elif kind == "program":
            self.write(place, b"")
            os.chmod(place, int(rest[0], 8))
        elif kind == "mode":
            os.chmod(place, int(rest[0], 8))
        elif kind == "qcow2":
            self.write(place, qcow2(dict(word.split("=", 1) for word in rest)))
        else:
            sys.exit(f"{self.base}.host: unknown entry '{kind}'")

    def run(self, helper):
        with open(self.base + ".xml", "rb") as xml:
            found = re.search(rb"<uuid>([^<]*)</uuid>", xml.read())
        uuid = found.group(1).decode().strip() if found else "00000000-0000-0000-0000-000000000000"
        args = list(self.args)
        if "-u" not in args:
            args += ["-u", "libvirt-" + uuid]
        env = dict(os.environ, HELPER_POLICY_DIR=self.policy, HELPER_HOST_ROOT=self.host, LC_ALL="C.UTF-8",
                   HELPER_KERNEL_DIR=self.kernel, HELPER_RECORDS=self.records, HELPER_SETTINGS=self.settings)
        before = set(os.listdir(self.policy))
        with open(self.base + ".xml", "rb") as xml:
            done = subprocess.run([helper] + args, stdin=xml, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=env, timeout=SECONDS, check=False)
        said = done.stderr.decode("utf8", "replace").replace(os.path.dirname(self.policy), "POLICY").replace(
            self.settings, "SETTINGS")
        written = {}
        self.before = before
        for name in sorted(set(os.listdir(self.policy)) - before) + sorted(before):
            with open(os.path.join(self.policy, name), "rb") as data:
                written[name] = data.read()
        return done.returncode, re.sub(r"^\S*?: ", "virt-aa-helper: ", said, flags=re.M), written, uuid


def lines_of(data):
    """For a diff: what cannot be seen is escaped, and a line end that is missing at the end shows."""
    return [ascii(line.decode("utf8", "replace"))[1:-1] for line in data.split(b"\n")]


def expect(base, suffix, data, update):
    path = base + suffix
    if update:
        if data:
            with open(path, "wb") as out:
                out.write(data)
        elif os.path.exists(path):
            os.unlink(path)
        return []
    if not os.path.exists(path):
        return [f"{path} is missing; it would be:\n" + data.decode("utf8", "replace")]
    with open(path, "rb") as wanted:
        want = wanted.read()
    if want == data:
        return []
    return [f"{path} differs:"] + list(difflib.unified_diff(lines_of(want), lines_of(data), path, "found", lineterm=""))


def judge(case, helper, update):
    status, said, written, uuid = case.run(helper)
    problems = []
    if "Sanitizer" in said or "runtime error:" in said or status < 0:
        return [f"status {status}", said]
    rules = written.get(f"libvirt-{uuid}.files")
    if case.name.startswith("should-fail-"):
        if status != 1:
            problems.append(f"status {status}, not 1")
        if set(written) != case.before:
            problems.append(f"left behind: {sorted(written)}")
        return problems + expect(case.base, ".stderr", said.encode(), update)
    if status != 0:
        return [f"status {status}", said]
    profiles = {n for n in written if n.startswith("libvirt-") and not n.endswith((".files", ".virtiofsd"))}
    if profiles != {f"libvirt-{uuid}"} | ({f"libvirt-{uuid}-virtiofsd"} if f"libvirt-{uuid}.virtiofsd" in written
                                          else set()):
        problems.append(f"profiles: {sorted(profiles)}")
    for suffix in ("files", "virtiofsd"):
        text = written.get(f"libvirt-{uuid}.{suffix}")
        if text is not None:
            problems += expect(case.base, "." + suffix, text, update)
        elif os.path.exists(f"{case.base}.{suffix}"):
            problems.append(f"no file .{suffix} was written")
    if rules is None and f"libvirt-{uuid}" not in written:
        problems.append("nothing was written")
    if os.path.exists(case.base + ".stderr") or (update and said):
        problems += expect(case.base, ".stderr", said.encode(), update)
    elif said:
        problems += ["unexpected on standard error:", said]
    if any(name.endswith((".tmp", ".lock", ".pid")) for name in written):
        problems.append(f"left behind: {sorted(written)}")
    return problems


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1][7:])
    parser.add_argument("helper")
    parser.add_argument("cases")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("names", nargs="*")
    # else NAME after an option is one too many for argparse
    options = parser.parse_intermixed_args()
    # what is made for a host is nobody else's to write, unless a case says so
    os.umask(0o022)
    failed = 0
    found = sorted(f for f in os.listdir(options.cases) if f.endswith(".xml"))
    unknown = set(options.names) - {name[:-4] for name in found}
    if unknown:
        parser.error(f"no case is called {', '.join(sorted(unknown))}")
    if options.names:
        found = [name for name in found if name[:-4] in options.names]
    for name in found:
        with tempfile.TemporaryDirectory() as top:
            problems = judge(Case(os.path.join(options.cases, name), top), options.helper, options.update)
        print(("not ok " if problems else "ok ") + name[:-4])
        for problem in problems:
            print("    " + problem.replace("\n", "\n    "))
        failed += bool(problems)
    print(f"{len(found) - failed} of {len(found)} passed")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
