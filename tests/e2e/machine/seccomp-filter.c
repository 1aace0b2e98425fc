/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include "seccomp-filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/ptrace.h>

enum { MAX_FILTERS = 16, BAD_PROGRAM = -1 };

struct filter {
    struct sock_filter code[BPF_MAXINSNS];
    int length;
};

static struct filter filters[MAX_FILTERS];
static int n_filters;

bool
filters_read(pid_t tid)
{
    for (n_filters = 0; n_filters < MAX_FILTERS; n_filters++) {
        struct filter *filter = &filters[n_filters];

        filter->length = (int)ptrace(PTRACE_SECCOMP_GET_FILTER, tid, (long)n_filters, filter->code);
        if (filter->length < 0)
            break;
    }
    /* ENOENT: that was the last. EINVAL: the thread is in no filter mode. */
    return n_filters < MAX_FILTERS && (errno == ENOENT || (n_filters == 0 && errno == EINVAL));
}

int
filters_count(void)
{
    return n_filters;
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

enum verdict
filters_judge(const struct seccomp_data *data, int *error)
{
    enum verdict worst = VERDICT_ALLOWED;

    for (int i = 0; i < n_filters; i++) {
        long answer = run_filter(&filters[i], data);

        if (answer == BAD_PROGRAM)
            return VERDICT_UNKNOWN;
        switch ((unsigned)answer & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_KILL_PROCESS:
        case SECCOMP_RET_KILL_THREAD:
        case SECCOMP_RET_TRAP:
            return VERDICT_KILLED;
        case SECCOMP_RET_ERRNO:
            worst = VERDICT_ERRNO;
            *error = (int)((unsigned)answer & SECCOMP_RET_DATA);
            break;
        default:
            break;
        }
    }
    return worst;
}
