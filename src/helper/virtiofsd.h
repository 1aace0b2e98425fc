/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The virtiofsd's part of a call. */

#include "helper/call.h"

/**
 * virtiofsd_replace:
 * @qemu_rules: (nullable): QEMU's rules as they are on disk
 * Stages and readies what the XML says of shares; those that an earlier call for a hotplug added are
 * not in it any more, because by now the XML has them if they are still there.
 */
gboolean virtiofsd_replace(Call *call, const char *qemu_rules, GError **error);

/**
 * virtiofsd_append:
 * What --append-file names may be for virtiofsd too: its socket, right before it starts, or memory of
 * the guest's that lies in files.
 */
gboolean virtiofsd_append(Call *call, const char *qemu_rules, GError **error);

/**
 * virtiofsd_record:
 * After the policy is in force: tells the launcher whose socket it is. Does nothing if --append-file
 * does not name one.
 */
gboolean virtiofsd_record(Call *call, GError **error);

/** virtiofsd_add_share: --add-share, for the launcher, of a share that is being hotplugged. */
gboolean virtiofsd_add_share(Call *call, GError **error);

/* What virtiofsd_unload() leaves on disk. */
typedef enum {
    VIRTIOFSD_KEEP_FILES,   /* everything */
    VIRTIOFSD_KEEP_PROFILE, /* the profile, which may have the administrator's edits */
    VIRTIOFSD_KEEP_NOTHING,
} VirtiofsdRest;

/**
 * virtiofsd_unload:
 * Leaves all of it, and says so, as long as a process runs under the profile: the kernel would
 * unconfine that.
 */
gboolean virtiofsd_unload(Call *call, VirtiofsdRest rest, GError **error);
