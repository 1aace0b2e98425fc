/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/switching.h"

#include <glib/gi18n-lib.h>

#include "ctl/chain.h"

gboolean
switching_parse(Ctl *ctl, const CtlVerb *verb, int argc, char **argv, gboolean *dry_run,
                GError **error)
{
    const GOptionEntry entries[] = {
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, dry_run,
         N_("say what would be done, and change nothing"), NULL},
        {0},
    };

    return ctl_parse(ctl, verb, entries, &argc, &argv, 0, 0, error);
}

static void
print_changes(Output *output, const Changes *changes)
{
    GPtrArray *list = changes_list(changes);

    for (guint i = 0; i < list->len; i++) {
        const Change *change = g_ptr_array_index(list, i);

        output_line(output, COLOUR_PLAIN, "%-8s %s%s%s", change->action, change->path,
                    change->to ? " -> " : "", change->to ? change->to : "");
    }
}

CtlStatus
switching_report(Ctl *ctl, const Changes *changes)
{
    g_autoptr(GPtrArray) findings = NULL;

    if (changes_is_dry_run(changes))
        output_line(ctl->output, COLOUR_BOLD, "%s", _("Nothing has changed. This would be done:"));
    else
        findings = chain_check(ctl, NULL);
    print_changes(ctl->output, changes);
    if (findings)
        findings_print(ctl->output, findings);
    if (ctl->program->switched_json)
        ctl->program->switched_json(ctl->output, changes, findings);
    return findings ? findings_status(findings) : CTL_GOOD;
}
