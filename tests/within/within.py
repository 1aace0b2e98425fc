#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""From the XML to the compiled policy: nothing is allowed that no element names.

usage: within.py HELPER POLICY-WITHIN CASES CORPUS [NAME...]

Each golden case and each domain of the fuzzers' corpus goes through the helper, and the profiles that it leaves
on disk through apparmor_parser. What they allow, over every name there is, has to be what the template allows, or
lie at or below a path that stands in the XML, in a file of the case's host, or at the end of a link there; or be
among the places that libvirt itself gives to a VM of that name and number, or to a kind of device: QEMU and
VIRTIOFSD, which have nothing from the helper. What a virtiofsd may have is what its <filesystem> names, and QEMU
does not get that.
"""
import argparse, glob, os, re, shlex, subprocess, sys, tempfile
import xml.etree.ElementTree as ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import golden

PARSER = "/sbin/apparmor_parser"
# What a path that is named may be allowed for, and a program.
FILE, PROGRAM = "rwaklm", "rwaklmx"

# An XPath of what has to be in the domain, and rules. {name} and so on stand for themselves, and are no pattern.
GL = """
  "/usr/lib{{,32,64}}/{{,@{{multiarch}}/,fglrx/}}dri/*.so*" mr,
  "/etc/drirc" r,
  "/usr/share/drirc.d/{{,*.conf}}" r,
  "/{{etc,usr/share}}/glvnd/egl_vendor.d/{{,*}}" r,
  "/usr/share/egl/egl_external_platform.d/{{,*}}" r,
  "/proc/modules" r,
  "/proc/driver/nvidia/params" r,
  "/dev/nvidiactl" rw,
  "/dev/dri/{{,render*}}" rw,
  "/sys/devices/**/{{uevent,vendor,device,subsystem_vendor,subsystem_device,config,revision}}" r,
"""
QEMU = (
    (".", """
  "/var/log/libvirt/**/{name}.log" w,
  "/var/lib/libvirt/qemu/domain-{name}/monitor.sock" rw,
  "/run/libvirt/**/{name}.pid" rwk,
  "/run/libvirt/**/*.tunnelmigrate.dest.{name}" rw,
  "/var/lib/libvirt/qemu/domain-{short}/{{,**}}" rwk,
  "/var/lib/libvirt/qemu/ram/{short}/{{,**}}" rwk,
  "/dev/hugepages/libvirt/qemu/{short}/{{,**}}" rwk,
  "/{{run,var/lib}}/libvirt/qemu/channel/{{,target/domain-}}{short}/{{,**}}" rwk,
  "/dev/userfaultfd" rwk,
"""),
    ("devices/interface", """
  "/dev/vhost-net" rw,
  "/dev/net/tun" rwk,
"""),
    ("devices/interface/backend[@type='passt']", """
  "/run/libvirt/qemu/passt/{short}-*.socket" rw,
"""),
    ("devices/vsock", """
  "/dev/vhost-vsock" rw,
"""),
    ("launchSecurity[@type='tdx']", """
  "/dev/vhost-vsock" rw,
"""),
    ("launchSecurity[@type='sev']", """
  "/dev/sev" rw,
"""),
    ("devices/hostdev[@type='scsi_host']", """
  "/dev/vhost-scsi" rw,
"""),
    ("devices/hostdev", """
  "/dev/vfio/{{vfio,[0-9]*}}" rw,
"""),
    ("devices/disk[@type='nvme']", """
  "/dev/vfio/{{vfio,[0-9]*}}" rw,
"""),
    ("devices/disk//dataStore[@type='nvme']", """
  "/dev/vfio/{{vfio,[0-9]*}}" rw,
"""),
    ("devices/smartcard[@mode='host-certificates']", """
  "/etc/pki/nssdb/{{,*}}" rk,
"""),
    ("devices/memory[@model='sgx-epc']", """
  "/dev/sgx_{{provision,vepc}}" rw,
"""),
    ("devices/tpm/backend[@type='emulator']", """
  "/run/libvirt/qemu/swtpm/{short}-swtpm.{{pid,sock}}" rw,
  "/var/log/swtpm/libvirt/qemu/{name}-swtpm.log" w,
  "/var/lib/libvirt/swtpm/{uuid}/tpm{{1.2,2}}/" r,
  "/var/lib/libvirt/swtpm/{uuid}/tpm{{1.2,2}}/**" rwk,
"""),
    ("devices/tpm/backend[@type='passthrough']", """
  "/dev/tpm0" rw,
"""),
    ("devices/graphics", GL),
    ("devices/audio[@type='alsa']", """
  "/{{etc,usr/share}}/{{asound.conf,alsa/{{,**}}}}" r,
"""),
    ("devices/audio", """
  "/{{etc,usr/share}}/pipewire/client{{,-rt}}.conf{{,.d/{{,*.conf}}}}" r,
  "/etc/pulse/client.conf{{,.d/{{,*.conf}}}}" r,
"""),
    # whoever may write QEMU's arguments may have all devices that need no more than a word
    ("{http://libvirt.org/schemas/domain/qemu/1.0}commandline", GL + """
  "/dev/vfio/{{vfio,[0-9]*,devices/vfio[0-9]*}}" rw,
  "/dev/{{net/tun,vhost-net,vhost-vsock}}" rwk,
  "/var/tmp/vl.*" rwk,
"""),
    ("devices/filesystem/driver[@type='virtiofs']", """
  unix (send, receive) type=stream peer=(label=libvirt-{uuid}-virtiofsd),
"""),
)
VIRTIOFSD = (
    (".", """
  "/var/lib/libvirt/qemu/domain-{short}/*-fs.sock" rw,
  "/var/lib/libvirt/qemu/ram/{short}/{{,**}}" rw,
  "/dev/hugepages/libvirt/qemu/{short}/{{,**}}" rw,
  "/var/log/libvirt/qemu/{name}-fs[0-9]*-virtiofsd.log" a,
  "/run/libvirt/qemu/{short}-fs[0-9]*-fs.pid" r,
  capability dac_override fowner setgid setuid,
  unix (send, receive) type=stream peer=(label=libvirt-{uuid}),
"""),
)
# Of a QEMU with libraries and firmware of its own.
EMULATOR = """
  "/{prefix}/share/{{qemu,qemu-firmware}}/**" rk,
  "/{prefix}/lib{{,32,64}}/{{,*-linux-gnu*/}}qemu/*.so" mr,
"""
WRITES = """
  capability chown fsetid mknod setfcap,
"""


def octal(text):
    """A name in a rule, of which no byte can mean anything."""
    return "".join(f"\\{byte:03o}" for byte in text.encode(errors="surrogateescape"))


def words_of(text):
    """What may be a path in a text: from any slash that does not follow the name of a file, to any end."""
    for at in (match.start() for match in re.finditer("/", text)):
        rest = text[at:]
        yield rest
        for end in re.finditer(r"[,=:;\"'\s{}\\]", rest):
            yield rest[:end.start()]


def resolve(host, path):
    """Where @path leads to on @host, whose links begin at its own root."""
    done, parts = [], path.split("/")
    for _ in range(1000):
        if not parts:
            break
        part = parts.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            done = done[:-1]
            continue
        here = host + "/" + "/".join(done + [part])
        if os.path.islink(here):
            target = os.readlink(here)
            done = [] if target.startswith("/") else done
            parts = target.split("/") + parts
        else:
            done.append(part)
    return "/" + "/".join(done)


class Named:
    def __init__(self, host):
        self.host, self.paths = host, {}

    def add(self, text, letters=FILE):
        for word in words_of(text):
            # all of the host is named only by who names nothing else
            if word.strip("/") or text == "/":
                self.path(word, letters)
                self.path(word.replace(",,", ","), letters)

    def path(self, path, letters):
        for name in {path.rstrip("/") or "/", re.sub("/+", "/", path).rstrip("/") or "/", resolve(self.host, path)}:
            self.paths[name] = self.paths.get(name, "") + letters


def is_share(element):
    driver = element.find("driver")
    return element.tag == "filesystem" and driver is not None and driver.get("type") == "virtiofs"


def collect(element, to, qemu, virtiofsd):
    """What is named below @element goes to @to, but for what is the other's."""
    if is_share(element):
        to = virtiofsd
    letters = PROGRAM if element.tag in ("emulator", "binary") else FILE
    texts = [element.text or "", *element.attrib.values()]
    if element.get("type") == "pipe":
        texts += [source.get("path", "") + end for source in element.findall("source") for end in (".in", ".out")]
    if element.tag == "shmem":
        texts += ["/dev/shm/" + element.get("name", ""), f"/var/lib/libvirt/shmem-{element.get('name', '')}-sock"]
    for text in texts:
        to.add(text, letters)
        if to is virtiofsd and element.get("socket"):
            qemu.add(element.get("socket"))
    for child in element:
        collect(child, to, qemu, virtiofsd)
        # the tail is the parent's
        to.add(child.tail or "")


def short_names(domain):
    """As libvirtd may have cut the name: after characters, or bytes."""
    name, number = domain.findtext("name") or "", domain.get("id") or "-1"
    return {octal(f"{number}-{name[:20]}"), octal(f"{number}-") + octal(name.encode()[:20].decode(errors="surrogateescape"))}


def outer_text(domain, profile, template, settings, host):
    serves = profile.endswith("-virtiofsd")
    values = {"name": octal(domain.findtext("name") or ""), "uuid": profile[len("libvirt-"):][:36]}
    rules = "".join(rules.format(short=short, **values) for short in sorted(short_names(domain))
                    for xpath, rules in (VIRTIOFSD if serves else QEMU) if domain.find(xpath) is not None)
    for emulator in [] if serves else domain.iterfind("devices/emulator"):
        rules += EMULATOR.format(prefix=octal(os.path.dirname(os.path.dirname(resolve(host, emulator.text or "/")))[1:]))
    if serves:
        writes = [share for share in domain.iter("filesystem") if is_share(share) and share.find("readonly") is None]
        rules += WRITES if writes and "--readonly" not in settings else ""
        rules += "".join(f"  capability {name},\n" for name in re.findall(r"modcaps=\S*\+(\w+)", settings))
    template = re.sub(r"#?include( if exists)? <libvirt/.*>", "", template).replace("LIBVIRT_TEMPLATE", profile)
    return re.sub(r"}\s*$", lambda end: rules + "}\n", template)


def compile_policy(text, include, out):
    # as for a kernel that has classes besides files, where there is none
    features = max(glob.glob("/etc/apparmor.d/abi/[34].0"))
    done = subprocess.run([PARSER, "--skip-kernel-load", "--stdout", "--skip-cache", "--jobs", "0", "--kernel-features",
                           features, "--policy-features", features, "--Include", include],
                          input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)
    if done.returncode:
        return done.stderr.decode(errors="replace")
    with open(out, "wb") as binary:
        binary.write(done.stdout)
    return ""


def judge(base, top, helper, policy_within):
    """None: refused, so that there is nothing to judge; or what is wrong."""
    case = golden.Case(base, top)
    before = {name: open(os.path.join(case.policy, name), encoding="utf8").read() for name in os.listdir(case.policy)}
    status, _, written, uuid = case.run(helper)
    if status != 0 or "-D" in case.args:
        return None
    domain = ElementTree.parse(base).getroot()
    qemu, virtiofsd, settings = Named(case.host), Named(case.host), ""
    collect(domain, qemu, qemu, virtiofsd)
    for memory in domain.iterfind("devices/memory"):
        collect(memory, virtiofsd, qemu, virtiofsd)
    if os.path.exists(base[:-4] + ".host"):
        with open(base[:-4] + ".host", encoding="utf8") as lines:
            for line in lines:
                kind, *words = shlex.split(line, comments=True) or [""]
                for word in words:
                    # and rules that were there
                    if kind not in ("settings", "existing") or words[0].endswith(".files"):
                        qemu.add(word)
                    if kind == "args" and word.startswith(("/dev/net/tun", "/dev/tap")):
                        qemu.add("/dev/vhost-net")
                settings += words[0] if kind == "settings" else ""
    for binary in re.findall(r"binary = (\S+?)\\n", settings):
        virtiofsd.add(binary, "rm")
    problems = []
    files = [os.path.join(top, name) for name in ("inner", "outer", "names")]
    for profile in (f"libvirt-{uuid}", f"libvirt-{uuid}-virtiofsd"):
        if profile not in written:
            continue
        named = virtiofsd if profile.endswith("-virtiofsd") else qemu
        with open(files[2], "wb") as out:
            for path, letters in named.paths.items():
                out.write(b"\0".join((profile.encode(), letters.encode(), os.fsencode(path), b"")))
        template = before.get(profile) or before["TEMPLATE.virtiofsd" if named is virtiofsd else "TEMPLATE.qemu"]
        outer = outer_text(domain, profile, template, settings, case.host).encode()
        for text, out in ((written[profile], files[0]), (outer, files[1])):
            problem = compile_policy(text, os.path.dirname(case.policy), out)
            if problem:
                return [problem]
        done = subprocess.run([policy_within, *files], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            problems += done.stdout.decode(errors="replace").splitlines()
    return problems


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1][7:])
    parser.add_argument("helper")
    parser.add_argument("policy_within")
    parser.add_argument("cases")
    parser.add_argument("corpus")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.umask(0o022)
    found = [os.path.join(folder, name) for folder in (options.cases, options.corpus)
             for name in sorted(os.listdir(folder)) if name.endswith(".xml")]
    if options.names:
        found = [path for path in found if os.path.basename(path)[:-4] in options.names]
    failed = judged = 0
    for path in found:
        with tempfile.TemporaryDirectory() as top:
            problems = judge(path, os.path.realpath(top), options.helper, options.policy_within)
        judged += problems is not None
        failed += bool(problems)
        for problem in problems or []:
            print(f"not ok {os.path.basename(path)[:-4]}: {problem}")
    print(f"{judged} of {len(found)} have policy, {failed} of them are too wide")
    return 1 if failed or not judged else 0


if __name__ == "__main__":
    sys.exit(main())
