/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the kernel has loaded, and whether that is what is on disk. */

#include "ctl/ctl.h"

/**
 * loaded_read:
 * Returns: (transfer full) (element-type utf8 utf8): profile → mode, as securityfs's "profiles" says
 * @error: BASE_ERROR_NOT_FOUND: there is no AppArmor in this kernel, or securityfs is not mounted;
 *   BASE_ERROR_DENIED: the list is root's
 */
GHashTable *loaded_read(const CtlConfig *config, GError **error);

typedef enum {
    LOADED_SAME,      /* what is loaded is what the file compiles to */
    LOADED_DIFFERENT, /* it is another policy: the file, or what it includes, was changed since */
    LOADED_NOT_SHOWN, /* this kernel does not show policies (CONFIG_SECURITY_APPARMOR_EXPORT_BINARY) */
} LoadedAnswer;

/**
 * loaded_compare:
 * @name: of a profile that is loaded
 * @file: of the text that it is to be of
 * @error: BASE_ERROR_POLICY: @file does not compile; BASE_ERROR_DENIED: the policy is root's to see
 *
 * Runs apparmor_parser, whose output is the same each time (tried with 3.0.8, for libvirt's profiles). The
 * kernel keeps each policy as it was written to it: a profile alone, or, from the parser's cache, all that
 * the file has, so the former is looked for in the latter.
 */
gboolean loaded_compare(const CtlConfig *config, const char *name, const char *file,
                        LoadedAnswer *answer, GError **error);
