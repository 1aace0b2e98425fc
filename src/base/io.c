/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"

#define READ_CHUNK 65536

gboolean
base_read_fd(int fd, gsize max, const char *what, char **out, gsize *len, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    for (;;) {
        guint used = bytes->len;
        ssize_t n;

        g_byte_array_set_size(bytes, used + READ_CHUNK);
        n = read(fd, bytes->data + used, READ_CHUNK);
        if (n < 0 && errno == EINTR)
            n = 0;
        else if (n < 0)
            return base_set_errno_error(error, errno, _("cannot read %s"), what);
        else if (n == 0) {
            g_byte_array_set_size(bytes, used);
            break;
        }
        g_byte_array_set_size(bytes, used + (guint)n);
        if (bytes->len > max)
            return base_set_error(error, BASE_ERROR_LIMIT, _("%s is larger than %zu bytes"), what,
                                  max);
    }

    if (len)
        *len = bytes->len;
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    *out = (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
    return TRUE;
}

int
base_open_regular_at(int dirfd, const char *name, struct stat *found, GError **error)
{
    /* nonblocking: what stands there may be a pipe, whose opening would wait for a writer */
    g_auto(AutoFd) fd =
        openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 && errno == ELOOP) {
        base_set_error(error, BASE_ERROR_DAMAGED,
                       _("%s is a symbolic link, and none is followed there"), name);
        return -1;
    }
    /* a socket */
    if (fd < 0 && errno == ENXIO) {
        base_set_error(error, BASE_ERROR_DAMAGED, _("%s is not a regular file"), name);
        return -1;
    }
    if (fd < 0) {
        base_set_errno_error(error, errno, _("cannot open %s"), name);
        return -1;
    }
    if (fstat(fd, found) < 0) {
        base_set_errno_error(error, errno, _("cannot look at %s"), name);
        return -1;
    }
    if (!S_ISREG(found->st_mode)) {
        base_set_error(error, BASE_ERROR_DAMAGED, _("%s is not a regular file"), name);
        return -1;
    }
    return autofd_steal(&fd);
}

gboolean
base_check_trusted(const struct stat *found, const char *path, GError **error)
{
    if (geteuid() != 0)
        return TRUE;
    if (found->st_uid != 0 || found->st_mode & (S_IWGRP | S_IWOTH))
        return base_set_error(
            error, BASE_ERROR_DAMAGED,
            _("%s can be changed by others than root, and does not count: look at what is in it, "
              "then make it root's, and writable by nobody else"),
            path);
    if (found->st_nlink > 1)
        return base_set_error(error, BASE_ERROR_DAMAGED,
                              _("%s has a second name (a hard link), and does not count: look at "
                                "what is in it, then put a copy in its place"),
                              path);
    return TRUE;
}

gboolean
base_read_trusted_at(int dirfd, const char *name, gsize max, char **out, gsize *len, GError **error)
{
    struct stat found;
    g_auto(AutoFd) fd = base_open_regular_at(dirfd, name, &found, error);

    return fd >= 0 && base_check_trusted(&found, name, error) &&
           base_read_fd(fd, max, name, out, len, error);
}

gboolean
base_read_file_at(int dirfd, const char *name, gsize max, char **out, gsize *len, GError **error)
{
    struct stat found;
    g_auto(AutoFd) fd = base_open_regular_at(dirfd, name, &found, error);

    return fd >= 0 && base_read_fd(fd, max, name, out, len, error);
}

gboolean
base_write_all(int fd, const char *what, const char *data, gsize len, GError **error)
{
    while (len > 0) {
        ssize_t n = FAULT("write") ? -1 : write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return base_set_errno_error(error, errno, _("cannot write %s"), what);
        data += n;
        len -= (gsize)n;
    }
    return TRUE;
}
