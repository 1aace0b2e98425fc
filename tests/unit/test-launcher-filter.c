/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/filter.h"

#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "launcher-fixture.h"

/* Each attempt is made in a child, without and under the real filter, and returns 0 or an errno. */

static int
outcome(long value)
{
    return value < 0 ? errno : 0;
}

static int
make_unix(void)
{
    return outcome(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
make_inet(void)
{
    return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int pair[2];
static int listener;

static int
connect_own(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/nowhere"};

    return outcome(connect(pair[0], (struct sockaddr *)&address, sizeof(address)));
}

static int
make_ring(void)
{
    struct io_uring_params parameters = {0};

    return outcome(syscall(SYS_io_uring_setup, 1, &parameters));
}

#ifdef __x86_64__
/* socket(AF_UNIX, SOCK_STREAM, 0) as a program of 32 bits would call it; number 359 of i386 */
static int
make_unix_32(void)
{
    long value;

    __asm__ volatile("int $0x80"
                     : "=a"(value)
                     : "0"(359L), "b"((long)AF_UNIX), "c"((long)SOCK_STREAM), "d"(0L)
                     : "memory", "r8", "r9", "r10", "r11");
    return value < 0 ? (int)-value : 0;
}

static int
make_unix_x32(void)
{
    return outcome(syscall(0x40000000 + SYS_socket, AF_UNIX, SOCK_STREAM, 0));
}
#endif

static int
use_pair(void)
{
    char byte = 'x';
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    return sendmsg(pair[0], &message, 0) == 1 && recvmsg(pair[1], &message, 0) == 1 ? 0 : errno;
}

static int
accept_peer(void)
{
    return outcome(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

static int
open_file(void)
{
    return outcome(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* A filter of its own is put on top of this one, as virtiofsd does. */
static int
add_filter(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = 1, .filter = &allow};

    return outcome(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static const struct {
    const char *name;
    int (*attempt)(void);
    bool refused;    /* by the filter */
    bool everywhere; /* without the filter, any Linux allows it */
} rows[] = {
    {"unix socket", make_unix, true, true},     {"network socket", make_inet, true, false},
    {"connect", connect_own, true, false},      {"io_uring", make_ring, true, false},
#ifdef __x86_64__
    {"32-bit call", make_unix_32, true, false}, {"x32 call", make_unix_x32, true, false},
#endif
    {"use what it has", use_pair, false, true}, {"accept", accept_peer, false, true},
    {"open", open_file, false, true},           {"filter of its own", add_filter, false, false},
};

/* What try() says of an attempt that a signal ended. */
#define KILLED (-1)

/* An unfiltered attempt shows whether this kernel has the call at all. */
static int
try(int (*attempt)(void), bool filtered)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        /* to be killed is an answer here: no sanitizer's report of it, and no core file */
        signal(SIGSEGV, SIG_DFL);
        prctl(PR_SET_DUMPABLE, 0);
        /* the launcher needs no such bit, having CAP_SYS_ADMIN; the tests run as anybody */
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            (filtered && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter_program) < 0))
            _exit(255);
        _exit(attempt());
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

static const char *
outcome_name(int outcome)
{
    if (outcome == KILLED)
        return "killed";
    return outcome == 0 ? "allowed" : strerror(outcome);
}

/* Makes the sockets that the attempts use, for one attempt: accept() takes the only peer. */
static int
try_with_sockets(int (*attempt)(void), bool filtered)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof(address);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    int result;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    /* an abstract name of the kernel's choice */
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&address, length), 0);
    result = try(attempt, filtered);
    close(client);
    close(listener);
    close(pair[0]);
    close(pair[1]);
    return result;
}

/*
 * Whether a refusal would be the filter's: not where the kernel, or a sandbox around the tests, kills or
 * refuses the same call by itself. A kernel without 32-bit entry kills "int 0x80", and
 * kernel.io_uring_disabled refuses io_uring.
 */
static bool
filter_is_judged(const char *name, int without)
{
    if (without != KILLED && without != EPERM)
        return true;
    fprintf(stderr, "not judged on this kernel: %s: %s without the filter\n", name,
            outcome_name(without));
    return false;
}

START_TEST(test_filter)
{
    const char *name = rows[_i].name;
    int without = try_with_sockets(rows[_i].attempt, false);
    bool judged = filter_is_judged(name, without);
    int with = try_with_sockets(rows[_i].attempt, true);

    if (rows[_i].refused)
        ck_assert_msg(with == EPERM || (!judged && with == KILLED), "%s: %s under the filter", name,
                      outcome_name(with));
    else
        ck_assert_msg(with == without, "%s: %s under the filter, %s without", name,
                      outcome_name(with), outcome_name(without));
    /* what every kernel allows is judged on every kernel */
    if (rows[_i].everywhere)
        ck_assert_msg(without == 0, "%s: %s without the filter", name, outcome_name(without));
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("filter");

    tcase_add_loop_test(tc, test_filter, 0, ROWS(rows));
    return fixture_run("launcher-filter", tc);
}
