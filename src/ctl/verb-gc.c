/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/gone.h"
#include "ctl/json-members.h"
#include "ctl/output-json.h"
#include "ctl/verbs.h"

static void
print_gone(Ctl *ctl, const Gone *gone)
{
    output_line(ctl->output, COLOUR_BOLD, "%s", gone->uuid);
    if (gone->has_own)
        output_line(ctl->output, COLOUR_NOTE, "  %s",
                    _("with rules of your own, or complain mode"));
    for (guint i = 0; i < gone->files->len; i++)
        output_line(ctl->output, COLOUR_PLAIN, "  %s",
                    (const char *)g_ptr_array_index(gone->files, i));
    if (gone->removed)
        output_line(ctl->output, COLOUR_GOOD, "  %s", _("removed"));
    else if (gone->problem)
        output_line(ctl->output, COLOUR_BAD, _("  not removed: %s"), gone->problem);
}

static void
add_gone(JsonBuilder *builder, const Gone *gone)
{
    json_builder_begin_object(builder);
    json_add_string(builder, "uuid", gone->uuid);
    json_add_boolean(builder, "own_rules", gone->has_own);
    json_add_strings(builder, "files", gone->files);
    json_add_boolean(builder, "removed", gone->removed);
    json_add_string(builder, "problem", gone->problem);
    json_builder_end_object(builder);
}

static JsonNode *
to_json(GPtrArray *list)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_array(builder);
    for (guint i = 0; i < list->len; i++)
        add_gone(builder, g_ptr_array_index(list, i));
    json_builder_end_array(builder);
    return json_builder_get_root(builder);
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_autoptr(GPtrArray) list = NULL;
    gboolean yes = FALSE;
    CtlStatus status = CTL_GOOD;
    const GOptionEntry entries[] = {
        {"yes", 'y', 0, G_OPTION_ARG_NONE, &yes, N_("remove them; without it they are only shown"),
         NULL},
        {0},
    };

    if (!ctl_parse(ctl, &verb_gc, entries, &argc, &argv, 0, 0, error))
        return CTL_FAILED;
    list = gone_find(ctl, error);
    if (!list)
        return CTL_FAILED;
    for (guint i = 0; i < list->len; i++) {
        Gone *gone = g_ptr_array_index(list, i);

        if (yes)
            gone_remove(ctl, gone);
        if (gone->problem)
            status = CTL_FAILED;
        print_gone(ctl, gone);
    }
    if (list->len == 0)
        output_line(ctl->output, COLOUR_PLAIN, "%s", _("Nothing is left of undefined domains."));
    else if (!yes)
        output_line(ctl->output, COLOUR_PLAIN, "%s",
                    _("Nothing was removed: virt-aa-ctl gc --yes removes all of it."));
    output_json(ctl->output, to_json(list));
    return status;
}

const CtlVerb verb_gc = {"gc", "", N_("remove what is left of undefined domains"), run};
