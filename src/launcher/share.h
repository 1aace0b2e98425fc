/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The directory that a VM shares, as the kernel names it. */

#include <stdbool.h>

#include "basic/failure.h"

/**
 * share_resolve:
 * @share: as the command line has it
 * @resolved: (out) (transfer full): without symbolic links, ".", ".." and trailing slashes
 * Fails unless it is a directory, which is all that virtiofsd can share, whose name could be had.
 *
 * The name is asked from the kernel for a directory that is held open, so that what is compared with
 * the record and covered by the profile is one directory at one moment. What is swapped for a symbolic
 * link after that is opened by nobody: virtiofsd is given this name, and its profile has this name.
 */
bool share_resolve(const char *share, char **resolved, Failure *failure);
