/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <glib.h>
#include <unistd.h>

/**
 * AutoFd: a file descriptor that is closed when it goes out of scope.
 *
 *     g_auto(AutoFd) fd = -1;
 *
 * The safe initial value is -1. Closing keeps errno, so that an error path may report it after the
 * scope has ended. GLib has g_autofd only from 2.76 on.
 */
typedef int AutoFd;

static inline void
autofd_close(AutoFd fd)
{
    int saved = errno;

    close(fd);
    errno = saved;
}

/* Takes the descriptor out of @fd, which no longer owns it. */
static inline int
autofd_steal(AutoFd *fd)
{
    int stolen = *fd;

    *fd = -1;
    return stolen;
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(AutoFd, autofd_close, -1)
