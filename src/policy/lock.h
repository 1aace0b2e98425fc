/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policy/files.h"

/* One VM's policy, held by one process. */
typedef struct _PolicyLock PolicyLock;

/**
 * policy_lock:
 * @name: the profile's name
 * @wait_ms: how long to wait, in milliseconds
 * @error: BASE_ERROR_BUSY when the time is over; it names the process that has the lock
 *
 * Calls for one VM come one after the other, in the order in which they came, those for different VMs do
 * not wait for each other. The lock is one of fcntl(2) on NAME.lock, so that it ends with its holder. Where files
 * cannot be locked, as under the profile that the distribution has for the helper, NAME.lock.pid stands
 * in for it (pid-lock.h), for which those who wait come in any order. Who has the one sees who has the other.
 *
 * While it waits SIGALRM and the timer of setitimer(2) are its own.
 */
PolicyLock *policy_lock(const PolicyDir *dir, const char *name, guint wait_ms, GError **error);
void policy_unlock(PolicyLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyLock, policy_unlock)
