/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* --dryrun: says what a mode would do, and with --check what the compiler thinks of it. Reads, never
 * writes, and needs no privilege. */

#include "helper/helper.h"
#include "helper/options.h"
#include "helper/wanted.h"
#include "policy/files.h"

/** The layout is libvirt's: each file's name and content, with the program's name before either. */
gboolean dryrun_create(const HelperConfig *config, const Options *options, const Wanted *wanted,
                       GError **error);
gboolean dryrun_replace(const HelperConfig *config, const Options *options, const Wanted *wanted,
                        GError **error);

/** dryrun_remove: fails like the real one when there is no such profile. */
gboolean dryrun_remove(const PolicyDir *dir, const char *what, const char *profile, GError **error);

/** dryrun_say: "WHAT PROFILE"; TRUE. */
gboolean dryrun_say(const char *what, const char *profile);
