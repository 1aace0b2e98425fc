/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/paths.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

/* No rule at all. */
static const char *const restricted[] = {
    "/bin/",           "/etc/",           "/lib",           "/lost+found/",
    "/proc/",          "/sbin/",          "/selinux/",      "/sys/",
    "/usr/bin/",       "/usr/lib",        "/usr/sbin/",     "/usr/share/",
    "/usr/local/bin/", "/usr/local/etc/", "/usr/local/lib", "/usr/local/sbin/",
};

/* Only reading: kernels and firmware. */
static const char *const readable[] = {
    "/boot/",
    "/vmlinuz",
    "/initrd",
    "/initrd.img",
    "/usr/share/edk2/",
    "/usr/share/edk2-ovmf/",
    "/usr/share/OVMF/",
    "/usr/share/ovmf/",
    "/usr/share/AAVMF/",
    "/usr/share/qemu-efi/",
    "/usr/share/qemu-efi-aarch64/",
    "/usr/share/qemu-efi-loongarch64/",
    "/usr/share/qemu-efi-riscv64/",
    "/usr/share/qemu/",
    "/usr/lib/u-boot/",
    "/usr/lib/riscv64-linux-gnu/opensbi",
    /* not libvirt's: the BIOS that <loader type='rom'> names, where Debian and Fedora put it. With
     * libvirt's helper such a VM does not start. */
    "/usr/share/seabios/",
};

/* These all the same. */
static const char *const allowed[] = {
    "/sys/devices/pci",                /* PCI host devices */
    "/sys/kernel/config/target/vhost", /* vhost-scsi host devices */
    "/etc/libvirt-sandbox/services/",  /* virt-sandbox's service configuration */
};

static gboolean
has_prefix_of(const char *path, const char *const *prefixes, gsize n)
{
    for (gsize i = 0; i < n; i++)
        if (g_str_has_prefix(path, prefixes[i]))
            return TRUE;
    return FALSE;
}

gboolean
path_is_restricted(const char *path, gboolean for_writing)
{
    if (has_prefix_of(path, allowed, G_N_ELEMENTS(allowed)))
        return FALSE;
    if (has_prefix_of(path, readable, G_N_ELEMENTS(readable)))
        return for_writing;
    return has_prefix_of(path, restricted, G_N_ELEMENTS(restricted));
}

gboolean
path_holds_restricted(const char *dir)
{
    g_autofree char *tree =
        g_str_has_suffix(dir, "/") ? g_strdup(dir) : g_strconcat(dir, "/", NULL);

    if (path_is_restricted(tree, TRUE))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(restricted); i++)
        if (g_str_has_prefix(restricted[i], tree))
            return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(readable); i++)
        if (g_str_has_prefix(readable[i], tree))
            return TRUE;
    return FALSE;
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
        *rest = g_strdup(path + strspn(path, "/") - 1);
        return TRUE;
    }

    resolved = host_realpath(host, prefix);
    if (!resolved)
        return base_set_errno_error(error, errno, _("cannot resolve %s"), prefix);
    *rest = g_strdup(path + strlen(prefix));
    *existing = g_steal_pointer(&resolved);
    return TRUE;
}
