/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/find-record.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "basic/auto.h"
#include "basic/message.h"
#include "basic/process.h"

static const char *
todo_restart(void)
{
    return _("start the VM again, and if that does not help look at what virt-aa-helper logged");
}

/*
 * A directory or file that anybody but root could have put there says nothing. @file: regular, with
 * one name, mode 0600; otherwise a directory that only its owner can write to.
 */
static bool
is_trusted(const struct stat *st, uid_t owner, bool file)
{
    if (st->st_uid != owner)
        return false;
    if (!file)
        return S_ISDIR(st->st_mode) && !(st->st_mode & 0022);
    return S_ISREG(st->st_mode) && (st->st_mode & 07777) == 0600 && st->st_nlink == 1;
}

/* Opens @name and looks at it. Returns a descriptor, or -1 with errno; EPERM when it is not trusted. */
static int
open_trusted(int dir, const char *name, uid_t owner, bool file)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (file ? O_NONBLOCK | O_NOCTTY : O_DIRECTORY);
    AUTO_FD int fd = openat(dir, name, flags);
    struct stat st;
    int opened = fd;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -1;
    if (!is_trusted(&st, owner, file)) {
        errno = EPERM;
        return -1;
    }
    if (file && st.st_size > RECORD_MAX_BYTES) {
        errno = EFBIG;
        return -1;
    }
    fd = -1;
    return opened;
}

/* Reads to the end, not trusting the size that was seen before. Returns the bytes, or -1. */
static ssize_t
read_all(int fd, char *text)
{
    size_t length = 0;

    for (;;) {
        ssize_t n = read(fd, text + length, RECORD_MAX_BYTES + 1 - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            return (ssize_t)length;
        length += (size_t)n;
        if (length > RECORD_MAX_BYTES) {
            errno = EFBIG;
            return -1;
        }
    }
}

/* A libvirtd that has made this very socket did not announce another VM's; that it has ended leaves its virtiofsd
 * with a record all the same. By its number alone it is not known to have made it once another process has that. */
static RecordStatus
judge_announcer(const LauncherPaths *paths, pid_t listener, const Record *record, Failure *failure)
{
    uint64_t pid, start;
    bool made_it;

    if (!record_announcer(record, &pid, &start))
        return RECORD_FOUND;
    made_it = listener > 0 && (uint64_t)listener == pid;
    switch (process_ask(paths->proc, pid, start)) {
    case PROCESS_GONE:
        return made_it ? RECORD_FOUND : RECORD_NONE;
    case PROCESS_OTHER:
        if (!made_it)
            return RECORD_NONE;
        failure_set(
            failure, todo_restart(),
            _("its record is of a libvirtd that has ended, and the socket of a process that "
              "has its number, %d"),
            (int)listener);
        return RECORD_BAD;
    case PROCESS_SAME:
    case PROCESS_UNKNOWN:
        break;
    }
    return RECORD_FOUND;
}

/* Milliseconds to wait for a helper that is unloading a profile, and how often to look. */
#define BUSY_MS 5000
#define LOOK_MS 20

/*
 * Who unloads a VM's profile locks its sockets' records first: with the lock held from here until the label
 * is set, nobody finds the label unused and removes it before this process has it, and would be unconfined.
 */
static bool
hold(int fd, int dir, const char *name)
{
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    struct stat held, named;

    for (int waited = 0; flock(fd, LOCK_SH | LOCK_NB) < 0; waited += LOOK_MS) {
        if (errno != EWOULDBLOCK || waited >= BUSY_MS)
            return false;
        nanosleep(&pause, NULL);
    }
    /* what its name does not lead to any more was removed, with the profile, before we had the lock, or another VM has
     * the socket */
    if (fstat(fd, &held) < 0 || fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
        held.st_dev != named.st_dev || held.st_ino != named.st_ino) {
        errno = ESTALE;
        return false;
    }
    return true;
}

RecordStatus
record_read(const LauncherPaths *paths, const char *socket, pid_t listener, Record *record,
            int *held, Failure *failure)
{
    const char *records = paths->records;
    uid_t owner = paths->owner;
    char name[NAME_MAX + 1];
    AUTO_FD int top = -1;
    AUTO_FD int sockets = -1;
    AUTO_FD int fd = -1;
    AUTO_FREE char *text = NULL;
    RecordStatus status;
    ssize_t length;

    if (!record_file_name(socket, name)) {
        failure_set(failure, _("give the VM a shorter name"),
                    _("the path of socket %s is too long"), socket);
        return RECORD_BAD;
    }
    top = open_trusted(AT_FDCWD, records, owner, false);
    if (top >= 0)
        sockets = open_trusted(top, "sockets", owner, false);
    if (sockets >= 0)
        fd = open_trusted(sockets, name, owner, true);
    if (fd < 0) {
        if (errno == ENOENT)
            return RECORD_NONE;
        failure_errno(failure, errno, todo_restart(), _("cannot open its record %s/sockets/%s"),
                      records, name);
        return RECORD_BAD;
    }
    if (!hold(fd, sockets, name)) {
        failure_errno(failure, errno, todo_restart(), _("cannot lock its record %s/sockets/%s"),
                      records, name);
        return RECORD_BAD;
    }
    text = malloc(RECORD_MAX_BYTES + 1);
    length = text ? read_all(fd, text) : -1;
    if (length < 0) {
        failure_errno(failure, errno, todo_restart(), _("cannot read its record %s/sockets/%s"),
                      records, name);
        return RECORD_BAD;
    }
    if (!record_parse(text, (size_t)length, record, failure)) {
        failure->todo = todo_restart();
        return RECORD_BAD;
    }
    status = judge_announcer(paths, listener, record, failure);
    if (status != RECORD_FOUND)
        return status;
    *held = fd;
    fd = -1;
    return RECORD_FOUND;
}
