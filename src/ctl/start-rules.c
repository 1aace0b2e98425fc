/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/start-rules.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "rules/rules.h"

static void
rule_free(StartRule *rule)
{
    g_free(rule->text);
    g_free(rule->element);
    g_free(rule->cause);
    g_free(rule);
}

static gboolean
has(GPtrArray *grants, const Grant *grant)
{
    for (guint i = 0; i < grants->len; i++)
        if (grant_equal(g_ptr_array_index(grants, i), grant))
            return TRUE;
    return FALSE;
}

/* The call that asks for @grant, or NULL. */
static const StartCall *
call_of(const Start *start, const Grant *grant)
{
    for (guint i = 0; i < start->calls->len; i++) {
        const StartCall *call = g_ptr_array_index(start->calls, i);

        if (has(call->grants, grant))
            return call;
    }
    return NULL;
}

/* The share that virtiofsd is to have @grant for, or NULL. */
static const Share *
share_of(const Start *start, const Grant *grant)
{
    const Domain *domain = start->request->domain;
    GPtrArray *shares = start->request->model->shares;
    const char *const *names = (const char *const *)start->request->model->short_names;

    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);
        ServedShare served = {domain->name, names, share->alias, share->dir, share->readonly};
        g_autoptr(GPtrArray) grants = grants_new();

        model_share_grants(&served, grants);
        if (has(grants, grant))
            return share;
    }
    return NULL;
}

static gboolean
is_memory(const Start *start, const Grant *grant)
{
    g_autoptr(GPtrArray) grants = grants_new();
    GPtrArray *memory = start->plan ? start->plan->record->memory : NULL;

    for (guint i = 0; memory && i < memory->len; i++)
        model_memory_grants(g_ptr_array_index(memory, i), grants);
    return has(grants, grant);
}

static char *
cause_of_virtiofsd(const Start *start, const Grant *grant)
{
    const Request *request = start->request;
    const char *binary = settings_binary(request->settings, request->domain->name);

    if (binary && grant->kind == GRANT_ALLOW && g_str_equal(grant->literal, binary))
        return g_strdup_printf(_("\"binary\" in %s"), request->config->settings_file);
    if (is_memory(start, grant))
        return g_strdup(_("<memoryBacking>: the guest's memory"));
    if (grant->kind == GRANT_UNIX_PEER)
        return g_strdup(_("its QEMU"));
    if (grant->kind == GRANT_CAPABILITY)
        return g_strdup(has(request->model->virtiofsd_writer, grant)
                            ? _("a share that may be written")
                            : _("the options that this VM's virtiofsd has"));
    return g_strdup(_("what each virtiofsd of a VM has"));
}

static char *
cause_of_qemu(const Start *start, const Grant *grant)
{
    const StartCall *call = call_of(start, grant);

    if (call)
        return g_strdup_printf(_("libvirtd announces it: -F %s"), call->argument);
    if (has(start->request->foreseen, grant))
        return g_strdup(_("libvirtd announces a network interface"));
    if (grant->kind == GRANT_UNIX_PEER)
        return g_strdup(_("its virtiofsd"));
    return g_strdup(_("what each VM has"));
}

static void
find_cause(const Start *start, StartSide side, StartRule *rule)
{
    const Grant *grant = rule->grant;
    const Share *share = side == START_VIRTIOFSD ? share_of(start, grant) : NULL;

    if (share || (grant->element && grant->line)) {
        rule->element = g_strdup(share ? share->element : grant->element);
        rule->line = share ? share->line : grant->line;
    } else if (side == START_VIRTIOFSD) {
        rule->cause = cause_of_virtiofsd(start, grant);
    } else if (grant->element && !call_of(start, grant)) {
        rule->cause = g_strdup(grant->element);
    } else {
        rule->cause = cause_of_qemu(start, grant);
    }
}

/* (transfer full): the one line of @grant; a plan has rendered it before. */
static char *
text_of(Grant *grant)
{
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);

    g_ptr_array_add(one, grant);
    if (!rules_render(one, text, NULL))
        return g_strdup("");
    return g_strdup(g_strstrip(text->str));
}

/* As rules_render(): a line that was there is not there again. */
static void
find_side(Start *start, StartSide side)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *grants = start->grants[side];

    for (guint i = 0; i < grants->len; i++) {
        Grant *grant = g_ptr_array_index(grants, i);
        StartRule *rule;

        if (grant->kind == GRANT_NOTE)
            continue;
        rule = g_new0(StartRule, 1);
        rule->text = text_of(grant);
        rule->grant = grant;
        if (g_hash_table_contains(seen, rule->text)) {
            rule_free(rule);
            continue;
        }
        g_hash_table_add(seen, rule->text);
        find_cause(start, side, rule);
        g_ptr_array_add(start->rules[side], rule);
    }
}

void
start_find_rules(Start *start)
{
    for (gsize i = 0; i < START_SIDES; i++)
        start->rules[i] = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    if (!start->plan) {
        start->grants[START_QEMU] = grants_new();
        start->grants[START_VIRTIOFSD] = grants_new();
        return;
    }
    /* for LXC there is a profile, and no file of rules */
    start->grants[START_QEMU] =
        start->plan->qemu.has_rules ? plan_qemu_grants(start->plan->record) : grants_new();
    start->grants[START_VIRTIOFSD] = start_planned(start, START_VIRTIOFSD)
                                         ? plan_virtiofsd_grants(start->plan->record)
                                         : grants_new();
    find_side(start, START_QEMU);
    find_side(start, START_VIRTIOFSD);
}
