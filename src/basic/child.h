/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Runs one program and waits for it. It gets three descriptors, the environment that is given, the
 * standard actions of all signals and none of them blocked, and nothing else of ours: not the listening
 * socket of a share, not libvirt's pid file, not what libvirtd's environment holds.
 */

#include <stdbool.h>
#include <stddef.h>

#include "basic/power.h"

/* In place of a descriptor. */
#define CHILD_NULL (-1) /* /dev/null */
#define CHILD_PIPE (-2) /* output, handed to Child.take */

/** What the program, and each process that it starts, may use; 0: no less than we may. */
typedef struct {
    unsigned long long memory_bytes; /* of address space */
    unsigned long long cpu_seconds;  /* SIGXCPU ends it */
    unsigned long long file_bytes;   /* of each file that it writes; SIGXFSZ ends it */
} ChildLimits;

typedef enum {
    /* It has a process group of its own, and what is in that is ended when the time is over. Not when the
     * program has ended by itself: our profile may not signal what runs under another one, and each try
     * would be logged as a denial. The program ends with us, too; but not where AppArmor gives it a profile
     * with one of the rules in capitals (Px, Cx, Ux), for the kernel then takes back what we asked for:
     * only ChildLimits bound it then. */
    CHILD_KILLED,
    /* When the time is over it goes on: it has time-outs of its own, and would leave half of its work. */
    CHILD_LEFT,
} ChildFate;

typedef struct {
    const char *path;
    const char *const *argv; /* with the program's name, NULL at the end */
    const char *const *envp; /* NULL at the end */
    int in;                  /* a descriptor, which stays open here, or CHILD_NULL */
    int out;                 /* a descriptor, or one of the above */
    int err;                 /* a descriptor, or one of the above */
    void (*take)(void *data, const char *bytes,
                 size_t n); /* what comes by CHILD_PIPE, piece by piece */
    void *data;
    int limit_ms; /* how long it may take, by the clock of basic/pace.h */
    ChildFate fate;
    PowerSet pass;             /* capabilities that it gets even if root gets none: power.h */
    const ChildLimits *limits; /* (nullable); where there are any, it dumps no core */
    long long *spent_us;       /* (out) (nullable): how long it took, by the same clock */
} Child;

typedef enum {
    CHILD_ENDED,       /* it ran, and it has ended */
    CHILD_LATE,        /* the time is over */
    CHILD_NOT_STARTED, /* it could not be run; errno says why */
    CHILD_LOST,        /* how it ended cannot be learnt; errno says why */
} ChildEnd;

/**
 * child_run:
 * @status: (out): of CHILD_ENDED, as waitpid(2) has it
 *
 * What we do about SIGCHLD does not matter: where it is ignored, as whoever started us may have left it,
 * the status of a child would be lost, so the standard action is set meanwhile. For programs of one
 * thread.
 */
ChildEnd child_run(const Child *child, int *status);
