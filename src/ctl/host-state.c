/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/host-state.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/confinement.h"
#include "ctl/finding.h"

void
host_state_free(HostState *host)
{
    if (!host)
        return;
    g_clear_pointer(&host->labels, g_hash_table_unref);
    g_clear_pointer(&host->processes, g_ptr_array_unref);
    g_clear_pointer(&host->request, request_free);
    g_clear_pointer(&host->looker, profile_looker_free);
    g_clear_pointer(&host->records, vm_records_free);
    g_clear_pointer(&host->pid_files, pid_files_free);
    g_clear_pointer(&host->findings, g_ptr_array_unref);
    g_free(host);
}

const char *
host_state_unknown(void)
{
    return geteuid() == 0 ? _("cannot be seen") : _("unknown: needs root");
}

const char *
host_state_remedy(void)
{
    return geteuid() == 0 ? NULL : "sudo virt-aa-ctl status";
}

static void
add_unseen(HostState *host, const char *link, const GError *error)
{
    if (error)
        finding_add(host->findings, FINDING_UNKNOWN, link, host_state_remedy(), "%s: %s",
                    host_state_unknown(), error->message);
}

/* The settings say which virtiofsds are not to be confined. */
static void
read_settings(HostState *host, const HelperConfig *config)
{
    static const Options none;
    g_autoptr(GError) error = NULL;

    host->request = request_new(config, &none, &error);
    if (host->request)
        add_unseen(host, "configuration", host->request->bad_settings);
    else
        add_unseen(host, "configuration", error);
}

/* Processes are the last: who has begun since is too young to be judged, and who has ended is no process. */
static void
read_processes(HostState *host, const char *proc)
{
    g_autoptr(GError) error = NULL;

    host->processes = processes_read(proc, &error);
    add_unseen(host, "processes", error);
    host->labels = host->processes ? label_index_new(host->processes)
                                   : g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                                           (GDestroyNotify)g_ptr_array_unref);
}

HostState *
host_state_new(const Ctl *ctl)
{
    const CtlConfig *config = ctl->config;
    HostState *host = g_new0(HostState, 1);
    g_autoptr(GError) unseen = NULL;

    host->findings = findings_new();
    host->pid_files = pid_files_read(config->pid_dir, config->user_dir);
    add_unseen(host, "pid-files", pid_files_error(host->pid_files));
    host->records = vm_records_read(config->helper.records);
    add_unseen(host, "records", vm_records_error(host->records));
    host->looker = profile_looker_new(&config->helper, config->apparmorfs, &unseen);
    add_unseen(host, "policy", unseen);
    read_settings(host, &config->helper);
    read_processes(host, config->proc);
    return host;
}

const CtlProcess *
host_state_process(const HostState *host, const PidFile *file)
{
    if (!host->processes || file->state != PID_FILE_HELD)
        return NULL;
    return processes_find(host->processes, file->pid);
}

GPtrArray *
host_state_users(const HostState *host, const char *profile)
{
    return g_hash_table_lookup(host->labels, profile);
}
