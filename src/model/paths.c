/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/paths.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

/*
 * Directories, each with what a rule for a path in it may do. Of several that a path lies in the deepest
 * counts. The list is libvirt 12.8.0's (valid_path() of virt-aa-helper), which takes its entries for
 * beginnings of names, so that its "/lib" is also "/library": there they are written out here.
 */
typedef enum {
    RULE_NONE,
    RULE_READ,
    RULE_WRITE,
} RuleFor;

static const struct {
    const char *dir;
    RuleFor rule;
} directories[] = {
    {"/bin", RULE_NONE},
    {"/etc", RULE_NONE},
    {"/lib", RULE_NONE},
    {"/lib32", RULE_NONE},
    {"/lib64", RULE_NONE},
    {"/libx32", RULE_NONE},
    {"/lost+found", RULE_NONE},
    {"/proc", RULE_NONE},
    {"/sbin", RULE_NONE},
    {"/selinux", RULE_NONE},
    {"/sys", RULE_NONE},
    {"/usr/bin", RULE_NONE},
    {"/usr/lib", RULE_NONE},
    {"/usr/lib32", RULE_NONE},
    {"/usr/lib64", RULE_NONE},
    {"/usr/libx32", RULE_NONE},
    {"/usr/libexec", RULE_NONE},
    {"/usr/sbin", RULE_NONE},
    {"/usr/share", RULE_NONE},
    {"/usr/local/bin", RULE_NONE},
    {"/usr/local/etc", RULE_NONE},
    {"/usr/local/lib", RULE_NONE},
    {"/usr/local/lib32", RULE_NONE},
    {"/usr/local/lib64", RULE_NONE},
    {"/usr/local/libx32", RULE_NONE},
    {"/usr/local/libexec", RULE_NONE},
    {"/usr/local/sbin", RULE_NONE},
    /* kernels and firmware */
    {"/boot", RULE_READ},
    {"/vmlinuz", RULE_READ},
    {"/vmlinuz.old", RULE_READ},
    {"/initrd", RULE_READ},
    {"/initrd.img", RULE_READ},
    {"/initrd.img.old", RULE_READ},
    {"/usr/share/edk2", RULE_READ},
    {"/usr/share/edk2-ovmf", RULE_READ},
    {"/usr/share/OVMF", RULE_READ},
    {"/usr/share/ovmf", RULE_READ},
    {"/usr/share/AAVMF", RULE_READ},
    {"/usr/share/qemu-efi", RULE_READ},
    {"/usr/share/qemu-efi-aarch64", RULE_READ},
    {"/usr/share/qemu-efi-loongarch64", RULE_READ},
    {"/usr/share/qemu-efi-riscv64", RULE_READ},
    {"/usr/share/qemu", RULE_READ},
    {"/usr/lib/u-boot", RULE_READ},
    {"/usr/lib/riscv64-linux-gnu/opensbi", RULE_READ},
    /* not libvirt's: where ROMs for network cards and graphics are, which libvirt's helper does not judge */
    {"/usr/lib/ipxe", RULE_READ},
    {"/usr/share/bochs", RULE_READ},
    {"/usr/share/ipxe", RULE_READ},
    {"/usr/share/ipxe.efi", RULE_READ},
    {"/usr/share/kvm", RULE_READ},
    {"/usr/share/qemu-kvm", RULE_READ},
    {"/usr/share/sgabios", RULE_READ},
    {"/usr/share/vgabios", RULE_READ},
    /* not libvirt's: the BIOS that <loader type='rom'> names, where Debian and Fedora put it. With
     * libvirt's helper such a VM does not start. */
    {"/usr/share/seabios", RULE_READ},
    /* virt-sandbox's service configuration */
    {"/etc/libvirt-sandbox/services", RULE_WRITE},
};

/* Of the kernel's own tree, what host devices have there; these are beginnings of names. */
static const char *const devices[] = {
    "/sys/devices/pci",
    "/sys/kernel/config/target/vhost",
};

/*
 * Trees that a VM may get as a whole, by virtiofs or 9p: what of these, and of all above, is no share.
 * Sharing a directory that has the host's secrets, or the files that its own programs trust, is nearly
 * always a mistake; what may be meant is said and goes on.
 */
enum {
    READ_WHOLE = 1 << 0,  /* reading all of it, or of what contains it, is refused */
    WRITE_WHOLE = 1 << 1, /* the same of writing */
    WRITE_BELOW = 1 << 2, /* writing to anything in it is refused */
    READ_BELOW = 1 << 3,  /* reading anything in it is refused */
    SAY_BELOW = 1 << 4,   /* to share anything in it is said */
    OPEN_BELOW = 1 << 5,  /* what lies in it is nobody's but who made it */
    SECRET = READ_WHOLE | WRITE_WHOLE,
    SYSTEM = WRITE_WHOLE | WRITE_BELOW,
    SEALED = SECRET | SYSTEM | READ_BELOW,
};

static const struct {
    const char *dir;
    guint flags;
} trees[] = {
    {"/etc", SECRET | SYSTEM | SAY_BELOW},
    {"/etc/NetworkManager/system-connections", SECRET},
    {"/etc/libvirt/secrets", SECRET},
    {"/etc/ssh", SECRET},
    {"/etc/ssl/private", SECRET},
    {"/etc/wireguard", SECRET},
    {"/proc", SEALED}, /* every process, with its environment */
    {"/sys", SECRET | SYSTEM | SAY_BELOW},
    {"/dev", SEALED}, /* nodes are the disks themselves: 9p is QEMU's, and QEMU opens them */
    {"/dev/hugepages", OPEN_BELOW},
    {"/dev/hugepages/libvirt", SEALED}, /* memory of other VMs */
    {"/dev/shm", OPEN_BELOW},
    {"/efi", SYSTEM},
    {"/gnu/store", SYSTEM},
    {"/nix/store", SYSTEM},
    {"/root", SECRET | SAY_BELOW},
    {"/root/.gnupg", SEALED},
    {"/root/.ssh", SEALED},
    {"/run", SECRET | SAY_BELOW},
    {"/run/credentials", SEALED}, /* systemd's, of services */
    {"/run/dbus", SECRET | SYSTEM},
    {"/run/libvirt", SEALED}, /* state with the passwords of displays, other VMs' channels */
    {"/run/sudo", SECRET | SYSTEM},
    {"/run/systemd", SECRET | SYSTEM},
    {"/run/udev", SECRET | SYSTEM},
    {"/run/user/0", SECRET | SYSTEM}, /* units of root's own systemd */
    {"/run/virt-aa-virtiofs", SECRET | SYSTEM},
    {"/snap", SYSTEM},
    {"/usr/etc", SYSTEM},
    {"/usr/games", SYSTEM},
    {"/usr/include", SYSTEM},
    {"/usr/local/games", SYSTEM},
    {"/usr/local/share/ca-certificates", SYSTEM},
    {"/var", SECRET},
    {"/var/backups", SECRET | SAY_BELOW}, /* Debian's copies of /etc/shadow */
    {"/var/cache", WRITE_WHOLE},
    {"/var/cache/apparmor", SYSTEM}, /* compiled policy, loaded at boot */
    {"/var/lib", SECRET},
    {"/var/lib/NetworkManager", SECRET},
    {"/var/lib/apparmor", SYSTEM},
    {"/var/lib/apt", SYSTEM},
    {"/var/lib/cloud", SYSTEM},
    {"/var/lib/dkms", SYSTEM},
    {"/var/lib/dpkg", SYSTEM},
    {"/var/lib/libvirt", SECRET},
    {"/var/lib/libvirt/dnsmasq", SYSTEM},
    {"/var/lib/libvirt/network", SYSTEM},
    {"/var/lib/libvirt/qemu", SEALED}, /* keys and sockets of other VMs */
    {"/var/lib/libvirt/swtpm", SECRET},
    {"/var/lib/pacman", SYSTEM},
    {"/var/lib/polkit-1", SYSTEM},
    {"/var/lib/private", SECRET},
    {"/var/lib/rpm", SYSTEM},
    {"/var/lib/selinux", SYSTEM},
    {"/var/lib/snapd", SYSTEM},
    {"/var/lib/sss", SECRET | SYSTEM},
    {"/var/lib/sudo", SYSTEM},
    {"/var/lib/swtpm-localca", SECRET | SYSTEM},
    {"/var/lib/systemd", SYSTEM},
    {"/var/log", WRITE_WHOLE | SAY_BELOW},
    {"/var/log/libvirt", SYSTEM},
    {"/var/spool", WRITE_WHOLE | SAY_BELOW},
    {"/var/spool/at", SYSTEM},
    {"/var/spool/cron", SYSTEM},
};

gboolean
path_lies_in(const char *path, const char *dir)
{
    gsize len = strlen(dir);

    while (len > 0 && dir[len - 1] == '/')
        len--;
    return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static RuleFor
rule_for(const char *path)
{
    RuleFor rule = RULE_WRITE;
    gsize deepest = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
        if (g_str_has_prefix(path, devices[i]))
            return RULE_WRITE;
    for (gsize i = 0; i < G_N_ELEMENTS(directories); i++) {
        if (strlen(directories[i].dir) <= deepest || !path_lies_in(path, directories[i].dir))
            continue;
        deepest = strlen(directories[i].dir);
        rule = directories[i].rule;
    }
    return rule;
}

gboolean
path_is_restricted(const char *path, gboolean for_writing)
{
    switch (rule_for(path)) {
    case RULE_NONE:
        return TRUE;
    case RULE_READ:
        return for_writing;
    case RULE_WRITE:
        return FALSE;
    }
    g_assert_not_reached();
}

static char *
without_slashes(const char *dir)
{
    gsize len = strlen(dir);

    while (len > 1 && dir[len - 1] == '/')
        len--;
    return len ? g_strndup(dir, len) : g_strdup("/");
}

gboolean
path_holds_restricted(const char *dir)
{
    g_autofree char *tree = without_slashes(dir);

    if (path_is_restricted(tree, TRUE))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(directories); i++)
        if (directories[i].rule != RULE_WRITE && path_lies_in(directories[i].dir, tree))
            return TRUE;
    return FALSE;
}

gboolean
path_is_below_libvirts(const char *dir)
{
    return strstr(dir, "/libvirt/qemu/") != NULL;
}

/* What @flags of the directory @of say about the tree @dir. */
static TreeVerdict
judge_by(const char *dir, const char *of, guint flags, gboolean for_writing)
{
    if (path_lies_in(of, dir) && flags & (for_writing ? WRITE_WHOLE : READ_WHOLE))
        return TREE_REFUSED;
    if (!path_lies_in(dir, of) || g_str_equal(dir, of))
        return TREE_FREE;
    if (flags & (for_writing ? WRITE_BELOW : READ_BELOW))
        return TREE_REFUSED;
    return flags & SAY_BELOW ? TREE_DOUBTFUL : TREE_FREE;
}

/* Whether @dir lies in a directory that is open although one above it is not. */
static gboolean
is_open(const char *dir)
{
    guint flags = 0;
    gsize deepest = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(trees); i++) {
        if (strlen(trees[i].dir) <= deepest || !path_lies_in(dir, trees[i].dir))
            continue;
        deepest = strlen(trees[i].dir);
        flags = trees[i].flags;
    }
    return flags & OPEN_BELOW && strlen(dir) > deepest;
}

TreeVerdict
path_judge_tree(const char *dir, gboolean for_writing)
{
    g_autofree char *tree = without_slashes(dir);
    TreeVerdict worst = TREE_FREE;

    if (is_open(tree))
        return TREE_FREE;
    if (for_writing && path_holds_restricted(tree))
        return TREE_REFUSED;
    for (gsize i = 0; i < G_N_ELEMENTS(trees); i++)
        worst = MAX(worst, judge_by(tree, trees[i].dir, trees[i].flags, for_writing));
    return worst;
}

/* The parser takes several slashes for one: so does who judges what is to be a rule. */
static char *
with_single_slashes(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (; *text; text++)
        if (*text != '/' || text[1] != '/')
            g_string_append_c(out, *text);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

gboolean
path_resolve(Host *host, const char *path, char **existing, char **rest, GError **error)
{
    g_autofree char *prefix = NULL;
    g_autofree char *resolved = host_realpath(host, path);

    /* most do exist, and then that is all there is to ask */
    if (resolved && path[1] != '\0') {
        *existing = g_steal_pointer(&resolved);
        *rest = g_strdup("");
        return TRUE;
    }
    g_clear_pointer(&resolved, g_free);
    prefix = host_longest_existing(host, path);
    if (strlen(prefix) <= 1) {
        /* two slashes at the start would stay two in a rule, which then matches nothing */
        *existing = g_strdup("");
        *rest = with_single_slashes(path);
        return TRUE;
    }

    resolved = host_realpath(host, prefix);
    if (!resolved)
        return base_set_errno_error(error, errno, _("cannot resolve %s"), prefix);
    /* "/srv/..": with its own slash, what follows would begin with two, and be judged as nothing */
    if (g_str_equal(resolved, "/"))
        *resolved = '\0';
    *rest = with_single_slashes(path + strlen(prefix));
    *existing = g_steal_pointer(&resolved);
    return TRUE;
}
