/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The file rules of a profile's own text and of what it includes, as somebody reads them who wants to know
 * which line it is that allows a path. Rules that this does not understand are passed over: what is allowed
 * is not decided here (glob.h).
 */

#include <glib.h>

typedef struct {
    char *file; /* in which it stands */
    guint line;
    char *text; /* the rule, as it is written */
    gboolean deny;
} ProfileRule;

/**
 * profile_rules_find:
 * @text: of a profile
 * @file: its name, for ProfileRule
 * @include_dir: what "<…>" is below, such as /etc/apparmor.d
 * @but: (nullable): an include that is not followed, "libvirt/libvirt-UUID.files"
 * @path: as the kernel builds names
 * Returns: (transfer full) (element-type ProfileRule): the rules that match @path; those of child profiles
 *   are not the profile's
 */
GPtrArray *profile_rules_find(const char *text, const char *file, const char *include_dir,
                              const char *but, const char *path);
