/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Runs virt-aa-helper, which alone writes and loads policy. */

#include <stdbool.h>

#include "basic/failure.h"

/* Milliseconds that the helper may take: it gives up by itself after 25 seconds (base/limits.h), and some
 * more for a host that is slow. */
#define RUN_HELPER_MS 30000

/* Bytes of the helper's messages that are kept for ours. */
#define RUN_HELPER_MESSAGE_BYTES 4096

/**
 * run_helper:
 * @path: the program
 * @argv: its arguments, with its name, NULL at the end
 * @timeout_ms: how long to wait for it
 * It gets this process's environment, which environment_reduce() has made small.
 * Fails unless it ends with status 0 in time; the failure has the last line that it printed.
 *
 * What it prints comes through a pipe and not on our standard error itself, which may be a file that
 * the helper's profile does not allow it to inherit. One that takes too long is left to itself: it has
 * time-outs of its own, and killed in the middle it would leave half of its work.
 */
bool run_helper(const char *path, char *const argv[], int timeout_ms, Failure *failure);

/** run_helper_todo: what a person can do when the helper has not done its part. */
const char *run_helper_todo(void);
