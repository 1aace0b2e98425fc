/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Changes to the host, one after the other, each with what takes it back: of a sequence that fails half-way
 * nothing stays. In a dry run each is only said. Files are replaced beside their place and by their name
 * alone, so that a crash leaves the old or the new one.
 */

#include <glib.h>

typedef struct _Changes Changes;

/* What is said of a change. */
typedef struct {
    const char *action; /* a word, the same in every language: "write", "load" */
    char *path;
    char *to; /* (nullable): another path, or why */
} Change;

/** changes_new: none yet; with @dry_run all that come are said and not done. */
Changes *changes_new(gboolean dry_run);

/** changes_free: what was done stays. */
void changes_free(Changes *changes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Changes, changes_free)

/** changes_is_dry_run: as changes_new() was told. */
gboolean changes_is_dry_run(const Changes *changes);

/**
 * changes_write:
 * @length: of @bytes
 * @mode: of a new file; one that is there keeps its own, and its owner
 * Nothing is done where the file has these bytes and, of a program (@mode with 0111), this mode.
 */
gboolean changes_write(Changes *changes, const char *path, const char *bytes, gsize length,
                       guint mode, GError **error);

/** changes_make_folder: with those above it, where they are missing; taking back removes what was made. */
gboolean changes_make_folder(Changes *changes, const char *path, GError **error);

/** changes_remove: that @path is not there is no error. */
gboolean changes_remove(Changes *changes, const char *path, GError **error);

/** changes_remove_folder: if it is empty, which is no error if it is not. */
void changes_remove_folder(Changes *changes, const char *path);

/** changes_link: @to becomes a second name of @from, in the place of what is there. */
gboolean changes_link(Changes *changes, const char *from, const char *to, GError **error);

/** changes_rename: @from takes the place of @to. */
gboolean changes_rename(Changes *changes, const char *from, const char *to, GError **error);

/**
 * changes_run:
 * @action: a word for what it does, for what is said: "load"
 * @subject: what it does that to
 * @argv, @undo: (undo nullable): the commands
 */
gboolean changes_run(Changes *changes, const char *action, const char *subject,
                     const char *const *argv, const char *const *undo, GError **error);

/**
 * changes_run_again_on_undo:
 * @argv: a command that reads files, to be called before they are changed
 * When they have been taken back it is run again, if changes_run() has run it meanwhile.
 */
void changes_run_again_on_undo(Changes *changes, const char *const *argv);

/**
 * changes_take_back:
 * Takes all of it back, the last first.
 * Returns: FALSE with @error where something could not be, which is then named; the rest is taken back
 */
gboolean changes_take_back(Changes *changes, GError **error);

/**
 * changes_say:
 * @action: a word for what is going to be done to @path
 * @to: (nullable)
 * Returns: whether it is to be done: FALSE in a dry run. Nothing takes it back
 */
gboolean changes_say(Changes *changes, const char *action, const char *path, const char *to);

/** changes_list: (element-type Change): all that was done, or would be, in its order; owned by @changes */
GPtrArray *changes_list(const Changes *changes);
