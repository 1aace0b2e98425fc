/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/leftovers.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "ctl/loaded.h"
#include "ctl/processes.h"
#include "kernel/kernel.h"
#include "policy/lock.h"
#include "policy/records.h"
#include "virtiofsd/label.h"

#define LAUNCHER "libvirt-virtiofsd-launcher"

/* Milliseconds between two looks at the processes. */
#define LOOK_MS 100

/* ---- who runs under what ---- */

/* Fails where it is not known of one thread: it might be the one. */
static gboolean
check_known(GPtrArray *processes, GError **error)
{
    for (guint i = 0; i < processes->len; i++) {
        const CtlProcess *process = g_ptr_array_index(processes, i);

        if (!process->label || process->partly_unknown)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("the label of process %d cannot be read"), process->pid);
    }
    return TRUE;
}

static gboolean
has_launcher(GPtrArray *processes)
{
    for (guint i = 0; i < processes->len; i++) {
        if (process_uses(g_ptr_array_index(processes, i), LAUNCHER))
            return TRUE;
    }
    return FALSE;
}

/* A launcher is about to change to a label, which not all kernels show of others. It takes milliseconds, and
 * new ones are not started once its description is hidden. In a dry run it is not. */
static GPtrArray *
settled_processes(const Ctl *ctl, gboolean wait, GError **error)
{
    for (guint waited = 0;; waited += LOOK_MS) {
        g_autoptr(GPtrArray) processes = processes_read(ctl->config->proc, error);

        if (!processes || !check_known(processes, error))
            return NULL;
        if (!wait || !has_launcher(processes))
            return g_steal_pointer(&processes);
        if (waited >= ctl->config->launcher_ms) {
            base_set_error(error, BASE_ERROR_BUSY, _("a launcher is still running"));
            return NULL;
        }
        g_usleep(LOOK_MS * 1000UL);
    }
}

/* (element-type utf8): a set of the profiles that the threads of @processes have or will have */
static GHashTable *
profiles_in_use(GPtrArray *processes)
{
    GHashTable *used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < processes->len; i++) {
        const CtlProcess *process = g_ptr_array_index(processes, i);

        for (guint j = 0; j < process->labels->len; j++) {
            const CtlLabel *label = g_ptr_array_index(process->labels, j);
            g_auto(GStrv) parts = g_strsplit(label->label, "//&", -1);

            for (gsize k = 0; parts[k]; k++) {
                char *child = strstr(parts[k], "//");

                if (child)
                    *child = '\0';
                g_hash_table_add(used, g_strdup(parts[k]));
            }
        }
    }
    return used;
}

/* ---- what there is ---- */

static gboolean
is_virtiofsds(const char *name)
{
    char *profile = label_to_profile(name);
    gboolean is = profile != NULL;

    free(profile);
    return is;
}

/* @names: (element-type utf8): a set, to which those that are loaded, and those of files are added */
static gboolean
find_profiles(const PolicyDir *dir, GHashTable *loaded, GHashTable *names, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer key;

    if (!records_list(dir, files, error))
        return FALSE;
    if (loaded) {
        g_hash_table_iter_init(&iter, loaded);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
            if (is_virtiofsds(key))
                g_hash_table_add(names, g_strdup(key));
        }
    }
    for (guint i = 0; i < files->len; i++) {
        if (is_virtiofsds(g_ptr_array_index(files, i)))
            g_hash_table_add(names, g_strdup(g_ptr_array_index(files, i)));
    }
    return TRUE;
}

/* @owners: profile → (element-type utf8): the names of its sockets' records. One pass: a look for each profile
 * would be a look at all records for each.
 * @lost: (out): of a record of which nobody knows whose it is */
static gboolean
find_records(const PolicyDir *sockets, GHashTable *owners, GError **lost, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

    if (!records_list(sockets, files, error))
        return FALSE;
    for (guint i = 0; i < files->len; i++) {
        const char *file = g_ptr_array_index(files, i);
        g_autofree char *profile = NULL;
        g_autoptr(GError) unread = NULL;
        GPtrArray *names;

        if (!records_whose(sockets, file, &profile, &unread)) {
            if (!*lost && !g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
                g_propagate_error(lost, g_steal_pointer(&unread));
            continue;
        }
        names = g_hash_table_lookup(owners, profile);
        if (!names) {
            names = g_ptr_array_new_with_free_func(g_free);
            g_hash_table_insert(owners, g_strdup(profile), names);
        }
        g_ptr_array_add(names, g_strdup(file));
    }
    return TRUE;
}

/* ---- one of them ---- */

typedef struct {
    const Ctl *ctl;
    Changes *changes;
    Kernel *kernel;     /* (nullable): NULL where there is no AppArmor */
    PolicyDir *dir;     /* (nullable) */
    PolicyDir *sockets; /* (nullable) */
    PolicyDir *vms;     /* (nullable) */
    GHashTable *names;  /* of the profiles: a set */
    GHashTable *used;   /* (nullable): of those that have or will have a thread */
    GHashTable *records;
    GError *lost; /* (nullable): of a record of which nobody knows whose it is */
} Drop;

static void
drop_clear(Drop *drop)
{
    g_clear_pointer(&drop->kernel, kernel_free);
    g_clear_pointer(&drop->dir, policy_dir_free);
    g_clear_pointer(&drop->sockets, policy_dir_free);
    g_clear_pointer(&drop->vms, policy_dir_free);
    g_clear_pointer(&drop->names, g_hash_table_unref);
    g_clear_pointer(&drop->used, g_hash_table_unref);
    g_clear_pointer(&drop->records, g_hash_table_unref);
    g_clear_error(&drop->lost);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Drop, drop_clear)

static gboolean
remove_files(const Drop *drop, const char *name, const char *profile, GError **error)
{
    g_autofree char *rules = g_strconcat(profile, ".virtiofsd", NULL);
    GPtrArray *records = g_hash_table_lookup(drop->records, profile);
    g_autoptr(RecordsHeld) held = records_held_new();

    for (guint i = 0; records && i < records->len; i++) {
        if (!records_remove(held, drop->sockets, g_ptr_array_index(records, i), profile, error))
            return FALSE;
    }
    return policy_unlink(drop->dir, name, error) && policy_unlink(drop->dir, rules, error) &&
           (!drop->vms || policy_unlink(drop->vms, profile, error));
}

/*
 * libvirtd may have chosen the launcher for a start before its description was hidden, and run it only after we looked
 * who runs under what. Of a VM that has a record, so, that is asked again, with the records held that a launcher would
 * have; the others have not been started since. Asking for each is what takes long.
 * @outcome: (out): KERNEL_STAYS: somebody has the label, or is on his way to it
 */
static gboolean
unload(const Drop *drop, const char *name, const char *profile, KernelUnload *outcome,
       GError **error)
{
    g_autoptr(RecordsHeld) held = NULL;
    gboolean was_loaded;

    *outcome = KERNEL_UNLOADED;
    if (!drop->kernel)
        return TRUE;
    if (!drop->vms || !policy_exists(drop->vms, profile))
        return kernel_remove(drop->kernel, name, &was_loaded, error);
    held = drop->sockets ? records_hold_of(drop->sockets, profile) : NULL;
    *outcome = KERNEL_STAYS;
    if (drop->sockets && !held)
        return TRUE;
    return kernel_unload(drop->kernel, name, outcome, error);
}

static void
say_stay(const Drop *drop, const char *name, guint *stay)
{
    changes_say(drop->changes, "stay", name, _("a virtiofsd runs under it"));
    ++*stay;
}

/* A helper of ours that is still at work for the VM has the lock. */
static gboolean
drop_one(const Drop *drop, const char *name, guint *stay, GError **error)
{
    char *profile = label_to_profile(name);
    g_autoptr(PolicyLock) lock = NULL;
    KernelUnload outcome = KERNEL_STAYS;
    gboolean done = FALSE;

    if (!changes_say(drop->changes, "drop", name, NULL)) {
        free(profile);
        return TRUE;
    }
    lock = policy_lock(drop->dir, profile, LIMIT_LOCK_WAIT_MS, error);
    if (lock)
        done = unload(drop, name, profile, &outcome, error);
    if (done && outcome == KERNEL_STAYS)
        say_stay(drop, name, stay);
    else if (done)
        done = remove_files(drop, name, profile, error);
    free(profile);
    return done;
}

static gboolean
drop_unused(const Drop *drop, guint *stay, GError **error)
{
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(drop->names), (GCompareFunc)strcmp);

    for (GList *at = names; at; at = at->next) {
        if (drop->used && g_hash_table_contains(drop->used, at->data)) {
            say_stay(drop, at->data, stay);
        } else if (!drop_one(drop, at->data, stay, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- what is to be known before anything goes ---- */

/* Where there is no such directory nothing is in it. */
static gboolean
may_be_missing(const PolicyDir *dir, GError **problem, GError **error)
{
    if (dir)
        return TRUE;
    if (g_error_matches(*problem, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_clear_error(problem);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(problem));
    return FALSE;
}

static gboolean
open_dirs(Drop *drop, GError **error)
{
    const HelperConfig *helper = &drop->ctl->config->helper;
    g_autoptr(GError) problem = NULL;

    drop->dir = policy_dir_open(helper->policy_dir, &problem);
    if (!may_be_missing(drop->dir, &problem, error))
        return FALSE;
    drop->sockets = records_open(helper->records, RECORDS_SOCKETS, FALSE, &problem);
    if (!may_be_missing(drop->sockets, &problem, error))
        return FALSE;
    drop->vms = records_open(helper->records, RECORDS_VMS, FALSE, &problem);
    return may_be_missing(drop->vms, &problem, error);
}

/* Where there is no AppArmor nobody runs under anything. */
static gboolean
ask_kernel(Drop *drop, GHashTable **loaded, GError **error)
{
    const HelperConfig *helper = &drop->ctl->config->helper;
    const KernelOptions options = {.parser = helper->parser,
                                   .include_dir = helper->include_dir,
                                   .apparmorfs = helper->kernel_dir};
    g_autoptr(GError) problem = NULL;
    g_autoptr(GPtrArray) processes = NULL;

    *loaded = loaded_read(drop->ctl->config, &problem);
    if (g_error_matches(problem, BASE_ERROR, BASE_ERROR_NOT_FOUND))
        return TRUE;
    if (!*loaded) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    processes = settled_processes(drop->ctl, !changes_is_dry_run(drop->changes), error);
    if (!processes)
        return FALSE;
    drop->used = profiles_in_use(processes);
    drop->kernel = kernel_new(&options);
    return TRUE;
}

static gboolean
look(Drop *drop, GError **error)
{
    g_autoptr(GHashTable) loaded = NULL;

    return ask_kernel(drop, &loaded, error) &&
           find_profiles(drop->dir, loaded, drop->names, error) &&
           (!drop->sockets || find_records(drop->sockets, drop->records, &drop->lost, error));
}

gboolean
leftovers_drop(const Ctl *ctl, Changes *changes, guint *stay, GError **error)
{
    g_auto(Drop) drop = {.ctl = ctl, .changes = changes};
    gboolean seen;

    drop.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    drop.records =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    *stay = 0;
    seen = open_dirs(&drop, error);
    if (seen && !drop.dir)
        return TRUE;
    if (!seen || !look(&drop, error)) {
        g_prefix_error(error, "%s", _("the profiles of virtiofsds stay; try again: "));
        return FALSE;
    }
    /* no launcher takes it, and it goes with the next boot: no package stays for its sake */
    if (drop.lost)
        output_warning(ctl->output, "%s: %s", _("a record of which nobody knows whose it is"),
                       drop.lost->message);
    return drop_unused(&drop, stay, error);
}
