/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/own-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "rules/rules.h"

char *
own_text_header(const char *domain, gboolean virtiofsd)
{
    g_autofree char *name = g_strcanon(g_strdup(domain),
                                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789._-",
                                       '?');

    return g_strdup_printf(
        "# Your own rules for %s of the VM %s, as in apparmor.d(5).\n"
        "# virt-aa-ctl(8): allow and disallow change lines of theirs only, edit checks.\n",
        virtiofsd ? "virtiofsd" : "QEMU", name);
}

char *
own_text_add(const char *text, const char *header, const char *lines)
{
    char *added = rules_append_missing(text ? text : header, lines);

    return added ? added : g_strdup(text ? text : header);
}

static GHashTable *
set_of_lines(const char *text)
{
    GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

    for (char **line = lines; *line; line++)
        if (**line)
            g_hash_table_add(set, g_strdup(*line));
    return set;
}

char *
own_text_remove(const char *text, const char *lines)
{
    g_autoptr(GHashTable) gone = set_of_lines(lines);
    g_auto(GStrv) all = g_strsplit(text, "\n", -1);
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    g_auto(GStrv) left = NULL;

    for (char **line = all; *line; line++)
        if (!g_hash_table_contains(gone, *line))
            g_strv_builder_add(kept, *line);
    left = g_strv_builder_end(kept);
    return g_strjoinv("\n", left);
}

/* An include may begin with a "#", as comments do, and its name follow at once. */
static gboolean
is_rule(const char *line)
{
    const char *name = g_str_has_prefix(line, "#include") ? line + strlen("#include") : "";

    return (*line && *line != '#') || g_ascii_isspace(*name) || *name == '<' || *name == '"';
}

char **
own_text_rules(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    g_autoptr(GStrvBuilder) rules = g_strv_builder_new();

    for (char **line = lines; *line; line++)
        if (is_rule(g_strstrip(*line)))
            g_strv_builder_add(rules, *line);
    return g_strv_builder_end(rules);
}

gboolean
own_text_is_bare(const char *text, const char *header)
{
    g_autoptr(GHashTable) known = set_of_lines(header);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        if (**line && !g_hash_table_contains(known, *line))
            return FALSE;
    return TRUE;
}

static void
say_missing(Output *output, Colour colour, char sign, const char *from, const char *in)
{
    g_autoptr(GHashTable) there = set_of_lines(in);
    g_auto(GStrv) lines = g_strsplit(from ? from : "", "\n", -1);

    for (char **line = lines; *line; line++)
        if (**line && !g_hash_table_contains(there, *line))
            output_line(output, colour, "%c%s", sign, *line);
}

void
own_text_diff(Output *output, const char *file, const char *before, const char *after)
{
    output_line(output, COLOUR_BOLD, "%s:", file);
    say_missing(output, COLOUR_BAD, '-', before, after);
    say_missing(output, COLOUR_GOOD, '+', after, before);
}
