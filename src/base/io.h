/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/stat.h>

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
 * base_open_regular_at:
 * @found: (out): what it is
 * Opens @name below the directory @dirfd (AT_FDCWD for none) for reading, without following a symbolic link
 * in its last part. A file that is not there is BASE_ERROR_NOT_FOUND; what is no regular file is
 * BASE_ERROR_DAMAGED, and is never waited for.
 * Returns: a descriptor that the caller closes, or -1 with @error set
 */
int base_open_regular_at(int dirfd, const char *name, struct stat *found, GError **error);

/** base_read_file_at: reads with base_read_fd() what base_open_regular_at() opens. */
gboolean
base_read_file_at(int dirfd, const char *name, gsize max, char **out, gsize *len, GError **error);

/**
 * base_check_trusted:
 * Whether root alone can change a file that says what policy is: for root's processes, as what an ordinary user
 * tries concerns nobody. A second name may be in a directory where others may write.
 * @error: BASE_ERROR_DAMAGED, as of something that we have not written
 */
gboolean base_check_trusted(const struct stat *found, const char *path, GError **error);

/** base_read_trusted_at: reads as base_read_file_at() what base_check_trusted() accepts. */
gboolean base_read_trusted_at(int dirfd, const char *name, gsize max, char **out, gsize *len,
                              GError **error);

/**
 * base_write_all:
 * Writes all of @data, over short writes and EINTR.
 */
gboolean base_write_all(int fd, const char *what, const char *data, gsize len, GError **error);
