/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/swap.h"

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
#include "policy/change.h"

/* Of what a change writes beside a file. There is more than one for where the first is to be kept. */
static const char *const temp_suffixes[] = {".tmp", ".tmp2", ".tmp3"};

/* Returns: (transfer full): the name of what is written beside @name */
static char *
temp_name(const PolicyDir *dir, const char *name, gsize which)
{
    g_autofree char *beside = policy_dir_beside(dir, name);

    return g_strconcat(beside, temp_suffixes[which], NULL);
}

/* ---- what changes leave ---- */

GPtrArray *
policy_read_leftovers(const PolicyDir *dir, const char *name)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(temp_suffixes); i++) {
        g_autofree char *temp = temp_name(dir, name, i);
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
        g_autofree char *temp = temp_name(dir, name, i);

        policy_remove_name(dir, temp);
    }
}

char *
policy_without_suffix(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(temp_suffixes); i++)
        if (g_str_has_suffix(name, temp_suffixes[i]))
            return g_strndup(name, strlen(name) - strlen(temp_suffixes[i]));
    return g_strdup(name);
}

gboolean
policy_is_leftover(const char *name)
{
    g_autofree char *of = policy_without_suffix(name);

    return !g_str_equal(of, name);
}

/* ---- one file ---- */

/* Returns: (transfer full): the first name beside that of @swap that nothing has, or the last one; the oldest
 * that could not be put back has the first. @swap's own is none of them. */
static char *
unused_temp(const Swap *swap)
{
    char *unused = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(temp_suffixes); i++) {
        char *temp = temp_name(swap->dir, swap->name, i);

        if (g_strcmp0(temp, swap->temp) == 0) {
            g_free(temp);
            continue;
        }
        g_free(unused);
        unused = temp;
        if (!policy_exists(swap->dir, unused))
            break;
    }
    return unused;
}

Swap *
swap_new(const PolicyDir *dir, const char *name, gboolean keeps)
{
    Swap *swap = g_new0(Swap, 1);

    /* The VM's lock makes the name ours, or its owner's name does, and what a crash left there is overwritten, but
     * for what may be the last good version: see policy_change_take_back(). It has the form that the distribution's
     * profile for the helper lets us write. */
    swap->dir = dir;
    swap->name = g_strdup(name);
    swap->temp = keeps ? unused_temp(swap) : temp_name(dir, name, 0);
    return swap;
}

void
swap_free(Swap *swap)
{
    g_free(swap->name);
    g_free(swap->temp);
    g_free(swap);
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
swap_write(const Swap *swap, const char *text, mode_t mode, GError **error)
{
    if (!check_no_directory(swap->dir, swap->name, error))
        return FALSE;
    if (write_temp(swap->dir, swap->temp, text, mode, error))
        return TRUE;
    unlinkat(policy_dir_fd(swap->dir), swap->temp, 0);
    return FALSE;
}

static mode_t
mode_of(const PolicyDir *dir, const char *name)
{
    struct stat st;

    return fstatat(policy_dir_fd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & 07777
                                                                            : 0600;
}

static gboolean
set_not_replaced(const Swap *swap, GError **error)
{
    return base_set_errno_error(error, errno, _("cannot replace %s/%s"), policy_dir_path(swap->dir),
                                swap->name);
}

/* What is damaged has nothing in it to copy, and that there is none of its name for a moment loses nothing.
 * @moved: (out): that it is so */
static gboolean
copy_old(const Swap *swap, const char *copy, gboolean *moved, GError **error)
{
    const PolicyDir *dir = swap->dir;
    g_autofree char *old = NULL;
    g_autoptr(GError) unread = NULL;

    *moved = FALSE;
    if (policy_read(dir, swap->name, &old, &unread)) {
        if (write_temp(dir, copy, old, mode_of(dir, swap->name), error))
            return TRUE;
        unlinkat(policy_dir_fd(dir), copy, 0);
        return FALSE;
    }
    if (!g_error_matches(unread, BASE_ERROR, BASE_ERROR_DAMAGED)) {
        g_propagate_error(error, g_steal_pointer(&unread));
        return FALSE;
    }
    *moved = renameat(policy_dir_fd(dir), swap->name, policy_dir_fd(dir), copy) == 0;
    return *moved || set_not_replaced(swap, error);
}

static void
set_temp(Swap *swap, char **temp)
{
    g_free(swap->temp);
    swap->temp = g_steal_pointer(temp);
}

/* For file systems that cannot exchange two names: a copy of the old file takes the part of the old
 * file, so that at no moment there is none called @swap's name. */
static gboolean
replace_with_copy(Swap *swap, GError **error)
{
    const PolicyDir *dir = swap->dir;
    g_autofree char *copy = unused_temp(swap);
    gboolean moved;

    if (!copy_old(swap, copy, &moved, error))
        return FALSE;
    if (renameat(policy_dir_fd(dir), swap->temp, policy_dir_fd(dir), swap->name) == 0) {
        set_temp(swap, &copy);
        return TRUE;
    }
    set_not_replaced(swap, error);
    if (moved) {
        /* it is put back like all that were published */
        unlinkat(policy_dir_fd(dir), swap->temp, 0);
        set_temp(swap, &copy);
        swap->published = TRUE;
    } else {
        unlinkat(policy_dir_fd(dir), copy, 0);
    }
    return FALSE;
}

static int
exchange(const Swap *swap)
{
    const PolicyDir *dir = swap->dir;

    if (FAULT("exchange")) {
        errno = EINVAL; /* as of a file system that cannot */
        return -1;
    }
    return renameat2(policy_dir_fd(dir), swap->temp, policy_dir_fd(dir), swap->name,
                     RENAME_EXCHANGE);
}

/* As @to, unless there is something of that name: another VM's may have come meanwhile. Fails with errno. */
static int
rename_to_unused(const PolicyDir *dir, const char *from, const char *to)
{
    const int fd = policy_dir_fd(dir);

    if (renameat2(fd, from, fd, to, RENAME_NOREPLACE) == 0)
        return 0;
    /* a file system that cannot see to it */
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    return renameat(fd, from, fd, to);
}

gboolean
swap_in(Swap *swap, GError **error)
{
    const PolicyDir *dir = swap->dir;
    int rc = 0;

    swap->had_old = policy_exists(dir, swap->name);
    if (FAULT("rename"))
        return set_not_replaced(swap, error);
    if (swap->removes && swap->had_old)
        rc = renameat(policy_dir_fd(dir), swap->name, policy_dir_fd(dir), swap->temp);
    else if (swap->had_old)
        rc = exchange(swap);
    else if (!swap->removes)
        rc = rename_to_unused(dir, swap->temp, swap->name);

    if (rc == 0)
        return TRUE;
    if (swap->had_old && !swap->removes && (errno == EINVAL || errno == ENOSYS))
        return replace_with_copy(swap, error);
    return set_not_replaced(swap, error);
}

/* Where there was none of our making, what is called so now is of somebody who has taken the name over. */
static int
rename_back(const Swap *swap)
{
    const PolicyDir *dir = swap->dir;

    if (!swap->removes)
        return renameat(policy_dir_fd(dir), swap->temp, policy_dir_fd(dir), swap->name);
    if (rename_to_unused(dir, swap->temp, swap->name) == 0 || errno == EEXIST)
        return 0;
    return -1;
}

gboolean
swap_back(const Swap *swap, GError **error)
{
    const PolicyDir *dir = swap->dir;

    if (!swap->had_old) {
        if (swap->removes ||
            (!FAULT("take-back") && unlinkat(policy_dir_fd(dir), swap->name, 0) == 0))
            return TRUE;
        return base_set_errno_error(
            error, errno, _("cannot remove %s/%s again: the next call makes the policy anew"),
            policy_dir_path(dir), swap->name);
    }
    if (!FAULT("take-back") && rename_back(swap) == 0)
        return TRUE;
    return base_set_errno_error(error, errno,
                                _("cannot put back %s/%s, which is %s/%s now: the next call makes "
                                  "the policy anew"),
                                policy_dir_path(dir), swap->name, policy_dir_path(dir), swap->temp);
}
