/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The directory that a VM shares, as the kernel names it. */

#include <stdbool.h>
#include <sys/types.h>

#include "basic/failure.h"

/*
 * A directory that was looked at. It is held open so that its number becomes no other's; the descriptor
 * itself is of no use in another mount namespace, where AppArmor has no name for it.
 */
typedef struct {
    int fd;
    dev_t device;
    ino_t inode;
} ShareHeld;

/**
 * share_resolve:
 * @share: as the command line has it
 * @resolved: (out) (transfer full): without symbolic links, ".", ".." and trailing slashes
 * @held: (out): the directory; its descriptor, O_PATH, is to be closed by the caller
 * Fails unless it is a directory, which is all that virtiofsd can share, whose name could be had.
 *
 * The name is asked from the kernel for a directory that is held open, so that what is compared with
 * the record and covered by the profile is one directory at one moment. The descriptor is of that one,
 * so that what is swapped for a symbolic link after it is noticed; virtiofsd is given the name, and its
 * profile has the name.
 */
bool share_resolve(const char *share, char **resolved, ShareHeld *held, Failure *failure);
