/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/run-helper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "basic/auto.h"
#include "basic/message.h"

/* Milliseconds between two looks at a helper that has closed its output but not ended. */
#define POLL_MS 20

/* Exit status of a child that could not become the helper, as shells have it. */
#define STATUS_NO_EXEC 127

static long
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * The helper gets no descriptor of ours but the pipe: not the listening socket, not libvirt's pid
 * file. Kernels before 5.9 have no close_range().
 */
static void
close_others(void)
{
    if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0)
        return;
    for (int fd = 3; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
        close(fd);
}

/* A fixed PATH, and what decides about the language of messages; nothing else of libvirtd's. */
static void
fill_environment(char *environment[static 6])
{
    static const char *const languages[] = {"LANG=", "LANGUAGE=", "LC_ALL=", "LC_MESSAGES="};
    size_t n = 0;

    environment[n++] = (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    for (char **entry = environ; *entry; entry++)
        for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]) && n < 5; i++)
            if (strncmp(*entry, languages[i], strlen(languages[i])) == 0)
                environment[n++] = *entry;
    environment[n] = NULL;
}

static void __attribute__((noreturn))
become_helper(const char *path, char *const argv[], int output)
{
    char *environment[6];
    int null = open("/dev/null", O_RDONLY);

    fill_environment(environment);
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(output, STDERR_FILENO) >= 0) {
        close_others();
        execve(path, argv, environment);
    }
    dprintf(STDERR_FILENO, "%s: %s\n", path, strerror(errno));
    _exit(STATUS_NO_EXEC);
}

/* Keeps the end of what the helper prints, and hands all of it on. */
typedef struct {
    char text[RUN_HELPER_MESSAGE_BYTES + 1];
    size_t length;
} Output;

static void
add_output(Output *output, const char *bytes, size_t n)
{
    ssize_t written = write(STDERR_FILENO, bytes, n);

    (void)written; /* nowhere to say that it cannot be said */
    if (n > RUN_HELPER_MESSAGE_BYTES) {
        bytes += n - RUN_HELPER_MESSAGE_BYTES;
        n = RUN_HELPER_MESSAGE_BYTES;
    }
    if (output->length + n > RUN_HELPER_MESSAGE_BYTES) {
        size_t drop = output->length + n - RUN_HELPER_MESSAGE_BYTES;

        memmove(output->text, output->text + drop, output->length - drop);
        output->length -= drop;
    }
    memcpy(output->text + output->length, bytes, n);
    output->length += n;
    output->text[output->length] = '\0';
}

static const char *
last_line(Output *output)
{
    char *newline;

    while (output->length > 0 && output->text[output->length - 1] == '\n')
        output->text[--output->length] = '\0';
    newline = strrchr(output->text, '\n');
    return newline ? newline + 1 : output->text;
}

/* Until the helper's output ends, which is when it ends. False: the time is over. */
static bool
read_output(int fd, long deadline, Output *output)
{
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        long left = deadline - now_ms();
        char bytes[512];
        ssize_t n;

        if (left <= 0)
            return false;
        if (poll(&ready, 1, (int)left) <= 0)
            continue;
        n = read(fd, bytes, sizeof(bytes));
        if (n > 0)
            add_output(output, bytes, (size_t)n);
        else if (n == 0 || errno != EINTR)
            return true;
    }
}

static bool
wait_until(pid_t child, long deadline, int *status)
{
    for (;;) {
        struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
        pid_t ended = waitpid(child, status, WNOHANG);

        if (ended == child)
            return true;
        if (ended < 0 && errno != EINTR)
            return false;
        if (now_ms() >= deadline) {
            errno = ETIMEDOUT;
            return false;
        }
        nanosleep(&pause, NULL);
    }
}

const char *
run_helper_todo(void)
{
    return _("look at what virt-aa-helper logged, and start the VM again");
}

bool
run_helper(const char *path, char *const argv[], int timeout_ms, Failure *failure)
{
    long deadline = now_ms() + timeout_ms;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction before;
    Output output = {.length = 0};
    int ends[2];
    int status = 0;
    pid_t child;
    bool ended;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return failure_errno(failure, errno, run_helper_todo(), _("cannot run %s"), path);
    AUTO_FD int reader = ends[0];
    AUTO_FD int writer = ends[1];

    /* where children are not waited for, their status is lost; virtiofsd gets back what was set */
    sigaction(SIGCHLD, &standard, &before);
    child = fork();
    if (child == 0)
        become_helper(path, argv, writer);
    close(writer);
    writer = -1;
    if (child < 0) {
        sigaction(SIGCHLD, &before, NULL);
        return failure_errno(failure, errno, run_helper_todo(), _("cannot run %s"), path);
    }
    ended = read_output(reader, deadline, &output) && wait_until(child, deadline, &status);
    sigaction(SIGCHLD, &before, NULL);
    if (!ended)
        return failure_set(failure, run_helper_todo(), _("%s has not answered within %d seconds"),
                           path, timeout_ms / 1000);
    if (!WIFEXITED(status))
        return failure_set(failure, run_helper_todo(), _("%s was killed by signal %d"), path,
                           WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return failure_set(failure, run_helper_todo(), _("%s failed with status %d (%s)"), path,
                           WEXITSTATUS(status), last_line(&output));
    return true;
}
