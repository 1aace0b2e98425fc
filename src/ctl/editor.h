/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A copy of a text that a person changes with their editor, as visudo(8) does it. */

#include <glib.h>

typedef struct {
    char *dir;  /* a directory of its own, for what editors leave beside */
    char *path; /* the copy */
} EditorCopy;

/** editor_copy_clear: frees the names; the files stay. */
void editor_copy_clear(EditorCopy *copy);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(EditorCopy, editor_copy_clear)

/** editor_copy_make: @name: of the file; @text: what is in it at first */
gboolean editor_copy_make(const char *name, const char *text, EditorCopy *copy, GError **error);

/**
 * editor_find:
 * @error: $VISUAL or $EDITOR are no words of a shell, or neither is set, and there is no editor or no terminal
 * Returns: (transfer full): the words of $VISUAL, of $EDITOR, or the first of sensible-editor, editor, nano and vi
 */
char **editor_find(GError **error);

/**
 * editor_run:
 * @words: of editor_find()
 * Has the person edit @copy. Ctrl-C is the editor's meanwhile.
 * @error: it could not be run, or it ended with another status than 0
 */
gboolean editor_run(const EditorCopy *copy, char **words, GError **error);

/** editor_copy_read: @text: (out) (transfer full): what it is now, of no more than @max bytes */
gboolean editor_copy_read(const EditorCopy *copy, gsize max, char **text, GError **error);

/** editor_copy_remove: removes the copy, and what is left beside it. */
void editor_copy_remove(const EditorCopy *copy);
