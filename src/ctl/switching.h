/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the verbs enable, update and disable have in common. */

#include "ctl/changes.h"
#include "ctl/ctl.h"

/** switching_parse: the options of @verb; @dry_run, which is FALSE, becomes TRUE with --dry-run. */
gboolean switching_parse(Ctl *ctl, const CtlVerb *verb, int argc, char **argv, gboolean *dry_run,
                         GError **error);

/**
 * switching_report:
 * Says what was done, or would be, and how the chain is afterwards.
 * Returns: how it is; CTL_GOOD of a dry run
 */
CtlStatus switching_report(Ctl *ctl, const Changes *changes);
