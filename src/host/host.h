/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * host: read-only questions about this host: does a path exist, what does it resolve to, which
 * device node is USB device 002:004, what does an image lie upon.
 *
 * They go through a Host, so that tests put the questions to a directory that looks like one: the
 * same code answers, with every path taken below @root.
 */

#include <glib.h>

typedef struct _Host Host;

/**
 * host_new:
 * @root: (nullable): a directory that stands for "/", or NULL for this host itself
 */
Host *host_new(const char *root, GError **error);
void host_free(Host *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Host, host_free)

/**
 * host_open:
 * Opens @path (absolute) for reading, never creating and never becoming a controlling terminal, nonblocking.
 * Returns: a descriptor that the caller closes, or -1 with errno set
 */
int host_open(Host *host, const char *path, int flags);

/**
 * host_open_regular:
 * Opens @path (absolute), a link followed, for reading, if it is a file: to open a device may do something, and
 * who reads from a pipe takes it away from others.
 * Returns: a descriptor that the caller closes, or -1 with errno set; EINVAL: it is no file
 */
int host_open_regular(Host *host, const char *path);

/**
 * host_owner: whose the system's own files are: root, or whoever owns the directory that stands for "/".
 */
guint host_owner(const Host *host);

/** host_exists: as access(F_OK) says, so that a dangling link does not exist (virFileExists). */
gboolean host_exists(Host *host, const char *path);

/**
 * host_longest_existing:
 * @path: absolute
 * Returns: (transfer full): @path, or the nearest directory above it that exists; at least "/"
 */
char *host_longest_existing(Host *host, const char *path);

/** host_is_dir: whether @path is a directory, or a link to one. */
gboolean host_is_dir(Host *host, const char *path);

/**
 * host_realpath:
 * Returns: (transfer full): @path without symbolic links, "." and "..", or NULL with errno set
 */
char *host_realpath(Host *host, const char *path);

/**
 * host_list:
 * Returns: (transfer full): the names in directory @path but "." and "..", sorted by bytes, as a
 *   NULL-terminated vector, or NULL with errno set
 */
char **host_list(Host *host, const char *path);

/**
 * host_read_text:
 * Returns: (transfer full): the first 4 KiB of a small file such as a sysfs attribute, without the
 *   white space around it, or NULL with errno set
 */
char *host_read_text(Host *host, const char *path);

/** host_process_start: Returns: when the process @pid began (process_start()), or 0 where that cannot be learnt */
guint64 host_process_start(Host *host, guint pid);
