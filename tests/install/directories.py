#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where each distribution's directories put what is installed, and which paths are written into it.

usage: directories.py SOURCE MESON

Configures the project once for each distribution, as its package does, and compares what meson would install, and
what the scripts and profiles that it made say. Nothing is compiled: it is `meson install --destdir` without the
files.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

# What the packages say, and what follows: options, and a path for each file that is not below them.
DISTRIBUTIONS = {
    "Debian": (
        ["--prefix=/usr", "--sysconfdir=/etc", "--localstatedir=/var", "--libexecdir=lib/x86_64-linux-gnu"],
        {"libexecdir": "/usr/lib/libvirt", "sbindir": "/usr/sbin", "parser": "/sbin/apparmor_parser",
         "docdir": "/usr/share/doc/virt-aa-virtiofs"},
    ),
    "openSUSE": (
        ["--prefix=/usr", "--sysconfdir=/etc", "--localstatedir=/var", "--libexecdir=libexec",
         "-Dlibvirt_libexecdir=/usr/libexec", "-Ddocdir=/usr/share/doc/packages/virt-aa-virtiofs"],
        {"libexecdir": "/usr/libexec", "sbindir": "/usr/sbin", "parser": "/sbin/apparmor_parser",
         "docdir": "/usr/share/doc/packages/virt-aa-virtiofs"},
    ),
    "openSUSE Leap 15": (
        ["--prefix=/usr", "--sysconfdir=/etc", "--localstatedir=/var", "-Dlibvirt_libexecdir=/usr/lib64/libvirt",
         "-Ddocdir=/usr/share/doc/packages/virt-aa-virtiofs"],
        {"libexecdir": "/usr/lib64/libvirt", "sbindir": "/usr/sbin", "parser": "/sbin/apparmor_parser",
         "docdir": "/usr/share/doc/packages/virt-aa-virtiofs"},
    ),
    "Arch Linux": (
        ["--prefix=/usr", "--sbindir=bin", "--sysconfdir=/etc", "--localstatedir=/var",
         "-Dlibvirt_libexecdir=/usr/lib/libvirt", "-Dapparmor_parser=/usr/bin/apparmor_parser"],
        {"libexecdir": "/usr/lib/libvirt", "sbindir": "/usr/bin", "parser": "/usr/bin/apparmor_parser",
         "docdir": "/usr/share/doc/virt-aa-virtiofs"},
    ),
    "from source, elsewhere": (
        ["--prefix=/opt/vm", "--sysconfdir=etc", "--localstatedir=var"],
        {"libexecdir": "/opt/vm/lib/libvirt", "sbindir": "/opt/vm/sbin", "parser": "/sbin/apparmor_parser",
         "docdir": "/opt/vm/share/doc/virt-aa-virtiofs", "prefix": "/opt/vm", "sysconfdir": "/opt/vm/etc",
         "localstatedir": "/opt/vm/var"},
    ),
}

# Below what each installed file is, by its name.
PLACES = {
    "virt-aa-helper": "{libexecdir}/virt-aa-virtiofs",
    "virt-aa-switch": "{libexecdir}/virt-aa-virtiofs",
    "virt-aa-virtiofsd": "{libexecdir}",
    "virt-aa-ctl": "{sbindir}",
    "40-virt-aa-virtiofsd.json": "{prefix}/share/qemu/vhost-user",
    "virt-aa-helper.8": "{prefix}/share/man/man8",
    "_virt-aa-ctl": "{prefix}/share/zsh/site-functions",
    "virt-aa-ctl.8": "{prefix}/share/man/man8",
    "virt-aa-virtiofs.conf.5": "{prefix}/share/man/man5",
    "virt-aa-virtiofs.pc": "{prefix}/share/pkgconfig",
    "NEWS": "{docdir}",
    "differences.md": "{docdir}",
    "SECURITY.md": "{docdir}",
}

# A name that documentation has for another document: a link's end, or in quotes.
DOCUMENT = re.compile(r"(?:\]\(|`)(?:[^)`\s]*/)?([^/)`\s]+\.md)[)`]")

# What made files must say: a file in the build directory, and a line's part.
TEXTS = (
    ("data/after-libvirt-update", "helper='{libexecdir}/virt-aa-helper'"),
    ("data/40-virt-aa-virtiofsd.json", '"{libexecdir}/virt-aa-virtiofsd"'),
    ("data/virt-aa-virtiofsd", "{libexecdir}/virt-aa-virtiofsd"),
    ("config.h", '#define APPARMOR_PARSER "{parser}"'),
    ("config.h", '#define LIBVIRT_LIBEXECDIR "{libexecdir}"'),
    ("config.h", '#define HELPER_DIR "{libexecdir}/virt-aa-virtiofs"'),
    ("config.h", '#define APPARMOR_DIR "{sysconfdir}/apparmor.d"'),
)

# What pkg-config answers, by variable.
VARIABLES = {
    "libvirt_libexecdir": "{libexecdir}",
    "helper_dir": "{libexecdir}/virt-aa-virtiofs",
    "apparmor_dir": "{sysconfdir}/apparmor.d",
    "apparmor_parser": "{parser}",
    "sysconfdir": "{sysconfdir}",
    "localstatedir": "{localstatedir}",
    "runstatedir": "/run",
}


def installed(meson, source, build, options):
    done = subprocess.run([*meson, "setup", build, source, "-Dtests=disabled", *options], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"FAIL: {' '.join(options)}: {done.stdout}")
    listing = subprocess.run([*meson, "introspect", "--installed", build], stdout=subprocess.PIPE, check=True)
    return list(json.loads(listing.stdout).values())


def variable(build, name):
    environment = {**os.environ, "PKG_CONFIG_PATH": os.path.join(build, "meson-private")}
    done = subprocess.run(["pkg-config", f"--variable={name}", "virt-aa-virtiofs"], env=environment,
                          stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.strip()


def unknown_documents(source, targets):
    """What installed documentation names and is not installed, however it is linked in the source."""
    names = {os.path.basename(target) for target in targets}
    for directory in source, os.path.join(source, "docs"):
        for file in names & set(os.listdir(directory)):
            with open(os.path.join(directory, file), encoding="utf8") as text:
                for other in sorted(set(DOCUMENT.findall(text.read())) - names):
                    yield f"{file} names {other}, which would not be installed"


def check(name, meson, source, build):
    options, paths = DISTRIBUTIONS[name]
    paths = {"prefix": "/usr", "sysconfdir": "/etc", "localstatedir": "/var", **paths}
    targets = installed(meson, source, build, options)
    wrong = []
    for file, place in PLACES.items():
        wanted = place.format(**paths) + "/" + file
        found = [target for target in targets if os.path.basename(target) == file and "/completions/" not in target]
        if found != [wanted]:
            wrong.append(f"{file} would be {found}, not {wanted}")
    roots = (paths["prefix"] + "/", paths["sysconfdir"] + "/")
    wrong += [f"{target} would be elsewhere" for target in targets if not target.startswith(roots)]
    wrong += unknown_documents(source, targets)
    for file, text in TEXTS:
        with open(os.path.join(build, file), encoding="utf8") as made:
            if text.format(**paths) not in made.read():
                wrong.append(f"{file} does not say {text.format(**paths)}")
    for name, wanted in VARIABLES.items():
        found = variable(build, name)
        if found != wanted.format(**paths):
            wrong.append(f"pkg-config says {found} for {name}, not {wanted.format(**paths)}")
    return wrong


def main():
    source, meson = sys.argv[1], sys.argv[2:]
    failed = 0
    for name in DISTRIBUTIONS:
        with tempfile.TemporaryDirectory() as build:
            wrong = check(name, meson, source, build)
        failed += bool(wrong)
        print("not ok" if wrong else "ok", name, *wrong, sep="\n    " if wrong else " ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
