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

static void
changes_to_json(const Changes *changes, JsonBuilder *builder)
{
    GPtrArray *list = changes_list(changes);

    json_builder_begin_array(builder);
    for (guint i = 0; i < list->len; i++) {
        const Change *change = g_ptr_array_index(list, i);

        json_builder_begin_object(builder);
        json_builder_set_member_name(builder, "action");
        json_builder_add_string_value(builder, change->action);
        json_builder_set_member_name(builder, "path");
        json_builder_add_string_value(builder, change->path);
        if (change->to) {
            json_builder_set_member_name(builder, "to");
            json_builder_add_string_value(builder, change->to);
        }
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void
to_json(Output *output, const Changes *changes, GPtrArray *findings)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "dry_run");
    json_builder_add_boolean_value(builder, changes_is_dry_run(changes));
    json_builder_set_member_name(builder, "changes");
    changes_to_json(changes, builder);
    if (findings) {
        json_builder_set_member_name(builder, "chain");
        findings_to_json(builder, findings);
    }
    json_builder_end_object(builder);
    output_json(output, json_builder_get_root(builder));
}

CtlStatus
switching_report(Ctl *ctl, const Changes *changes)
{
    g_autoptr(GPtrArray) findings = NULL;

    if (changes_is_dry_run(changes))
        output_line(ctl->output, COLOUR_BOLD, "%s", _("Nothing has changed. This would be done:"));
    else
        findings = chain_check_here(ctl);
    print_changes(ctl->output, changes);
    if (findings)
        findings_print(ctl->output, findings);
    to_json(ctl->output, changes, findings);
    return findings ? findings_status(findings) : CTL_GOOD;
}
