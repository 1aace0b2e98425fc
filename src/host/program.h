/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether a program of the host is the system's, so that a rule to run it grants nothing to anybody else. */

#include "host/host.h"

/**
 * host_program_check:
 * @path: resolved
 * @error: BASE_ERROR_NOT_FOUND: it is not there; BASE_ERROR_FAILED: why it does not count
 *
 * Whether it is a file that all may read and run, and nobody but root may write, replace or move: neither
 * it nor any directory on the way is another's, or writable for a group or for all.
 */
gboolean host_program_check(Host *host, const char *path, GError **error);
