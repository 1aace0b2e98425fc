/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Switching on and off: libvirt gets our helper and launcher, and its own back. Profiles come first and the
 * programs that need them afterwards; between any two steps libvirt can start VMs, as before or as after. On
 * the way back it is the other way round. What fails is taken back.
 */

#include "ctl/changes.h"
#include "ctl/ctl.h"

/**
 * switch_on:
 * @changes: to which all that is done is added
 * @update: brings up to date what is on, and switches on nothing: where the launcher is hidden it stays so
 * @error: why not; nothing has changed then, unless @error says that something could not be taken back
 */
gboolean switch_on(Ctl *ctl, Changes *changes, gboolean update, GError **error);

/**
 * switch_off:
 * Every file is afterwards what it was before switch_on(). Of the profiles of virtiofsds nothing is touched:
 * leftovers_drop().
 * @error: as of switch_on()
 */
gboolean switch_off(Ctl *ctl, Changes *changes, GError **error);
