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
 * The thread is stopped for as long as its filters are read, PTRACE_SECCOMP_GET_FILTER
 * of ptrace(2), which needs a kernel with CONFIG_CHECKPOINT_RESTORE.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { MAX_FILTERS = 16, BAD_PROGRAM = -1 };

struct filter {
    struct sock_filter code[BPF_MAXINSNS];
    int length;
};

static struct filter filters[MAX_FILTERS];
static int n_filters;

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
    for (n_filters = 0; n_filters < MAX_FILTERS; n_filters++) {
        struct filter *filter = &filters[n_filters];

        filter->length = (int)ptrace(PTRACE_SECCOMP_GET_FILTER, tid, (long)n_filters, filter->code);
        if (filter->length < 0)
            break;
    }
    /* ENOENT: that was the last */
    return n_filters > 0 && errno == ENOENT && ptrace(PTRACE_DETACH, tid, NULL, NULL) == 0;
}

static bool
jump_is_taken(int operation, unsigned value, unsigned operand)
{
    switch (operation) {
    case BPF_JEQ:
        return value == operand;
    case BPF_JGT:
        return value > operand;
    case BPF_JGE:
        return value >= operand;
    case BPF_JSET:
        return (value & operand) != 0;
    default:
        return false;
    }
}

/* The part of classic BPF that compilers of seccomp filters emit; anything else is BAD_PROGRAM. */
static long
run_filter(const struct filter *filter, const struct seccomp_data *data)
{
    unsigned value = 0;

    for (int at = 0; at < filter->length; at++) {
        const struct sock_filter *step = &filter->code[at];

        switch (BPF_CLASS(step->code)) {
        case BPF_LD:
            if (BPF_MODE(step->code) != BPF_ABS || step->k > sizeof *data - sizeof value)
                return BAD_PROGRAM;
            memcpy(&value, (const char *)data + step->k, sizeof value);
            break;
        case BPF_ALU:
            if (step->code != (BPF_ALU | BPF_AND | BPF_K))
                return BAD_PROGRAM;
            value &= step->k;
            break;
        case BPF_JMP:
            if (BPF_OP(step->code) == BPF_JA)
                at += (int)step->k;
            else if (BPF_SRC(step->code) != BPF_K)
                return BAD_PROGRAM;
            else
                at += jump_is_taken(BPF_OP(step->code), value, step->k) ? step->jt : step->jf;
            break;
        case BPF_RET:
            return BPF_RVAL(step->code) == BPF_A ? value : step->k;
        default:
            return BAD_PROGRAM;
        }
    }
    return BAD_PROGRAM;
}

/* 0 where the call is refused by one of the filters, 1 where all let it through. */
static int
judge(int number)
{
    struct seccomp_data data = {.nr = number, .arch = AUDIT_ARCH_X86_64};

    for (int i = 0; i < n_filters; i++) {
        long verdict = run_filter(&filters[i], &data);

        if (verdict == BAD_PROGRAM)
            return 2;
        switch ((unsigned)verdict & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_KILL_PROCESS:
        case SECCOMP_RET_KILL_THREAD:
        case SECCOMP_RET_TRAP:
        case SECCOMP_RET_ERRNO:
            return 0;
        default:
            break;
        }
    }
    return 1;
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
