#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A VM's policy through random calls, beside a model of it.

usage: model.py HELPER-UNDER-TEST [--steps N] [--seed N]
       model.py HELPER-ON-KERNEL --real-kernel [--steps N] [--seed N]

Each step is a start, in three of ten with no share, a stop, a call with the whole XML, an announcement, also of what
was foreseen and of guest memory, a share attached or detached, the question about a socket without a record, a call
after somebody has unloaded profiles by hand or the kernel does not answer, or after a record was lost; and one in four
has a fault that makes it fail or ends it. The model knows what the domain defines, what was announced in this run, and
whether it is still the start. After each step that exits 0: what the kernel allows is what the model says, no less and no
more, word for word of the disk; shares that are not defined are allowed nowhere. After a fault they may be, until
the next call.

With --real-kernel the profiles are loaded into the kernel of this machine, which must be one for tests, and it is
asked what they allow.
"""
import argparse, os, random, re, sys, time

sys.dont_write_bytecode = True
from life import FS, NAME, SOCKET, SPOILT, World, definition_of, need, spoil

POINTS = ("create", "write", "fsync", "rename", "fsync-dir", "mark", "load", "loaded", "lock", "record", "remove",
          "unlink", "take-back")
ALIASES = ("fs10", "fs11", "fs12", "fs13")


# What an answer about a path may say: security/apparmor/include/perms.h
READ, WRITE = 0x4, 0x2
APPARMORFS = "/sys/kernel/security/apparmor"
CLASS_FILE = b"\x02"


class RealWorld(World):
    """The policy directory of a World, and this machine's kernel."""

    def environment(self, fault=""):
        environment = super().environment(fault)
        del environment["HELPER_KERNEL_DIR"]
        return environment

    def loaded(self):
        """Of each profile of the VM's that is loaded its name; what it allows says allowed()."""
        with open(APPARMORFS + "/profiles", encoding="utf8") as lines:
            return {line.split(" ")[0]: "" for line in lines if line.startswith(NAME)}

    @staticmethod
    def allowed(label, path):
        """What @label may do with @path: query_label() of security/apparmor/apparmorfs.c. Nothing runs under a label
        that the kernel does not know."""
        question = os.open(APPARMORFS + "/.access", os.O_RDWR)
        try:
            os.write(question, b"label\0" + label.encode() + b"\0" + CLASS_FILE + path.encode())
            answer = os.read(question, 4096).decode()
        except FileNotFoundError:
            return 0
        finally:
            os.close(question)
        allow, deny = (int(re.search(rf"^{word} (0x[0-9a-f]+)$", answer, re.M).group(1), 16) for word in ("allow", "deny"))
        return allow & ~deny

    def forget(self, *names):
        for name in names:
            with open(APPARMORFS + "/.remove", "w", encoding="utf8") as remove:
                remove.write(name)

    def close(self):
        self.forget(*sorted(self.loaded(), reverse=True))
        super().close()


class Model:
    def __init__(self, world, chance):
        self.world, self.chance = world, chance
        self.id, self.armed = 1, ""
        self.start()
        self.on = False

    def start(self):
        """A new run of the VM."""
        self.on, self.live, self.announced, self.sockets, self.id = True, {}, set(), set(), self.id + 1
        self.foreseen, self.memory = True, False
        self.starts_with = () if self.chance.random() < 0.3 else ("/srv/start",)
        for alias in ALIASES:
            try:
                os.unlink(self.world.host + self.socket(alias))
            except FileNotFoundError:
                pass

    def socket(self, alias):
        return (SOCKET % alias).replace("-7-", f"-{self.id}-")

    def xml(self):
        return definition_of(self.live, starts_with=self.starts_with).replace("id='7'", f"id='{self.id}'")

    def fault(self):
        self.armed = ""
        if self.chance.random() < 0.25:
            self.armed = f"{self.chance.choice(POINTS)}:{self.chance.randrange(3)}:{self.chance.choice(('fail', 'crash'))}"
        return self.armed

    # ---- steps: each returns the call that was made, what it changes in the model if it goes well, and its name ----

    def begin(self):
        self.start()
        return self.world.run("-r" if NAME in self.world.files() else "-c", xml=self.xml(), fault=self.fault()), None

    def whole(self):
        return self.world.run("-r", xml=self.xml(), fault=self.fault()), self.forget

    def forget(self):
        """What only the record had."""
        self.announced.clear()
        self.foreseen = self.memory = False

    def announce(self):
        path = f"/extra/{self.chance.randrange(6)}.img"
        return (self.world.run("-r", "-F", path, xml=self.xml(), fault=self.fault()),
                lambda: self.announced.add(path))

    def announce_foreseen(self):
        """A tree that a start may have before it is announced."""
        path = f"/var/lib/libvirt/qemu/domain-{self.id}-guest/{{,**}}"
        return (self.world.run("-r", "-F", path, xml=self.xml(), fault=self.fault()),
                lambda: self.announced.add(path))

    def announce_memory(self):
        path = f"/var/lib/libvirt/qemu/ram/{self.id}-guest/{{,**}}"

        def announced():
            self.announced.add(path)
            self.memory = True
        return self.world.run("-r", "-F", path, xml=self.xml(), fault=self.fault()), announced

    def announce_after_an_unload_by_hand(self):
        self.world.forget(*(name for name in self.chance.sample((NAME, FS), self.chance.randrange(1, 3))
                            if name in self.world.loaded()))
        return self.announce()

    def announce_to_a_kernel_without_answers(self):
        mark = os.path.join(self.world.kernel, "no-answers")
        with open(mark, "w", encoding="utf8"):
            pass
        try:
            return self.announce()
        finally:
            os.unlink(mark)

    def announce_after_a_loss(self):
        """Of the record: the XML is what is left, and what is announced now."""
        spoil(os.path.join(self.world.records, "vms", NAME), self.chance.choice(SPOILT))
        done, change = self.announce()

        def announced():
            self.forget()
            self.sockets.clear()
            change()
        return done, announced

    def ask_unrecorded(self):
        before = self.world.state()
        done = self.world.ask_unrecorded(fault=self.fault())
        need(self.world.state() == before and done.returncode == 0, f"it is only asked: {done.stderr.decode()}")
        return None, "ask_unrecorded"

    def announce_socket(self):
        free = [alias for alias in ALIASES if alias not in self.live]
        if not free:
            return None, None
        alias = self.chance.choice(free)
        return (self.world.run("-r", "-F", self.socket(alias), xml=self.xml(), fault=self.fault()),
                lambda: self.sockets.add(alias))

    def attach(self):
        ready = [alias for alias in self.sockets if alias not in self.live]
        if not ready:
            return None, None
        alias, readonly = self.chance.choice(ready), self.chance.random() < 0.3
        path = f"/srv/{self.chance.randrange(3)}" + self.chance.choice(("", "/below"))
        done = self.world.run("-r", "--add-share", path, "--share-socket", self.socket(alias),
                              *(["--share-readonly"] if readonly else []), fault=self.fault())

        def attached():
            self.live[alias] = (path, readonly)
            self.world.touch(self.socket(alias))
        return done, attached

    def detach(self):
        """libvirtd calls nobody: what is detached is shut by the next call."""
        if self.live:
            alias = self.chance.choice(sorted(self.live))
            del self.live[alias]
            self.sockets.discard(alias)
            os.unlink(self.world.host + self.socket(alias))
        return self.world.run("-r", "-F", "/any.img", xml=self.xml(), fault=self.fault()), (
            lambda: self.announced.add("/any.img"))

    def stop(self):
        mode = self.chance.choice(("-R", "-D"))
        done = self.world.run(mode, fault=self.fault())
        self.on = False
        return done, None

    # ---- what has to hold ----

    def expected_shares(self):
        expected = {path: "rwlk" for path in self.starts_with}
        for path, readonly in self.live.values():
            if expected.get(path) != "rwlk":
                expected[path] = "rk" if readonly else "rwlk"
        return expected

    def check_announced(self, what, loaded):
        """Nothing is lost, and nothing is left of what was announced before it was forgotten."""
        foreseen = "  # foreseen: " in loaded[NAME]
        need(self.foreseen in (foreseen, None), f"{what}: foreseen {foreseen}, and not {self.foreseen}")
        found = set(re.findall(r'^  "(/extra/.*|/any.img|/var/lib/libvirt/qemu/(?:ram|domain-\d+-guest).*{,\*\*})" rwk,$',
                               loaded[NAME], re.M))
        allowed = {path for path in found if foreseen and path.startswith("/var")}
        need(self.announced <= found <= self.announced | allowed, f"{what}: {found}, and not {self.announced}")
        memory = f'"/var/lib/libvirt/qemu/ram/{self.id}-guest/{{,**}}" rw' in loaded.get(FS, "")
        need(memory or not self.memory or FS not in loaded, f"{what}: the guest's memory is lost")

    def check(self, what):
        files, loaded = self.world.files(), self.world.loaded()
        if not self.on:
            # one that the kernel did not let go stays, and allows no share
            if "/srv/" not in loaded.get(FS, ""):
                loaded.pop(FS, None)
            need(not loaded, f"{what}: loaded after a stop: {sorted(loaded)}")
            return
        # what is loaded for nothing is no concern
        need(sorted(loaded) == [NAME, FS] or (sorted(loaded) == [NAME] and not self.expected_shares()),
             f"{what}: loaded: {sorted(loaded)}")
        if isinstance(self.world, RealWorld):
            self.check_kernel(what)
        else:
            self.check_text(what, files, loaded)
        # a lock that could not be removed goes with the next call
        left = [name for name in files if re.search(r"\.(tmp[23]?|dirty|lock(\.pid.*)?)$", name) and
                not (self.armed.startswith("unlink") and name == NAME + ".lock")]
        need(not left, f"{what}: left: {left}")

    def check_kernel(self, what):
        """Each path that a step may be about, asked for with both labels."""
        expected = self.expected_shares()
        for share in ["/srv/start"] + [f"/srv/{n}{below}" for n in range(3) for below in ("", "/below")]:
            # what is shared above it counts as well
            perms = [expected[above] for above in (share, os.path.dirname(share)) if above in expected]
            wanted = (READ | WRITE) if "rwlk" in perms else READ if perms else 0
            found = self.world.allowed(FS, share + "/file") & (READ | WRITE)
            need(found == wanted, f"{what}: {share}: the kernel allows {found}, and not {wanted}")
        trees = [f"/var/lib/libvirt/qemu/{of}{self.id}-guest/{{,**}}" for of in ("domain-", "ram/")]
        for path in [f"/extra/{n}.img" for n in range(6)] + ["/any.img"] + trees:
            found = self.world.allowed(NAME, path.replace("{,**}", "dir/file")) & (READ | WRITE)
            wanted = READ | WRITE if path in self.announced else 0
            need(found == wanted or (path in trees and self.foreseen is not False), f"{what}: {path}: the kernel allows {found}")
        memory = self.world.allowed(FS, trees[1].replace("{,**}", "pc.ram")) & (READ | WRITE)
        need(memory == READ | WRITE or not self.memory or FS not in self.world.loaded(), f"{what}: the guest's memory is lost")
        for label, path in ((FS, "/srv/other/file"), (FS, "/etc/shadow"), (NAME, "/srv/start/file"), (NAME, "/etc/shadow")):
            need(not self.world.allowed(label, path) & (READ | WRITE), f"{what}: {label} may open {path}")

    def check_text(self, what, files, loaded):
        need(files[NAME + ".files"] in loaded[NAME] and files.get(NAME + ".virtiofsd", "") in loaded.get(FS, ""),
             f"{what}: the kernel has not what is on disk")
        found = re.findall(r'^  "(/srv/.*)/\*\*" (\w+),$', loaded.get(FS, ""), re.M)
        # of two rules for one path the wider counts
        shares = {path: max((perms for at, perms in found if at == path), key=len) for path, _ in found}
        need(shares == self.expected_shares(), f"{what}: shares {shares}, and not {self.expected_shares()}")
        self.check_announced(what, loaded)

    def step(self, number):
        kinds = [self.announce] * 2 + [self.announce_socket] * 2 + [self.attach] * 5 + [
            self.detach, self.whole, self.stop, self.announce_foreseen, self.announce_memory,
            self.announce_after_an_unload_by_hand, self.announce_to_a_kernel_without_answers, self.announce_after_a_loss,
            self.ask_unrecorded]
        if isinstance(self.world, RealWorld):
            kinds.remove(self.announce_to_a_kernel_without_answers)
        kind = self.chance.choice(kinds) if self.on else self.begin
        done, change = kind()
        if done is None:
            return change or "nothing"
        what = f"step {number}, {kind.__name__}"
        if done.returncode == 0:
            if change:
                change()
            self.check(what)
            return kind.__name__
        self.armed = ""
        # it failed, or was killed: the next call with the whole XML puts all right, or ends all
        if kind in (self.stop, self.begin):
            done = self.world.run("-D") if NAME in self.world.files() else None
            self.on = False
        else:
            done = self.world.run("-r", xml=self.xml())
            self.forget()
            if kind == self.announce_after_a_loss:
                # where there is no record at all, -r may have been called for a start; what cannot be read is no start
                self.foreseen = None
        need(done is None or done.returncode == 0, f"{what}, after a fault: {done and done.stderr.decode()}")
        self.check(what + ", after a fault")
        return kind.__name__ + " with a fault"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("helper")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--real-kernel", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print("seed", options.seed, flush=True)
    world = (RealWorld if options.real_kernel else World)(options.helper)
    model, made = Model(world, random.Random(options.seed)), {}
    try:
        for number in range(options.steps):
            name = model.step(number)
            made[name] = made.get(name, 0) + 1
    except AssertionError as problem:
        print("not ok", problem)
        return 1
    finally:
        world.close()
    print(f"{options.steps} steps:", ", ".join(f"{name} {n}" for name, n in sorted(made.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
