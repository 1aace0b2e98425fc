/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/denial.h"
#include "ctl/domains.h"
#include "ctl/json-members.h"
#include "ctl/moment.h"
#include "ctl/output-json.h"
#include "ctl/verbs.h"

/* How far back without --since: what happened over a weekend is there on Monday. */
#define BACK_MS (G_GINT64_CONSTANT(7) * 24 * 3600 * 1000)

/* Those of all VMs, and what keeps libvirtd from starting a virtiofsd; libvirtd's other denials are not
 * about this project. */
static gboolean
is_ours(const Avc *avc, gconstpointer data)
{
    const char *wanted = data;
    g_autofree char *uuid = NULL;
    g_autofree char *peer = NULL;
    Role role = avc_whose(avc, &uuid, &peer);

    if (wanted)
        return g_strcmp0(uuid, wanted) == 0 || g_strcmp0(peer, wanted) == 0;
    if (role == ROLE_NONE || role == ROLE_LIBVIRTD)
        return peer || (role == ROLE_LIBVIRTD && strcmp(avc->operation, "exec") == 0);
    return TRUE;
}

static JsonNode *
to_json(const AvcRecords *records, const Denials *denials, gint64 since)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    moment_add_json(builder, "since", since);
    json_add_boolean(builder, "complete",
                     records->any && !records->forbidden && !records->cut && !denials->left_out);
    json_builder_set_member_name(builder, "denials");
    denials_to_json(builder, denials);
    json_builder_end_object(builder);
    return json_builder_get_root(builder);
}

/* What could not be seen; nothing found is no news where nothing could be looked at. */
static CtlStatus
judge(Ctl *ctl, const AvcRecords *records)
{
    if (records->any && !records->forbidden)
        return CTL_GOOD;
    for (guint i = 0; i < records->unread->len; i++)
        output_warning(ctl->output, "%s", (const char *)g_ptr_array_index(records->unread, i));
    output_line(ctl->output, COLOUR_NOTE, "%s",
                records->forbidden ? _("unknown: needs root")
                                   : _("unknown: neither the journal nor audit.log is there"));
    return CTL_UNKNOWN;
}

static void
print(Ctl *ctl, const AvcRecords *records, const Denials *denials, gint64 since)
{
    g_autofree char *text = moment_text(since);

    denials_print(ctl->output, denials);
    if (records->cut)
        output_line(ctl->output, COLOUR_NOTE,
                    _("only %d records were looked at: ask for less with --since"), RECORDS_MAX);
    if (denials->list->len == 0 && records->any && !records->forbidden)
        output_line(ctl->output, COLOUR_GOOD, _("nothing was denied since %s"), text);
    output_json(ctl->output, to_json(records, denials, since));
}

/* Finds @name, or takes it for the UUID of a VM that is not defined any more. */
static char *
find_uuid(Ctl *ctl, const char *name, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(CtlDomain) domain = domains_find(ctl->uri, name, &problem);
    g_autofree char *profile = g_strconcat("libvirt-", name, NULL);
    char *uuid = NULL;

    if (domain)
        return g_strdup(domain->uuid);
    if (whose_profile(profile, &uuid) == ROLE_QEMU)
        return uuid;
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_autofree char *since_text = NULL;
    const GOptionEntry entries[] = {
        {"since", 's', 0, G_OPTION_ARG_STRING, &since_text, N_("from when on (default: 7d)"),
         N_("TIME")},
        {0},
    };
    gint64 since = moment_now() - BACK_MS;
    g_autofree char *uuid = NULL;
    g_autoptr(GPtrArray) domains = NULL;
    g_autoptr(AvcRecords) records = NULL;
    g_autoptr(Denials) denials = NULL;
    g_autoptr(GError) problem = NULL;
    CtlStatus status;

    if (!ctl_parse(ctl, &verb_denials, entries, &argc, &argv, 0, 1, error) ||
        (since_text && !moment_parse(since_text, &since, error)))
        return CTL_FAILED;
    if (argc > 1 && !(uuid = find_uuid(ctl, argv[1], error)))
        return CTL_FAILED;
    domains = domains_list(ctl->uri, &problem);
    if (!domains) {
        output_warning(ctl->output, _("without the names of VMs: %s"), problem->message);
        domains = g_ptr_array_new();
    }
    records = avc_records_read(ctl->config, since, is_ours, uuid);
    denials = denials_group(ctl->config, records->list, domains);
    status = judge(ctl, records);
    print(ctl, records, denials, since);
    return problem ? ctl_worse(status, CTL_UNKNOWN) : status;
}

const CtlVerb verb_denials = {"denials", "[DOMAIN]", N_("show what AppArmor denied VMs, and why"),
                              run};
