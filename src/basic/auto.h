/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cleanup attributes, as base/autofd.h has for the rooms with GLib. Each says its safe initial value;
 * all keep errno, so that an error path may report it after the scope has ended.
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO_CLEANUP(function) __attribute__((cleanup(function)))

/* AUTO_FD int fd = -1; */
#define AUTO_FD AUTO_CLEANUP(auto_close)
/* AUTO_FREE char *text = NULL; */
#define AUTO_FREE AUTO_CLEANUP(auto_free)
/* AUTO_DIR DIR *dir = NULL; */
#define AUTO_DIR AUTO_CLEANUP(auto_closedir)

static inline void
auto_close(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    errno = saved;
}

static inline void
auto_free(void *pointer)
{
    int saved = errno;

    free(*(void **)pointer);
    errno = saved;
}

static inline void
auto_closedir(DIR **dir)
{
    int saved = errno;

    if (*dir)
        closedir(*dir);
    errno = saved;
}
