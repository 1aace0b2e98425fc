#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The built programs speak German where the locale is German, from the catalogue that is installed.

test-german.py BUILD_ROOT LOCALEDIR CATALOGUES_BELOW HELPER LAUNCHER [CTL]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD_ROOT, LOCALEDIR, CATALOGUES_BELOW, HELPER, LAUNCHER = sys.argv[1:6]
CTL = sys.argv[6] if len(sys.argv) > 6 else None
LOCALE = "de_DE.UTF-8"
UUID = "5d3c4a1e-8f57-4f0b-9a52-0c9d6c2b7e11"
NOBODY = 65534
NO_TYPE = f"<domain><name>gast</name><uuid>{UUID}</uuid></domain>"
SLASH = f"<domain type='kvm'><name>a/b</name><uuid>{UUID}</uuid><os><type>hvm</type></os></domain>"


def make_locale(path):
    """Compiles the locale, as few machines have it. Returns whether that could be done."""
    os.mkdir(path)
    try:
        # status 1 is a warning
        subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", os.path.join(path, LOCALE)],
                       stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        return False
    return os.path.exists(os.path.join(path, LOCALE, "LC_CTYPE"))


class German(unittest.TestCase):
    """As root, the launcher keeps little of its environment, and no LOCPATH: programs run as nobody then."""

    @classmethod
    def setUpClass(cls):
        umask = os.umask(0o022)
        cls.directory = tempfile.TemporaryDirectory()
        cls.root = os.path.realpath(cls.directory.name)
        os.chmod(cls.root, 0o755)
        if not make_locale(cls.root + "/locale"):
            cls.directory.cleanup()
            print("SKIPPED: localedef cannot make a German locale (scripts/install-deps --test)", file=sys.stderr)
            os._exit(77)
        subprocess.run(["meson", "install", "-C", BUILD_ROOT, "--no-rebuild", "--quiet", "--tags", "i18n",
                        "--destdir", cls.root + "/installed"], check=True, stdout=subprocess.DEVNULL)
        cls.programs = {}
        for program in filter(None, (CATALOGUES_BELOW, HELPER, LAUNCHER, CTL)):
            cls.programs[program] = shutil.copy(program, cls.root)
            os.chmod(cls.programs[program], 0o755)
        vhost_user = cls.root + "/config/qemu/vhost-user"
        os.makedirs(vhost_user)
        with open(vhost_user + "/00.json", "w", encoding="utf8") as file:
            file.write("{")
        os.umask(umask)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def run_program(self, program, *arguments, locale=LOCALE, stdin=""):
        """Returns status, standard output and standard error."""
        done = subprocess.run(
            [self.programs[program], *arguments],
            input=stdin.encode(),
            capture_output=True,
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "LANG": locale,
                "LOCPATH": self.root + "/locale",
                "LD_PRELOAD": self.programs[CATALOGUES_BELOW],
                "CATALOGUES_BELOW": self.root + "/installed",
                "XDG_CONFIG_HOME": self.root + "/config",
            },
            user=NOBODY if os.geteuid() == 0 else None,
            group=NOBODY if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
            timeout=60,
            check=False,
        )
        # bytes: whether it is UTF-8 is a part of the question
        return done.returncode, done.stdout.decode("utf8"), done.stderr.decode("utf8")

    def dry_run(self, xml, **more):
        return self.run_program(HELPER, "--dryrun", "-c", "-u", "libvirt-" + UUID, stdin=xml, **more)

    def test_the_catalogue_is_installed(self):
        self.assertTrue(os.path.exists(f"{self.root}/installed{LOCALEDIR}/de/LC_MESSAGES/virt-aa-virtiofs.mo"))

    def test_helper_on_a_bad_domain(self):
        status, _, err = self.dry_run(NO_TYPE)
        self.assertEqual((status, err), (
            1, "virt-aa-helper: Fehler: ungültige VM-Definition: Zeile 1: <domain>: der Typ fehlt\n"))

    def test_helper_on_a_bad_name(self):
        status, _, err = self.dry_run(SLASH)
        self.assertEqual((status, err), (
            1, "virt-aa-helper: Fehler: ungültige VM-Definition: ungültiger Name: »a/b«: "
               "der Name einer Domain darf keinen Schrägstrich enthalten\n"))

    def test_helper_in_no_language(self):
        for locale in ("C", "C.UTF-8"):
            self.assertIn("virt-aa-helper: error: invalid VM definition: ", self.dry_run(NO_TYPE, locale=locale)[2])

    def test_help_of_the_helper(self):
        status, out, err = self.run_program(HELPER, "--help")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(out.startswith("Aufruf: "), out)
        self.assertLess(max(map(len, out.splitlines())), 96)
        self.assertEqual(self.options(out), self.options(self.run_program(HELPER, "--help", locale="C")[1]))

    @staticmethod
    def options(text):
        """The options that a help has, with how each line of them begins: a translation leaves them as they are."""
        return re.findall(r"^ +(?:-[a-zA-Z], )?--[a-z-]+(?:, --[a-z-]+)?", text, re.MULTILINE)

    def test_launcher(self):
        status, _, err = self.run_program(LAUNCHER, "--fd=3")
        self.assertEqual((status, err), (
            1, f"virt-aa-virtiofsd: {self.root}/config/qemu/vhost-user/00.json ist fehlerhaft aufgebaut; "
               "virtiofsd wurde nicht gestartet: die Datei berichtigen oder entfernen\n"))

    @unittest.skipUnless(CTL, "virt-aa-ctl is not built")
    def test_ctl(self):
        status, _, err = self.run_program(CTL, "stat")
        self.assertEqual((status, err), (
            1, "virt-aa-ctl: Fehler: den Befehl »stat« gibt es nicht; virt-aa-ctl --help zählt alle auf\n"))

    @unittest.skipUnless(CTL, "virt-aa-ctl is not built")
    def test_columns_of_ctl(self):
        """Of the first words, which are longer than English ones, and have letters of two bytes."""
        _, out, err = self.run_program(CTL, "status", "-c", "test:///default")
        self.assertRegex(out, "(?m)^" + "unbekannt".ljust(len("uneingeschränkt")) + " test$", err)

    @unittest.skipUnless(CTL, "virt-aa-ctl is not built")
    def test_helps_of_ctl(self):
        status, out, err = self.run_program(CTL, "--help")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(out.startswith("Aufruf: "), out)
        for verb in re.findall(r"^  ([a-z]+) ", out, re.MULTILINE):
            out += self.run_program(CTL, verb, "--help")[1]
        self.assertIn("JSON ausgeben", out)
        self.assertLess(max(map(len, out.splitlines())), 81)


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main(verbosity=2)
