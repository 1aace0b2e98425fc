/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One file and what takes its place: for changes.c. */

#include <glib.h>

/* What a file was, or that there was none. */
typedef struct {
    gboolean is_there;
    char *bytes;
    gsize length;
    guint mode;
    guint uid;
    guint gid;
} Replaced;

void replaced_clear(Replaced *old);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Replaced, replaced_clear)

/** replaced_read: what @path is now, links followed. */
gboolean replaced_read(const char *path, Replaced *old, GError **error);

/**
 * replace_file:
 * @mode: of the file
 * @like: (nullable): whose mode and owner it gets instead, if it was there
 * Writes a file beside @path, makes sure that it is on the disk, and gives it the name. The name that it has
 * before begins with a dot: neither libvirt nor apparmor_parser takes such for their own.
 * On failure @path is what it was, or, where only the directory does not come to the disk, the new file.
 */
gboolean replace_file(const char *path, const char *bytes, gsize length, guint mode,
                      const Replaced *like, GError **error);

/** replaced_restore: makes @path what it was, and writes nothing where it is. */
gboolean replaced_restore(const char *path, const Replaced *old, GError **error);
