# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small host for tests of virt-aa-ctl: a root of its own, libvirt's test driver, a kernel that is a directory."""
import json
import os
import pty
import subprocess
import tempfile

# What a definition has to have for libvirt's test driver.
DOMAIN = """<domain type='test'{id}><name>{name}</name><uuid>{uuid}</uuid><memory>65536</memory>
<os><type arch='i686'>hvm</type></os><devices>{devices}</devices>{more}</domain>"""


class Host:
    """Of one test. CTL_* of ctl-under-test.c point below its root."""

    def __init__(self, program):
        self.program = program
        self.directory = tempfile.TemporaryDirectory()
        self.root = os.path.realpath(self.directory.name)
        self.environment = {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "CTL_ROOT": self.root,
            "HOME": self.root,
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        for path in ("/etc/apparmor.d/libvirt", "/kernel", "/proc", "/run"):
            os.makedirs(self.root + path)
        self.domains([])

    def path(self, path):
        return self.root + path

    def write(self, path, text, mode=0o644):
        """Writes a file below the root, and the directories above it."""
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w", encoding="utf8") as file:
            file.write(text)
        os.chmod(self.path(path), mode)

    def read(self, path):
        with open(self.path(path), encoding="utf8") as file:
            return file.read()

    def domains(self, definitions):
        """Which domains libvirt has: the test driver starts all of them."""
        self.write("/node.xml", "<node>" + "".join(definitions) + "</node>")
        self.environment["CTL_URI"] = "test://" + self.path("/node.xml")

    def run(self, *arguments, status=0, stdin="", **environment):
        """Runs virt-aa-ctl. Returns its standard output and standard error; @status is what must come of it."""
        done = subprocess.run(
            [self.program, *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf8",
            env={**self.environment, **environment},
            timeout=60,
            check=False,
        )
        if done.returncode != status:
            raise AssertionError(
                f"{' '.join(arguments)}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}"
            )
        return done.stdout, done.stderr

    def run_unprivileged(self, *arguments, status=0):
        """The same as somebody who may not read what is root's, which has no right for anybody else."""
        os.chmod(self.root, 0o755)
        somebody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run([self.program, *arguments], env=self.environment, capture_output=True, encoding="utf8",
                              stdin=subprocess.DEVNULL, timeout=60, check=False, **somebody)
        if done.returncode != status:
            raise AssertionError(f"{' '.join(arguments)}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def json(self, *arguments, status=0, **environment):
        """Runs virt-aa-ctl with --json. Returns the document."""
        return json.loads(self.run(*arguments, "--json", status=status, **environment)[0])


def domain(name, uuid, devices="", more="", identity=""):
    return DOMAIN.format(name=name, uuid=uuid, devices=devices, more=more, id=identity)


def on_a_terminal(host, *arguments, **environment):
    """What virt-aa-ctl writes to a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(host.program, [host.program, *arguments], {**host.environment, "TERM": "xterm", **environment})
    text = b""
    try:
        while piece := os.read(terminal, 4096):
            text += piece
    except OSError:
        pass
    os.close(terminal)
    os.waitpid(pid, 0)
    return text
