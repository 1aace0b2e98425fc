/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One file and what takes its place: for change.c. Private to the room. */

#include <glib.h>
#include <sys/types.h>

#include "policy/files.h"

typedef struct {
    const PolicyDir *dir;
    char *name;
    /* beside it: the new file, and after swap_in() the old one; NULL: it stays there */
    char *temp;
    gboolean removes; /* there is no new file */
    gboolean published;
    gboolean had_old; /* there was a file called @name, which is in @temp now */
} Swap;

/**
 * swap_new:
 * @dir: where @name is; must outlive the swap
 * @keeps: what lies beside @name stays, as it may be the last good version
 */
Swap *swap_new(const PolicyDir *dir, const char *name, gboolean keeps);
void swap_free(Swap *swap);

/** swap_write: writes the new file beside the old one, down to the disk; on failure nothing is there. */
gboolean swap_write(const Swap *swap, const char *text, mode_t mode, GError **error);

/**
 * swap_in:
 * Puts the new file in its place, so that at no moment there is none of its name. Where it fails half-way, with
 * published set, swap_back() puts the old one back.
 */
gboolean swap_in(Swap *swap, GError **error);

/**
 * swap_back:
 * Puts the old file back. FALSE: it is still beside its name, and has to stay there; or the new one is still there.
 */
gboolean swap_back(const Swap *swap, GError **error);
