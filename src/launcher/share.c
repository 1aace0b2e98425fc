/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/share.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "basic/auto.h"
#include "basic/message.h"

/*
 * The kernel says "/srv/x (deleted)" for a directory that is gone, and a path that another mount
 * covers for one that is hidden: only a name that leads back to the same directory is its name.
 */
static bool
leads_to(const char *path, const struct stat *held)
{
    struct stat named;

    return fstatat(AT_FDCWD, path, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           held->st_dev == named.st_dev && held->st_ino == named.st_ino;
}

bool
share_resolve(const char *share, char **resolved, ShareHeld *held, Failure *failure)
{
    /* O_PATH: looking at its name is no reason to need the right to read it */
    AUTO_FD int fd = open(share, O_PATH | O_DIRECTORY | O_CLOEXEC);
    char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
    char path[PATH_MAX + 1];
    struct stat found;
    ssize_t length;

    if (share[0] != '/')
        return failure_set(failure, NULL, _("the directory's path is not absolute"));
    if (fd < 0 || fstat(fd, &found) < 0)
        return failure_errno(failure, errno, NULL, _("cannot open the directory"));
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof(path) - 1);
    if (length < 0)
        return failure_errno(failure, errno, NULL, _("cannot resolve the directory"));
    path[length] = '\0';
    if (length >= PATH_MAX || path[0] != '/' || !leads_to(path, &found))
        return failure_set(failure, NULL, _("the directory was removed, or has no name here"));
    *resolved = strdup(path);
    if (!*resolved)
        return failure_errno(failure, ENOMEM, NULL, _("cannot resolve the directory"));
    *held = (ShareHeld){fd, found.st_dev, found.st_ino};
    fd = -1;
    return true;
}
