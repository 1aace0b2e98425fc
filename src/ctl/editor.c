/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/io.h"

void
editor_copy_clear(EditorCopy *copy)
{
    g_clear_pointer(&copy->dir, g_free);
    g_clear_pointer(&copy->path, g_free);
}

gboolean
editor_copy_make(const char *name, const char *text, EditorCopy *copy, GError **error)
{
    g_auto(AutoFd) fd = -1;

    copy->dir = g_dir_make_tmp("virt-aa-ctl-XXXXXX", error);
    if (!copy->dir)
        return FALSE;
    copy->path = g_build_filename(copy->dir, name, NULL);
    fd = open(copy->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot create %s"), copy->path);
    return base_write_all(fd, copy->path, text, strlen(text), error);
}

/* ---- the editor ---- */

char **
editor_find(GError **error)
{
    static const char *const variables[] = {"VISUAL", "EDITOR"};
    static const char *const programs[] = {"sensible-editor", "editor", "nano", "vi"};
    char **words = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *value = getenv(variables[i]);

        if (!value || !*value)
            continue;
        if (g_shell_parse_argv(value, NULL, &words, error))
            return words;
        g_prefix_error(error, "$%s: ", variables[i]);
        return NULL;
    }
    /* those that are named may be programs that ask nobody; these would wait for ever */
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        base_set_error(
            error, BASE_ERROR_FAILED, "%s",
            _("there is no terminal for an editor: set EDITOR to one that needs none, as "
              "in EDITOR=true with --from FILE"));
        return NULL;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *found = g_find_program_in_path(programs[i]);

        if (found) {
            words = g_new0(char *, 2);
            words[0] = g_steal_pointer(&found);
            return words;
        }
    }
    base_set_error(error, BASE_ERROR_NOT_FOUND, "%s", _("there is no editor: set EDITOR"));
    return NULL;
}

/* In the child, between fork and exec. */
static void
take_signals(gpointer data)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
}

static gboolean
spawn(char **argv, GError **error)
{
    const GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN;
    void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
    void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
    int status = 0;
    gboolean ran =
        g_spawn_sync(NULL, argv, NULL, flags, take_signals, NULL, NULL, NULL, &status, error);

    signal(SIGINT, interrupt);
    signal(SIGQUIT, quit);
    return ran && g_spawn_check_wait_status(status, error);
}

gboolean
editor_run(const EditorCopy *copy, char **words, GError **error)
{
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    g_auto(GStrv) all = NULL;

    g_strv_builder_addv(argv, (const char **)words);
    g_strv_builder_add(argv, copy->path);
    all = g_strv_builder_end(argv);
    if (spawn(all, error))
        return TRUE;
    g_prefix_error(error, "%s: ", words[0]);
    return FALSE;
}

/* ---- afterwards ---- */

gboolean
editor_copy_read(const EditorCopy *copy, gsize max, char **text, GError **error)
{
    g_autofree char *bytes = NULL;
    gsize len = 0;

    if (!base_read_file_at(AT_FDCWD, copy->path, max, &bytes, &len, error))
        return FALSE;
    if (memchr(bytes, '\0', len))
        return base_set_error(error, BASE_ERROR_DAMAGED, _("%s contains a NUL byte"), copy->path);
    *text = g_steal_pointer(&bytes);
    return TRUE;
}

void
editor_copy_remove(const EditorCopy *copy)
{
    g_autoptr(GDir) files = g_dir_open(copy->dir, 0, NULL);
    const char *name;

    while (files && (name = g_dir_read_name(files))) {
        g_autofree char *path = g_build_filename(copy->dir, name, NULL);

        g_unlink(path);
    }
    g_rmdir(copy->dir);
}
