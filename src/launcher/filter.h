/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The seccomp filter under which virtiofsd runs, on every thread of it and from its first instruction.
 *
 * virtiofsd's own filter is stricter, but QEMU's daemon has a thread, of QEMU's RCU, that starts before
 * it and never gets it, and both run without one until they have started. This one refuses what neither
 * daemon calls in the sandbox "chroot" and what reaches beyond the share: sockets, other processes,
 * namespaces, mounts, keys, the kernel itself. It was derived from traces of both at work; what is not
 * named is allowed, so that a newer virtiofsd need not be known here, except for system calls that are
 * newer than this program: those do not exist.
 *
 * The table is compiled here and not by libseccomp. It needs comparisons of one argument, for the one
 * architecture it is built for; a library would be one more thing that is loaded before each VM's
 * virtiofsd and has to be trusted. Length costs nothing: since Linux 5.11 the kernel remembers which
 * calls are allowed whatever their arguments, and does not run the filter for those.
 */

#include <stdbool.h>
#include <stddef.h>
#include <linux/filter.h>
#include <sys/types.h>

/* Instructions: the table has about a hundred rows, of six at most. */
#define FILTER_MAX_CODE 1024

/** What depends on the process and on the options of its share. */
typedef struct {
    pid_t self; /* who may be signalled and limited: the process stays the same through exec */
    bool xattr; /* extended attributes are used */
    bool file_handles; /* files are opened by handles */
} FilterNeeds;

typedef struct {
    struct sock_filter code[FILTER_MAX_CODE];
    struct sock_fprog program; /* points into @code */
} Filter;

/**
 * filter_build:
 * @filter: (out): must stay where it is for as long as its program is used
 * Kept across fork and exec, seccomp(2); refused calls fail with EPERM, absent ones with ENOSYS.
 */
void filter_build(const FilterNeeds *needs, Filter *filter);
