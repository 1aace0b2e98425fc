/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* --dryrun: says what a mode would do, and with --check what the compiler thinks of it. Reads, never
 * writes, and needs no privilege. */

#include "helper/call.h"

/** The layout is libvirt's: each file's name and content, with the program's name before either. */
gboolean dryrun_create(Call *call, GError **error);
gboolean dryrun_replace(Call *call, GError **error);

/** dryrun_names: "WHAT PROFILE"; fails like the real mode when there is no such profile. */
gboolean dryrun_names(Call *call, const char *what, GError **error);
