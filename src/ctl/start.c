/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/start.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/start-rules.h"
#include "ctl/start-shares.h"
#include "helper/foresee.h"
#include "helper/unconfined.h"
#include "policy/files.h"

/* qemuVirtioFSCreateSocketFilename() */
#define SOCKET LOCALSTATEDIR "/lib/libvirt/qemu/domain-%s/%s-fs.sock"

static void
call_free(StartCall *call)
{
    g_free(call->argument);
    g_clear_pointer(&call->grants, g_ptr_array_unref);
    g_free(call);
}

void
start_free(Start *start)
{
    if (!start)
        return;
    for (gsize i = 0; i < START_SIDES; i++) {
        g_clear_pointer(&start->rules[i], g_ptr_array_unref);
        g_clear_pointer(&start->grants[i], g_ptr_array_unref);
    }
    g_clear_pointer(&start->plan, plan_free);
    g_clear_pointer(&start->request, request_free);
    g_ptr_array_unref(start->calls);
    g_ptr_array_unref(start->refusals);
    options_clear(&start->options);
    g_free(start);
}

const PlannedProfile *
start_planned(const Start *start, StartSide side)
{
    if (!start->plan)
        return NULL;
    switch (side) {
    case START_QEMU:
        return &start->plan->qemu;
    case START_VIRTIOFSD:
        return start->plan->virtiofsd.fate == FATE_LOAD ? &start->plan->virtiofsd : NULL;
    }
    g_assert_not_reached();
}

/* What a user may not read is no reason for which root's helper fails. */
static void
refuse(Start *start, const GError *refused)
{
    gboolean unseen = g_error_matches(refused, BASE_ERROR, BASE_ERROR_DENIED) && geteuid() != 0;

    finding_add(start->refusals, unseen ? FINDING_UNKNOWN : FINDING_UNCONFINED, "start", NULL,
                unseen ? _("%s: unknown: needs root") : "%s", refused->message);
}

gboolean
start_is_refused(const Start *start)
{
    return findings_status(start->refusals) == CTL_UNCONFINED;
}

/* As load_profile() of libvirt's AppArmor driver: -r where there is a profile. */
static void
set_options(Start *start, const HelperConfig *config, const char *uuid)
{
    g_autoptr(PolicyDir) dir = policy_dir_open(config->policy_dir, NULL);

    start->options.profile = g_strconcat("libvirt-", uuid, NULL);
    start->options.command =
        dir && policy_exists(dir, start->options.profile) ? COMMAND_REPLACE : COMMAND_CREATE;
    start->options.dry_run = TRUE;
    start->options.check = TRUE;
}

static void
add_call(Start *start, const char *argument, const Request *request, gboolean foreseen)
{
    StartCall *call = g_new0(StartCall, 1);

    call->argument = g_strdup(argument);
    call->foreseen = foreseen;
    call->grants = grants_new();
    if (argument)
        grants_add(call->grants, request->model->extra);
    g_ptr_array_add(start->calls, call);
}

static gboolean
first_call(Start *start, const char *xml, gsize len, int id, GError **error)
{
    if (!request_parse(start->request, xml, len, id, error))
        return FALSE;
    start->plan = plan_domain(start->request, NULL, FALSE, NULL, FALSE, error);
    if (start->plan)
        add_call(start, NULL, start->request, FALSE);
    return start->plan != NULL;
}

/* One call with -F, on what the calls before it have recorded. */
static gboolean
announce(Start *start, const char *argument, const char *xml, gsize len, GError **error)
{
    const Options options = {.command = COMMAND_REPLACE,
                             .profile = start->options.profile,
                             .add_file = (char *)argument,
                             .append = TRUE,
                             .dry_run = TRUE};
    g_autoptr(Request) request = request_new(start->request->config, &options, error);
    g_autoptr(Plan) plan = NULL;

    if (!request || !request_parse(request, xml, len, start->request->domain->id, error) ||
        !unconfined_check(request, error))
        return FALSE;
    plan = plan_domain(request, start->plan->record, FALSE, start->plan->qemu.rules, FALSE, error);
    if (!plan)
        return FALSE;
    add_call(start, argument, request, g_str_equal(plan->qemu.rules, start->plan->qemu.rules));
    /* of the first call, and what -F leaves alone */
    plan->qemu.from_template = start->plan->qemu.from_template;
    plan_free(start->plan);
    start->plan = g_steal_pointer(&plan);
    return TRUE;
}

static void
announce_all(Start *start, const char *xml, gsize len)
{
    const Request *first = start->request;
    g_autoptr(GPtrArray) arguments = foresee_arguments(first->domain, first->host);
    g_auto(GStrv) names = domain_short_names(first->domain->id, first->domain->name);

    for (guint i = 0; i < first->model->shares->len; i++) {
        const Share *share = g_ptr_array_index(first->model->shares, i);

        /* of two names the one of a libvirtd in a UTF-8 locale */
        g_ptr_array_add(arguments, g_strdup_printf(SOCKET, names[names[1] ? 1 : 0], share->alias));
    }
    for (guint i = 0; i < arguments->len; i++) {
        g_autoptr(GError) refused = NULL;

        if (!announce(start, g_ptr_array_index(arguments, i), xml, len, &refused))
            refuse(start, refused);
    }
}

/* make_profile() of helper/batch.c: where there is a profile it stays. */
static void
check_templates(Start *start)
{
    const HelperConfig *config = start->request->config;
    g_autoptr(GError) error = NULL;
    g_autoptr(PolicyDir) dir = policy_dir_open(config->policy_dir, &error);

    if (!dir) {
        refuse(start, error);
        return;
    }
    for (guint side = 0; side < START_SIDES; side++) {
        const PlannedProfile *planned = start_planned(start, (StartSide)side);

        if (planned && !policy_exists(dir, planned->profile) &&
            !policy_exists(dir, planned->template))
            finding_add(start->refusals, FINDING_UNCONFINED, "template", NULL,
                        _("template does not exist: %s/%s"), config->policy_dir, planned->template);
    }
}

Start *
start_new(const HelperConfig *config, const char *xml, gsize len, int id, GError **error)
{
    g_autoptr(Domain) domain = domain_parse(xml, len, error);
    g_autoptr(GError) refused = NULL;
    g_autoptr(Start) start = NULL;

    if (!domain)
        return NULL;
    start = g_new0(Start, 1);
    start->calls = g_ptr_array_new_with_free_func((GDestroyNotify)call_free);
    start->refusals = findings_new();
    set_options(start, config, domain->uuid);
    start->request = request_new(config, &start->options, error);
    if (!start->request)
        return NULL;
    start->id_assumed = domain->id < 0 && id < 0;
    if (!first_call(start, xml, len, id < 0 ? START_ASSUMED_ID : id, &refused))
        refuse(start, refused);
    else
        announce_all(start, xml, len);
    check_templates(start);
    if (start->request->model)
        start_check_shares(start->request, start->refusals);
    start_find_rules(start);
    return g_steal_pointer(&start);
}
