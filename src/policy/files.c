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

#define TEMP_SUFFIX  ".tmp"
#define DIRTY_SUFFIX ".dirty"

struct _PolicyDir {
    AutoFd fd;
    char *path;
};

typedef struct {
    const PolicyDir *dir;
    char *name;
    char *temp;       /* beside it: the new file, and after publishing the old one */
    gboolean removes; /* there is no new file */
    gboolean published;
    gboolean had_old; /* there was a file called @name, which is in @temp now */
} Item;

struct _PolicyChange {
    const PolicyDir *dir; /* where the mark is */
    char *mark;           /* its name */
    gboolean marked;      /* it is ours to remove: no other call left it, nor is there a doubt */
    GPtrArray *items;     /* of Item */
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
        const gboolean is_other = errno == ENOTDIR;

        base_set_errno_error(error, errno, _("cannot open the policy directory %s"), path);
        if (error && is_other)
            (*error)->code = BASE_ERROR_DAMAGED;
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

    return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

gboolean
policy_read(const PolicyDir *dir, const char *name, char **text, GError **error)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) unread = NULL;
    gsize len = 0;

    if (!base_read_trusted_at(dir->fd, name, LIMIT_FILE_BYTES, &bytes, &len, &unread)) {
        /* we write none so large */
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_LIMIT))
            unread->code = BASE_ERROR_DAMAGED;
        g_propagate_prefixed_error(error, g_steal_pointer(&unread), "%s: ", dir->path);
        return FALSE;
    }
    if (memchr(bytes, '\0', len))
        return base_set_error(error, BASE_ERROR_DAMAGED, _("%s/%s contains a NUL byte"), dir->path,
                              name);
    *text = g_steal_pointer(&bytes);
    return TRUE;
}

char *
policy_read_leftover(const PolicyDir *dir, const char *name)
{
    g_autofree char *temp = g_strconcat(name, TEMP_SUFFIX, NULL);
    char *text = NULL;

    return policy_read(dir, temp, &text, NULL) ? text : NULL;
}

/* An empty directory as well, which stands where a file of ours is to be. Fails with errno. */
static gboolean
remove_name(const PolicyDir *dir, const char *name)
{
    if (unlinkat(dir->fd, name, 0) == 0)
        return TRUE;
    return errno == EISDIR && unlinkat(dir->fd, name, AT_REMOVEDIR) == 0;
}

gboolean
policy_unlink(const PolicyDir *dir, const char *name, GError **error)
{
    if (FAULT("unlink") || (!remove_name(dir, name) && errno != ENOENT))
        return base_set_errno_error(error, errno, _("cannot remove %s/%s"), dir->path, name);
    return TRUE;
}

void
policy_clear_leftovers(const PolicyDir *dir, const char *name)
{
    static const char *const suffixes[] = {TEMP_SUFFIX, TEMP_SUFFIX "2"};

    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *temp = g_strconcat(name, suffixes[i], NULL);

        remove_name(dir, temp);
    }
}

gboolean
policy_is_dirty(const PolicyDir *dir, const char *profile)
{
    g_autofree char *mark = g_strconcat(profile, DIRTY_SUFFIX, NULL);

    return policy_exists(dir, mark);
}

gboolean
policy_set_clean(const PolicyDir *dir, const char *profile, GError **error)
{
    g_autofree char *mark = g_strconcat(profile, DIRTY_SUFFIX, NULL);

    return policy_unlink(dir, mark, error);
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
policy_change_new(const PolicyDir *dir, const char *profile)
{
    PolicyChange *change = g_new0(PolicyChange, 1);

    change->dir = dir;
    change->mark = g_strconcat(profile, DIRTY_SUFFIX, NULL);
    change->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
    return change;
}

static Item *
add_item(PolicyChange *change, const PolicyDir *dir, const char *name)
{
    Item *item = g_new0(Item, 1);

    /* The VM's lock makes the name ours, and what a crash left there is overwritten. It has the form
     * that the distribution's profile for the helper lets us write. */
    item->dir = dir;
    item->name = g_strdup(name);
    item->temp = g_strconcat(name, TEMP_SUFFIX, NULL);
    g_ptr_array_add(change->items, item);
    return item;
}

/* Writes @text to a new file @temp, down to the disk. */
static gboolean
write_temp(const PolicyDir *dir, const char *temp, const char *text, mode_t mode, GError **error)
{
    g_auto(AutoFd) fd = -1;

    if (!policy_unlink(dir, temp, error))
        return FALSE;
    fd = FAULT("create")
             ? -1
             : openat(dir->fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot create %s/%s"), dir->path, temp);
    if (!base_write_all(fd, temp, text, strlen(text), error))
        return FALSE;
    if (fchmod(fd, mode) < 0 || FAULT("fsync") || fsync(fd) < 0)
        return base_set_errno_error(error, errno, _("cannot write %s/%s to the disk"), dir->path,
                                    temp);
    return TRUE;
}

/* What is in a directory nobody can put back under the name of a file, nor remove. */
static gboolean
check_no_directory(const PolicyDir *dir, const char *name, GError **error)
{
    struct stat st;

    if (fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode) ||
        unlinkat(dir->fd, name, AT_REMOVEDIR) == 0)
        return TRUE;
    return base_set_errno_error(error, errno, _("%s/%s is a directory: move it away"), dir->path,
                                name);
}

gboolean
policy_change_write(PolicyChange *change, const PolicyDir *dir, const char *name, const char *text,
                    mode_t mode, GError **error)
{
    Item *item;

    if (!check_no_directory(dir, name, error))
        return FALSE;
    item = add_item(change, dir, name);
    if (write_temp(dir, item->temp, text, mode, error))
        return TRUE;
    unlinkat(dir->fd, item->temp, 0);
    g_ptr_array_remove(change->items, item);
    return FALSE;
}

void
policy_change_remove(PolicyChange *change, const PolicyDir *dir, const char *name)
{
    add_item(change, dir, name)->removes = TRUE;
}

static mode_t
mode_of(const PolicyDir *dir, const char *name)
{
    struct stat st;

    return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & 07777 : 0600;
}

/* What is damaged has nothing in it to copy, and that there is none of its name for a moment loses nothing. */
static gboolean
copy_old(const Item *item, const char *copy, GError **error)
{
    const PolicyDir *dir = item->dir;
    g_autofree char *old = NULL;
    g_autoptr(GError) unread = NULL;

    if (policy_read(dir, item->name, &old, &unread))
        return write_temp(dir, copy, old, mode_of(dir, item->name), error);
    if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_DAMAGED) &&
        renameat(dir->fd, item->name, dir->fd, copy) == 0)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&unread));
    return FALSE;
}

/* For file systems that cannot exchange two names: a copy of the old file takes the part of the old
 * file, so that at no moment there is none called @item's name. */
static gboolean
replace_with_copy(Item *item, GError **error)
{
    const PolicyDir *dir = item->dir;
    g_autofree char *copy = g_strconcat(item->temp, "2", NULL);

    if (!copy_old(item, copy, error))
        return FALSE;
    if (renameat(dir->fd, item->temp, dir->fd, item->name) < 0) {
        int saved = errno;

        unlinkat(dir->fd, copy, 0);
        return base_set_errno_error(error, saved, _("cannot replace %s/%s"), dir->path, item->name);
    }
    renameat(dir->fd, copy, dir->fd, item->temp);
    return TRUE;
}

static int
exchange(const Item *item)
{
    const PolicyDir *dir = item->dir;

    if (FAULT("exchange")) {
        errno = EINVAL; /* as of a file system that cannot */
        return -1;
    }
    return renameat2(dir->fd, item->temp, dir->fd, item->name, RENAME_EXCHANGE);
}

static gboolean
swap(Item *item, GError **error)
{
    const PolicyDir *dir = item->dir;
    int rc = 0;

    item->had_old = policy_exists(dir, item->name);
    if (FAULT("rename"))
        return base_set_errno_error(error, errno, _("cannot replace %s/%s"), dir->path, item->name);
    if (item->removes && item->had_old)
        rc = renameat(dir->fd, item->name, dir->fd, item->temp);
    else if (item->had_old)
        rc = exchange(item);
    else if (!item->removes)
        rc = renameat(dir->fd, item->temp, dir->fd, item->name);

    if (rc == 0)
        return TRUE;
    if (item->had_old && !item->removes && (errno == EINVAL || errno == ENOSYS))
        return replace_with_copy(item, error);
    return base_set_errno_error(error, errno, _("cannot replace %s/%s"), dir->path, item->name);
}

/* FALSE with errno set: the old file is still beside its name, and has to stay there. */
static gboolean
swap_back(Item *item)
{
    int rc = 0;

    if (FAULT("take-back"))
        return FALSE;
    if (item->had_old)
        rc = renameat(item->dir->fd, item->temp, item->dir->fd, item->name);
    else if (!item->removes)
        rc = unlinkat(item->dir->fd, item->name, 0);
    return rc == 0;
}

/*
 * Says that files and kernel may differ from here on, until a call has loaded what is on disk. It need
 * not survive the machine: after a boot nothing is loaded, which tells the same.
 */
static gboolean
set_mark(PolicyChange *change, GError **error)
{
    const PolicyDir *dir = change->dir;
    g_auto(AutoFd) fd = -1;

    fd = FAULT("mark") ? -1
                       : openat(dir->fd, change->mark,
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return TRUE;
    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot create %s/%s"), dir->path,
                                    change->mark);
    change->marked = TRUE;
    return TRUE;
}

/* Once for each directory. */
static gboolean
sync_dirs(PolicyChange *change, GError **error)
{
    const PolicyDir *last = NULL;

    for (guint i = 0; i < change->items->len; i++) {
        const Item *item = g_ptr_array_index(change->items, i);

        if (item->dir != last && !sync_dir(item->dir, error))
            return FALSE;
        last = item->dir;
    }
    return TRUE;
}

gboolean
policy_change_publish(PolicyChange *change, GError **error)
{
    if (change->items->len == 0)
        return TRUE;
    if (!set_mark(change, error))
        return FALSE;
    for (guint i = 0; i < change->items->len; i++) {
        Item *item = g_ptr_array_index(change->items, i);

        if (!swap(item, error))
            return FALSE;
        item->published = TRUE;
    }
    return sync_dirs(change, error);
}

void
policy_change_keep(PolicyChange *change)
{
    for (guint i = 0; i < change->items->len; i++)
        ((Item *)g_ptr_array_index(change->items, i))->published = FALSE;
    remove_name(change->dir, change->mark);
    change->marked = FALSE;
}

void
policy_change_doubt(PolicyChange *change)
{
    change->marked = FALSE;
}

gboolean
policy_change_take_back(PolicyChange *change, GError **error)
{
    for (guint i = change->items->len; i > 0; i--) {
        Item *item = g_ptr_array_index(change->items, i - 1);

        if (!item->published)
            continue;
        if (!swap_back(item)) {
            base_set_errno_error(error, errno,
                                 _("cannot put back %s/%s, which is %s/%s now: the next call makes "
                                   "the policy anew"),
                                 item->dir->path, item->name, item->dir->path, item->temp);
            g_clear_pointer(&item->temp, g_free);
            item->published = FALSE;
            change->marked = FALSE;
            return FALSE;
        }
        item->published = FALSE;
    }
    /* all is as it was, and so is what the mark said */
    if (change->marked)
        unlinkat(change->dir->fd, change->mark, 0);
    change->marked = FALSE;
    return TRUE;
}

void
policy_change_free(PolicyChange *change)
{
    policy_change_take_back(change, NULL);
    for (guint i = 0; i < change->items->len; i++) {
        const Item *item = g_ptr_array_index(change->items, i);

        if (item->temp && !item->published)
            remove_name(item->dir, item->temp);
    }
    g_ptr_array_unref(change->items);
    g_free(change->mark);
    g_free(change);
}
