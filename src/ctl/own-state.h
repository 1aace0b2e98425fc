/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an administrator has decided for one profile, in the places that AppArmor has for that for every
 * profile, under the name of the profile's file: APPARMOR_DIR/local/NAME has rules of their own, and
 * APPARMOR_DIR/force-complain/NAME puts it into complain mode.
 */

#include <glib.h>

typedef struct {
    char *include; /* as the profile includes it: "local/NAME" */
    char *rules;   /* (nullable): NULL: there are none, or they cannot be read */
    gboolean has_rules;
    gboolean complain;
} OwnState;

/** own_state_read: @profile: "libvirt-UUID" or "libvirt-UUID-virtiofsd"; @own: (out caller-allocates) */
void own_state_read(const char *apparmor_dir, const char *profile, OwnState *own);
void own_state_clear(OwnState *own);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OwnState, own_state_clear)
