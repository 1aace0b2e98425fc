/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files of lines that others write: read as they come, with a bound on each and on all. */

#include <glib.h>

/* Bytes of a line that are looked at: twice an audit record's greatest length (MAX_AUDIT_MESSAGE_LENGTH of
 * libaudit, 8,970). The rest of a longer line is left out. */
#define LINES_BYTES 16384

/* Takes one @line, without its end. */
typedef void (*LinesTake)(void *data, const char *line);

/**
 * lines_read:
 * @path: no symbolic link, and a regular file
 * @from: bytes from the end at which to begin, with the first whole line; 0: with the file's first
 * @changed: (out) (optional): when the file was last written, moment.h
 * @error: BASE_ERROR_NOT_FOUND: there is no such file; BASE_ERROR_DENIED: it may not be read
 */
gboolean lines_read(const char *path, goffset from, LinesTake take, void *data, gint64 *changed,
                    GError **error);
