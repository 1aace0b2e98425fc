/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policy/files.h"

/* One VM's policy, held by one process. */
typedef struct _PolicyLock PolicyLock;

/**
 * policy_lock:
 * @name: the profile's name
 * @wait_ms: how long to wait, in milliseconds
 * @error: BASE_ERROR_BUSY when the time is over
 *
 * Calls for one VM come one after the other, those for different VMs do not wait for each other. The
 * lock is flock(2) on NAME.lock, so that it ends with its holder. Where the profile that the
 * distribution has for the helper does not let it lock files, NAME.lock.pid with the holder's process
 * id stands in for it.
 */
PolicyLock *policy_lock(const PolicyDir *dir, const char *name, guint wait_ms, GError **error);
void policy_unlock(PolicyLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyLock, policy_unlock)
