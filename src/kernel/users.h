/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who runs under a label, or is about to. Not for other rooms: see kernel.h.
 *
 * Each thread has a label of its own (proc(5), /proc/PID/task/TID/attr), and besides the one that it
 * will have from its next exec on, which a removal of the profile makes "unconfined" as well.
 *
 * Of the second, kernels without Linux commit 4afc61702bdc, "apparmor: use target task's context in
 * apparmor_getprocattr()", of 2026 show the reader's own in place of another's: measured, Debian 12's 6.1.176
 * does, Debian 13's 6.12.117 does not. There a launcher that has set its label and not executed yet
 * cannot be told from one that has not.
 */

#include <glib.h>

/**
 * users_find:
 * @proc: "/proc", or what stands for it
 * @label: a profile's name
 * @found: (out): whether a thread has @label or a child of it, alone or in a stack, or has set one for
 *   its next exec
 *
 * Fails where one thread cannot be asked, unless another has it.
 */
gboolean users_find(const char *proc, const char *label, gboolean *found, GError **error);
