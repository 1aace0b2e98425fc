/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/foresee.h"

#include <string.h>

#define QEMU_LIB LOCALSTATEDIR "/lib/libvirt/qemu"
#define QEMU_RUN RUNSTATEDIR "/libvirt/qemu"

/* Where libvirtd mounts no huge pages itself, and finds those of systemd. */
#define HUGEPAGES "/dev/hugepages/libvirt/qemu"

#define TUN         "/dev/net/tun"
#define USERFAULTFD "/dev/userfaultfd"

/* The library's name has libvirt's version in it: of 11.3.0, libvirt.so.0.11003.0. */
#define LIBRARY          SYSTEM_LIBDIR "/libvirt.so.0"
#define LIBRARY_NAME     "libvirt.so.0."
#define USERFAULTFD_FROM 10001 /* 10.1.0: qemuProcessAllowPostCopyMigration() */

/* libvirt's version, as 1000 * major + minor; 0: not known. */
static guint
libvirt_version(Host *host)
{
    g_autofree char *path = host_realpath(host, LIBRARY);
    g_autofree char *name = path ? g_path_get_basename(path) : NULL;

    if (!name || !g_str_has_prefix(name, LIBRARY_NAME))
        return 0;
    return (guint)g_ascii_strtoull(name + strlen(LIBRARY_NAME), NULL, 10);
}

/* AppArmorSetPathLabel() with allowSubtree. */
static void
add_tree(GPtrArray *to, const char *directory, const char *name)
{
    g_ptr_array_add(to, g_strconcat(directory, name, "/{,**}", NULL));
}

/*
 * qemuProcessPrepareHost(): the domain's own directory and that of its channels, which since 9.7.0 lies
 * below /run. libvirtd makes what is above it when it starts; after an update both may be there, and the
 * new one counts, as /run is empty after a boot.
 */
static void
add_directories(GPtrArray *to, const char *name, Host *host)
{
    add_tree(to, QEMU_LIB "/domain-", name);
    if (host_is_dir(host, QEMU_RUN "/channel"))
        add_tree(to, QEMU_RUN "/channel/", name);
    else if (host_is_dir(host, QEMU_LIB "/channel/target"))
        add_tree(to, QEMU_LIB "/channel/target/domain-", name);
}

/* qemuProcessBuildDestroyMemoryPaths(). Of huge pages, libvirtd makes the directory above when it finds
 * them at its start. qemu.conf may name other places, and then none of ours is there. */
static void
add_memory(GPtrArray *to, const char *name, const Domain *domain, Host *host)
{
    if (domain->hugepages_dir && host_is_dir(host, HUGEPAGES))
        add_tree(to, HUGEPAGES "/", name);
    if (domain->memory_dir && host_is_dir(host, QEMU_LIB "/ram"))
        add_tree(to, QEMU_LIB "/ram/", name);
}

/* AppArmorSetFDLabel() of the tap that was made. */
static gboolean
has_tap(const Domain *domain)
{
    const DomainInterface *interface;
    guint at = 0;

    while ((interface = domain_next_device(domain, DOMAIN_DEVICE_INTERFACE, &at)))
        if (interface->is_tap)
            return TRUE;
    return FALSE;
}

GPtrArray *
foresee_arguments(const Domain *domain, Host *host)
{
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) names = domain_short_names(domain->id, domain->name);

    if (domain->id < 0 || (domain->virt != DOMAIN_VIRT_QEMU && domain->virt != DOMAIN_VIRT_KVM))
        return arguments;
    /* one name of two: which is libvirtd's locale to say */
    if (!names[1]) {
        add_directories(arguments, names[0], host);
        add_memory(arguments, names[0], domain, host);
    }
    if (has_tap(domain))
        g_ptr_array_add(arguments, g_strdup(TUN));
    if (host_exists(host, USERFAULTFD) && libvirt_version(host) >= USERFAULTFD_FROM)
        g_ptr_array_add(arguments, g_strdup(USERFAULTFD));
    return arguments;
}
