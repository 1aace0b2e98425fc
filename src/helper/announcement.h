/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an argument of --append-file or --add-file means. libvirtd announces by it what QEMU or a
 * virtiofsd is about to open (reload_profile() of libvirt's AppArmor driver), and passes more than it
 * looks like: its own directories with a pattern at the end, and strings of the domain's XML as they
 * are, which therefore mean themselves to the last byte. This is the one place that tells them apart.
 */

#include "host/host.h"

typedef enum {
    ANNOUNCED_FILE,             /* a path, whether or not there is something */
    ANNOUNCED_MAPPED_FILE,      /* a device that QEMU maps: /dev/iommu, /dev/vfio/devices/vfioN */
    ANNOUNCED_TAP,              /* /dev/net/tun, /dev/tapN: a network interface */
    ANNOUNCED_TREE,             /* a directory and all below it: DIR/{,**} */
    ANNOUNCED_GUEST_MEMORY,     /* the same, where the guest's memory lies in files */
    ANNOUNCED_VIRTIOFSD_SOCKET, /* where a virtiofsd of this VM is going to listen */
} AnnouncedKind;

typedef struct {
    AnnouncedKind kind;
    char *path;   /* absolute; of a tree, the directory */
    gboolean own; /* of a tree: it lies and is called as a directory of this domain does */
    char *alias;  /* of a virtiofsd's socket: the device that it serves, "fs0"; else NULL */
} Announcement;

/**
 * announcement_read:
 * @argument: as on the command line, absolute
 * @directories: NULL-terminated: what libvirtd may call a directory of this running domain, "ID-NAME":
 *   see domain_short_names()
 * @error: it is the socket of a virtiofsd of another domain
 *
 * DIR/{,**} is a tree if DIR is there and a directory, or lies where libvirtd makes directories and is called
 * as one of this domain. There one that begins with its number is its own too: libvirtd in a locale that is
 * neither of UTF-8 nor of single bytes cuts the name in a way of its own. Guest memory is a tree of that name
 * which is not for the guest's channels (qemuGetMemoryBackingDomainPath(), qemuGetDomainHugepagePath()). A
 * virtiofsd's socket is DIR/domain-ID-NAME/ALIAS-fs.sock (qemuVirtioFSCreateSocketFilename()).
 *
 * Returns: (transfer full): what it means, or NULL with @error set
 */
Announcement *
announcement_read(const char *argument, const char *const *directories, Host *host, GError **error);

/** announcement_alias: Returns: (transfer full): the device that is served at @socket, as was announced. */
char *announcement_alias(const char *socket);

void announcement_free(Announcement *announcement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Announcement, announcement_free)
