/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Capabilities that virtiofsd can never have, and the one limit that it would need another for. */

#include <stdbool.h>

#include "basic/failure.h"
#include "launcher/needs.h"
#include "launcher/system.h"

/*
 * virtiofsd's default of open files, --rlimit-nofile: one for each file that the guest's kernel
 * remembers.
 */
#define PRIVILEGES_DESCRIPTORS 1000000

/**
 * privileges_raise_limit:
 * Raises how many files may be open to what virtiofsd is going to ask for, so that it does not need
 * CAP_SYS_RESOURCE, with which it could limit any process. What the kernel does not allow is left to
 * virtiofsd to say: it goes on with less, or does not.
 */
void privileges_raise_limit(const System *system, const Needs *needs);

/**
 * privileges_drop:
 * From exec on, virtiofsd has no capability but those that a virtiofsd in the sandbox "chroot" starts with,
 * in every thread: QEMU's daemon leaves one thread with all that there are. Where the options name
 * others (--modcaps), the profile alone says which.
 */
bool privileges_drop(const System *system, const Needs *needs, Failure *failure);
