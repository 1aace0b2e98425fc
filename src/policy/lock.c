/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"

#define POLL_FIRST_US 1000
#define POLL_MOST_US  50000

struct _PolicyLock {
    const PolicyDir *dir;
    char *name; /* of the lock file */
    AutoFd fd;
};

typedef enum {
    TRY_GOT,
    TRY_BUSY,
    TRY_NO_FLOCK, /* we may not lock files at all */
    TRY_FAILED,   /* errno says why */
} Try;

/* The holder removes the file when it is done, so that what we locked may have no name any more. */
static gboolean
is_still_named(const PolicyDir *dir, const char *name, int fd)
{
    struct stat open_st, name_st;

    return fstat(fd, &open_st) == 0 &&
           fstatat(policy_dir_fd(dir), name, &name_st, AT_SYMLINK_NOFOLLOW) == 0 &&
           open_st.st_ino == name_st.st_ino && open_st.st_dev == name_st.st_dev;
}

static Try
try_flock(const PolicyDir *dir, const char *name, AutoFd *out)
{
    g_auto(AutoFd) fd =
        openat(policy_dir_fd(dir), name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return TRY_FAILED;
    if (FAULT("flock"))
        return TRY_NO_FLOCK;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            return TRY_BUSY;
        return errno == EACCES || errno == EPERM ? TRY_NO_FLOCK : TRY_FAILED;
    }
    if (!is_still_named(dir, name, fd))
        return TRY_BUSY;
    *out = autofd_steal(&fd);
    return TRY_GOT;
}

static pid_t
read_holder(const PolicyDir *dir, const char *name)
{
    g_auto(AutoFd) fd = openat(policy_dir_fd(dir), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char text[32] = "";

    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
        return 0;
    return (pid_t)g_ascii_strtoll(text, NULL, 10);
}

/* Takes a lock whose holder is gone out of the way. Of two that try only one's rename finds the file;
 * if that has become somebody's living lock meanwhile, it goes back. */
static void
clear_stale(const PolicyDir *dir, const char *name)
{
    g_autofree char *aside = g_strdup_printf("%s.%d", name, (int)getpid());
    pid_t holder = read_holder(dir, name);

    if (holder <= 0 || kill(holder, 0) == 0 || errno != ESRCH)
        return;
    if (renameat(policy_dir_fd(dir), name, policy_dir_fd(dir), aside) < 0)
        return;
    if (read_holder(dir, aside) != holder)
        renameat2(policy_dir_fd(dir), aside, policy_dir_fd(dir), name, RENAME_NOREPLACE);
    unlinkat(policy_dir_fd(dir), aside, 0);
}

static Try
try_pid_file(const PolicyDir *dir, const char *name)
{
    g_auto(AutoFd) fd = openat(policy_dir_fd(dir), name,
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    char text[32];
    int n;

    if (fd < 0 && errno == EEXIST) {
        clear_stale(dir, name);
        return TRY_BUSY;
    }
    n = g_snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (fd < 0 || write(fd, text, (size_t)n) != n)
        return TRY_FAILED;
    return TRY_GOT;
}

PolicyLock *
policy_lock(const PolicyDir *dir, const char *name, guint wait_ms, GError **error)
{
    gint64 end = g_get_monotonic_time() + (gint64)wait_ms * 1000;
    g_autofree char *file = g_strconcat(name, ".lock", NULL);
    gulong pause = POLL_FIRST_US;
    gboolean use_flock = TRUE;
    g_auto(AutoFd) fd = -1;
    PolicyLock *lock;
    Try result;

    for (;;) {
        result = use_flock ? try_flock(dir, file, &fd) : try_pid_file(dir, file);
        if (result == TRY_GOT)
            break;
        if (result == TRY_NO_FLOCK) {
            policy_unlink(dir, file, NULL);
            use_flock = FALSE;
            g_free(file);
            file = g_strconcat(name, ".lock.pid", NULL);
            continue;
        }
        if (result == TRY_FAILED) {
            base_set_errno_error(error, errno, _("cannot lock %s/%s"), policy_dir_path(dir), file);
            return NULL;
        }
        if (g_get_monotonic_time() >= end) {
            base_set_error(error, BASE_ERROR_BUSY,
                           _("%s/%s: another call for this VM has not ended within %u seconds"),
                           policy_dir_path(dir), file, wait_ms / 1000);
            return NULL;
        }
        g_usleep(pause);
        pause = MIN(pause * 2, POLL_MOST_US);
    }

    lock = g_new0(PolicyLock, 1);
    lock->dir = dir;
    lock->name = g_steal_pointer(&file);
    lock->fd = autofd_steal(&fd);
    return lock;
}

void
policy_unlock(PolicyLock *lock)
{
    /* first the name, then the lock: who waits for it sees that it locked a file without a name */
    policy_unlink(lock->dir, lock->name, NULL);
    if (lock->fd >= 0)
        autofd_close(lock->fd);
    g_free(lock->name);
    g_free(lock);
}
