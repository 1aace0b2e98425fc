/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What virtiofsd sees of the host's mounts: all of them, read-only, and its share.
 *
 * virtiofsd's chroot is no wall: both daemons hold a descriptor of the host's /proc/self/fd, and ".."
 * leads from it to the host's root. AppArmor does not mediate attributes, ACLs and times, and its
 * permission to write a file is also one to delete it. Where the mount is read-only, all of that ends
 * in EROFS, whatever a label allows.
 *
 * There is no pivot_root: after one AppArmor sees paths that are relative to the share. The mounts stay
 * where they are, and the share is mounted over itself, mount_setattr(2), move_mount(2).
 *
 * Mounts that the host makes later arrive, as slaves of the host's, so that a file system can also be
 * unmounted there: below the share they can be used, as they are on the host; elsewhere they are not
 * read-only, and AppArmor and Landlock are what stands there.
 */

#include <stdbool.h>

#include "basic/failure.h"
#include "launcher/share.h"
#include "launcher/system.h"

typedef struct {
    const char *share;     /* as the kernel names it */
    const ShareHeld *held; /* the same, when it was checked */
    const char *binary;    /* the real virtiofsd */
    bool readonly;
} MountsWanted;

/**
 * mounts_set:
 * In a mount namespace of its own, everything is read-only but the share, which is without device
 * nodes, set-user-id bits and programs. Needs Linux 5.12, and fails without.
 *
 * A share that is "/" has nothing beside it to be kept from; where it is to be written, nothing is
 * read-only.
 */
bool mounts_set(const System *system, const MountsWanted *wanted, Failure *failure);
