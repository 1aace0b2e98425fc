/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What switching on and switching off have in common. Private to switch*.c. */

#include "ctl/additions.h"
#include "ctl/place.h"
#include "ctl/switch.h"

/** switch_may_change: whether we may do it at all. */
gboolean switch_may_change(const Ctl *ctl, const Changes *changes, GError **error);

/**
 * switch_load:
 * Loads the profile of the text @file, of whose includes a cache does not know that they have gone. Nothing
 * is done where there is no AppArmor in the kernel, or no such file.
 */
gboolean switch_load(const Ctl *ctl, Changes *changes, const char *file, GError **error);

/** switch_reload_on_undo: the same when what is changed from here on has been taken back. */
void switch_reload_on_undo(const Ctl *ctl, Changes *changes, const char *file);

/** switch_load_daemons: the profiles of libvirt's daemons; one that is not loaded is not for us to load. */
gboolean switch_load_daemons(const Ctl *ctl, Changes *changes, GError **error);
gboolean switch_reload_daemons_on_undo(const Ctl *ctl, Changes *changes, GError **error);

/** switch_divert: @action is "--add" or "--remove"; nothing where there is no dpkg, or it is done already. */
gboolean switch_divert(const Ctl *ctl, Changes *changes, const Place *place, const char *action,
                       GError **error);

/** switch_drop_line: takes @line out of all local additions. */
gboolean switch_drop_line(const Ctl *ctl, Changes *changes, const char *line, GError **error);

/** switch_drop_guard: libvirtd may run virtiofsd itself again. */
gboolean switch_drop_guard(const Ctl *ctl, Changes *changes, GError **error);

/** switch_settle: takes all back unless it is @done, and adds to @error what became of that. Returns: @done */
gboolean switch_settle(Changes *changes, gboolean done, GError **error);
