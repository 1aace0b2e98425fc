/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "basic/auto.h"
#include "basic/pace.h"
#include "basic/power.h"

/* Milliseconds between two looks at a child where the kernel does not wake us when it ends. */
#define LOOK_MS 10

/* The descriptor of the child that says why it cannot run the program, the first that is no standard one. */
#define REPORT_FD (STDERR_FILENO + 1)

/* Bytes that a pipe holds, if nobody made it larger: pipe(7). What a child that has ended wrote last is
 * among so many; whoever writes more now is another process that it left behind. */
#define PIPE_BYTES 65536

/* Exit status of a child that could not become the program, as shells have it; nobody sees it. */
#define STATUS_NO_EXEC 127

/* Both ends of a pipe, or -1. */
typedef struct {
    int reader;
    int writer;
} Pipe;

static void
close_end(int *end)
{
    auto_close(end);
    *end = -1;
}

static void
pipe_clear(Pipe *ends)
{
    close_end(&ends->reader);
    close_end(&ends->writer);
}

static bool
pipe_open(Pipe *ends)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return false;
    *ends = (Pipe){fds[0], fds[1]};
    return true;
}

/* ---- in the child: nothing but system calls, as after every fork() ---- */

/* For kernels before 5.9 and for valgrind. By what is open, and not up to the limit, which may be 2^30. */
static bool
close_listed(int first)
{
    _Alignas(struct dirent64) char entries[1024];
    int dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ssize_t n;

    if (dir < 0)
        return false;
    while ((n = getdents64(dir, entries, sizeof(entries))) > 0) {
        for (ssize_t at = 0; at < n;) {
            const struct dirent64 *entry = (const void *)(entries + at);
            int fd = 0;

            for (const char *digit = entry->d_name; *digit >= '0' && *digit <= '9'; digit++)
                fd = fd * 10 + (*digit - '0');
            if (fd >= first && fd != dir)
                close(fd);
            at += entry->d_reclen;
        }
    }
    close(dir);
    return n == 0;
}

static bool
close_from(int first)
{
    return syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0 || close_listed(first);
}

/* A copy of @fd, or of the pipe's or /dev/null's where it stands for one, out of the way of the numbers
 * that are given away next. -1: none is to be had. */
static int
copy_high(int fd, int pipe_writer)
{
    if (fd == CHILD_PIPE)
        fd = pipe_writer;
    else if (fd == CHILD_NULL)
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    return fcntl(fd, F_DUPFD_CLOEXEC, REPORT_FD + 1);
}

/* All are copied before the first is put in place: where we were started without standard descriptors,
 * the others may have those numbers, and one would overwrite the next. */
static bool
place_descriptors(const Child *child, int pipe_writer, int *report)
{
    int in = copy_high(child->in, pipe_writer);
    int out = copy_high(child->out, pipe_writer);
    int err = copy_high(child->err, pipe_writer);
    int high = copy_high(*report, -1);

    if (in < 0 || out < 0 || err < 0 || high < 0)
        return false;
    *report = high;
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(err, STDERR_FILENO) < 0 || dup3(high, REPORT_FD, O_CLOEXEC) < 0)
        return false;
    *report = REPORT_FD;
    return close_from(REPORT_FD + 1);
}

static bool
set_limits(const ChildLimits *limits)
{
    if (!limits)
        return true;
    return (!limits->memory_bytes || power_limit(RLIMIT_AS, limits->memory_bytes, 0)) &&
           (!limits->cpu_seconds || power_limit(RLIMIT_CPU, limits->cpu_seconds, 1)) &&
           (!limits->file_bytes || power_limit(RLIMIT_FSIZE, limits->file_bytes, 0)) &&
           power_limit(RLIMIT_CORE, 0, 0);
}

/* A handler is gone with exec, but what is ignored or blocked stays so. */
static bool
reset_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        sigaction(number, &standard, NULL); /* it fails for KILL, STOP and two of libc's own */
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static bool
bind_to_us(pid_t parent)
{
    if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return false;
    /* who is gone by now sends no signal any more */
    if (getppid() == parent)
        return true;
    errno = ESRCH;
    return false;
}

static void __attribute__((noreturn))
become(const Child *child, int pipe_writer, int report, pid_t parent)
{
    int reason;

    if ((child->fate == CHILD_LEFT || bind_to_us(parent)) &&
        place_descriptors(child, pipe_writer, &report) && set_limits(child->limits) &&
        (!child->pass || power_pass_on(child->pass)) && reset_signals())
        execve(child->path, (char *const *)child->argv, (char *const *)child->envp);
    reason = errno;
    while (write(report, &reason, sizeof(reason)) < 0 && errno == EINTR)
        continue;
    _exit(STATUS_NO_EXEC);
}

/* ---- in the parent ---- */

static bool
reap(pid_t pid, int *status)
{
    pid_t ended;

    do
        ended = waitpid(pid, status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == pid;
}

/* No handler of ours may run in the child, so all signals wait until it has set the standard actions. */
static pid_t
start(const Child *child, const Pipe *output, const Pipe *report)
{
    pid_t parent = getpid();
    sigset_t all, before;
    pid_t pid;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        become(child, output->writer, report->writer, parent);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* Whether the child became the program: the kernel then has closed its end of the pipe, without a word. */
static bool
has_become(int report, pid_t pid)
{
    int reason = 0;
    int status;
    ssize_t n;

    do
        n = read(report, &reason, sizeof(reason));
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return true;
    reap(pid, &status);
    errno = n == (ssize_t)sizeof(reason) ? reason : EIO;
    return false;
}

/* Hands on what is there, at most one piece. Returns: how many bytes; 0: nothing is to be had */
static size_t
take_output(const Child *child, int *reader)
{
    char bytes[4096];
    ssize_t n = read(*reader, bytes, sizeof(bytes));

    if (n > 0) {
        child->take(child->data, bytes, (size_t)n);
        return (size_t)n;
    }
    if (n == 0 || (errno != EINTR && errno != EAGAIN))
        close_end(reader);
    return 0;
}

/* Sleeps until the child ends, or has written something, or it is time to look. */
static void
watch(const Child *child, int pidfd, int *reader, long long look_us)
{
    struct pollfd watched[] = {{.fd = pidfd, .events = POLLIN}, {.fd = *reader, .events = POLLIN}};
    int timeout = (int)((look_us + 999) / 1000);

    if (pidfd < 0 && timeout > LOOK_MS)
        timeout = LOOK_MS;
    if (poll(watched, sizeof(watched) / sizeof(watched[0]), timeout) > 0 && watched[1].revents)
        take_output(child, reader);
}

/* What a wait is for. */
typedef struct {
    pid_t pid;
    Pace pace;
    clockid_t clock; /* of the processor time that it has had */
    bool clocked;
} Watch;

static void
begin_watch(Watch *watch, const Child *child, pid_t pid)
{
    *watch = (Watch){.pid = pid};
    /* of one that goes on after us, others may do the work */
    watch->clocked = child->fate == CHILD_KILLED && clock_getcpuclockid(pid, &watch->clock) == 0;
    pace_begin(&watch->pace);
}

/* For how many microseconds it has had a processor. */
static long long
used_us(const Watch *watch)
{
    struct timespec used;

    if (!watch->clocked || clock_gettime(watch->clock, &used) < 0)
        return PACE_WORKS;
    return used.tv_sec * 1000000LL + used.tv_nsec / 1000;
}

/* Whether it has ended in time; it is still to be reaped, so that its number, which is that of its group,
 * belongs to nobody else. Fails with errno. */
static ChildEnd
wait_until(const Child *child, Watch *watched, int *reader)
{
    /* by number: glibc before 2.36 has no function for it. Where the kernel has none, before 5.3, or
     * valgrind, we look again and again. */
    AUTO_FD int pidfd = (int)syscall(SYS_pidfd_open, watched->pid, 0U);

    for (;;) {
        siginfo_t info = {.si_pid = 0};
        long long look_us;

        if (waitid(P_PID, (id_t)watched->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 &&
            errno != EINTR)
            return CHILD_LOST;
        if (info.si_pid == watched->pid)
            return CHILD_ENDED;
        look_us = pace_next_us(&watched->pace, used_us(watched), child->limit_ms * 1000LL);
        if (look_us == 0)
            return CHILD_LATE;
        watch(child, pidfd, reader, look_us);
    }
}

static ChildEnd
finish(const Child *child, pid_t pid, int *reader, int *status)
{
    Watch watched;
    ChildEnd end;
    size_t drained = 0;
    size_t n;

    begin_watch(&watched, child, pid);
    end = wait_until(child, &watched, reader);
    if (child->spent_us)
        *child->spent_us = pace_spent_us(&watched.pace, used_us(&watched));
    if (end == CHILD_LOST)
        return end;
    if (end == CHILD_LATE) {
        /* where a profile of ours forbids the signal, waiting might take for ever */
        if (child->fate == CHILD_KILLED && kill(-pid, SIGKILL) == 0)
            reap(pid, status);
        return end;
    }
    while (*reader >= 0 && drained < PIPE_BYTES && (n = take_output(child, reader)) > 0)
        drained += n;
    return reap(pid, status) ? CHILD_ENDED : CHILD_LOST;
}

static ChildEnd
run(const Child *child, int *status)
{
    Pipe output AUTO_CLEANUP(pipe_clear) = {-1, -1};
    Pipe report AUTO_CLEANUP(pipe_clear) = {-1, -1};
    pid_t pid;

    if (!pipe_open(&report))
        return CHILD_NOT_STARTED;
    if ((child->out == CHILD_PIPE || child->err == CHILD_PIPE) &&
        (!pipe_open(&output) || fcntl(output.reader, F_SETFL, O_NONBLOCK) < 0))
        return CHILD_NOT_STARTED;
    pid = start(child, &output, &report);
    close_end(&output.writer);
    close_end(&report.writer);
    if (pid < 0 || !has_become(report.reader, pid))
        return CHILD_NOT_STARTED;
    return finish(child, pid, &output.reader, status);
}

ChildEnd
child_run(const Child *child, int *status)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction before;
    ChildEnd end;
    int saved;

    sigaction(SIGCHLD, &standard, &before);
    end = run(child, status);
    saved = errno;
    sigaction(SIGCHLD, &before, NULL);
    errno = saved;
    return end;
}
