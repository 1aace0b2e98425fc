/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/child.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "launcher-fixture.h"

/* Milliseconds in which nothing here ends by itself. */
#define LONG_MS 60000

/* A descriptor of ours that no child may see. */
#define INHERITED_FD 77

static const char *const environment[] = {"PATH=/usr/bin:/bin", "GIVEN=yes", NULL};

/* What a child wrote to the pipe. */
typedef struct {
    char text[4096];
    size_t total;
} Said;

static void
take(void *data, const char *bytes, size_t n)
{
    Said *said = data;

    for (size_t i = 0; i < n; i++, said->total++)
        if (said->total < sizeof(said->text) - 1)
            said->text[said->total] = bytes[i];
}

/* Runs @script with sh; what it writes goes to @said. */
static ChildEnd
run(const char *script, Child child, Said *said, int *status)
{
    const char *argv[] = {"sh", "-c", script, "sh", "one", "two words", NULL};

    memset(said, 0, sizeof(*said));
    child.path = "/bin/sh";
    child.argv = argv;
    child.envp = environment;
    child.take = take;
    child.data = said;
    if (child.limit_ms == 0)
        child.limit_ms = LONG_MS;
    return child_run(&child, status);
}

static const Child quiet = {.in = CHILD_NULL, .out = CHILD_PIPE, .err = CHILD_PIPE};
static const Child bound = {
    .in = CHILD_NULL, .out = CHILD_PIPE, .err = CHILD_PIPE, .fate = CHILD_KILLED};
static const Child left = {
    .in = CHILD_NULL, .out = CHILD_PIPE, .err = CHILD_PIPE, .fate = CHILD_LEFT};

static long
elapsed_ms(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

/* Whether the process ends soon; a zombie that waits for somebody else has ended. */
static bool
ends(pid_t pid)
{
    for (int i = 0; i < 200; i++) {
        struct timespec pause = {.tv_nsec = 10000000};
        char path[64];
        char state = 'X';
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        file = fopen(path, "re");
        if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
            state = 'X';
        if (file)
            fclose(file);
        if (state == 'X' || state == 'Z')
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

/* ---- what it gets, and what comes back ---- */

static const struct {
    const char *name;
    const char *script;
    int status; /* that it exits with; over 256: it is killed by the signal above that */
    const char *said;
} rows[] = {
    {"nothing", ":", 0, ""},
    {"status", "exit 3", 3, ""},
    {"both outputs", "echo out; echo err >&2", 0, "out\nerr\n"},
    {"signal", "kill -9 $$", 256 + SIGKILL, ""},
    {"arguments", "echo \"$#|$1|$2\"", 0, "2|one|two words\n"},
    {"environment", "echo \"$GIVEN|$SECRET|$PATH\"", 0, "yes||/usr/bin:/bin\n"},
    {"standard input is empty", "read line; echo \"$?|$line\"", 0, "1|\n"},
    {"no other descriptor",
     "cd /proc/self/fd && for f in *; do [ $f -gt 2 ] && [ -e $f ] && "
     "echo $f; done; :",
     0, ""},
    {"no signal ignored, none blocked",
     "while read name value; do case $name in SigBlk:|SigIgn:) echo $value;; esac; done "
     "</proc/self/status",
     0, "0000000000000000\n0000000000000000\n"},
};

static void
check_row(size_t i, Child child)
{
    Said said;
    int status = -1;

    ck_assert_msg(run(rows[i].script, child, &said, &status) == CHILD_ENDED, "%s", rows[i].name);
    ck_assert_msg(rows[i].status ==
                      (WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status)),
                  "%s: status %x", rows[i].name, (unsigned)status);
    ck_assert_msg(strcmp(said.text, rows[i].said) == 0, "%s: %s", rows[i].name, said.text);
    ck_assert_msg(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "%s: not reaped",
                  rows[i].name);
}

START_TEST(test_rows)
{
    sigset_t blocked, before;

    setenv("SECRET", "x", 1);
    ck_assert_int_eq(dup2(STDERR_FILENO, INHERITED_FD), INHERITED_FD);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    check_row((size_t)_i, bound);
    check_row((size_t)_i, left);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    close(INHERITED_FD);
}
END_TEST

START_TEST(test_not_started)
{
    static const struct {
        const char *path;
        const char *text; /* NULL: nothing is made there */
        mode_t mode;
        int reason;
    } programs[] = {
        {"none", NULL, 0, ENOENT},
        {"directory/", NULL, 0, EACCES},
        {"not-executable", "#!/bin/sh\n", 0644, EACCES},
        {"no-interpreter", "#!/nonexistent\n", 0755, ENOENT},
        {"no-format", "hello\n", 0755, ENOEXEC},
        {"empty", "", 0755, ENOEXEC},
    };

    for (size_t i = 0; i < ROWS(programs); i++) {
        bool made = programs[i].text || strchr(programs[i].path, '/');
        const char *path = made ? fixture_file(programs[i].path, programs[i].text, programs[i].mode)
                                : fixture_path(programs[i].path);
        const char *argv[] = {path, NULL};
        Child child = quiet;
        int status;

        child.path = path;
        child.argv = argv;
        child.envp = environment;
        child.limit_ms = LONG_MS;
        ck_assert_msg(child_run(&child, &status) == CHILD_NOT_STARTED, "%s", programs[i].path);
        ck_assert_msg(errno == programs[i].reason, "%s: %s", programs[i].path, strerror(errno));
        ck_assert_msg(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "%s: not reaped",
                      programs[i].path);
    }
}
END_TEST

START_TEST(test_descriptors)
{
    int in = memfd_create("in", MFD_CLOEXEC);
    int out = memfd_create("out", MFD_CLOEXEC);
    int err = memfd_create("err", MFD_CLOEXEC);
    Child child = {.in = in, .out = out, .err = err};
    char text[32] = "";
    Said said;
    int status;

    ck_assert_int_eq(write(in, "hello\n", 6), 6);
    ck_assert_int_eq(lseek(in, 0, SEEK_SET), 0);
    ck_assert_int_eq(run("read line; echo \"<$line>\"; echo bad >&2", child, &said, &status),
                     CHILD_ENDED);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(pread(out, text, sizeof(text), 0), 8);
    ck_assert_str_eq(text, "<hello>\n");
    memset(text, 0, sizeof(text));
    ck_assert_int_eq(pread(err, text, sizeof(text), 0), 4);
    ck_assert_str_eq(text, "bad\n");
    close(in);
    close(out);
    close(err);
}
END_TEST

/* The parent's standard descriptors are closed, so the files take their numbers, in the wrong order. */
START_TEST(test_no_standard_descriptors)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        Said said;
        Child child = quiet;
        char text[32] = "";
        int fds[3];

        for (int fd = 0; fd <= STDERR_FILENO; fd++)
            close(fd);
        for (size_t i = 0; i < ROWS(fds); i++)
            fds[i] = memfd_create("file", MFD_CLOEXEC);
        child.err = fds[0];
        child.in = fds[1];
        child.out = fds[2];
        if (fds[0] != 0 || write(fds[1], "hello\n", 6) != 6 || lseek(fds[1], 0, SEEK_SET) != 0)
            _exit(1);
        if (run("read line; echo \"<$line>\"; echo bad >&2", child, &said, &status) !=
                CHILD_ENDED ||
            status != 0)
            _exit(2);
        if (pread(fds[2], text, sizeof(text), 0) != 8 || strcmp(text, "<hello>\n") != 0)
            _exit(3);
        if (pread(fds[0], text, sizeof(text), 0) != 4 || strncmp(text, "bad\n", 4) != 0)
            _exit(4);
        for (int fd = 0; fd <= STDERR_FILENO; fd++)
            close(fd);
        if (run("echo out; echo err >&2", quiet, &said, &status) != CHILD_ENDED || status != 0 ||
            strcmp(said.text, "out\nerr\n") != 0)
            _exit(5);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "step %d", WEXITSTATUS(status));
}
END_TEST

START_TEST(test_much_output)
{
    Said said;
    int status;

    ck_assert_int_eq(run("exec head -c 1000000 /dev/zero", quiet, &said, &status), CHILD_ENDED);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(said.total, 1000000);
}
END_TEST

/* What stays behind with the pipe in its hand holds nobody up, however much it writes. */
START_TEST(test_output_held)
{
    struct timespec since;
    Said said;
    int status;
    pid_t pid;

    clock_gettime(CLOCK_MONOTONIC, &since);
    ck_assert_int_eq(run("sh -c 'echo $$; exec yes' & "
                         "until read name </proc/$!/comm && [ $name = yes ]; do sleep 0.1; done",
                         left, &said, &status),
                     CHILD_ENDED);
    ck_assert_int_lt(elapsed_ms(&since), LONG_MS / 2);
    pid = atoi(said.text);
    ck_assert_int_gt(pid, 1);
    kill(pid, SIGKILL);
}
END_TEST

START_TEST(test_children_ignored)
{
    Said said;
    int status;

    signal(SIGCHLD, SIG_IGN);
    ck_assert_int_eq(run("exit 5", quiet, &said, &status), CHILD_ENDED);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 5);
    ck_assert(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}
END_TEST

/* ---- how it ends ---- */

START_TEST(test_late)
{
    Child child = bound;
    struct timespec since;
    Said said;
    int status;
    int worker = 0;
    int leader = 0;

    child.limit_ms = 200;
    clock_gettime(CLOCK_MONOTONIC, &since);
    ck_assert_int_eq(run("sleep 100 & echo $! $$; sleep 100", child, &said, &status), CHILD_LATE);
    ck_assert_int_ge(elapsed_ms(&since), 200);
    ck_assert_int_lt(elapsed_ms(&since), LONG_MS / 2);
    ck_assert_int_eq(sscanf(said.text, "%d %d", &worker, &leader), 2);
    ck_assert_msg(ends(worker), "what it started still runs");
    ck_assert_msg(ends(leader), "it still runs");
    ck_assert(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);

    child = left;
    child.limit_ms = 200;
    ck_assert_int_eq(run("echo $$; exec sleep 100", child, &said, &status), CHILD_LATE);
    leader = atoi(said.text);
    ck_assert_msg(waitpid(leader, &status, WNOHANG) == 0, "it was ended");
    kill(leader, SIGKILL);
    ck_assert_int_eq(waitpid(leader, &status, 0), leader);
}
END_TEST

/* When the time is over, all of its group ends; what it leaves by ending in time is its own affair. */
START_TEST(test_leftovers)
{
    Child child = bound;
    Said said;
    int status;
    pid_t behind;

    child.limit_ms = 200;
    ck_assert_int_eq(
        run("sleep 100 >/dev/null 2>&1 & echo $!; exec sleep 100", child, &said, &status),
        CHILD_LATE);
    ck_assert_int_gt(atoi(said.text), 1);
    ck_assert_msg(ends(atoi(said.text)), "what it started still runs");

    ck_assert_int_eq(run("sleep 100 >/dev/null 2>&1 & echo $!; exit 7", bound, &said, &status),
                     CHILD_ENDED);
    ck_assert_int_eq(WEXITSTATUS(status), 7);
    behind = atoi(said.text);
    ck_assert_int_gt(behind, 1);
    ck_assert_msg(kill(behind, SIGKILL) == 0, "it was ended");
}
END_TEST

/* One that is bound to us ends when we are killed, which nobody can clean up after. */
START_TEST(test_ends_with_us)
{
    int ends_of_pipe[2];
    char text[32] = "";
    int status;
    pid_t us;

    ck_assert_int_eq(pipe(ends_of_pipe), 0);
    us = fork();
    if (us == 0) {
        Child child = {.in = CHILD_NULL, .out = ends_of_pipe[1], .err = CHILD_NULL};
        Said said;

        run("echo $$; exec sleep 100", child, &said, &status);
        _exit(0);
    }
    close(ends_of_pipe[1]);
    ck_assert_int_gt(read(ends_of_pipe[0], text, sizeof(text) - 1), 0);
    close(ends_of_pipe[0]);
    ck_assert_int_gt(atoi(text), 1);
    kill(us, SIGKILL);
    ck_assert_int_eq(waitpid(us, &status, 0), us);
    ck_assert_msg(ends(atoi(text)), "it goes on without us");
}
END_TEST

START_TEST(test_limits)
{
    static const struct {
        const char *name;
        ChildLimits limits;
        const char *script;
        int by_signal; /* that ends it; 0: it fails by itself */
    } bounds[] = {
        {"time", {.cpu_seconds = 1}, "while :; do :; done", SIGXCPU},
        {"file", {.file_bytes = 4096}, "exec head -c 4097 /dev/zero", SIGXFSZ},
        {"memory", {.memory_bytes = 16777216}, "x=$(head -c 33554432 /dev/zero | tr '\\0' x)", 0},
    };

    for (size_t i = 0; i < ROWS(bounds); i++) {
        Child child = bound;
        Said said;
        int status = 0;

        child.out = memfd_create("out", MFD_CLOEXEC);
        child.limits = &bounds[i].limits;
        ck_assert_msg(run(bounds[i].script, child, &said, &status) == CHILD_ENDED, "%s",
                      bounds[i].name);
        if (bounds[i].by_signal)
            ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == bounds[i].by_signal,
                          "%s: status %x", bounds[i].name, (unsigned)status);
        else
            ck_assert_msg(status != 0, "%s", bounds[i].name);
        close(child.out);
    }
}
END_TEST

/* What is within them is not disturbed, and cores are off. */
START_TEST(test_within_limits)
{
    static const ChildLimits limits = {
        .memory_bytes = 1073741824, .cpu_seconds = 5, .file_bytes = 4096};
    Child child = bound;
    Said said;
    int status;

    child.limits = &limits;
    ck_assert_int_eq(
        run("ulimit -v; ulimit -t; ulimit -c; exec head -c 4096 /dev/zero", child, &said, &status),
        CHILD_ENDED);
    ck_assert_int_eq(status, 0);
    ck_assert_msg(strncmp(said.text, "1048576\n5\n0\n", 12) == 0, "%s", said.text);
}
END_TEST

/* ---- kernels and surroundings without the newer system calls ---- */

static bool
forbid_new_calls(void)
{
    const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {ROWS(code), (struct sock_filter *)code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
           syscall(SYS_close_range, 500U, 500U, 0U) < 0 && errno == ENOSYS;
}

START_TEST(test_old_kernel)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        Child child = bound;
        Said said;

        if (!forbid_new_calls())
            _exit(77);
        dup2(STDERR_FILENO, INHERITED_FD);
        for (size_t i = 0; i < ROWS(rows); i++) {
            if (run(rows[i].script, bound, &said, &status) != CHILD_ENDED ||
                strcmp(said.text, rows[i].said) != 0)
                _exit((int)i + 1);
        }
        if (run("exec head -c 1000000 /dev/zero", left, &said, &status) != CHILD_ENDED ||
            said.total != 1000000)
            _exit(50);
        child.limit_ms = 200;
        if (run("exec sleep 100", child, &said, &status) != CHILD_LATE)
            _exit(51);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status), "status %x", (unsigned)status);
    if (WEXITSTATUS(status) == 77)
        fprintf(stderr, "SKIP: no filter of system calls here\n");
    else
        ck_assert_msg(WEXITSTATUS(status) == 0, "step %d", WEXITSTATUS(status));
}
END_TEST

/*
 * The C library's posix_spawn() leaves the two signals that it has for itself ignored in what it starts, and its
 * sigaction() sets neither: what make or dpkg runs inherits that. All zeros are the standard action.
 */
static void
reset_signals_of_libc(void)
{
    const unsigned long standard[32] = {0};

    for (int number = 32; number <= 33; number++)
        syscall(SYS_rt_sigaction, number, standard, NULL, (size_t)(_NSIG / 8));
}

int
main(void)
{
    TCase *tc = tcase_create("child");

    reset_signals_of_libc();
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
    tcase_add_loop_test(tc, test_rows, 0, ROWS(rows));
    tcase_add_test(tc, test_not_started);
    tcase_add_test(tc, test_descriptors);
    tcase_add_test(tc, test_no_standard_descriptors);
    tcase_add_test(tc, test_much_output);
    tcase_add_test(tc, test_output_held);
    tcase_add_test(tc, test_children_ignored);
    tcase_add_test(tc, test_late);
    tcase_add_test(tc, test_leftovers);
    tcase_add_test(tc, test_ends_with_us);
    tcase_add_test(tc, test_limits);
    tcase_add_test(tc, test_within_limits);
    tcase_add_test(tc, test_old_kernel);
    return fixture_run("child", tc);
}
