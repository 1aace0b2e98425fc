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

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

#define DIRECTORY_MODE 0700
#define FILE_MODE      0600

/* What a change puts behind the name of a file: see policy_change_write(). */
#define LONGEST_SUFFIX ".tmp3"

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

/* Adds @name if it is @profile's; what went meanwhile was another VM's. */
static gboolean
find_one(const PolicyDir *dir, const char *name, const char *profile, GPtrArray *names,
         GError **error)
{
    g_autofree char *whose = NULL;
    g_autoptr(GError) unread = NULL;

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

struct _RecordsHeld {
    GArray *fds; /* of int */
};

static void
close_fd(gpointer fd)
{
    autofd_close(*(int *)fd);
}

/* FALSE: it is being used. One that is not there is not; of one that cannot be opened or locked nobody knows, and
 * a launcher that has it would be unconfined. */
static gboolean
hold(RecordsHeld *held, const PolicyDir *dir, const char *socket)
{
    g_autofree char *name = records_name(socket, NULL);
    int fd;

    if (!name)
        return TRUE;
    fd =
        openat(policy_dir_fd(dir), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT;
    g_array_append_val(held->fds, fd);
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

RecordsHeld *
records_hold(const PolicyDir *dir, GPtrArray *sockets)
{
    g_autoptr(RecordsHeld) held = g_new0(RecordsHeld, 1);

    held->fds = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_set_clear_func(held->fds, close_fd);
    for (guint i = 0; i < sockets->len; i++)
        if (!hold(held, dir, g_ptr_array_index(sockets, i)))
            return NULL;
    return g_steal_pointer(&held);
}

void
records_release(RecordsHeld *held)
{
    g_array_unref(held->fds);
    g_free(held);
}
