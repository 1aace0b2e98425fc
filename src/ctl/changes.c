/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/changes.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/command.h"
#include "ctl/replace.h"

typedef enum {
    UNDO_RESTORE,       /* @path gets @old, or goes */
    UNDO_REMOVE_FOLDER, /* @path */
    UNDO_MAKE_FOLDER,   /* @path */
    UNDO_RENAME,        /* @path is called @to again, and @path gets @old, or is not there */
    UNDO_RUN,           /* @argv */
    UNDO_RUN_AGAIN,     /* likewise, if it was run meanwhile */
} UndoKind;

/* What takes a change back. */
typedef struct {
    UndoKind kind;
    char *path;
    char *to;
    Replaced old;
    char **argv;
    gboolean was_run;
} Undo;

struct _Changes {
    gboolean dry_run;
    GPtrArray *steps; /* of Change */
    GPtrArray *undos; /* of Undo */
};

static void
undo_free(Undo *undo)
{
    g_free(undo->path);
    g_free(undo->to);
    replaced_clear(&undo->old);
    g_strfreev(undo->argv);
    g_free(undo);
}

static void
step_free(Change *step)
{
    g_free(step->path);
    g_free(step->to);
    g_free(step);
}

Changes *
changes_new(gboolean dry_run)
{
    Changes *changes = g_new0(Changes, 1);

    changes->dry_run = dry_run;
    changes->steps = g_ptr_array_new_with_free_func((GDestroyNotify)step_free);
    changes->undos = g_ptr_array_new_with_free_func((GDestroyNotify)undo_free);
    return changes;
}

void
changes_free(Changes *changes)
{
    if (!changes)
        return;
    g_ptr_array_unref(changes->steps);
    g_ptr_array_unref(changes->undos);
    g_free(changes);
}

gboolean
changes_is_dry_run(const Changes *changes)
{
    return changes->dry_run;
}

GPtrArray *
changes_list(const Changes *changes)
{
    return changes->steps;
}

gboolean
changes_say(Changes *changes, const char *action, const char *path, const char *to)
{
    Change *step = g_new0(Change, 1);

    step->action = g_intern_string(action);
    step->path = g_strdup(path);
    step->to = g_strdup(to);
    g_ptr_array_add(changes->steps, step);
    return !changes->dry_run;
}

/* In a dry run a directory is still missing when the next file wants it. */
static gboolean
was_said(const Changes *changes, const char *action, const char *path)
{
    for (guint i = 0; i < changes->steps->len; i++) {
        const Change *step = g_ptr_array_index(changes->steps, i);

        if (strcmp(step->action, action) == 0 && strcmp(step->path, path) == 0)
            return TRUE;
    }
    return FALSE;
}

static Undo *
add_undo(Changes *changes, UndoKind kind, const char *path)
{
    Undo *undo = g_new0(Undo, 1);

    undo->kind = kind;
    undo->path = g_strdup(path);
    g_ptr_array_add(changes->undos, undo);
    return undo;
}

/* ---- changes ---- */

gboolean
changes_make_folder(Changes *changes, const char *path, GError **error)
{
    g_autofree char *above = g_path_get_dirname(path);

    if (g_file_test(path, G_FILE_TEST_IS_DIR) || was_said(changes, "create", path))
        return TRUE;
    if (!changes_make_folder(changes, above, error))
        return FALSE;
    if (!changes_say(changes, "create", path, NULL))
        return TRUE;
    if (g_mkdir(path, 0755) < 0)
        return base_set_errno_error(error, errno, _("cannot create %s"), path);
    add_undo(changes, UNDO_REMOVE_FOLDER, path);
    if (g_chmod(path, 0755) < 0)
        return base_set_errno_error(error, errno, _("cannot create %s"), path);
    return TRUE;
}

gboolean
changes_write(Changes *changes, const char *path, const char *bytes, gsize length, guint mode,
              GError **error)
{
    g_auto(Replaced) old = {0};
    Undo *undo;

    if (!replaced_read(path, &old, error))
        return FALSE;
    if (old.is_there && old.length == length && memcmp(old.bytes, bytes, length) == 0 &&
        (!(mode & 0111) || (old.mode & 07777) == mode))
        return TRUE;
    if (!changes_say(changes, "write", path, NULL))
        return TRUE;
    /* before: where it fails last, as when the directory does not come to the disk, the new file is there */
    undo = add_undo(changes, UNDO_RESTORE, path);
    undo->old = old;
    old = (Replaced){0};
    return replace_file(path, bytes, length, mode, (mode & 0111) ? NULL : &undo->old, error);
}

gboolean
changes_remove(Changes *changes, const char *path, GError **error)
{
    g_auto(Replaced) old = {0};

    if (!replaced_read(path, &old, error))
        return FALSE;
    if (!old.is_there || !changes_say(changes, "remove", path, NULL))
        return TRUE;
    if (unlink(path) < 0)
        return base_set_errno_error(error, errno, _("cannot remove %s"), path);
    add_undo(changes, UNDO_RESTORE, path)->old = old;
    old = (Replaced){0};
    return TRUE;
}

void
changes_remove_folder(Changes *changes, const char *path)
{
    if (!changes->dry_run && rmdir(path) == 0)
        add_undo(changes, UNDO_MAKE_FOLDER, path);
}

gboolean
changes_link(Changes *changes, const char *from, const char *to, GError **error)
{
    g_auto(Replaced) old = {0};
    g_autofree char *new = g_strconcat(to, ".new", NULL);

    if (!replaced_read(to, &old, error))
        return FALSE;
    if (!changes_say(changes, "keep", from, to))
        return TRUE;
    /* a second name of the same file, which rename(2) would leave alone */
    (void)unlink(new);
    if (link(from, new) < 0 || rename(new, to) < 0) {
        base_set_errno_error(error, errno, _("cannot keep %s as %s"), from, to);
        (void)unlink(new);
        return FALSE;
    }
    (void)unlink(new);
    add_undo(changes, UNDO_RESTORE, to)->old = old;
    old = (Replaced){0};
    return TRUE;
}

gboolean
changes_rename(Changes *changes, const char *from, const char *to, GError **error)
{
    g_auto(Replaced) old = {0};
    Undo *undo;

    if (!replaced_read(to, &old, error))
        return FALSE;
    if (!changes_say(changes, "rename", from, to))
        return TRUE;
    if (rename(from, to) < 0)
        return base_set_errno_error(error, errno, _("cannot rename %s to %s"), from, to);
    (void)unlink(from); /* it is still there where the two were one file */
    undo = add_undo(changes, UNDO_RENAME, to);
    undo->to = g_strdup(from);
    undo->old = old;
    old = (Replaced){0};
    return TRUE;
}

/* What is run again, if it has been. */
static void
note_run(Changes *changes, const char *const *argv)
{
    for (guint i = 0; i < changes->undos->len; i++) {
        Undo *undo = g_ptr_array_index(changes->undos, i);

        if (undo->kind == UNDO_RUN_AGAIN && g_strv_equal((const char *const *)undo->argv, argv))
            undo->was_run = TRUE;
    }
}

gboolean
changes_run(Changes *changes, const char *action, const char *subject, const char *const *argv,
            const char *const *undo, GError **error)
{
    if (!changes_say(changes, action, subject, NULL))
        return TRUE;
    if (!command_run(argv, NULL, error))
        return FALSE;
    note_run(changes, argv);
    if (undo)
        add_undo(changes, UNDO_RUN, argv[0])->argv = g_strdupv((char **)undo);
    return TRUE;
}

void
changes_run_again_on_undo(Changes *changes, const char *const *argv)
{
    if (!changes->dry_run)
        add_undo(changes, UNDO_RUN_AGAIN, argv[0])->argv = g_strdupv((char **)argv);
}

/* ---- and back ---- */

static gboolean
take_back(const Undo *undo, GError **error)
{
    switch (undo->kind) {
    case UNDO_RESTORE:
        return replaced_restore(undo->path, &undo->old, error);
    case UNDO_REMOVE_FOLDER:
        if (rmdir(undo->path) < 0)
            return base_set_errno_error(error, errno, _("cannot remove %s"), undo->path);
        return TRUE;
    case UNDO_MAKE_FOLDER:
        if (g_mkdir(undo->path, 0755) < 0 || g_chmod(undo->path, 0755) < 0)
            return base_set_errno_error(error, errno, _("cannot create %s"), undo->path);
        return TRUE;
    case UNDO_RENAME:
        if (rename(undo->path, undo->to) < 0)
            return base_set_errno_error(error, errno, _("cannot rename %s to %s"), undo->path,
                                        undo->to);
        return replaced_restore(undo->path, &undo->old, error);
    case UNDO_RUN_AGAIN:
        if (!undo->was_run)
            return TRUE;
        G_GNUC_FALLTHROUGH;
    case UNDO_RUN:
        return command_run((const char *const *)undo->argv, NULL, error);
    }
    g_assert_not_reached();
}

gboolean
changes_take_back(Changes *changes, GError **error)
{
    g_autoptr(GString) problems = g_string_new(NULL);

    for (guint i = changes->undos->len; i > 0; i--) {
        g_autoptr(GError) problem = NULL;

        if (!take_back(g_ptr_array_index(changes->undos, i - 1), &problem))
            g_string_append_printf(problems, "%s%s", problems->len ? "; " : "", problem->message);
    }
    g_ptr_array_set_size(changes->undos, 0);
    if (problems->len)
        return base_set_error(error, BASE_ERROR_FAILED, "%s", problems->str);
    return TRUE;
}
