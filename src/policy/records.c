/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/records.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/limits.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

#define DIRECTORY_MODE 0700
#define FILE_MODE      0600

/* What a change puts behind the name of a file: see policy_dir_share() and policy_change_write(). */
#define LONGEST_SUFFIX POLICY_OWNER_MARK "libvirt-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.tmp3"

PolicyDir *
records_open(const char *records, const char *kind, gboolean make, GError **error)
{
    g_autofree char *path = g_build_filename(records, kind, NULL);

    if (make && ((mkdir(records, DIRECTORY_MODE) < 0 && errno != EEXIST) ||
                 (mkdir(path, DIRECTORY_MODE) < 0 && errno != EEXIST))) {
        base_set_errno_error(error, errno, _("cannot make %s"), path);
        return NULL;
    }
    return policy_dir_open(path, error);
}

char *
records_name(const char *socket, GError **error)
{
    char name[NAME_MAX + 1];

    if (record_file_name(socket, name) && strlen(name) <= NAME_MAX - strlen(LONGEST_SUFFIX))
        return g_strdup(name);
    base_set_error(error, BASE_ERROR_LIMIT, _("%s: the path of the socket is too long"), socket);
    return NULL;
}

char *
records_text(const Record *record, const char *socket, GError **error)
{
    Failure failure;
    char *text = record_format(record, NULL, &failure);

    if (!text)
        base_set_error(error, BASE_ERROR_FAILED, _("the record of %s: %s"), socket, failure.text);
    return text;
}

gboolean
records_whose(const PolicyDir *dir, const char *name, char **profile, GError **error)
{
    AUTO_RECORD Record record = {0};
    g_autofree char *text = NULL;
    Failure failure;

    if (!policy_read(dir, name, &text, error))
        return FALSE;
    if (!record_parse(text, strlen(text), &record, &failure))
        return base_set_error(error, BASE_ERROR_DAMAGED, "%s/%s: %s", policy_dir_path(dir), name,
                              failure.text);
    *profile = g_strdup(record.profile);
    return TRUE;
}

gboolean
records_list(const PolicyDir *dir, GPtrArray *names, GError **error)
{
    g_auto(AutoFd) fd = openat(policy_dir_fd(dir), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(DIR) entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!entries)
        return base_set_errno_error(error, errno, _("cannot read %s"), policy_dir_path(dir));
    autofd_steal(&fd);
    while ((errno = 0, entry = FAULT("readdir") ? NULL : readdir(entries)))
        if (entry->d_name[0] != '.')
            g_ptr_array_add(names, g_strdup(entry->d_name));
    if (errno != 0)
        return base_set_errno_error(error, errno, _("cannot read %s"), policy_dir_path(dir));
    return TRUE;
}

/* Whether @name is beside a record, and another VM's call has written it there, or moved it aside. */
static gboolean
is_others(const char *name, const char *profile)
{
    g_autofree char *beside = policy_without_suffix(name);
    g_autofree char *ours = g_strconcat(POLICY_OWNER_MARK, profile, NULL);

    return policy_is_leftover(name) && !g_str_has_suffix(beside, ours);
}

/* Adds @name if it is @profile's; what went meanwhile was another VM's. */
static gboolean
find_one(const PolicyDir *dir, const char *name, const char *profile, GPtrArray *names,
         GError **error)
{
    g_autofree char *whose = NULL;
    g_autoptr(GError) unread = NULL;

    if (is_others(name, profile))
        return TRUE;
    if (records_whose(dir, name, &whose, &unread)) {
        if (g_str_equal(whose, profile))
            g_ptr_array_add(names, g_strdup(name));
        return TRUE;
    }
    /* one that a call writes at this moment may be anybody's, and half of it */
    if (policy_is_leftover(name) || g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
        return TRUE;
    g_propagate_prefixed_error(error, g_steal_pointer(&unread),
                               "%s: ", _("a record of which nobody knows whose it is"));
    return FALSE;
}

gboolean
records_find(const PolicyDir *dir, const char *profile, GPtrArray *names, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    gboolean known = records_list(dir, all, error);

    for (guint i = 0; i < all->len; i++)
        known =
            find_one(dir, g_ptr_array_index(all, i), profile, names, known ? error : NULL) && known;
    return known;
}

gboolean
records_stage(PolicyChange *change, const PolicyDir *dir, const char *name, const char *text,
              GError **error)
{
    g_autofree char *before = NULL;

    policy_read(dir, name, &before, NULL);
    if (g_strcmp0(before, text) == 0)
        return TRUE;
    if (FAULT("record"))
        return base_set_errno_error(error, errno, _("cannot write the record %s/%s"),
                                    policy_dir_path(dir), name);
    return policy_change_write(change, dir, name, text, FILE_MODE, error);
}

/* ---- records that are held ---- */

/* Microseconds between two looks at a record that somebody else holds. */
#define LOOK_US 5000

struct _RecordsHeld {
    GArray *fds; /* of int */
    gint64 end;  /* of the time to wait for others, as g_get_monotonic_time() has it */
};

static void
close_fd(gpointer fd)
{
    autofd_close(*(int *)fd);
}

static RecordsHeld *
held_new(guint wait_ms)
{
    RecordsHeld *held = g_new0(RecordsHeld, 1);

    held->fds = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_set_clear_func(held->fds, close_fd);
    held->end = g_get_monotonic_time() + (gint64)wait_ms * 1000;
    return held;
}

RecordsHeld *
records_held_new(void)
{
    return held_new(LIMIT_RECORD_WAIT_MS);
}

void
records_release(RecordsHeld *held)
{
    g_array_unref(held->fds);
    g_free(held);
}

/* TRUE: locked, and what is called @name. FALSE with EWOULDBLOCK: somebody has a lock, or has given the name to another
 * record. */
static gboolean
try_lock(const PolicyDir *dir, const char *name, int fd, int how)
{
    if (FAULT("record-lock") || flock(fd, how | LOCK_NB) < 0)
        return FALSE;
    return policy_is_named(dir, name, fd);
}

/* Locks the record that is called @name in the end. FALSE with errno: ENOENT: there is none; EWOULDBLOCK: it is being
 * used until the time is over */
static gboolean
hold(RecordsHeld *held, const PolicyDir *dir, const char *name, int how)
{
    for (;;) {
        g_auto(AutoFd) fd = openat(policy_dir_fd(dir), name,
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

        if (fd < 0)
            return FALSE;
        if (try_lock(dir, name, fd, how)) {
            int kept = autofd_steal(&fd);

            g_array_append_val(held->fds, kept);
            return TRUE;
        }
        if (errno != EWOULDBLOCK && errno != EINTR)
            return FALSE;
        if (g_get_monotonic_time() >= held->end) {
            errno = EWOULDBLOCK;
            return FALSE;
        }
        g_usleep(LOOK_US);
    }
}

static void
release_last(RecordsHeld *held)
{
    g_array_set_size(held->fds, held->fds->len - 1);
}

static gboolean
set_not_held(const PolicyDir *dir, const char *name, GError **error)
{
    if (errno == EWOULDBLOCK)
        return base_set_error(error, BASE_ERROR_BUSY,
                              _("the record %s/%s is being used by another VM's call or virtiofsd"),
                              policy_dir_path(dir), name);
    base_set_errno_error(error, errno, _("cannot lock the record %s/%s"), policy_dir_path(dir),
                         name);
    if (error)
        (*error)->code = BASE_ERROR_BUSY;
    return FALSE;
}

gboolean
records_claim(RecordsHeld *held, const PolicyDir *dir, const char *name, const char *profile,
              GError **error)
{
    g_autofree char *whose = NULL;

    /* it stays that as long as we have the VM's lock; a launcher that has it may be waiting for that */
    if (records_whose(dir, name, &whose, NULL) && g_str_equal(whose, profile))
        return TRUE;
    /* a link is nothing that a launcher would take */
    if (hold(held, dir, name, LOCK_EX) || errno == ENOENT || errno == ELOOP)
        return TRUE;
    return set_not_held(dir, name, error);
}

gboolean
records_keep(RecordsHeld *held, const PolicyDir *dir, const char *name, const char *profile,
             gboolean *own, GError **error)
{
    g_autofree char *whose = NULL;
    g_autoptr(GError) unread = NULL;
    gboolean is_held;

    *own = FALSE;
    is_held = hold(held, dir, name, LOCK_SH);
    if (!is_held && errno == ENOENT)
        return TRUE;
    if (!is_held && errno != ELOOP)
        return set_not_held(dir, name, error);
    *own = records_whose(dir, name, &whose, &unread) && g_str_equal(whose, profile);
    if (is_held && !*own)
        release_last(held);
    if (!unread || g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&unread));
    return FALSE;
}

gboolean
records_remove(RecordsHeld *held, const PolicyDir *dir, const char *name, const char *profile,
               GError **error)
{
    const guint before = held->fds->len;
    gboolean own;
    gboolean gone = records_keep(held, dir, name, profile, &own, error) &&
                    (!own || policy_unlink(dir, name, error));

    /* there may be more of them than descriptors */
    if (held->fds->len > before)
        release_last(held);
    return gone;
}

RecordsHeld *
records_hold(const PolicyDir *dir, GPtrArray *names)
{
    g_autoptr(RecordsHeld) held = held_new(0);

    for (guint i = 0; i < names->len; i++)
        if (!hold(held, dir, g_ptr_array_index(names, i), LOCK_EX) && errno != ENOENT)
            return NULL;
    return g_steal_pointer(&held);
}

RecordsHeld *
records_hold_of(const PolicyDir *dir, const char *profile)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) unknown = NULL;

    /* one that is not to be understood no launcher takes */
    if (!records_find(dir, profile, names, &unknown) &&
        !g_error_matches(unknown, BASE_ERROR, BASE_ERROR_DAMAGED))
        return NULL;
    return records_hold(dir, names);
}
