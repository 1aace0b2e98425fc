/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/change.h"

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

#define DIRTY_SUFFIX ".dirty"

/* Of what a change writes beside a file. There is more than one for where the first is to be kept. */
static const char *const temp_suffixes[] = {".tmp", ".tmp2", ".tmp3"};

typedef struct {
    const PolicyDir *dir;
    char *name;
    /* beside it: the new file, and after publishing the old one; NULL: it stays there */
    char *temp;
    gboolean removes; /* there is no new file */
    gboolean published;
    gboolean had_old; /* there was a file called @name, which is in @temp now */
} Item;

struct _PolicyChange {
    const PolicyDir *dir; /* where the mark is */
    char *mark;           /* its name */
    gboolean marked;      /* it is ours to remove: no other call left it, nor is there a doubt */
    gboolean was_marked;  /* another call left it */
    GPtrArray *items;     /* of Item */
};

/* ---- what changes leave ---- */

GPtrArray *
policy_read_leftovers(const PolicyDir *dir, const char *name)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(temp_suffixes); i++) {
        g_autofree char *temp = g_strconcat(name, temp_suffixes[i], NULL);
        char *text = NULL;

        if (policy_read(dir, temp, &text, NULL))
            g_ptr_array_add(texts, text);
    }
    return texts;
}

void
policy_clear_leftovers(const PolicyDir *dir, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(temp_suffixes); i++) {
        g_autofree char *temp = g_strconcat(name, temp_suffixes[i], NULL);

        policy_remove_name(dir, temp);
    }
}

gboolean
policy_is_leftover(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(temp_suffixes); i++)
        if (g_str_has_suffix(name, temp_suffixes[i]))
            return TRUE;
    return FALSE;
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
    g_auto(AutoFd) fd = openat(policy_dir_fd(dir), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 && (errno == EACCES || errno == EPERM))
        return TRUE;
    if (fd < 0 || FAULT("fsync-dir") || (fsync(fd) < 0 && errno != EINVAL))
        return base_set_errno_error(error, errno, _("cannot sync the directory %s"),
                                    policy_dir_path(dir));
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
    change->was_marked = policy_exists(dir, change->mark);
    change->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
    return change;
}

/* Returns: (transfer full): the first name beside that of @item that nothing has, or the last one; the oldest
 * that could not be put back has the first. @item's own is none of them. */
static char *
unused_temp(const Item *item)
{
    char *unused = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(temp_suffixes); i++) {
        char *temp = g_strconcat(item->name, temp_suffixes[i], NULL);

        if (g_strcmp0(temp, item->temp) == 0) {
            g_free(temp);
            continue;
        }
        g_free(unused);
        unused = temp;
        if (!policy_exists(item->dir, unused))
            break;
    }
    return unused;
}

static Item *
add_item(PolicyChange *change, const PolicyDir *dir, const char *name)
{
    Item *item = g_new0(Item, 1);

    /* The VM's lock makes the name ours, and what a crash left there is overwritten, but for what may be
     * the last good version: see policy_change_take_back(). It has the form that the distribution's profile
     * for the helper lets us write. */
    item->dir = dir;
    item->name = g_strdup(name);
    item->temp = change->was_marked ? unused_temp(item) : g_strconcat(name, temp_suffixes[0], NULL);
    g_ptr_array_add(change->items, item);
    return item;
}

/* Writes @text to a new file @temp, down to the disk. */
static gboolean
write_temp(const PolicyDir *dir, const char *temp, const char *text, mode_t mode, GError **error)
{
    g_autofree char *whole = g_build_filename(policy_dir_path(dir), temp, NULL);
    g_auto(AutoFd) fd = -1;

    if (!policy_unlink(dir, temp, error))
        return FALSE;
    fd = FAULT("create") ? -1
                         : openat(policy_dir_fd(dir), temp,
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot create %s/%s"), policy_dir_path(dir),
                                    temp);
    if (!base_write_all(fd, whole, text, strlen(text), error))
        return FALSE;
    if (fchmod(fd, mode) < 0 || FAULT("fsync") || fsync(fd) < 0)
        return base_set_errno_error(error, errno, _("cannot write %s/%s to the disk"),
                                    policy_dir_path(dir), temp);
    return TRUE;
}

/* What is in a directory nobody can put back under the name of a file, nor remove. */
static gboolean
check_no_directory(const PolicyDir *dir, const char *name, GError **error)
{
    const int fd = policy_dir_fd(dir);
    struct stat st;

    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode) ||
        unlinkat(fd, name, AT_REMOVEDIR) == 0)
        return TRUE;
    return base_set_errno_error(error, errno, _("%s/%s is a directory: move it away"),
                                policy_dir_path(dir), name);
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
    unlinkat(policy_dir_fd(dir), item->temp, 0);
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

    return fstatat(policy_dir_fd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & 07777
                                                                            : 0600;
}

static gboolean
set_not_replaced(const Item *item, GError **error)
{
    return base_set_errno_error(error, errno, _("cannot replace %s/%s"), policy_dir_path(item->dir),
                                item->name);
}

/* What is damaged has nothing in it to copy, and that there is none of its name for a moment loses nothing.
 * @moved: (out): that it is so */
static gboolean
copy_old(const Item *item, const char *copy, gboolean *moved, GError **error)
{
    const PolicyDir *dir = item->dir;
    g_autofree char *old = NULL;
    g_autoptr(GError) unread = NULL;

    *moved = FALSE;
    if (policy_read(dir, item->name, &old, &unread)) {
        if (write_temp(dir, copy, old, mode_of(dir, item->name), error))
            return TRUE;
        unlinkat(policy_dir_fd(dir), copy, 0);
        return FALSE;
    }
    if (!g_error_matches(unread, BASE_ERROR, BASE_ERROR_DAMAGED)) {
        g_propagate_error(error, g_steal_pointer(&unread));
        return FALSE;
    }
    *moved = renameat(policy_dir_fd(dir), item->name, policy_dir_fd(dir), copy) == 0;
    return *moved || set_not_replaced(item, error);
}

static void
set_temp(Item *item, char **temp)
{
    g_free(item->temp);
    item->temp = g_steal_pointer(temp);
}

/* For file systems that cannot exchange two names: a copy of the old file takes the part of the old
 * file, so that at no moment there is none called @item's name. */
static gboolean
replace_with_copy(Item *item, GError **error)
{
    const PolicyDir *dir = item->dir;
    g_autofree char *copy = unused_temp(item);
    gboolean moved;

    if (!copy_old(item, copy, &moved, error))
        return FALSE;
    if (renameat(policy_dir_fd(dir), item->temp, policy_dir_fd(dir), item->name) == 0) {
        set_temp(item, &copy);
        return TRUE;
    }
    set_not_replaced(item, error);
    if (moved) {
        /* it is put back like all that were published */
        unlinkat(policy_dir_fd(dir), item->temp, 0);
        set_temp(item, &copy);
        item->published = TRUE;
    } else {
        unlinkat(policy_dir_fd(dir), copy, 0);
    }
    return FALSE;
}

static int
exchange(const Item *item)
{
    const PolicyDir *dir = item->dir;

    if (FAULT("exchange")) {
        errno = EINVAL; /* as of a file system that cannot */
        return -1;
    }
    return renameat2(policy_dir_fd(dir), item->temp, policy_dir_fd(dir), item->name,
                     RENAME_EXCHANGE);
}

static gboolean
swap(Item *item, GError **error)
{
    const PolicyDir *dir = item->dir;
    int rc = 0;

    item->had_old = policy_exists(dir, item->name);
    if (FAULT("rename"))
        return set_not_replaced(item, error);
    if (item->removes && item->had_old)
        rc = renameat(policy_dir_fd(dir), item->name, policy_dir_fd(dir), item->temp);
    else if (item->had_old)
        rc = exchange(item);
    else if (!item->removes)
        rc = renameat(policy_dir_fd(dir), item->temp, policy_dir_fd(dir), item->name);

    if (rc == 0)
        return TRUE;
    if (item->had_old && !item->removes && (errno == EINVAL || errno == ENOSYS))
        return replace_with_copy(item, error);
    return set_not_replaced(item, error);
}

/* FALSE: the old file is still beside its name, and has to stay there; or the new one is still there. */
static gboolean
swap_back(const Item *item, GError **error)
{
    const PolicyDir *dir = item->dir;

    if (!item->had_old) {
        if (item->removes ||
            (!FAULT("take-back") && unlinkat(policy_dir_fd(dir), item->name, 0) == 0))
            return TRUE;
        return base_set_errno_error(
            error, errno, _("cannot remove %s/%s again: the next call makes the policy anew"),
            policy_dir_path(dir), item->name);
    }
    if (!FAULT("take-back") &&
        renameat(policy_dir_fd(dir), item->temp, policy_dir_fd(dir), item->name) == 0)
        return TRUE;
    return base_set_errno_error(error, errno,
                                _("cannot put back %s/%s, which is %s/%s now: the next call makes "
                                  "the policy anew"),
                                policy_dir_path(dir), item->name, policy_dir_path(dir), item->temp);
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
                       : openat(policy_dir_fd(dir), change->mark,
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return TRUE;
    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot create %s/%s"), policy_dir_path(dir),
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

static gboolean
swap_all(PolicyChange *change, GError **error)
{
    for (guint i = 0; i < change->items->len; i++) {
        Item *item = g_ptr_array_index(change->items, i);

        if (!swap(item, error))
            return FALSE;
        item->published = TRUE;
    }
    return sync_dirs(change, error);
}

gboolean
policy_change_publish(PolicyChange *change, GError **error)
{
    if (change->items->len == 0)
        return TRUE;
    return set_mark(change, error) &&
           (swap_all(change, error) || policy_change_fail(change, error));
}

void
policy_change_keep(PolicyChange *change)
{
    for (guint i = 0; i < change->items->len; i++) {
        Item *item = g_ptr_array_index(change->items, i);

        item->published = FALSE;
        if (change->was_marked)
            policy_clear_leftovers(item->dir, item->name);
    }
    policy_remove_name(change->dir, change->mark);
    change->marked = FALSE;
}

gboolean
policy_change_take_back(PolicyChange *change, GError **error)
{
    gboolean all = TRUE;

    for (guint i = change->items->len; i > 0; i--) {
        Item *item = g_ptr_array_index(change->items, i - 1);

        if (item->published && !swap_back(item, all ? error : NULL)) {
            g_clear_pointer(&item->temp, g_free);
            all = FALSE;
        }
        item->published = FALSE;
    }
    /* all is as it was, and so is what the mark said */
    if (all && change->marked)
        unlinkat(policy_dir_fd(change->dir), change->mark, 0);
    change->marked = FALSE;
    return all;
}

gboolean
policy_change_fail(PolicyChange *change, GError **error)
{
    g_autoptr(GError) lost = NULL;

    if (error && g_error_matches(*error, BASE_ERROR, BASE_ERROR_UNSURE))
        change->marked = FALSE; /* the mark stays */
    if (!policy_change_take_back(change, &lost))
        g_prefix_error(error, "%s; ", lost->message);
    return FALSE;
}

void
policy_change_free(PolicyChange *change)
{
    policy_change_take_back(change, NULL);
    for (guint i = 0; i < change->items->len; i++) {
        const Item *item = g_ptr_array_index(change->items, i);

        if (item->temp)
            policy_remove_name(item->dir, item->temp);
    }
    g_ptr_array_unref(change->items);
    g_free(change->mark);
    g_free(change);
}
