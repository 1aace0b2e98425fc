/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/plan.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "helper/plan-record.h"
#include "policy/records.h"
#include "rules/rules.h"
#include "virtiofsd/label.h"

/* ---- names ---- */

static void
set_names(PlannedProfile *planned, char *profile, char *rules_file)
{
    planned->profile = profile;
    planned->rules_file = rules_file;
    planned->rules_path = g_strconcat("libvirt/", rules_file, NULL);
    planned->has_rules = TRUE;
}

static void
clear_names(PlannedProfile *planned)
{
    g_free(planned->profile);
    g_free(planned->rules_file);
    g_free(planned->rules_path);
    g_free(planned->template);
    g_free(planned->rules);
    g_free(planned->added);
}

static Plan *
plan_new(const char *profile)
{
    Plan *plan = g_new0(Plan, 1);

    set_names(&plan->qemu, g_strdup(profile), g_strconcat(profile, ".files", NULL));
    set_names(&plan->virtiofsd, label_from_profile(profile),
              g_strconcat(profile, ".virtiofsd", NULL));
    plan->virtiofsd.template = g_strdup("TEMPLATE.virtiofsd");
    plan->old_sockets = g_ptr_array_new_with_free_func(g_free);
    return plan;
}

void
plan_free(Plan *plan)
{
    clear_names(&plan->qemu);
    clear_names(&plan->virtiofsd);
    g_clear_pointer(&plan->record, vm_record_free);
    g_free(plan->socket);
    g_free(plan->socket_text);
    g_ptr_array_unref(plan->old_sockets);
    g_free(plan);
}

static char *
template_name(const Model *model)
{
    switch (model->virt) {
    case DOMAIN_VIRT_QEMU:
    case DOMAIN_VIRT_KVM:
        return g_strdup("TEMPLATE.qemu");
    case DOMAIN_VIRT_LXC:
    case DOMAIN_VIRT_OTHER:
        return g_strconcat("TEMPLATE.", model->virt_name, NULL);
    }
    g_assert_not_reached();
}

/* ---- rules ---- */

/* With the header, and NULL with @error set where a rule cannot be expressed. */
static char *
rules_text(GString *rules, gboolean rendered)
{
    return rendered ? g_strconcat(RULES_HEADER, rules->str, NULL) : NULL;
}

/* What this call's announcement adds, as lines; NULL with @error set where it cannot be expressed. */
static char *
added_lines(const Request *request, GError **error)
{
    g_autoptr(GString) added = g_string_new(NULL);

    if (!rules_render(request->model->extra, added, error) ||
        (request_announces(request, ANNOUNCED_VIRTIOFSD_SOCKET) &&
         !rules_render(request->model->qemu_peer, added, error)))
        return NULL;
    return g_string_free(g_steal_pointer(&added), FALSE);
}

static gboolean
plan_qemu(Plan *plan, const Request *request, const char *existing, GError **error)
{
    const VmRecord *record = plan->record;
    g_autoptr(GPtrArray) grants = plan_qemu_grants(record);
    g_autoptr(GString) rules = g_string_new(NULL);

    plan->qemu.fate = FATE_LOAD;
    if (request_appends(request)) {
        plan->qemu.added = added_lines(request, error);
        if (!plan->qemu.added)
            return FALSE;
    }
    if (!record->qemu_known && existing) {
        plan->qemu.rules = rules_append_missing(existing, plan->qemu.added);
        if (!plan->qemu.rules)
            plan->qemu.rules = g_strdup(existing);
        return TRUE;
    }
    plan->qemu.rules = rules_text(rules, rules_render(grants, rules, error));
    return plan->qemu.rules != NULL;
}

GPtrArray *
plan_qemu_grants(const VmRecord *record)
{
    GPtrArray *grants = grants_new();

    grants_add(grants, record->qemu);
    grants_add(grants, record->announced);
    return grants;
}

/* Each share has rules of its own; what is in none of them any more goes. */
GPtrArray *
plan_virtiofsd_grants(const VmRecord *record)
{
    GPtrArray *grants = grants_new();
    g_auto(GStrv) short_names = domain_short_names(record->id, record->domain);

    grants_add(grants, record->virtiofsd);
    if (vm_record_has_writable(record))
        grants_add(grants, record->writer);
    for (guint i = 0; i < record->shares->len; i++) {
        const RecordedShare *share = g_ptr_array_index(record->shares, i);
        ServedShare served = {record->domain, (const char *const *)short_names, share->alias,
                              share->dir, share->readonly};

        model_share_grants(&served, grants);
    }
    for (guint i = 0; i < record->memory->len; i++)
        model_memory_grants(g_ptr_array_index(record->memory, i), grants);
    return grants;
}

static gboolean
plan_virtiofsd(Plan *plan, GError **error)
{
    g_autoptr(GPtrArray) grants = plan_virtiofsd_grants(plan->record);
    g_autoptr(GString) rules = g_string_new(NULL);

    plan->virtiofsd.rules = rules_text(rules, rules_render(grants, rules, error));
    return plan->virtiofsd.rules != NULL;
}

/* ---- sockets ---- */

/* The share of the XML that is served at the socket which is announced; NULL: it is being attached. */
static const Share *
announced_share(const Request *request)
{
    GPtrArray *shares = request->model->shares;

    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);

        if (g_strcmp0(share->alias, request->announcement->alias) == 0)
            return share;
    }
    return NULL;
}

/* "PID START" of the process that ran this call; NULL where that cannot be learnt. */
static char *
process_of(Host *host, guint pid)
{
    guint64 start = host_process_start(host, pid);

    return start ? g_strdup_printf("%u %" G_GUINT64_FORMAT, pid, start) : NULL;
}

/* What the launcher finds out from the socket that it is given: whose it is, and what the XML has there. */
static gboolean
plan_socket(Plan *plan, const Request *request, GError **error)
{
    char *domain = request->domain->name;
    g_autoptr(GPtrArray) options = NULL;
    g_autofree char *announcer = NULL;
    const Share *share;
    Record record = {.profile = plan->qemu.profile, .domain = domain};

    if (!request_announces(request, ANNOUNCED_VIRTIOFSD_SOCKET))
        return TRUE;
    options = settings_options(request->settings, domain);
    share = announced_share(request);
    announcer = process_of(request->host, request->options->parent);
    record.announcer = announcer;
    record.share = share ? share->dir : NULL;
    record.readonly = share ? share->readonly : request->model->shares_readonly;
    record.binary = (char *)settings_binary(request->settings, domain);
    record.options = (char **)options->pdata;
    plan->socket = g_strdup(request->announcement->path);
    plan->socket_text = records_text(&record, plan->socket, error);
    vm_record_add_path(plan->record->sockets, plan->socket);
    return plan->socket_text != NULL;
}

/* ---- plans ---- */

/* Of an earlier run of the VM nothing holds but that it left records behind. */
static const VmRecord *
same_run(Plan *plan, const Request *request, const VmRecord *before)
{
    if (!before || before->id == request->domain->id)
        return before;
    for (guint i = 0; i < before->sockets->len; i++)
        vm_record_add_path(plan->old_sockets, g_ptr_array_index(before->sockets, i));
    return NULL;
}

/* What becomes of virtiofsd's profile. */
static PlannedFate
virtiofsd_fate(const Plan *plan, const Request *request, gboolean served)
{
    /* without a share as well: the last one was detached, and no call from libvirtd is about that */
    if (plan->record->shares->len > 0 || (request_appends(request) && served))
        return FATE_LOAD;
    /* the first share of the VM is being attached: the launcher is going to ask for the profile */
    return request_appends(request) ? FATE_KEEP : FATE_RETIRE;
}

Plan *
plan_domain(const Request *request, const VmRecord *before, gboolean lost, const char *existing,
            gboolean served, GError **error)
{
    g_autoptr(Plan) plan = plan_new(request->options->profile);
    const VmRecord *same = same_run(plan, request, before);
    /* the text of another run, or one whose meaning was lost, grants this run nothing */
    const char *kept = lost || (before && !same) ? NULL : existing;

    plan->append = request_appends(request);
    plan->qemu.template = template_name(request->model);
    plan->qemu.has_rules = request->domain->virt != DOMAIN_VIRT_LXC;
    plan->qemu.from_template = request->options->command == COMMAND_CREATE;
    plan->record = plan_record_new(request, same, kept);
    /* a VM whose record was lost may have started long ago */
    if (!same && !lost && !request_appends(request))
        plan_record_foreseen(plan->record, request);
    if (!plan_qemu(plan, request, kept, error) || !plan_socket(plan, request, error))
        return NULL;
    plan->virtiofsd.fate = virtiofsd_fate(plan, request, served);
    if (plan->virtiofsd.fate == FATE_LOAD && !plan_virtiofsd(plan, error))
        return NULL;
    return g_steal_pointer(&plan);
}

/* TRUE: libvirtd has said that a virtiofsd of this VM is going to listen there. */
static gboolean
is_announced(const VmRecord *record, const char *socket)
{
    return record && g_ptr_array_find_with_equal_func(record->sockets, socket, g_str_equal, NULL);
}

/* The record of @before, by value. */
static VmRecord *
copy_record(const VmRecord *before, GError **error)
{
    g_autofree char *text = vm_record_format(before, error);

    return text ? vm_record_parse(text, before->profile, error) : NULL;
}

Plan *
plan_attached_share(const Request *request, const VmRecord *before, GError **error)
{
    g_autoptr(Plan) plan = plan_new(request->options->profile);
    const Options *options = request->options;
    g_autofree char *dir = NULL;
    g_autofree char *alias = announcement_alias(options->share_socket);
    g_autofree char *doubt = NULL;
    ShareAsked asked = {_("the share that is attached"), 0, options->add_share,
                        options->share_readonly};
    RecordedShare *share;

    if (!alias || !is_announced(before, options->share_socket)) {
        base_set_error(error, BASE_ERROR_NOT_FOUND,
                       _("libvirtd has not announced the socket %s for a virtiofsd of %s"),
                       options->share_socket, options->profile);
        return NULL;
    }
    if (!model_share_check(&asked, request->host, request->settings, &dir, &doubt, error))
        return NULL;
    /* the launcher holds what it has named by its own name: a link there was put in its place since */
    if (!g_str_equal(dir, options->add_share)) {
        base_set_error(error, BASE_ERROR_FAILED, "%s: %s", options->add_share,
                       _("another directory took its place just now"));
        return NULL;
    }
    if (doubt)
        g_ptr_array_add(request->warnings, g_steal_pointer(&doubt));
    plan->append = TRUE;
    plan->record = copy_record(before, error);
    if (!plan->record)
        return NULL;
    vm_record_drop_ended(plan->record, request->host);
    share = vm_record_put_share(plan->record, alias, dir, options->share_readonly);
    share->socket = g_strdup(options->share_socket);
    vm_record_note_process(share, request->host, options->parent);
    plan->virtiofsd.fate = FATE_LOAD;
    return plan_virtiofsd(plan, error) ? g_steal_pointer(&plan) : NULL;
}

Plan *
plan_as_is(const Request *request, const VmRecord *before)
{
    Plan *plan = plan_new(request->options->profile);

    for (guint i = 0; before && i < before->sockets->len; i++)
        vm_record_add_path(plan->old_sockets, g_ptr_array_index(before->sockets, i));
    return plan;
}

Plan *
plan_end(const Request *request, const VmRecord *before)
{
    Plan *plan = plan_as_is(request, before);

    plan->qemu.fate = FATE_RETIRE;
    plan->virtiofsd.fate = FATE_RETIRE;
    return plan;
}
