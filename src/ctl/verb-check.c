/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/check.h"
#include "ctl/finding-json.h"
#include "ctl/json-members.h"
#include "ctl/output-json.h"
#include "ctl/verbs.h"
#include "helper/report.h"

static void
print(Output *output, GPtrArray *config, GPtrArray *all)
{
    guint clean = 0;

    findings_print(output, config);
    for (guint i = 0; all && i < all->len; i++) {
        const Checked *checked = g_ptr_array_index(all, i);

        if (checked->findings->len == 0) {
            clean++;
            continue;
        }
        output_line(output, COLOUR_PLAIN, "%s", "");
        output_line(output, COLOUR_BOLD, "%s", checked->domain->name);
        findings_print(output, checked->findings);
    }
    if (!all)
        return;
    output_line(output, COLOUR_PLAIN, "%s", "");
    output_line(output, COLOUR_PLAIN, _("%u of %u domains: nothing to say"), clean, all->len);
}

static JsonNode *
to_json(GPtrArray *config, GPtrArray *all)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "config");
    findings_to_json(builder, config);
    json_builder_set_member_name(builder, "domains");
    json_builder_begin_array(builder);
    for (guint i = 0; all && i < all->len; i++) {
        const Checked *checked = g_ptr_array_index(all, i);

        json_builder_begin_object(builder);
        json_add_string(builder, "name", checked->domain->name);
        json_add_string(builder, "uuid", checked->domain->uuid);
        json_add_boolean(builder, "running", checked->domain->running);
        json_builder_set_member_name(builder, "findings");
        findings_to_json(builder, checked->findings);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    return json_builder_get_root(builder);
}

static CtlStatus
status_of(GPtrArray *config, GPtrArray *all)
{
    CtlStatus status = findings_status(config);

    for (guint i = 0; all && i < all->len; i++) {
        const Checked *checked = g_ptr_array_index(all, i);

        status = ctl_worse(status, findings_status(checked->findings));
    }
    return status;
}

/* (transfer full) (element-type Checked): all of @domains, which have to outlive it */
static GPtrArray *
check_all(const CtlConfig *config, GPtrArray *domains, gboolean compile)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)checked_free);

    for (guint i = 0; i < domains->len; i++)
        g_ptr_array_add(all, check_start(&config->helper, g_ptr_array_index(domains, i)));
    check_shares(all);
    for (guint i = 0; i < all->len; i++)
        check_policy(config, g_ptr_array_index(all, i), compile);
    return all;
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    gboolean only_config = FALSE;
    gboolean compile = FALSE;
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_NONE, &only_config, N_("only the configuration file"), NULL},
        {"compile", 0, 0, G_OPTION_ARG_NONE, &compile,
         N_("compile the policy of each domain, which takes a while"), NULL},
        {0},
    };
    g_autoptr(GPtrArray) config = findings_new();
    g_autoptr(GPtrArray) domains = NULL;
    g_autoptr(GPtrArray) all = NULL;

    if (!ctl_parse(ctl, &verb_check, entries, &argc, &argv, 0, 0, error))
        return CTL_FAILED;
    report_init("virt-aa-ctl", NULL);
    check_config(&ctl->config->helper, config);
    if (!only_config) {
        domains = domains_list(ctl->uri, error);
        if (!domains)
            return CTL_FAILED;
        all = check_all(ctl->config, domains, compile);
    }
    print(ctl->output, config, all);
    output_json(ctl->output, to_json(config, all));
    return status_of(config, all);
}

const CtlVerb verb_check = {"check", "", N_("look for what is wrong before a domain starts"), run};
