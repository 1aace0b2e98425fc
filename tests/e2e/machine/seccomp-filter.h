/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread's seccomp filters (seccomp(2), classic BPF): read from the kernel
 * and run here, so that what they do with a call is known without making it.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/types.h>

/* Reads all filters of a thread that the caller traces and has stopped:
 * PTRACE_SECCOMP_GET_FILTER of ptrace(2), which needs a kernel with
 * CONFIG_CHECKPOINT_RESTORE. False, with errno, where that fails; a thread
 * without a filter has none, and that is no failure. */
bool filters_read(pid_t tid);

/* How many were read. */
int filters_count(void);

enum verdict {
    VERDICT_ALLOWED,
    VERDICT_ERRNO,  /* *error says which */
    VERDICT_KILLED, /* the thread or the process, or SIGSYS */
    VERDICT_UNKNOWN /* a program with steps that are not known here */
};

/* What the filters do with that call: as in the kernel, the strictest answer
 * counts. */
enum verdict filters_judge(const struct seccomp_data *data, int *error);
