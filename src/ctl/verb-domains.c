/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/domains.h"
#include "ctl/json-members.h"
#include "ctl/output-json.h"
#include "ctl/verbs.h"

static JsonNode *
to_json(GPtrArray *domains)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_array(builder);
    for (guint i = 0; i < domains->len; i++) {
        const CtlDomain *domain = g_ptr_array_index(domains, i);

        json_builder_begin_object(builder);
        json_add_string(builder, "name", domain->name);
        json_add_string(builder, "uuid", domain->uuid);
        json_add_boolean(builder, "running", domain->running);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    return json_builder_get_root(builder);
}

/* Names alone, one a line: for completion, which takes what begins like what was typed. */
static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_autoptr(GPtrArray) domains = NULL;

    if (!ctl_parse(ctl, &verb_domains, NULL, &argc, &argv, 0, 0, error))
        return CTL_FAILED;
    domains = domains_list(ctl->uri, error);
    if (!domains)
        return CTL_FAILED;
    for (guint i = 0; i < domains->len; i++) {
        const CtlDomain *domain = g_ptr_array_index(domains, i);

        output_line(ctl->output, COLOUR_PLAIN, "%s", domain->name);
    }
    output_json(ctl->output, to_json(domains));
    return CTL_GOOD;
}

const CtlVerb verb_domains = {"domains", "", N_("list the names of all domains"), run};
