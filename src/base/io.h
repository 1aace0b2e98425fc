/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * base_read_fd:
 * @fd: a descriptor open for reading, not necessarily seekable
 * @max: the most bytes that are accepted; more is BASE_ERROR_LIMIT
 * @what: what is being read, for the message
 * @out: (out) (transfer full): the bytes, with a NUL added after them that @len does not count
 * @len: (out) (optional): how many bytes
 *
 * Reads to end of file.
 */
gboolean base_read_fd(int fd, gsize max, const char *what, char **out, gsize *len, GError **error);

/**
 * base_read_file_at:
 * Opens @name below the directory @dirfd (AT_FDCWD for none) without following a symbolic link in
 * its last part, and reads it with base_read_fd(). A file that is not there is BASE_ERROR_NOT_FOUND; what
 * is no regular file is BASE_ERROR_DAMAGED, and is never waited for.
 */
gboolean
base_read_file_at(int dirfd, const char *name, gsize max, char **out, gsize *len, GError **error);

/**
 * base_write_all:
 * Writes all of @data, over short writes and EINTR.
 */
gboolean base_write_all(int fd, const char *what, const char *data, gsize len, GError **error);
