/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/switch.h"
#include "ctl/switching.h"
#include "ctl/verbs.h"

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_autoptr(Changes) changes = NULL;
    gboolean dry_run = FALSE;

    if (!switching_parse(ctl, &verb_update, argc, argv, &dry_run, error))
        return CTL_FAILED;
    changes = changes_new(dry_run);
    if (!switch_on(ctl, changes, TRUE, error))
        return CTL_FAILED;
    return switching_report(ctl, changes);
}

const CtlVerb verb_update = {"update", "",
                             N_("bring what is enabled up to date, as after an installation"), run};
