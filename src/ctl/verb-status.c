/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/chain.h"
#include "ctl/output-json.h"
#include "ctl/status.h"
#include "ctl/verbs.h"

static void
status_clear(Status *status)
{
    g_clear_pointer(&status->strays, g_ptr_array_unref);
    g_clear_pointer(&status->states, g_ptr_array_unref);
    g_clear_pointer(&status->domains, g_ptr_array_unref);
    g_clear_pointer(&status->chain, g_ptr_array_unref);
    g_clear_pointer(&status->findings, g_ptr_array_unref);
    g_clear_pointer(&status->host, host_state_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Status, status_clear)

/* libvirt that cannot be asked is no reason to be silent: the kernel still says who has which label. */
static void
list_domains(const Ctl *ctl, Status *status)
{
    g_autoptr(GError) error = NULL;

    status->domains = domains_list(ctl->uri, &error);
    if (!status->domains)
        finding_add(status->findings, FINDING_UNKNOWN, "libvirt",
                    "systemctl status libvirtd virtqemud",
                    _("it is not known which domains there are: %s"), error->message);
}

static gboolean
find_domain(const Ctl *ctl, Status *status, const char *name, GError **error)
{
    CtlDomain *domain = domains_find(ctl->uri, name, error);

    if (!domain)
        return FALSE;
    status->domains = g_ptr_array_new_with_free_func((GDestroyNotify)ctl_domain_free);
    g_ptr_array_add(status->domains, domain);
    return TRUE;
}

static void
count(StatusCounts *counts, const DomainState *state)
{
    const struct {
        const char *word;
        guint *n;
    } rows[] = {
        {"confined", &counts->confined}, {"exempt", &counts->exempt},
        {"stale", &counts->stale},       {"unconfined", &counts->unconfined},
        {"unknown", &counts->unknown},   {"off", &counts->off},
    };
    const char *word = domain_state_word(state);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_str_equal(rows[i].word, word))
            (*rows[i].n)++;
    }
}

static void
judge_domains(const Ctl *ctl, Status *status)
{
    for (guint i = 0; status->domains && i < status->domains->len; i++) {
        DomainState *state =
            domain_state_new(ctl, status->host, g_ptr_array_index(status->domains, i));

        g_ptr_array_add(status->states, state);
        domain_state_judge(ctl, status->host, state);
        count(&status->counts, state);
        status->status = ctl_worse(status->status, findings_status(state->findings));
    }
}

static void
find_strays(Status *status)
{
    g_autoptr(GHashTable) known = NULL;

    if (status->domains)
        known = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < status->states->len; i++) {
        const DomainState *state = g_ptr_array_index(status->states, i);

        g_hash_table_add(known, state->profile);
    }
    status->strays = strays_find(status->host, known, status->findings);
}

static void
take_findings(Status *status)
{
    GPtrArray *unseen = status->host->findings;

    while (unseen->len > 0)
        g_ptr_array_add(status->findings, g_ptr_array_steal_index(unseen, 0));
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_auto(Status) status = {.status = CTL_GOOD};

    if (!ctl_parse(ctl, &verb_status, NULL, &argc, &argv, 0, 1, error))
        return CTL_FAILED;
    status.findings = findings_new();
    status.states = g_ptr_array_new_with_free_func((GDestroyNotify)domain_state_free);
    if (argc == 1)
        list_domains(ctl, &status);
    else if (!find_domain(ctl, &status, argv[1], error))
        return CTL_FAILED;
    /* after libvirt, which then names nobody who is too young to be seen */
    status.host = host_state_new(ctl);
    take_findings(&status);
    judge_domains(ctl, &status);
    if (argc == 1) {
        find_strays(&status);
        status.chain = chain_check(ctl, domains_security_drivers);
    }
    status.status = ctl_worse(status.status, findings_status(status.findings));
    if (status.chain)
        status.status = ctl_worse(status.status, findings_status(status.chain));
    status_print(ctl->output, &status);
    output_json(ctl->output, status_to_json(&status));
    return status.status;
}

const CtlVerb verb_status = {"status", "[DOMAIN]", N_("what is confined, and what is not"), run};
