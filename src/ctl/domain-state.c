/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/domain-state.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/own-rules.h"
#include "domain/domain.h"
#include "virtiofsd/label.h"

static void
share_state_free(ShareState *share)
{
    g_free(share->alias);
    g_free(share->target);
    g_free(share->directory);
    g_free(share->binary);
    g_free(share);
}

void
domain_state_free(DomainState *state)
{
    if (!state)
        return;
    g_free(state->profile);
    g_free(state->virtiofsd_profile);
    g_ptr_array_unref(state->shares);
    g_ptr_array_unref(state->more);
    g_ptr_array_unref(state->findings);
    g_free(state);
}

/* ---- QEMU ---- */

/* Of several that have exactly QEMU's label, such as a helper that QEMU runs, the first is the oldest. */
static const CtlProcess *
qemu_by_label(const HostState *host, const char *profile)
{
    GPtrArray *users = host_state_users(host, profile);

    for (guint i = 0; users && i < users->len; i++) {
        const CtlProcess *process = g_ptr_array_index(users, i);

        if (g_strcmp0(process->label, profile) == 0)
            return process;
    }
    return NULL;
}

/* By libvirt's pid file, which says it of an unconfined one as well. */
static void
find_qemu(const HostState *host, DomainState *state)
{
    g_autofree char *name = g_strconcat(state->domain->name, ".pid", NULL);
    PidFile *file = pid_files_find(host->pid_files, name);
    const char *profile = state->profile;

    if (file)
        file->claimed = TRUE;
    state->qemu = file ? host_state_process(host, file) : NULL;
    if (!state->qemu)
        state->qemu = qemu_by_label(host, state->profile);
    if (g_strcmp0(state->domain->label_type, "static") == 0)
        profile = state->domain->label;
    state->confinement = confinement_of(state->qemu, profile);
}

/* ---- shares ---- */

static PidFile *
find_pid_file(const HostState *host, const CtlDomain *domain, const char *alias)
{
    g_auto(GStrv) short_names = domain_short_names(domain->id, domain->name);

    for (char **name = short_names; *name; name++) {
        g_autofree char *file = g_strdup_printf("%s-%s-fs.pid", *name, alias);
        PidFile *found = pid_files_find(host->pid_files, file);

        if (found)
            return found;
    }
    return NULL;
}

static void
find_virtiofsd(const HostState *host, const DomainState *state, ShareState *share)
{
    PidFile *file = find_pid_file(host, state->domain, share->alias);

    share->recorded = vm_records_has_socket(host->records, state->profile, share->alias);
    share->records_unseen = vm_records_error(host->records) != NULL;
    share->pid_file = pid_files_error(host->pid_files) ? PID_FILE_UNKNOWN : PID_FILE_NONE;
    if (file) {
        file->claimed = TRUE;
        share->pid_file = file->state;
        share->process = host_state_process(host, file);
    }
    share->confinement = confinement_of(share->process, state->virtiofsd_profile);
    if (!share->process && (share->pid_file == PID_FILE_UNKNOWN || !host->processes))
        share->confinement = CONFINEMENT_UNKNOWN;
}

static void
add_share(const HostState *host, DomainState *state, const DomainFilesystem *fs, guint index)
{
    ShareState *share = g_new0(ShareState, 1);

    /* before the VM runs its devices have no names, which then follow their order */
    share->alias = fs->alias ? g_strdup(fs->alias) : g_strdup_printf("fs%u", index);
    share->target = g_strdup(fs->target);
    share->directory = g_strdup(fs->dir);
    share->readonly = fs->readonly;
    share->external = fs->socket != NULL;
    share->binary = g_strdup(fs->binary);
    share->confinement = CONFINEMENT_NONE;
    if (state->domain->running && !share->external)
        find_virtiofsd(host, state, share);
    g_ptr_array_add(state->shares, share);
}

static void
add_shares(const HostState *host, DomainState *state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Domain) domain = domain_parse(state->domain->xml, strlen(state->domain->xml), &error);
    const DomainFilesystem *fs;
    guint at = 0;
    guint index = 0;

    if (!domain) {
        finding_add(state->findings, FINDING_UNKNOWN, "definition", NULL,
                    _("its definition is not understood: %s"), error->message);
        return;
    }
    while ((fs = domain_next_device(domain, DOMAIN_DEVICE_FILESYSTEM, &at))) {
        if (fs->driver == DOMAIN_FS_VIRTIOFS)
            add_share(host, state, fs, index);
        index++;
    }
}

static gboolean
serves_a_share(const DomainState *state, const CtlProcess *process)
{
    for (guint i = 0; i < state->shares->len; i++) {
        const ShareState *share = g_ptr_array_index(state->shares, i);

        if (share->process == process)
            return TRUE;
    }
    return FALSE;
}

static void
add_more(const HostState *host, DomainState *state)
{
    GPtrArray *users = host_state_users(host, state->virtiofsd_profile);

    for (guint i = 0; users && i < users->len; i++) {
        gpointer process = g_ptr_array_index(users, i);

        if (!serves_a_share(state, process))
            g_ptr_array_add(state->more, process);
    }
}

DomainState *
domain_state_new(const Ctl *ctl, const HostState *host, const CtlDomain *domain)
{
    DomainState *state = g_new0(DomainState, 1);

    state->domain = domain;
    state->profile = g_strconcat("libvirt-", domain->uuid, NULL);
    state->virtiofsd_profile = label_from_profile(state->profile);
    state->exempt = ctl_domain_is_exempt(domain);
    state->shares = g_ptr_array_new_with_free_func((GDestroyNotify)share_state_free);
    state->more = g_ptr_array_new();
    state->findings = findings_new();
    state->confinement = CONFINEMENT_NONE;
    if (domain->running)
        find_qemu(host, state);
    add_shares(host, state);
    add_more(host, state);
    state->own_rules = own_rules_exist(ctl, domain->uuid);
    return state;
}

const char *
domain_state_word(const DomainState *state)
{
    switch (findings_status(state->findings)) {
    case CTL_UNCONFINED:
        return "unconfined";
    case CTL_STALE:
        return "stale";
    case CTL_UNKNOWN:
        return "unknown";
    case CTL_GOOD:
    case CTL_FAILED:
        break;
    }
    if (!state->domain->running)
        return "off";
    return state->exempt ? "exempt" : "confined";
}
