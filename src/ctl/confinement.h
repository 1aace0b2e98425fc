/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the label of a process means, which is to have a profile. */

#include "ctl/processes.h"

/* The label of the launcher, until it has become virtiofsd (data/apparmor.d/virt-aa-virtiofsd). */
#define LAUNCHER_LABEL "libvirt-virtiofsd-launcher"

typedef enum {
    CONFINEMENT_ENFORCED,
    CONFINEMENT_STARTING,   /* the launcher, which is about to change its label */
    CONFINEMENT_NONE,       /* there is no process */
    CONFINEMENT_UNKNOWN,    /* its label, or that of a thread, could not be read */
    CONFINEMENT_COMPLAIN,   /* what the profile does not allow is logged, and allowed */
    CONFINEMENT_UNCONFINED, /* a thread at least does not have the profile, or one without effect */
} Confinement;

/** confinement_word: Returns: (transfer static): "enforced", "starting", …: for programs, not translated */
const char *confinement_word(Confinement confinement);

/**
 * confinement_of:
 * @process: (nullable)
 * @profile: (nullable): which it is to have; NULL: any
 * Returns: that of its worst thread. A stack of profiles confines if @profile is in it and all of it
 *   enforces; where modes differ the kernel does not say whose is which, and it counts as the weaker.
 */
Confinement confinement_of(const CtlProcess *process, const char *profile);

/**
 * confinement_describe:
 * Returns: (transfer full): all labels and modes of @process, as the kernel says them; valid UTF-8
 */
char *confinement_describe(const CtlProcess *process);

/**
 * label_index_new:
 * @processes: (element-type CtlProcess)
 * Returns: (transfer full): for each profile that a thread has or has set for its next exec, alone or in
 *   a stack, the processes (GPtrArray of CtlProcess), whom the index borrows
 */
GHashTable *label_index_new(GPtrArray *processes);
