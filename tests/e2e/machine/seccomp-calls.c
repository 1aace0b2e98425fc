/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Says what a thread's seccomp filters do with system calls.
 *
 *   seccomp-calls TID CALL...
 *	Prints "CALL: allowed" or "CALL: refused" for each, by running the
 *	thread's filters (seccomp(2), classic BPF) on the call with all of its
 *	arguments zero. The status is 0 where all are refused, 1 where one is
 *	allowed, 2 where it cannot be said.
 *
 * The thread is stopped for as long as its filters are read.
 */
#define _GNU_SOURCE
#include "seccomp-filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const struct {
    const char *name;
    int number;
} calls[] = {
    {"accept", SYS_accept},
    {"bind", SYS_bind},
    {"bpf", SYS_bpf},
    {"chroot", SYS_chroot},
    {"connect", SYS_connect},
    {"execve", SYS_execve},
    {"execveat", SYS_execveat},
    {"init_module", SYS_init_module},
    {"io_uring_setup", SYS_io_uring_setup},
    {"listen", SYS_listen},
    {"mount", SYS_mount},
    {"move_mount", SYS_move_mount},
    {"open_tree", SYS_open_tree},
    {"openat", SYS_openat},
    {"pivot_root", SYS_pivot_root},
    {"process_vm_readv", SYS_process_vm_readv},
    {"ptrace", SYS_ptrace},
    {"setns", SYS_setns},
    {"socket", SYS_socket},
    {"umount2", SYS_umount2},
};

static int
die(const char *what)
{
    fprintf(stderr, "seccomp-calls: %s: %s\n", what, strerror(errno));
    return 2;
}

static bool
read_filters(pid_t tid)
{
    if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
        return false;
    if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 || waitpid(tid, NULL, __WALL) < 0)
        return false;
    return filters_read(tid) && filters_count() > 0 && ptrace(PTRACE_DETACH, tid, NULL, NULL) == 0;
}

/* 0 where the call is refused by one of the filters, 1 where all let it through. */
static int
judge(int number)
{
    struct seccomp_data data = {.nr = number, .arch = AUDIT_ARCH_X86_64};
    int error;

    switch (filters_judge(&data, &error)) {
    case VERDICT_ERRNO:
    case VERDICT_KILLED:
        return 0;
    case VERDICT_ALLOWED:
        return 1;
    case VERDICT_UNKNOWN:
        break;
    }
    return 2;
}

static int
judge_by_name(const char *name)
{
    static const char *const words[] = {"refused", "allowed", "a filter that cannot be read"};
    int verdict;

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, name) == 0) {
            verdict = judge(calls[i].number);
            printf("%s: %s\n", name, words[verdict]);
            return verdict;
        }
    errno = EINVAL;
    return die(name);
}

int
main(int argc, char **argv)
{
    int status = 0;

    if (argc < 3 || !read_filters((pid_t)atoi(argv[1])))
        return die(argc < 3 ? "bad arguments" : argv[1]);
    for (int i = 2; i < argc; i++) {
        int verdict = judge_by_name(argv[i]);

        status = verdict > status ? verdict : status;
    }
    return status;
}
