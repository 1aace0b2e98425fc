/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who runs under which label, as the kernel says it: one pass over /proc, whatever it is asked for, because
 * hosts have hundreds of domains and thousands of threads. kernel/users.h says what is known of the files.
 */

#include <glib.h>

/* A label that a thread has, or will have from its next exec on. */
typedef struct {
    char *label;
    char *
        mode; /* (nullable): "enforce", "complain", "kill", "unconfined", "mixed" of a stack; NULL of "unconfined" */
    gboolean
        pending; /* set for the next exec; see kernel/users.h about which kernels tell that of others */
} CtlLabel;

typedef struct {
    int pid;
    char *label; /* (nullable): of its first thread; NULL: it could not be read, and nobody knows */
    char *mode;  /* (nullable): of @label, as of CtlLabel */
    gboolean pending;        /* a thread has set a label for its next exec */
    gboolean mixed;          /* its threads have labels that differ: @labels has all */
    gboolean partly_unknown; /* of one thread at least the label could not be read */
    gboolean unlabelled;     /* the kernel has no labels: AppArmor is not switched on */
    GPtrArray *labels;       /* (element-type CtlLabel): of all threads, each once */
    char *exe;               /* (nullable): its program; NULL: not to be seen, or it has none */
} CtlProcess;

void ctl_process_free(CtlProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CtlProcess, ctl_process_free)

/**
 * processes_read:
 * @proc: "/proc", or what stands for it
 * @error: BASE_ERROR_DENIED: not all processes are shown, as with hidepid= of proc(5)
 * Returns: (transfer full) (element-type CtlProcess): all processes by number. One that ends meanwhile is
 *   left out; one that may not be looked at is in it, with what is not known NULL.
 */
GPtrArray *processes_read(const char *proc, GError **error);

/** processes_find: Returns: (transfer none) (nullable): that of @processes with the number @pid */
const CtlProcess *processes_find(GPtrArray *processes, int pid);

/**
 * label_has_profile:
 * @label: of a process: a profile's name, or several as "A//&B"
 * Returns: whether @profile, or a child of it ("A//child"), is one of them
 */
gboolean label_has_profile(const char *label, const char *profile);

/** process_uses: whether a thread has @profile or a child of it, alone or in a stack, or is about to. */
gboolean process_uses(const CtlProcess *process, const char *profile);
