/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/leftovers.h"
#include "ctl/switch.h"
#include "ctl/switching.h"
#include "ctl/verbs.h"

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_autoptr(Changes) changes = NULL;
    gboolean dry_run = FALSE;
    gboolean dropped;
    guint stay;
    CtlStatus status;

    if (!switching_parse(ctl, &verb_disable, argc, argv, &dry_run, error))
        return CTL_FAILED;
    changes = changes_new(dry_run);
    if (!switch_off(ctl, changes, error))
        return CTL_FAILED;
    dropped = leftovers_drop(ctl, changes, &stay, error);
    status = switching_report(ctl, changes);
    if (stay > 0)
        output_line(ctl->output, COLOUR_PLAIN, "%s",
                    _("Profiles that stay can go when their virtiofsds have ended: "
                      "virt-aa-ctl disable"));
    return dropped ? status : CTL_FAILED;
}

const CtlVerb verb_disable = {"disable", "",
                              N_("give libvirt its own back; running VMs stay as they are"), run};
