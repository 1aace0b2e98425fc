/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/filter.h"

#include <linux/audit.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

/* As virtiofsd is killed by libvirt and by nobody whom it tells to. */
static pid_t victim;

static int
send_by_descriptor(void)
{
    return outcome(fcntl(pair[0], F_SETSIG, SIGKILL)) || outcome(fcntl(pair[0], F_SETOWN, victim));
}

static int
own_by_ioctl(void)
{
    return outcome(ioctl(pair[0], FIOSETOWN, &victim));
}

static int
kill_other(void)
{
    return outcome(kill(victim, SIGTERM));
}

static int
limit_other(void)
{
    struct rlimit limit = {.rlim_cur = 0, .rlim_max = 0};

    return outcome(prlimit(victim, RLIMIT_CPU, &limit, NULL));
}

static int
limit_self(void)
{
    struct rlimit limit;

    return outcome(getrlimit(RLIMIT_NOFILE, &limit)) || outcome(setrlimit(RLIMIT_NOFILE, &limit));
}

static int
abort_self(void)
{
    /* the C library's raise() */
    signal(SIGABRT, SIG_IGN);
    return outcome(raise(SIGABRT)) || outcome(kill(getpid(), 0));
}

static void *
do_nothing(void *data)
{
    return data;
}

static int
make_thread(void)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, do_nothing, NULL);

    return error ? error : pthread_join(thread, NULL);
}

static int
make_process(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return outcome(child);
}

static int
own_umask(void)
{
    return outcome(unshare(CLONE_FS));
}

static int
own_mounts(void)
{
    return outcome(unshare(CLONE_NEWUSER));
}

static int
set_attribute(void)
{
    return outcome(syscall(SYS_fsetxattr, pair[0], "user.x", "", 0, 0)) == EPERM ? EPERM : 0;
}

static int
call_future(void)
{
    return outcome(syscall(SYS_pidfd_send_signal + 100)) == ENOSYS ? 0 : EPERM;
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
    {"SIGIO", send_by_descriptor, true, false}, {"FIOSETOWN", own_by_ioctl, true, false},
    {"kill", kill_other, true, false},          {"prlimit", limit_other, true, false},
    {"own limits", limit_self, false, false},   {"own signals", abort_self, false, false},
    {"thread", make_thread, false, false},      {"process", make_process, true, false},
    {"CLONE_FS", own_umask, false, false},      {"namespace", own_mounts, true, false},
    {"fsetxattr", set_attribute, true, false},  {"newer call", call_future, false, false},
};

static const FilterNeeds needs_nothing = {.self = 0};

/* What try() says of an attempt that a signal ended. */
#define KILLED (-1)

/* An unfiltered attempt shows whether this kernel has the call at all. */
static int
try(int (*attempt)(void), bool filtered)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        FilterNeeds needs = needs_nothing;
        Filter filter;

        needs.self = getpid();
        filter_build(&needs, &filter);
        /* to be killed is an answer here: no sanitizer's report of it, and no core file */
        signal(SIGSEGV, SIG_DFL);
        prctl(PR_SET_DUMPABLE, 0);
        /* the launcher needs no such bit, having CAP_SYS_ADMIN; the tests run as anybody */
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            (filtered && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter.program) < 0))
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
    /* check's own handler would end the test, and the victim may be killed as soon as it is there */
    void (*handler)(int) = signal(SIGTERM, SIG_DFL);
    int result;

    victim = fork();
    if (victim == 0) {
        for (;;)
            pause();
    }
    signal(SIGTERM, handler);
    ck_assert_int_gt(victim, 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    /* an abstract name of the kernel's choice */
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&address, length), 0);
    result = try(attempt, filtered);
    kill(victim, SIGKILL);
    ck_assert_int_eq(waitpid(victim, NULL, 0), victim);
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

/* What the program says to one call, as the kernel would run it: the part of BPF that it is made of. */
static uint32_t
run(const Filter *filter, const struct seccomp_data *data)
{
    uint32_t value = 0;

    for (unsigned at = 0; at < filter->program.len; at++) {
        const struct sock_filter *step = &filter->code[at];
        bool yes;

        switch (step->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            ck_assert_int_le(step->k, sizeof(*data) - sizeof(value));
            memcpy(&value, (const char *)data + step->k, sizeof(value));
            continue;
        case BPF_RET | BPF_K:
            return step->k;
        case BPF_JMP | BPF_JEQ | BPF_K:
            yes = value == step->k;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            yes = value >= step->k;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            yes = value > step->k;
            break;
        case BPF_JMP | BPF_JSET | BPF_K:
            yes = (value & step->k) != 0;
            break;
        default:
            ck_abort_msg("step %u is not one of ours", at);
        }
        at += yes ? step->jt : step->jf;
    }
    ck_abort_msg("the program has no end");
}

#define ALLOWED 0
#define HIGH    0xffffffff00000000u /* what the kernel does not look at in an int */
#define THREAD  (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
#ifdef __s390__
#    define CLONE_FLAGS 1 /* the stack comes first, clone(2) */
#else
#    define CLONE_FLAGS 0
#endif
#define COMMON(number) (SYS_pidfd_send_signal - 424 + (number))

static const FilterNeeds needs_attributes = {.self = 1000, .xattr = true};
static const FilterNeeds needs_handles = {.self = 1000, .file_handles = true};
static const FilterNeeds needs_usual = {.self = 1000};

static const struct {
    const char *name;
    int number;
    uint64_t arguments[2];
    const FilterNeeds *needs;
    int result;
} calls[] = {
    {"openat", SYS_openat, {0}, &needs_usual, ALLOWED},
    {"chroot", SYS_chroot, {0}, &needs_usual, ALLOWED},
    {"execve", SYS_execve, {0}, &needs_usual, ALLOWED},
    {"execveat", SYS_execveat, {0}, &needs_usual, EPERM},
    {"socket", SYS_socket, {0}, &needs_usual, EPERM},
    {"socketpair", SYS_socketpair, {0}, &needs_usual, EPERM},
    {"clone3", SYS_clone3, {0}, &needs_usual, ENOSYS},
    {"a thread", SYS_clone, {[CLONE_FLAGS] = THREAD}, &needs_usual, ALLOWED},
    {"a thread in namespaces",
     SYS_clone,
     {[CLONE_FLAGS] = THREAD | CLONE_NEWNS},
     &needs_usual,
     EPERM},
    {"a process", SYS_clone, {[CLONE_FLAGS] = SIGCHLD}, &needs_usual, EPERM},
    {"unshare umask", SYS_unshare, {CLONE_FS}, &needs_usual, ALLOWED},
    {"unshare time", SYS_unshare, {0x80}, &needs_usual, EPERM},
    {"unshare all", SYS_unshare, {0x7e020080}, &needs_usual, EPERM},
    {"setns", SYS_setns, {0}, &needs_usual, EPERM},
    {"mount", SYS_mount, {0}, &needs_usual, EPERM},
    {"umount2", SYS_umount2, {0}, &needs_usual, EPERM},
    {"pivot_root", SYS_pivot_root, {0}, &needs_usual, EPERM},
    {"open_tree", COMMON(428), {0}, &needs_usual, EPERM},
    {"move_mount", COMMON(429), {0}, &needs_usual, EPERM},
    {"mount_setattr", COMMON(442), {0}, &needs_usual, EPERM},
    {"open_tree_attr", COMMON(467), {0}, &needs_usual, EPERM},
    {"kill itself", SYS_kill, {1000, SIGABRT}, &needs_usual, ALLOWED},
    {"kill itself, high half set", SYS_kill, {1000 | HIGH}, &needs_usual, ALLOWED},
    {"kill another", SYS_kill, {1001}, &needs_usual, EPERM},
    {"kill a group", SYS_kill, {0}, &needs_usual, EPERM},
    {"kill its own group", SYS_kill, {(uint32_t)-1000}, &needs_usual, EPERM},
    {"kill all", SYS_kill, {UINT64_MAX}, &needs_usual, EPERM},
    {"tgkill itself", SYS_tgkill, {1000, 1001}, &needs_usual, ALLOWED},
    {"tgkill another", SYS_tgkill, {1001, 1001}, &needs_usual, EPERM},
    {"tkill", SYS_tkill, {1000}, &needs_usual, EPERM},
    {"sigqueue another", SYS_rt_sigqueueinfo, {7}, &needs_usual, EPERM},
    {"tgsigqueue another", SYS_rt_tgsigqueueinfo, {7, 7}, &needs_usual, EPERM},
    {"pidfd_send_signal", SYS_pidfd_send_signal, {0}, &needs_usual, EPERM},
    {"pidfd_open", COMMON(434), {1000}, &needs_usual, EPERM},
    {"pidfd_getfd", COMMON(438), {0}, &needs_usual, EPERM},
    {"F_SETOWN", SYS_fcntl, {3, F_SETOWN}, &needs_usual, EPERM},
    {"F_SETOWN, high half set", SYS_fcntl, {3, F_SETOWN | HIGH}, &needs_usual, EPERM},
    {"F_SETOWN_EX", SYS_fcntl, {3, F_SETOWN_EX}, &needs_usual, EPERM},
    {"F_SETSIG", SYS_fcntl, {3, F_SETSIG}, &needs_usual, EPERM},
    {"F_SETFL", SYS_fcntl, {3, F_SETFL}, &needs_usual, ALLOWED},
    {"F_OFD_SETLK", SYS_fcntl, {3, F_OFD_SETLK}, &needs_usual, ALLOWED},
    {"F_DUPFD_CLOEXEC", SYS_fcntl, {3, F_DUPFD_CLOEXEC}, &needs_usual, ALLOWED},
    {"FIOSETOWN", SYS_ioctl, {3, FIOSETOWN}, &needs_usual, EPERM},
    {"FIOSETOWN, high half set", SYS_ioctl, {3, FIOSETOWN | HIGH}, &needs_usual, EPERM},
    {"SIOCSPGRP", SYS_ioctl, {3, SIOCSPGRP}, &needs_usual, EPERM},
    {"TIOCSTI", SYS_ioctl, {3, TIOCSTI}, &needs_usual, EPERM},
    {"another ioctl", SYS_ioctl, {3, FIONBIO}, &needs_usual, ALLOWED},
    {"its own limits", SYS_prlimit64, {0}, &needs_usual, ALLOWED},
    {"its own limits by number", SYS_prlimit64, {1000}, &needs_usual, ALLOWED},
    {"another's limits", SYS_prlimit64, {1}, &needs_usual, EPERM},
    {"another's scheduling", SYS_sched_setattr, {1}, &needs_usual, EPERM},
    {"another's processors", SYS_sched_setaffinity, {1}, &needs_usual, EPERM},
    {"setpriority", SYS_setpriority, {0}, &needs_usual, EPERM},
    {"core scheduling", SYS_prctl, {62}, &needs_usual, EPERM},
    {"PR_CAPBSET_READ", SYS_prctl, {PR_CAPBSET_READ}, &needs_usual, ALLOWED},
    {"fsetxattr", SYS_fsetxattr, {0}, &needs_usual, EPERM},
    {"setxattrat", COMMON(463), {0}, &needs_usual, EPERM},
    {"getxattr", SYS_getxattr, {0}, &needs_usual, EPERM},
    {"lgetxattr", SYS_lgetxattr, {0}, &needs_usual, EPERM},
    {"fgetxattr", SYS_fgetxattr, {0}, &needs_usual, EPERM},
    {"getxattrat", COMMON(464), {0}, &needs_usual, EPERM},
    {"listxattr", SYS_listxattr, {0}, &needs_usual, EPERM},
    {"llistxattr", SYS_llistxattr, {0}, &needs_usual, EPERM},
    {"flistxattr", SYS_flistxattr, {0}, &needs_usual, EPERM},
    {"listxattrat", COMMON(465), {0}, &needs_usual, EPERM},
    {"fgetxattr with xattr", SYS_fgetxattr, {0}, &needs_attributes, ALLOWED},
    {"getxattrat with xattr", COMMON(464), {0}, &needs_attributes, ALLOWED},
    {"listxattr with xattr", SYS_listxattr, {0}, &needs_attributes, ALLOWED},
    {"fsetxattr with xattr", SYS_fsetxattr, {0}, &needs_attributes, ALLOWED},
    {"removexattr with xattr", SYS_removexattr, {0}, &needs_attributes, ALLOWED},
    {"setxattrat with xattr", COMMON(463), {0}, &needs_attributes, ALLOWED},
    {"file_setattr with xattr", COMMON(469), {0}, &needs_attributes, EPERM},
    {"handles", SYS_open_by_handle_at, {0}, &needs_usual, EPERM},
    {"handles where used", SYS_open_by_handle_at, {0}, &needs_handles, ALLOWED},
    {"name_to_handle_at", SYS_name_to_handle_at, {0}, &needs_usual, ALLOWED},
    {"keyctl", SYS_keyctl, {0}, &needs_usual, EPERM},
    {"bpf", SYS_bpf, {0}, &needs_usual, EPERM},
    {"userfaultfd", SYS_userfaultfd, {0}, &needs_usual, EPERM},
    {"io_uring_enter", SYS_io_uring_enter, {0}, &needs_usual, EPERM},
    {"inotify_add_watch", SYS_inotify_add_watch, {0}, &needs_usual, EPERM},
    {"a newer call", COMMON(470), {0}, &needs_usual, ENOSYS},
    {"a much newer call", COMMON(5000), {0}, &needs_usual, ENOSYS},
};

START_TEST(test_calls)
{
    struct seccomp_data data = {.nr = calls[_i].number, .arch = NATIVE_AUDIT_ARCH};
    uint32_t wanted =
        calls[_i].result ? SECCOMP_RET_ERRNO | (uint32_t)calls[_i].result : SECCOMP_RET_ALLOW;
    Filter filter;

    filter_build(calls[_i].needs, &filter);
    memcpy(data.args, calls[_i].arguments, sizeof(calls[_i].arguments));
    ck_assert_msg(run(&filter, &data) == wanted, "%s: %x", calls[_i].name, run(&filter, &data));
    data.arch++;
    ck_assert_msg(run(&filter, &data) == (SECCOMP_RET_ERRNO | EPERM), "%s: another architecture",
                  calls[_i].name);
}
END_TEST

#ifdef SYS_newfstatat
#    define STAT_AT SYS_newfstatat
#else
#    define STAT_AT SYS_fstatat64 /* of 32-bit machines */
#endif

/*
 * Linux 5.11 and later run the filter only for calls on whose arguments it depends: the kernel tries
 * it beforehand with loads of the number and the architecture alone (seccomp_is_const_allow()).
 */
START_TEST(test_common_calls_cost_nothing)
{
    static const int common[] = {SYS_read,   SYS_pread64, SYS_preadv, SYS_pwritev,
                                 SYS_openat, SYS_close,   SYS_futex,  SYS_ppoll,
                                 SYS_statx,  STAT_AT,     SYS_writev, SYS_getdents64};
    Filter filter;

    filter_build(&needs_usual, &filter);
    for (size_t i = 0; i < ROWS(common); i++)
        for (unsigned at = 0, value = 0; filter.code[at].code != (BPF_RET | BPF_K); at++) {
            const struct sock_filter *step = &filter.code[at];
            struct seccomp_data data = {.nr = common[i], .arch = NATIVE_AUDIT_ARCH};

            if (step->code == (BPF_LD | BPF_W | BPF_ABS)) {
                ck_assert_msg(step->k < offsetof(struct seccomp_data, args), "call %d", common[i]);
                memcpy(&value, (char *)&data + step->k, sizeof(value));
                continue;
            }
            switch (BPF_OP(step->code)) {
            case BPF_JEQ:
                at += value == step->k ? step->jt : step->jf;
                break;
            case BPF_JGE:
                at += value >= step->k ? step->jt : step->jf;
                break;
            case BPF_JGT:
                at += value > step->k ? step->jt : step->jf;
                break;
            default:
                ck_abort_msg("call %d: a comparison that the kernel does not try", common[i]);
            }
        }
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("filter");

    tcase_add_loop_test(tc, test_filter, 0, ROWS(rows));
    tcase_add_loop_test(tc, test_calls, 0, ROWS(calls));
    tcase_add_test(tc, test_common_calls_cost_nothing);
    return fixture_run("launcher-filter", tc);
}
