/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Profiles of virtiofsds that have ended, after all has been switched off: libvirt's helper does not know them. */

#include "ctl/changes.h"
#include "ctl/ctl.h"

/**
 * leftovers_drop:
 * @stay: (out): how many stay, because a thread of some process has the label or may get it
 * @error: it is not known who runs under which label, a directory cannot be read, or a launcher is still running:
 *   all stay, for to remove one unconfines whoever runs under it
 *
 * Removes the others from the kernel, with their files and records. To be called when the launcher is hidden,
 * so that no new one is started. One pass over all processes, however many profiles there are.
 */
gboolean leftovers_drop(const Ctl *ctl, Changes *changes, guint *stay, GError **error);
