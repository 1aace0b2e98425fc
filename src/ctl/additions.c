/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/additions.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/replace.h"

/* The names that distributions give to the profiles of the two: after the program's path as it was when the
 * profile was written. */
static const char *const helper_profiles[] = {"usr.lib.libvirt.virt-aa-helper",
                                              "usr.libexec.libvirt.virt-aa-helper",
                                              "usr.libexec.virt-aa-helper", NULL};
static const char *const daemon_profiles[] = {"usr.sbin.libvirtd", "usr.sbin.virtqemud", NULL};

static void
addition_free(Addition *addition)
{
    g_free(addition->profile);
    g_free(addition->file);
    g_free(addition);
}

/* (transfer full): where @path leads to, as far as it exists; a link that leads nowhere counts as itself */
static char *
follow(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = g_strdup(real ? real : path);

    free(real);
    return copy;
}

/* The first of the local additions that @text includes. */
static char *
included(const char *text)
{
    g_autoptr(GRegex) line =
        g_regex_new("^[ \\t]*#?include[ \\t]+(?:if[ \\t]+exists[ \\t]+)?<(local/[^>/]+)>",
                    G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) found = NULL;

    return g_regex_match(line, text, 0, &found) ? g_match_info_fetch(found, 1) : NULL;
}

static GPtrArray *
additions_of(const CtlConfig *config, const char *const *names, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)addition_free);

    for (gsize i = 0; names[i]; i++) {
        g_autofree char *profile = g_build_filename(config->apparmor_dir, names[i], NULL);
        g_autoptr(GError) problem = NULL;
        g_autofree char *text = additions_read(profile, NULL, &problem);
        g_autofree char *local = text ? included(text) : NULL;
        g_autofree char *file = local ? g_build_filename(config->apparmor_dir, local, NULL) : NULL;
        Addition *addition;

        if (problem) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return NULL;
        }
        if (!text)
            continue;
        addition = g_new0(Addition, 1);
        addition->profile = g_steal_pointer(&profile);
        addition->file = file ? follow(file) : NULL;
        g_ptr_array_add(list, addition);
    }
    return g_steal_pointer(&list);
}

GPtrArray *
additions_of_helper(const CtlConfig *config, GError **error)
{
    return additions_of(config, helper_profiles, error);
}

GPtrArray *
additions_of_daemons(const CtlConfig *config, GError **error)
{
    return additions_of(config, daemon_profiles, error);
}

static int
by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
additions_list(const CtlConfig *config, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = g_build_filename(config->apparmor_dir, "local", NULL);
    g_autoptr(GError) problem = NULL;
    g_autoptr(GDir) files = g_dir_open(folder, 0, &problem);
    const char *name;

    if (!files && !g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        base_set_error(error, BASE_ERROR_FAILED, "%s", problem->message);
        return NULL;
    }
    while (files && (name = g_dir_read_name(files))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            g_ptr_array_add(list, follow(path));
    }
    g_ptr_array_sort(list, by_text);
    return g_steal_pointer(&list);
}

char *
additions_read(const char *file, gboolean *whole, GError **error)
{
    g_auto(Replaced) now = {0};

    if (!replaced_read(file, &now, error) || !now.is_there)
        return NULL;
    if (whole)
        *whole = strlen(now.bytes) == now.length;
    return g_steal_pointer(&now.bytes);
}

gboolean
additions_check_whole(const char *file, gboolean whole, GError **error)
{
    return whole || base_set_error(error, BASE_ERROR_DAMAGED,
                                   _("%s contains a NUL byte, at which apparmor_parser fails: "
                                     "remove it"),
                                   file);
}

/* The line @line in @text from @from on: its first byte; NULL: it is not there. */
static const char *
find_line(const char *text, const char *from, const char *line)
{
    gsize length = strlen(line);

    for (const char *at = from; (at = strstr(at, line)); at++) {
        if ((at == text || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
            return at;
    }
    return NULL;
}

gboolean
additions_has(const char *text, const char *line)
{
    return find_line(text, text, line) != NULL;
}

char *
additions_with(const char *text, const char *line, gboolean made_dir)
{
    if (!text)
        return g_strdup_printf("%s\n%s\n", line, made_dir ? ADDITION_MADE_DIR : ADDITION_MADE);
    if (additions_has(text, line))
        return g_strdup(text);
    return g_strdup_printf("%s\n%s", line, text);
}

/* What additions_with() made, and nobody has added to since. */
static gboolean
is_made(const char *text, gboolean *made_dir)
{
    *made_dir = strcmp(text, ADDITION_MADE_DIR "\n") == 0;
    return *made_dir || strcmp(text, ADDITION_MADE "\n") == 0;
}

char *
additions_without(const char *text, const char *line, gboolean *made_dir)
{
    g_autoptr(GString) left = g_string_new(NULL);
    gboolean first = g_str_has_prefix(text, line) && text[strlen(line)] == '\n';
    const char *rest = text;
    const char *at;

    /* of several, the first is ours */
    while ((at = find_line(text, rest, line))) {
        g_string_append_len(left, rest, at - rest);
        rest = at + strlen(line);
        if (*rest == '\n')
            rest++;
        if (first)
            break;
    }
    g_string_append(left, rest);
    return is_made(left->str, made_dir) ? NULL : g_string_free(g_steal_pointer(&left), FALSE);
}
