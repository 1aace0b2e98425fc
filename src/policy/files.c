/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/limits.h"

#define FILE_MODE 0644

struct _PolicyDir {
    AutoFd fd;
    char *path;
};

typedef struct {
    char *name;
    char *temp; /* beside it: the new file, and after publishing the old one */
    gboolean published;
    gboolean had_old; /* there was a file called @name, which is in @temp now */
} Item;

struct _PolicyChange {
    const PolicyDir *dir;
    GPtrArray *items; /* of Item */
};

/* ---- the directory ---- */

PolicyDir *
policy_dir_open(const char *path, GError **error)
{
    /* O_PATH: the profile that distributions have for the helper lets it use files in the directory,
     * but not read the directory itself */
    g_auto(AutoFd) fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    PolicyDir *dir;

    if (fd < 0) {
        base_set_errno_error(error, errno, _("cannot open the policy directory %s"), path);
        return NULL;
    }
    dir = g_new0(PolicyDir, 1);
    dir->fd = autofd_steal(&fd);
    dir->path = g_strdup(path);
    return dir;
}

void
policy_dir_free(PolicyDir *dir)
{
    autofd_close(dir->fd);
    g_free(dir->path);
    g_free(dir);
}

int
policy_dir_fd(const PolicyDir *dir)
{
    return dir->fd;
}

const char *
policy_dir_path(const PolicyDir *dir)
{
    return dir->path;
}

gboolean
policy_exists(const PolicyDir *dir, const char *name)
{
    struct stat st;

    return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
policy_read(const PolicyDir *dir, const char *name, char **text, GError **error)
{
    g_autofree char *bytes = NULL;
    gsize len = 0;

    if (!base_read_file_at(dir->fd, name, LIMIT_FILE_BYTES, &bytes, &len, error)) {
        g_prefix_error(error, "%s: ", dir->path);
        return FALSE;
    }
    if (memchr(bytes, '\0', len))
        return base_set_error(error, BASE_ERROR_FAILED, _("%s/%s contains a NUL byte"), dir->path,
                              name);
    *text = g_steal_pointer(&bytes);
    return TRUE;
}

gboolean
policy_unlink(const PolicyDir *dir, const char *name, GError **error)
{
    if (unlinkat(dir->fd, name, 0) < 0 && errno != ENOENT)
        return base_set_errno_error(error, errno, _("cannot remove %s/%s"), dir->path, name);
    return TRUE;
}

gboolean
policy_clear_leftovers(const PolicyDir *dir, const char *name)
{
    static const char *const suffixes[] = {".tmp", ".tmp2"};
    gboolean found = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *temp = g_strconcat(name, suffixes[i], NULL);

        found |= unlinkat(dir->fd, temp, 0) == 0;
    }
    return found;
}

/* A rename is on disk only when the directory is. Where we may not read the directory it is up to the
 * file system's own journal. */
static gboolean
sync_dir(const PolicyDir *dir, GError **error)
{
    g_auto(AutoFd) fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 && (errno == EACCES || errno == EPERM))
        return TRUE;
    if (fd < 0 || FAULT("fsync-dir") || (fsync(fd) < 0 && errno != EINVAL))
        return base_set_errno_error(error, errno, _("cannot sync the directory %s"), dir->path);
    return TRUE;
}

/* ---- changes ---- */

static void
item_free(Item *item)
{
    g_free(item->name);
    g_free(item->temp);
    g_free(item);
}

PolicyChange *
policy_change_new(const PolicyDir *dir)
{
    PolicyChange *change = g_new0(PolicyChange, 1);

    change->dir = dir;
    change->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
    return change;
}

static Item *
add_item(PolicyChange *change, const char *name)
{
    Item *item = g_new0(Item, 1);

    /* The VM's lock makes the name ours, and what a crash left there is overwritten. It has the form
     * that the distribution's profile for the helper lets us write. */
    item->name = g_strdup(name);
    item->temp = g_strconcat(name, ".tmp", NULL);
    g_ptr_array_add(change->items, item);
    return item;
}

/* Writes @text to a new file @temp, down to the disk. */
static gboolean
write_temp(const PolicyDir *dir, const char *temp, const char *text, GError **error)
{
    g_auto(AutoFd) fd = -1;

    if (!policy_unlink(dir, temp, error))
        return FALSE;
    fd = FAULT("create") ? -1
                         : openat(dir->fd, temp,
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot create %s/%s"), dir->path, temp);
    if (!base_write_all(fd, temp, text, strlen(text), error))
        return FALSE;
    if (fchmod(fd, FILE_MODE) < 0 || FAULT("fsync") || fsync(fd) < 0)
        return base_set_errno_error(error, errno, _("cannot write %s/%s to the disk"), dir->path,
                                    temp);
    return TRUE;
}

gboolean
policy_change_write(PolicyChange *change, const char *name, const char *text, GError **error)
{
    return write_temp(change->dir, add_item(change, name)->temp, text, error);
}

/* For file systems that cannot exchange two names: a copy of the old file takes the part of the old
 * file, so that at no moment there is none called @item's name. */
static gboolean
replace_with_copy(const PolicyDir *dir, Item *item, GError **error)
{
    g_autofree char *copy = g_strconcat(item->temp, "2", NULL);
    g_autofree char *old = NULL;

    if (!policy_read(dir, item->name, &old, error) || !write_temp(dir, copy, old, error))
        return FALSE;
    if (renameat(dir->fd, item->temp, dir->fd, item->name) < 0) {
        int saved = errno;

        unlinkat(dir->fd, copy, 0);
        return base_set_errno_error(error, saved, _("cannot replace %s/%s"), dir->path, item->name);
    }
    renameat(dir->fd, copy, dir->fd, item->temp);
    return TRUE;
}

static gboolean
swap(const PolicyDir *dir, Item *item, GError **error)
{
    int rc;

    item->had_old = policy_exists(dir, item->name);
    if (FAULT("rename"))
        return base_set_errno_error(error, errno, _("cannot replace %s/%s"), dir->path, item->name);
    if (item->had_old)
        rc = renameat2(dir->fd, item->temp, dir->fd, item->name, RENAME_EXCHANGE);
    else
        rc = renameat(dir->fd, item->temp, dir->fd, item->name);

    if (rc == 0)
        return TRUE;
    if (item->had_old && (errno == EINVAL || errno == ENOSYS))
        return replace_with_copy(dir, item, error);
    return base_set_errno_error(error, errno, _("cannot replace %s/%s"), dir->path, item->name);
}

static void
swap_back(const PolicyDir *dir, Item *item)
{
    if (item->had_old)
        renameat(dir->fd, item->temp, dir->fd, item->name);
    else
        unlinkat(dir->fd, item->name, 0);
    item->published = FALSE;
}

gboolean
policy_change_publish(PolicyChange *change, GError **error)
{
    for (guint i = 0; i < change->items->len; i++) {
        Item *item = g_ptr_array_index(change->items, i);

        if (!swap(change->dir, item, error))
            return FALSE;
        item->published = TRUE;
    }
    return sync_dir(change->dir, error);
}

void
policy_change_keep(PolicyChange *change)
{
    for (guint i = 0; i < change->items->len; i++)
        ((Item *)g_ptr_array_index(change->items, i))->published = FALSE;
}

void
policy_change_free(PolicyChange *change)
{
    for (guint i = change->items->len; i > 0; i--) {
        Item *item = g_ptr_array_index(change->items, i - 1);

        if (item->published)
            swap_back(change->dir, item);
        unlinkat(change->dir->fd, item->temp, 0);
    }
    g_ptr_array_unref(change->items);
    g_free(change);
}
