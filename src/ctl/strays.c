/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/strays.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "virtiofsd/label.h"

static void
stray_free(Stray *stray)
{
    g_free(stray->profile);
    g_free(stray);
}

/* (transfer full) (nullable): QEMU's profile of the VM that @label is one of */
static char *
profile_of(const char *label, gboolean *is_qemu)
{
    *is_qemu = label_is_profile(label);
    return *is_qemu ? g_strdup(label) : label_to_profile(label);
}

static void
add_by_label(const HostState *host, GPtrArray *strays, const char *label, GHashTable *known)
{
    gboolean is_qemu;
    g_autofree char *profile = profile_of(label, &is_qemu);
    GPtrArray *users = host_state_users(host, label);
    const VmRecord *record;

    if (!profile || (known && g_hash_table_contains(known, profile)))
        return;
    record = vm_records_of(host->records, profile);
    for (guint i = 0; i < users->len; i++) {
        Stray *stray = g_new0(Stray, 1);

        stray->process = g_ptr_array_index(users, i);
        stray->is_qemu = is_qemu;
        stray->profile = g_strdup(profile);
        stray->name = record ? record->domain : NULL;
        stray->confinement = confinement_of(stray->process, label);
        g_ptr_array_add(strays, stray);
    }
}

/* Of one that has such a label the domain says what there is to say, though it has no share of that file, as
 * while one is attached. */
static gboolean
has_label_of_a_vm(const CtlProcess *process)
{
    for (guint i = 0; i < process->labels->len; i++) {
        const CtlLabel *label = g_ptr_array_index(process->labels, i);
        g_auto(GStrv) parts = g_strsplit(label->label, "//&", -1);

        for (gsize j = 0; parts[j]; j++) {
            g_autofree char *profile = label_to_profile(parts[j]);

            if (profile)
                return TRUE;
        }
    }
    return FALSE;
}

/* What no domain has claimed. */
static void
add_by_pid_file(const HostState *host, GPtrArray *strays, GHashTable *by_process,
                const PidFile *file)
{
    const CtlProcess *process;
    Stray *stray;

    if (file->claimed || !pid_file_is_virtiofsd(file))
        return;
    process = host_state_process(host, file);
    if (!process)
        return;
    stray = g_hash_table_lookup(by_process, process);
    if (!stray && has_label_of_a_vm(process))
        return;
    if (!stray) {
        stray = g_new0(Stray, 1);
        stray->process = process;
        stray->confinement = confinement_of(process, LAUNCHER_LABEL);
        g_ptr_array_add(strays, stray);
        g_hash_table_insert(by_process, (gpointer)process, stray);
    }
    /* those of users come last, and change nothing of what libvirt's own say */
    if (!stray->pid_file)
        stray->pid_file = file;
}

static int
by_pid(gconstpointer a, gconstpointer b)
{
    const Stray *const *x = a;
    const Stray *const *y = b;

    return ((*x)->process->pid > (*y)->process->pid) - ((*x)->process->pid < (*y)->process->pid);
}

/* ---- what is to be said of them ---- */

static void
judge_known_by_label(const Stray *stray, gboolean is_away, GPtrArray *findings)
{
    const char *what = stray->is_qemu ? _("QEMU") : _("virtiofsd");
    g_autofree char *labels = confinement_describe(stray->process);
    g_autofree char *name = g_utf8_make_valid(stray->name ? stray->name : "?", -1);
    const char *uuid = stray->profile + strlen("libvirt-");

    if (stray->confinement == CONFINEMENT_UNKNOWN)
        finding_add(findings, FINDING_UNKNOWN, "stray", host_state_remedy(),
                    _("%s: the labels of %s (process %d)"), host_state_unknown(), what,
                    stray->process->pid);
    else if (stray->confinement == CONFINEMENT_COMPLAIN ||
             stray->confinement == CONFINEMENT_UNCONFINED)
        finding_add(findings, FINDING_UNCONFINED, "stray", NULL,
                    _("%s (process %d) of the domain %s (%s) is not confined but has the label "
                      "%s"),
                    what, stray->process->pid, uuid, name, labels);
    else if (!is_away)
        finding_add(findings, FINDING_NOTE, "stray", NULL,
                    _("%s (process %d) is of a domain that libvirt does not know: %s (%s)"), what,
                    stray->process->pid, uuid, name);
}

static void
judge(const Stray *stray, gboolean is_away, GPtrArray *findings)
{
    g_autofree char *labels = confinement_describe(stray->process);

    if (stray->profile)
        judge_known_by_label(stray, is_away, findings);
    else if (stray->pid_file->session)
        finding_add(findings, FINDING_NOTE, "session", NULL,
                    _("virtiofsd (process %d) is of a user's session, whose domains AppArmor does "
                      "not confine: %s"),
                    stray->process->pid, stray->pid_file->path);
    else if (stray->confinement == CONFINEMENT_UNKNOWN)
        finding_add(findings, FINDING_UNKNOWN, "stray", host_state_remedy(),
                    _("%s: the label of virtiofsd (process %d)"), host_state_unknown(),
                    stray->process->pid);
    else if (stray->confinement != CONFINEMENT_STARTING)
        finding_add(findings, FINDING_UNCONFINED, "stray", NULL,
                    _("virtiofsd (process %d), which libvirt wrote down in %s for no domain of "
                      "today, is not confined but has the label %s"),
                    stray->process->pid, stray->pid_file->path, labels);
}

GPtrArray *
strays_find(const HostState *host, GHashTable *known, GPtrArray *findings)
{
    GPtrArray *strays = g_ptr_array_new_with_free_func((GDestroyNotify)stray_free);
    g_autoptr(GHashTable) by_process = g_hash_table_new(NULL, NULL);
    GPtrArray *files = pid_files_all(host->pid_files);
    GHashTableIter iter;
    gpointer label;

    g_hash_table_iter_init(&iter, host->labels);
    while (g_hash_table_iter_next(&iter, &label, NULL))
        add_by_label(host, strays, label, known);
    for (guint i = 0; i < strays->len; i++) {
        Stray *stray = g_ptr_array_index(strays, i);

        g_hash_table_insert(by_process, (gpointer)stray->process, stray);
    }
    for (guint i = 0; i < files->len; i++)
        add_by_pid_file(host, strays, by_process, g_ptr_array_index(files, i));
    g_ptr_array_sort(strays, by_pid);
    for (guint i = 0; i < strays->len; i++)
        judge(g_ptr_array_index(strays, i), known == NULL, findings);
    return strays;
}
