/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"
#include "policy/holder.h"
#include "policy/pid-lock.h"

/* Microseconds between two looks at a lock for which nobody can wait in the kernel. */
#define POLL_US 5000

/* Microseconds between two alarms, of which the first may come just before we wait. */
#define ALARM_AGAIN_US 50000

struct _PolicyLock {
    const PolicyDir *dir;
    char *name; /* of the lock file */
    AutoFd fd;
};

typedef enum {
    TRY_GOT,
    TRY_BUSY,     /* until the time was over */
    TRY_NO_LOCKS, /* files cannot be locked at all */
    TRY_FAILED,   /* errno says why */
} Try;

/* What is waited for, and whom for. */
typedef struct {
    const PolicyDir *dir;
    const char *name;     /* of the file */
    const char *pid_name; /* of the link, where files cannot be locked */
    gint64 end;           /* of the time, as g_get_monotonic_time() has it */
    Holder holder;        /* nobody: not known */
} Wait;

/* ---- an alarm that ends a wait ---- */

typedef struct {
    struct sigaction action;
    sigset_t mask;
} Alarm;

static void
on_alarm(int number G_GNUC_UNUSED)
{
}

/* Without SA_RESTART, so that it ends a wait; and in time whatever we were started with. */
static void
alarm_set(Alarm *before, gint64 us)
{
    const struct sigaction ends_calls = {.sa_handler = on_alarm};
    const struct itimerval timer = {
        .it_value = {.tv_sec = us / G_USEC_PER_SEC, .tv_usec = us % G_USEC_PER_SEC},
        .it_interval = {.tv_usec = ALARM_AGAIN_US},
    };
    sigset_t only;

    sigemptyset(&only);
    sigaddset(&only, SIGALRM);
    sigaction(SIGALRM, &ends_calls, &before->action);
    sigprocmask(SIG_UNBLOCK, &only, &before->mask);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void
alarm_clear(const Alarm *before)
{
    const struct itimerval none = {0};
    int saved = errno;

    setitimer(ITIMER_REAL, &none, NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
    sigaction(SIGALRM, &before->action, NULL);
    errno = saved;
}

/* ---- locks of the file ---- */

/* The bytes of the file that are locked. There need be none. */
typedef enum {
    BYTE_VM,         /* who has it has the lock */
    BYTE_INTERESTED, /* shared by all who have the file open: who has it alone may remove it */
} Byte;

/* Of the open file and not of the process, as fcntl(2) has them: they end when it is closed. */
static gboolean
lock_byte(int fd, Byte byte, short type, gboolean wait)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    return fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock) == 0;
}

/* Who waits first is served first: the kernel has a line for those who wait. EINTR: the time is over. */
static gboolean
wait_for_byte(int fd, gint64 end)
{
    gint64 left_us = end - g_get_monotonic_time();
    gboolean got;
    Alarm before;

    if (lock_byte(fd, BYTE_VM, F_WRLCK, FALSE))
        return TRUE;
    if (errno != EAGAIN)
        return FALSE;
    alarm_set(&before, MAX(left_us, 1));
    do
        got = lock_byte(fd, BYTE_VM, F_WRLCK, TRUE);
    while (!got && errno == EINTR && g_get_monotonic_time() < end);
    alarm_clear(&before);
    return got;
}

/* For whoever gives up. It is no matter where it cannot be written. */
static void
sign(int fd)
{
    Holder self = holder_self();
    char text[HOLDER_BYTES] = "";

    holder_format(&self, text);
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, strlen(text), 0) < 0)
        errno = 0;
}

static Holder
read_signature(int fd)
{
    char text[HOLDER_BYTES] = "";
    Holder holder = {0};

    if (pread(fd, text, sizeof(text) - 1, 0) > 0)
        holder = holder_parse(text);
    return holder_lives(&holder) ? holder : (Holder){0};
}

/* We write into it, so that it has to be nobody else's. Fails with errno. */
static gboolean
is_lock_file(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return FALSE;
    if (S_ISREG(st.st_mode) && st.st_nlink <= 1)
        return TRUE;
    errno = S_ISREG(st.st_mode) ? EMLINK : EEXIST;
    return FALSE;
}

/* @out: (out): the file, which keeps its name as long as we have it open
 * FALSE with EAGAIN: somebody removes it at this moment, or is about to */
static gboolean
try_open_file(const Wait *wait, AutoFd *out)
{
    g_auto(AutoFd) fd = FAULT("lock")
                            ? -1
                            : openat(policy_dir_fd(wait->dir), wait->name,
                                     O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

    if (fd < 0 || !is_lock_file(fd))
        return FALSE;
    if (FAULT("flock")) {
        errno = EACCES;
        return FALSE;
    }
    /* whoever was the last to be interested removes the file, so that what we opened may have no name any more, or
     * another one may have it */
    if (!lock_byte(fd, BYTE_INTERESTED, F_RDLCK, FALSE) ||
        !policy_is_named(wait->dir, wait->name, fd))
        return FALSE;
    *out = autofd_steal(&fd);
    return TRUE;
}

static gboolean
open_file(const Wait *wait, AutoFd *out)
{
    while (!try_open_file(wait, out)) {
        if (errno != EAGAIN)
            return FALSE;
        /* who is about to remove it may have been stopped just then */
        if (g_get_monotonic_time() >= wait->end) {
            errno = EINTR;
            return FALSE;
        }
        g_usleep(POLL_US);
    }
    return TRUE;
}

static Try
failure_to_lock(void)
{
    /* by AppArmor or the file system; EINVAL by kernels that know no such locks */
    static const int no_locks[] = {EACCES, EPERM, ENOLCK, ENOSYS, EINVAL, EOPNOTSUPP};

    if (errno == EINTR)
        return TRY_BUSY;
    for (gsize i = 0; i < G_N_ELEMENTS(no_locks); i++)
        if (errno == no_locks[i])
            return TRY_NO_LOCKS;
    return TRY_FAILED;
}

/* Somebody may have found that files cannot be locked, and have the VM by the other kind of lock. With ours held: who
 * wants the other kind sees it, and gives way. */
static gboolean
wait_for_other_kind(Wait *wait)
{
    while (pid_lock_is_held(wait->dir, wait->pid_name, &wait->holder)) {
        if (g_get_monotonic_time() >= wait->end)
            return FALSE;
        g_usleep(POLL_US);
    }
    return TRUE;
}

static Try
wait_for_file(Wait *wait, AutoFd *out)
{
    g_auto(AutoFd) fd = -1;
    Try result;

    if (!open_file(wait, &fd))
        return failure_to_lock();
    if (wait_for_byte(fd, wait->end)) {
        if (!wait_for_other_kind(wait))
            return TRY_BUSY;
        sign(fd);
        *out = autofd_steal(&fd);
        return TRY_GOT;
    }
    result = failure_to_lock();
    if (result == TRY_BUSY)
        wait->holder = read_signature(fd);
    return result;
}

/* ---- without locks of files ---- */

/* Whether somebody has a lock on one of @bytes bytes of @fd from the first on. One who may not lock may ask:
 * security_file_lock() has no say in that. Where the kernel cannot tell, for it has no such locks, nobody has one. */
static gboolean
is_locked(int fd, gsize bytes)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = (off_t)bytes};

    if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
        return errno == ENOMEM;
    return lock.l_type != F_UNLCK;
}

static int
open_as_is(const Wait *wait)
{
    return openat(policy_dir_fd(wait->dir), wait->name,
                  O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* Somebody else may have been able to lock the file. */
static gboolean
is_held_by_file(Wait *wait)
{
    g_auto(AutoFd) fd = open_as_is(wait);

    if (fd < 0 || !is_locked(fd, BYTE_VM + 1))
        return FALSE;
    wait->holder = read_signature(fd);
    return TRUE;
}

/* The file that we could make, but not lock. */
static void
remove_unlocked(const Wait *wait)
{
    g_auto(AutoFd) fd = open_as_is(wait);

    if (fd < 0 || !is_locked(fd, BYTE_INTERESTED + 1))
        policy_unlink(wait->dir, wait->name, NULL);
}

static Try
wait_for_pid_lock(Wait *wait)
{
    for (;;) {
        switch (pid_lock_try(wait->dir, wait->pid_name, &wait->holder)) {
        case PID_LOCK_GOT:
            if (!is_held_by_file(wait))
                return TRY_GOT;
            policy_unlink(wait->dir, wait->pid_name, NULL);
            break;
        case PID_LOCK_FAILED:
            return TRY_FAILED;
        case PID_LOCK_HELD:
            break;
        }
        if (g_get_monotonic_time() >= wait->end)
            return TRY_BUSY;
        g_usleep(POLL_US);
    }
}

/* ---- both ---- */

static void
set_error(const Wait *wait, Try result, guint wait_ms, GError **error)
{
    const char *dir = policy_dir_path(wait->dir);

    /* is_lock_file(), and what is opened for writing and without following a link */
    if (result == TRY_FAILED &&
        (errno == EMLINK || errno == EEXIST || errno == ELOOP || errno == EISDIR || errno == ENXIO))
        base_set_error(error, BASE_ERROR_DAMAGED,
                       _("cannot lock %s/%s: it is no regular file, or has a second name (a hard "
                         "link): remove it"),
                       dir, wait->name);
    else if (result == TRY_FAILED)
        base_set_errno_error(error, errno, _("cannot lock %s/%s"), dir, wait->name);
    else if (wait->holder.pid > 0)
        base_set_error(error, BASE_ERROR_BUSY,
                       _("%s/%s: another call for this VM, process %d, has not ended within %u "
                         "seconds"),
                       dir, wait->name, (int)wait->holder.pid, wait_ms / 1000);
    else
        base_set_error(error, BASE_ERROR_BUSY,
                       _("%s/%s: another call for this VM has not ended within %u seconds"), dir,
                       wait->name, wait_ms / 1000);
}

PolicyLock *
policy_lock(const PolicyDir *dir, const char *name, guint wait_ms, GError **error)
{
    g_autofree char *file = g_strconcat(name, ".lock", NULL);
    g_autofree char *pid_name = g_strconcat(name, ".lock.pid", NULL);
    Wait wait = {
        .dir = dir,
        .name = file,
        .pid_name = pid_name,
        .end = g_get_monotonic_time() + (gint64)wait_ms * 1000,
    };
    g_auto(AutoFd) fd = -1;
    Try result = wait_for_file(&wait, &fd);
    PolicyLock *lock;

    if (result == TRY_NO_LOCKS) {
        remove_unlocked(&wait);
        result = wait_for_pid_lock(&wait);
    }
    if (result != TRY_GOT) {
        set_error(&wait, result, wait_ms, error);
        return NULL;
    }
    lock = g_new0(PolicyLock, 1);
    lock->dir = dir;
    lock->name = g_strdup(fd < 0 ? pid_name : file);
    lock->fd = autofd_steal(&fd);
    return lock;
}

void
policy_unlock(PolicyLock *lock)
{
    if (lock->fd < 0) {
        policy_unlink(lock->dir, lock->name, NULL);
    } else {
        /* with the file removed those who wait would have to line up again, in any order */
        if (lock_byte(lock->fd, BYTE_INTERESTED, F_WRLCK, FALSE))
            policy_unlink(lock->dir, lock->name, NULL);
        autofd_close(lock->fd);
    }
    g_free(lock->name);
    g_free(lock);
}
