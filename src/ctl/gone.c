/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/gone.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "ctl/domains.h"
#include "kernel/kernel.h"
#include "policy/change.h"
#include "policy/lock.h"
#include "policy/own.h"
#include "policy/records.h"
#include "virtiofsd/label.h"

#define PREFIX     "libvirt-"
#define UUID_BYTES 36

void
gone_free(Gone *gone)
{
    g_free(gone->uuid);
    g_free(gone->profile);
    g_ptr_array_unref(gone->files);
    g_free(gone->problem);
    g_free(gone);
}

/* ---- finding ---- */

/* (transfer full) (nullable): the profile of the VM that the file @name is of, if it is one that helper, launcher
 * or virt-aa-ctl make: what has another end, such as a copy by hand, is not ours to remove. */
static char *
profile_of_file(const char *name)
{
    static const char *const ends[] = {"", "-virtiofsd", ".files", ".virtiofsd", ".dirty", NULL};
    g_autofree char *file = policy_without_suffix(name);
    g_autofree char *profile = g_strndup(file, strlen(PREFIX) + UUID_BYTES);

    if (!label_is_profile(profile) || !g_strv_contains(ends, file + strlen(profile)))
        return NULL;
    return g_steal_pointer(&profile);
}

static Gone *
gone_get(GHashTable *all, const char *profile)
{
    Gone *gone = g_hash_table_lookup(all, profile);

    if (gone)
        return gone;
    gone = g_new0(Gone, 1);
    gone->uuid = g_strdup(profile + strlen(PREFIX));
    gone->profile = g_strdup(profile);
    gone->files = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_insert(all, gone->profile, gone);
    return gone;
}

/* What a search has found so far, and whom it leaves alone. */
typedef struct {
    GHashTable *defined; /* UUIDs */
    GHashTable *all;     /* profile: Gone */
} Search;

static gboolean
search_dir(const Search *search, const char *path, gboolean own, GError **error)
{
    g_autoptr(GError) unread = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &unread);
    const char *name;

    if (!dir && g_error_matches(unread, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
    if (!dir) {
        g_propagate_error(error, g_steal_pointer(&unread));
        return FALSE;
    }
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *profile = profile_of_file(name);
        Gone *gone;

        if (!profile || g_hash_table_contains(search->defined, profile + strlen(PREFIX)))
            continue;
        gone = gone_get(search->all, profile);
        gone->has_own = gone->has_own || own;
        g_ptr_array_add(gone->files, g_build_filename(path, name, NULL));
    }
    return TRUE;
}

/* Records of sockets have the sockets' names, and say whose they are. */
static gboolean
search_sockets(const Search *search, const char *records, GError **error)
{
    g_autofree char *path = g_build_filename(records, RECORDS_SOCKETS, NULL);
    g_autoptr(PolicyDir) dir = policy_dir_open(path, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    if (dir && !records_list(dir, names, error))
        return FALSE;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *profile = NULL;

        if (!records_whose(dir, name, &profile, NULL) || !label_is_profile(profile) ||
            g_hash_table_contains(search->defined, profile + strlen(PREFIX)))
            continue;
        g_ptr_array_add(gone_get(search->all, profile)->files, g_build_filename(path, name, NULL));
    }
    return TRUE;
}

/* The profile of a container, which qemu:///system knows nothing of. */
static gboolean
is_container(const Ctl *ctl, const Gone *gone)
{
    g_autoptr(PolicyDir) dir = policy_dir_open(ctl->config->helper.policy_dir, NULL);
    g_autofree char *text = NULL;

    return dir && policy_read(dir, gone->profile, &text, NULL) && strstr(text, "libvirt-lxc");
}

static int
by_uuid(gconstpointer a, gconstpointer b)
{
    const Gone *const *x = a;
    const Gone *const *y = b;

    return strcmp((*x)->uuid, (*y)->uuid);
}

static int
by_path(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The domains of this host, whatever --connect says: those of another host are no reason to remove files of
 * these, and neither is a driver that has none. */
static GHashTable *
list_defined(const Ctl *ctl, GError **error)
{
    g_autoptr(GHashTable) defined = domains_uuids(ctl->config->uri, error);
    g_autoptr(GHashTable) more = NULL;
    GHashTableIter iterator;
    gpointer uuid;

    if (!defined || g_str_equal(ctl->uri, ctl->config->uri))
        return g_steal_pointer(&defined);
    more = domains_uuids(ctl->uri, error);
    if (!more)
        return NULL;
    g_hash_table_iter_init(&iterator, more);
    while (g_hash_table_iter_next(&iterator, &uuid, NULL))
        g_hash_table_add(defined, g_strdup(uuid));
    return g_steal_pointer(&defined);
}

static gboolean
search_all(const Ctl *ctl, const Search *search, GError **error)
{
    const HelperConfig *helper = &ctl->config->helper;
    g_autofree char *local = g_build_filename(ctl->config->apparmor_dir, OWN_RULES_DIR, NULL);
    g_autofree char *complain = g_build_filename(ctl->config->apparmor_dir, OWN_COMPLAIN_DIR, NULL);
    g_autofree char *vms =
        helper->records ? g_build_filename(helper->records, RECORDS_VMS, NULL) : NULL;

    return search_dir(search, helper->policy_dir, FALSE, error) &&
           search_dir(search, local, TRUE, error) && search_dir(search, complain, TRUE, error) &&
           (!vms || (search_dir(search, vms, FALSE, error) &&
                     search_sockets(search, helper->records, error)));
}

GPtrArray *
gone_find(const Ctl *ctl, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)gone_free);
    g_autoptr(GHashTable) defined = list_defined(ctl, error);
    g_autoptr(GHashTable) all = g_hash_table_new(g_str_hash, g_str_equal);
    const Search search = {defined, all};
    GHashTableIter iterator;
    gpointer gone;
    gboolean searched;

    if (!defined)
        return NULL;
    searched = search_all(ctl, &search, error);
    g_hash_table_iter_init(&iterator, all);
    while (g_hash_table_iter_next(&iterator, NULL, &gone)) {
        if (is_container(ctl, gone)) {
            gone_free(gone);
            continue;
        }
        g_ptr_array_sort(((Gone *)gone)->files, by_path);
        g_ptr_array_add(list, gone);
    }
    if (!searched)
        return NULL;
    g_ptr_array_sort(list, by_uuid);
    return g_steal_pointer(&list);
}

/* ---- removing ---- */

static gboolean
check_gone(const Ctl *ctl, const Gone *gone, GError **error)
{
    g_autoptr(GHashTable) defined = list_defined(ctl, error);

    if (!defined)
        return FALSE;
    if (!g_hash_table_contains(defined, gone->uuid))
        return TRUE;
    return base_set_error(error, BASE_ERROR_BUSY, _("it is defined again"));
}

static gboolean
check_unused(Kernel *kernel, const char *profile, gboolean *loaded, GError **error)
{
    g_autoptr(GError) unknown = NULL;
    gboolean in_use = TRUE;

    /* a kernel without AppArmor has none loaded, and nobody under it */
    *loaded = FALSE;
    if (!kernel_has_profile(kernel, profile, loaded, &unknown)) {
        if (g_error_matches(unknown, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&unknown));
        return FALSE;
    }
    if (!*loaded)
        return TRUE;
    if (!kernel_label_in_use(kernel, profile, &in_use, error))
        return FALSE;
    return !in_use || base_set_error(error, BASE_ERROR_BUSY, _("a process runs under %s"), profile);
}

/* Both or none. */
static gboolean
unload(const Ctl *ctl, const Gone *gone, GError **error)
{
    const HelperConfig *helper = &ctl->config->helper;
    const KernelOptions options = {.parser = helper->parser,
                                   .include_dir = helper->include_dir,
                                   .apparmorfs = helper->kernel_dir};
    g_autoptr(Kernel) kernel = kernel_new(&options);
    g_autofree char *label = label_from_profile(gone->profile);
    const char *const profiles[] = {gone->profile, label};
    gboolean loaded[G_N_ELEMENTS(profiles)];
    KernelUnload outcome;

    for (gsize i = 0; i < G_N_ELEMENTS(profiles); i++)
        if (!check_unused(kernel, profiles[i], &loaded[i], error))
            return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(profiles); i++) {
        if (!loaded[i])
            continue;
        if (!kernel_unload(kernel, profiles[i], &outcome, error))
            return FALSE;
        if (outcome == KERNEL_STAYS)
            return base_set_error(error, BASE_ERROR_BUSY, _("a process runs under %s"),
                                  profiles[i]);
    }
    return TRUE;
}

/* Nothing that a launcher on its way would have is unloaded. */
static gboolean
unload_held(const Ctl *ctl, const PolicyDir *sockets, const Gone *gone, GError **error)
{
    g_autoptr(RecordsHeld) held = sockets ? records_hold_of(sockets, gone->profile) : NULL;

    if (sockets && !held)
        return base_set_error(error, BASE_ERROR_BUSY, _("a process runs under %s"), gone->profile);
    return unload(ctl, gone, error);
}

/* A socket's record may be another VM's by now. */
static gboolean
remove_file(const char *path, const PolicyDir *sockets, const char *profile, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    g_autoptr(RecordsHeld) held = NULL;

    if (sockets && g_str_equal(folder, policy_dir_path(sockets))) {
        held = records_held_new();
        return records_remove(held, sockets, name, profile, error);
    }
    if (g_unlink(path) < 0 && errno != ENOENT)
        return base_set_errno_error(error, errno, _("cannot remove %s"), path);
    return TRUE;
}

static gboolean
remove_locked(const Ctl *ctl, const Gone *gone, GError **error)
{
    const char *records = ctl->config->helper.records;
    g_autoptr(PolicyDir) sockets =
        records ? records_open(records, RECORDS_SOCKETS, FALSE, NULL) : NULL;

    if (!check_gone(ctl, gone, error) || !unload_held(ctl, sockets, gone, error))
        return FALSE;
    for (guint i = 0; i < gone->files->len; i++)
        if (!remove_file(g_ptr_array_index(gone->files, i), sockets, gone->profile, error))
            return FALSE;
    return TRUE;
}

void
gone_remove(const Ctl *ctl, Gone *gone)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PolicyDir) dir = policy_dir_open(ctl->config->helper.policy_dir, &error);
    g_autoptr(PolicyLock) lock =
        dir ? policy_lock(dir, gone->profile, LIMIT_LOCK_WAIT_MS, &error) : NULL;

    gone->removed = lock && remove_locked(ctl, gone, &error);
    if (!gone->removed)
        gone->problem = g_strdup(error->message);
}
