/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Landlock: which files virtiofsd can open, told by directories and files themselves and not by their
 * names, landlock(7).
 *
 * It stands beside the VM's profile. A profile is of a VM, Landlock of one process: of a VM's
 * virtiofsds each has its own share only, and of /proc/PID each has its own. It holds when a directory
 * is renamed, and stays when a profile is unloaded. Descriptors that are passed to virtiofsd, as guest
 * memory is, it does not look at.
 */

#include <stdbool.h>

#include "basic/failure.h"
#include "launcher/system.h"

/*
 * Before version 2 (Linux 5.19) nothing under Landlock can be renamed or linked from one directory to
 * another, whatever is allowed.
 */
#define LANDLOCK_MIN_ABI 2

typedef struct {
    const char *share;  /* as the kernel names it */
    const char *binary; /* the real virtiofsd */
    bool readonly;
    const char *refused; /* a directory that this process may read now, and virtiofsd may not */
} LandlockWanted;

/**
 * landlock_set:
 * From now on, and across exec, this process opens files of its share, and for reading what virtiofsd
 * needs to start; where the kernel knows it (version 6), it also sends no signals to others and
 * connects to no abstract socket of theirs. Mounts cannot be changed any more.
 * @active: (out): false where the kernel has no Landlock, an old one, or has it switched off, which is no
 *   failure: it is the second of two layers
 */
bool
landlock_set(const System *system, const LandlockWanted *wanted, bool *active, Failure *failure);
