/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "basic/auto.h"
#include "basic/message.h"

/* Where libvirt's lock is: virFileLock() in virPidFileAcquirePath(). */
#define LOCK_START 0
#define LOCK_BYTES 1

static bool
close_input(Failure *failure)
{
    AUTO_FD int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    /* there was none: it has the number, and is to stay through exec */
    if (null == STDIN_FILENO) {
        null = -1;
        if (fcntl(STDIN_FILENO, F_SETFD, 0) == 0)
            return true;
    } else if (null >= 0 && dup2(null, STDIN_FILENO) >= 0) {
        return true;
    }
    return failure_errno(failure, errno, NULL, _("cannot open /dev/null"));
}

/* A log may be written to, but not over. */
static bool
append_only(int fd, Failure *failure)
{
    struct stat found;
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fstat(fd, &found) < 0)
        return errno == EBADF || failure_errno(failure, errno, NULL, _("cannot look at the log"));
    if (!S_ISREG(found.st_mode) || flags & O_APPEND)
        return true;
    if (fcntl(fd, F_SETFL, flags | O_APPEND) < 0 || !(fcntl(fd, F_GETFL) & O_APPEND))
        return failure_errno(failure, errno, NULL, _("cannot make the log append-only"));
    return true;
}

/* Whether errno says that there is no file of a name that is for us to open, and not that nobody knows. */
static bool
is_elsewhere(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EACCES:
    case EPERM:
        return true;
    default:
        return false;
    }
}

/* The file behind @fd, which is @held, once more, for reading.
 * @again: (out): -1 where its name is another's. Returns: false with errno where nobody knows */
static bool
open_again(int fd, const struct stat *held, int *again)
{
    char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
    char path[PATH_MAX];
    AUTO_FD int opened = -1;
    struct stat named;
    ssize_t length;

    *again = -1;
    /* by its name: by the link it would be on the host's mount, which is not read-only */
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof(path) - 1);
    if (length < 0)
        return is_elsewhere();
    path[length] = '\0';
    opened = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0)
        return is_elsewhere();
    if (fstat(opened, &named) < 0)
        return false;
    if (held->st_dev == named.st_dev && held->st_ino == named.st_ino) {
        *again = opened;
        opened = -1;
    }
    return true;
}

/* Returns: false with errno where nobody knows */
static bool
has_own_number(int fd, bool *has)
{
    char text[3 * sizeof(pid_t) + 2] = "";
    char *end = NULL;

    if (pread(fd, text, sizeof(text) - 1, 0) < 0)
        return false;
    *has = strtol(text, &end, 10) == getpid() && (*end == '\0' || *end == '\n');
    return true;
}

/* Whether somebody who asks for libvirt's lock is refused it. */
static bool
is_locked(int fd, const struct stat *held)
{
    struct flock asked = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_START, .l_len = LOCK_BYTES};
    AUTO_FD int other = -1;

    return open_again(fd, held, &other) && other >= 0 && fcntl(other, F_OFD_GETLK, &asked) == 0 &&
           asked.l_type != F_UNLCK;
}

/*
 * Puts @again in the place of @fd. libvirt's lock is one of the process, and goes with the first
 * descriptor of the file that is closed. So it becomes a shared one, beside which the new description has
 * a lock of its own; that one stays for as long as the description does, through exec. libvirt, which
 * asks for an exclusive lock, is refused by the one as by the other.
 */
static bool
replace_locked(int fd, int again, const struct stat *held, Failure *failure)
{
    struct flock shared = {
        .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = LOCK_START, .l_len = LOCK_BYTES};

    if (fcntl(again, F_SETLK, &shared) < 0 || fcntl(again, F_OFD_SETLK, &shared) < 0)
        return failure_errno(failure, errno, NULL, _("cannot lock libvirt's pid file"));
    if (dup2(again, fd) < 0)
        return failure_errno(failure, errno, NULL, _("cannot hand on libvirt's pid file"));
    close(again);
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY || !is_locked(fd, held))
        return failure_set(failure, NULL, _("libvirt's pid file is not locked"));
    return true;
}

/* One that libvirt left open: the pid file is handed on, anything else closed. */
static bool
settle(int fd, Failure *failure)
{
    int flags = fcntl(fd, F_GETFD);
    int again = -1;
    bool ours = false;
    struct stat held;

    if (flags < 0 && errno == EBADF)
        return true; /* it was open only while it was looked for */
    if (flags >= 0 && flags & FD_CLOEXEC)
        return true; /* one of ours: exec closes it */
    /* what is taken for another file is closed, and with the pid file its lock would go */
    if (flags < 0 || fstat(fd, &held) < 0 ||
        (S_ISREG(held.st_mode) && !open_again(fd, &held, &again)) ||
        (again >= 0 && !has_own_number(again, &ours))) {
        int saved = errno;

        if (again >= 0)
            close(again);
        return failure_errno(failure, saved, NULL, _("cannot look at descriptor %d"), fd);
    }
    if (ours)
        return replace_locked(fd, again, &held, failure);
    if (again >= 0)
        close(again);
    close(fd);
    return true;
}

bool
descriptors_hand_on(int listener, Failure *failure)
{
    AUTO_DIR DIR *all = NULL;
    struct dirent *entry;

    if (!close_input(failure) || !append_only(STDOUT_FILENO, failure) ||
        !append_only(STDERR_FILENO, failure))
        return false;
    all = opendir("/proc/self/fd");
    if (!all)
        return failure_errno(failure, errno, NULL, _("cannot look at the open descriptors"));
    for (errno = 0; (entry = readdir(all)) != NULL; errno = 0) {
        int fd = (int)strtol(entry->d_name, NULL, 10);

        if (entry->d_name[0] != '.' && fd > STDERR_FILENO && fd != listener && !settle(fd, failure))
            return false;
    }
    if (errno)
        return failure_errno(failure, errno, NULL, _("cannot look at the open descriptors"));
    return true;
}
