/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/host.h"

/**
 * path_resolve:
 * @path: absolute
 * @existing: (out) (transfer full): the longest part of @path that exists, resolved; "" when nothing
 *   but "/" does
 * @rest: (out) (transfer full): what follows, with single slashes; "" when all of it exists
 *
 * Files may be created later, so that realpath() has to stop where the path does (libvirt's
 * vah_add_path()).
 */
gboolean path_resolve(Host *host, const char *path, char **existing, char **rest, GError **error);

/** path_lies_in: whether @path, absolute, is the directory @dir or lies in it; slashes at the end of @dir do not count. */
gboolean path_lies_in(const char *path, const char *dir);

/**
 * path_is_restricted:
 * @path: resolved
 * @for_writing: whether the rule is to grant writing
 *
 * A safety measure against a subverted libvirtd, not against the VM: no rule opens the system's own
 * directories. The list is libvirt 12.8.0's (valid_path()), and what stands in it more says why.
 */
gboolean path_is_restricted(const char *path, gboolean for_writing);

/**
 * path_holds_restricted:
 * @dir: a resolved directory
 * Whether writing to all of @dir would be writing to a restricted place: @dir lies in one, is one, or
 * has one below it.
 */
gboolean path_holds_restricted(const char *dir);

/**
 * path_is_below_libvirts:
 * @dir: absolute
 *
 * Whether @dir lies where libvirtd makes directories for its VMs. Each of these places is called so, whatever
 * it is in: of state below /var/lib and /run (virQEMUDriverConfigNew()), of huge pages in any mount of them
 * (qemuGetBaseHugepagePath()) and of memory in any memory_backing_dir of qemu.conf
 * (virQEMUDriverConfigLoadMemoryEntry()).
 */
gboolean path_is_below_libvirts(const char *dir);

typedef enum {
    TREE_FREE,
    TREE_DOUBTFUL, /* to be said, and granted */
    TREE_REFUSED,
} TreeVerdict;

/**
 * path_judge_tree:
 * @dir: a resolved directory that a VM is to have with all that is in it
 *
 * For writing that is refused for what path_holds_restricted() says, and for the directories that the
 * host's programs trust to be theirs; for reading, for those that hold its secrets.
 */
TreeVerdict path_judge_tree(const char *dir, gboolean for_writing);
