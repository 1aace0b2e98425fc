/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/filter.h"

#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "launcher-fixture.h"

/* Each attempt is made in a child under the real filter, and returns 0 or an errno. */

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
    bool refused;
} rows[] = {
    {"unix socket", make_unix, true},     {"network socket", make_inet, true},
    {"connect", connect_own, true},       {"io_uring", make_ring, true},
#ifdef __x86_64__
    {"32-bit call", make_unix_32, true},  {"x32 call", make_unix_x32, true},
#endif
    {"use what it has", use_pair, false}, {"accept", accept_peer, false},
    {"open", open_file, false},           {"filter of its own", add_filter, false},
};

static int
try_under_filter(int (*attempt)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        /* the launcher needs none, having CAP_SYS_ADMIN; the tests run as anybody */
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter_program) < 0)
            _exit(255);
        _exit(attempt());
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(test_filter)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof(address);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    /* an abstract name of the kernel's choice */
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&address, length), 0);
    ck_assert_msg(try_under_filter(rows[_i].attempt) == (rows[_i].refused ? EPERM : 0), "%s: %s",
                  rows[_i].name, strerror(try_under_filter(rows[_i].attempt)));
    /* without the filter it is not refused: what refuses is the filter */
    if (rows[_i].attempt == make_unix)
        ck_assert_int_eq(make_unix(), 0);
    close(client);
    close(listener);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("sockets");

    tcase_add_loop_test(tc, test_filter, 0, ROWS(rows));
    return fixture_run("launcher-sockets", tc);
}
