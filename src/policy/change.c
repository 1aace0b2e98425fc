/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/change.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"
#include "policy/swap.h"

#define DIRTY_SUFFIX ".dirty"

struct _PolicyChange {
    const PolicyDir *dir; /* where the mark is */
    char *mark;           /* its name */
    gboolean marked;      /* it is ours to remove: no other call left it, nor is there a doubt */
    gboolean was_marked;  /* another call left it */
    GPtrArray *swaps;     /* of Swap */
};

/* ---- the mark ---- */

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

/* ---- changes ---- */

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

PolicyChange *
policy_change_new(const PolicyDir *dir, const char *profile)
{
    PolicyChange *change = g_new0(PolicyChange, 1);

    change->dir = dir;
    change->mark = g_strconcat(profile, DIRTY_SUFFIX, NULL);
    change->was_marked = policy_exists(dir, change->mark);
    change->swaps = g_ptr_array_new_with_free_func((GDestroyNotify)swap_free);
    return change;
}

static Swap *
add_swap(PolicyChange *change, const PolicyDir *dir, const char *name)
{
    Swap *swap = swap_new(dir, name, change->was_marked);

    g_ptr_array_add(change->swaps, swap);
    return swap;
}

gboolean
policy_change_write(PolicyChange *change, const PolicyDir *dir, const char *name, const char *text,
                    mode_t mode, GError **error)
{
    Swap *swap = add_swap(change, dir, name);

    if (swap_write(swap, text, mode, error))
        return TRUE;
    g_ptr_array_remove(change->swaps, swap);
    return FALSE;
}

void
policy_change_remove(PolicyChange *change, const PolicyDir *dir, const char *name)
{
    add_swap(change, dir, name)->removes = TRUE;
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

    for (guint i = 0; i < change->swaps->len; i++) {
        const Swap *swap = g_ptr_array_index(change->swaps, i);

        if (swap->dir != last && !sync_dir(swap->dir, error))
            return FALSE;
        last = swap->dir;
    }
    return TRUE;
}

static gboolean
swap_all(PolicyChange *change, GError **error)
{
    for (guint i = 0; i < change->swaps->len; i++) {
        Swap *swap = g_ptr_array_index(change->swaps, i);

        if (!swap_in(swap, error))
            return FALSE;
        swap->published = TRUE;
    }
    return sync_dirs(change, error);
}

gboolean
policy_change_publish(PolicyChange *change, GError **error)
{
    if (change->swaps->len == 0)
        return TRUE;
    return set_mark(change, error) &&
           (swap_all(change, error) || policy_change_fail(change, error));
}

void
policy_change_keep(PolicyChange *change)
{
    for (guint i = 0; i < change->swaps->len; i++) {
        Swap *swap = g_ptr_array_index(change->swaps, i);

        swap->published = FALSE;
        if (change->was_marked)
            policy_clear_leftovers(swap->dir, swap->name);
    }
    policy_remove_name(change->dir, change->mark);
    change->marked = FALSE;
}

gboolean
policy_change_take_back(PolicyChange *change, GError **error)
{
    gboolean all = TRUE;

    for (guint i = change->swaps->len; i > 0; i--) {
        Swap *swap = g_ptr_array_index(change->swaps, i - 1);

        if (swap->published && !swap_back(swap, all ? error : NULL)) {
            g_clear_pointer(&swap->temp, g_free);
            all = FALSE;
        }
        swap->published = FALSE;
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
    for (guint i = 0; i < change->swaps->len; i++) {
        const Swap *swap = g_ptr_array_index(change->swaps, i);

        if (swap->temp)
            policy_remove_name(swap->dir, swap->temp);
    }
    g_ptr_array_unref(change->swaps);
    g_free(change->mark);
    g_free(change);
}
