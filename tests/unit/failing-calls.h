/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * System calls that fail where a test says so, which fault points cannot: for ever, and one file's alone. They
 * take the place of libc's in the whole program. A header of definitions, for one file of a program.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static struct {
    const char *call;
    const char *about; /* how the name ends, of two the first; NULL: any */
    int error;
} failing[4];

/* Of all calls while *@counting, the one that fails. */
static struct {
    unsigned at; /* from 1; 0: none */
    int error;
    const bool *counting;
    unsigned calls;     /* so far */
    const char *failed; /* (nullable): which it was */
} nth;

/* From now on @call fails with @error for what ends in @about. */
static inline void
fail_call(const char *call, const char *about, int error)
{
    size_t i = 0;

    while (i < sizeof(failing) / sizeof(failing[0]) - 1 && failing[i].call)
        i++;
    failing[i].call = call;
    failing[i].about = about;
    failing[i].error = error;
}

/* Of the calls that come while *@counting the one of number @at, whatever it is, fails with @error. */
static inline void
fail_nth_call(unsigned at, int error, const bool *counting)
{
    nth.at = at;
    nth.error = error;
    nth.counting = counting;
    nth.calls = 0;
    nth.failed = NULL;
}

static inline void
fail_no_call(void)
{
    memset(failing, 0, sizeof(failing));
    nth.at = 0;
}

static inline bool
ends_in(const char *name, const char *end)
{
    return name && strlen(name) >= strlen(end) &&
           strcmp(name + strlen(name) - strlen(end), end) == 0;
}

static inline bool
fails(const char *call, const char *name)
{
    if (nth.at && *nth.counting && ++nth.calls == nth.at) {
        nth.failed = call;
        errno = nth.error;
        return true;
    }
    for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
        if (!failing[i].call || strcmp(failing[i].call, call) != 0 ||
            (failing[i].about && !ends_in(name, failing[i].about)))
            continue;
        errno = failing[i].error;
        return true;
    }
    return false;
}

/* @arguments: after the flags, the mode of a file that may be created */
static int
open_or_fail(const char *call, int dirfd, const char *name, int flags, va_list arguments)
{
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;

    return fails(call, name) ? -1 : (int)syscall(SYS_openat, dirfd, name, flags, mode);
}

int
openat(int dirfd, const char *name, int flags, ...)
{
    va_list arguments;
    int fd;

    va_start(arguments, flags);
    fd = open_or_fail("openat", dirfd, name, flags, arguments);
    va_end(arguments);
    return fd;
}

/* For what has no descriptor of a directory. */
int
open(const char *name, int flags, ...)
{
    va_list arguments;
    int fd;

    va_start(arguments, flags);
    fd = open_or_fail("open", AT_FDCWD, name, flags, arguments);
    va_end(arguments);
    return fd;
}

/* Of locks alone; they are "fcntl" about the byte that is locked, as one digit. */
int
fcntl(int fd, int command, ...)
{
    const long number =
#ifdef SYS_fcntl64
        SYS_fcntl64;
#else
        SYS_fcntl;
#endif
    va_list arguments;
    void *argument;

    va_start(arguments, command);
    argument = va_arg(arguments, void *);
    va_end(arguments);
    if (nth.at && fails("fcntl", NULL))
        return -1;
    if (command == F_OFD_SETLK || command == F_OFD_SETLKW) {
        const struct flock *lock = argument;
        const char byte[] = {(char)('0' + lock->l_start), '\0'};

        if (fails("fcntl", byte))
            return -1;
    }
    return (int)syscall(number, fd, command, argument);
}

/* What of the answer these programs look at. */
int
fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
    struct statx found;

    if (fails("fstatat", name) || statx(dirfd, name, flags, STATX_BASIC_STATS, &found) < 0)
        return -1;
    memset(st, 0, sizeof(*st));
    st->st_dev = makedev(found.stx_dev_major, found.stx_dev_minor);
    st->st_ino = (ino_t)found.stx_ino;
    st->st_mode = found.stx_mode;
    st->st_uid = found.stx_uid;
    st->st_nlink = found.stx_nlink;
    st->st_size = (off_t)found.stx_size;
    return 0;
}

int
fstat(int fd, struct stat *st)
{
    return fails("fstat", NULL) ? -1 : fstatat(fd, "", st, AT_EMPTY_PATH);
}

int
rename(const char *old, const char *new)
{
    return fails("rename", new) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0);
}

int
renameat(int old_fd, const char *old, int new_fd, const char *new)
{
    return fails("renameat", old) ? -1 : (int)syscall(SYS_renameat2, old_fd, old, new_fd, new, 0);
}

int
renameat2(int old_fd, const char *old, int new_fd, const char *new, unsigned flags)
{
    return fails("renameat2", old) ? -1
                                   : (int)syscall(SYS_renameat2, old_fd, old, new_fd, new, flags);
}

int
unlinkat(int dirfd, const char *name, int flags)
{
    return fails("unlinkat", name) ? -1 : (int)syscall(SYS_unlinkat, dirfd, name, flags);
}

ssize_t
readlinkat(int dirfd, const char *name, char *text, size_t size)
{
    return fails("readlinkat", name) ? -1 : syscall(SYS_readlinkat, dirfd, name, text, size);
}

int
symlinkat(const char *text, int dirfd, const char *name)
{
    return fails("symlinkat", name) ? -1 : (int)syscall(SYS_symlinkat, text, dirfd, name);
}

int
mkdir(const char *name, mode_t mode)
{
    return fails("mkdir", name) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
}

int
fchmod(int fd, mode_t mode)
{
    return fails("fchmod", NULL) ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int
chmod(const char *name, mode_t mode)
{
    return fails("chmod", name) ? -1 : (int)syscall(SYS_fchmodat, AT_FDCWD, name, mode);
}

int
fsync(int fd)
{
    return fails("fsync", NULL) ? -1 : (int)syscall(SYS_fsync, fd);
}

int
flock(int fd, int how)
{
    return fails("flock", NULL) ? -1 : (int)syscall(SYS_flock, fd, how);
}

ssize_t
read(int fd, void *to, size_t size)
{
    return fails("read", NULL) ? -1 : syscall(SYS_read, fd, to, size);
}

int
stat(const char *name, struct stat *st)
{
    return fails("stat", name) ? -1 : fstatat(AT_FDCWD, name, st, 0);
}

ssize_t
readlink(const char *name, char *text, size_t size)
{
    return fails("readlink", name) ? -1 : syscall(SYS_readlinkat, AT_FDCWD, name, text, size);
}

int
dup2(int from, int to)
{
    return fails("dup2", NULL) ? -1 : (int)syscall(SYS_dup3, from, to, 0);
}

int
getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
    return fails("getsockname", NULL) ? -1 : (int)syscall(SYS_getsockname, fd, address, length);
}

int
getsockopt(int fd, int level, int option, void *value, socklen_t *length)
{
    return fails("getsockopt", NULL)
               ? -1
               : (int)syscall(SYS_getsockopt, fd, level, option, value, length);
}

int
faccessat(int dirfd, const char *name, int mode, int flags)
{
    return fails("faccessat", name) ? -1 : (int)syscall(SYS_faccessat, dirfd, name, mode);
}

ssize_t
pread(int fd, void *to, size_t size, off_t at)
{
    if (fails("pread", NULL) || lseek(fd, at, SEEK_SET) < 0)
        return -1;
    return syscall(SYS_read, fd, to, size);
}
