/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/profile.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define TEMPLATE_NAME "\nprofile LIBVIRT_TEMPLATE"
#define TEMPLATE_END  "\n}"

static char *
replace_all(const char *text, const char *old, const char *new)
{
    g_auto(GStrv) parts = g_strsplit(text, old, -1);

    return g_strjoinv(new, parts);
}

char *
profile_include_line(const char *rules_file)
{
    return g_strdup_printf("  #include if exists <%s>\n", rules_file);
}

char *
profile_from_template(const char *template_text, const char *what, const char *profile,
                      const char *rules_file, GError **error)
{
    g_autofree char *name = g_strdup_printf("\nprofile %s", profile);
    g_autofree char *named = NULL;
    g_autofree char *include = NULL;
    g_autofree char *end = NULL;

    if (!strstr(template_text, TEMPLATE_NAME)) {
        base_set_error(error, BASE_ERROR_FAILED,
                       _("%s: no line begins with \"profile LIBVIRT_TEMPLATE\""), what);
        return NULL;
    }
    if (!strstr(template_text, TEMPLATE_END)) {
        base_set_error(error, BASE_ERROR_FAILED, _("%s: no line begins with \"}\""), what);
        return NULL;
    }

    named = replace_all(template_text, TEMPLATE_NAME, name);
    if (!rules_file)
        return g_steal_pointer(&named);
    include = profile_include_line(rules_file);
    end = g_strdup_printf("\n%s\n}", include);
    return replace_all(named, TEMPLATE_END, end);
}

gboolean
profile_names(const char *text, const char *name)
{
    g_autofree char *header = g_strdup_printf("profile %s", name);
    gsize len = strlen(header);

    for (const char *found = strstr(text, header); found; found = strstr(found + 1, header))
        if ((found == text || found[-1] == '\n') && found[len] && strchr(" \t\n{", found[len]))
            return TRUE;
    return FALSE;
}

/*
 * A line that begins with an include of @rules_file, as apparmor_parser reads it: "#" and "include" are one word,
 * and anything between them makes a comment of it. What is behind the name is rules, or a comment.
 */
static GRegex *
include_of(const char *rules_file)
{
    g_autofree char *name = g_regex_escape_string(rules_file, -1);
    g_autofree char *form =
        g_strdup_printf("^[ \\t]*#?include(?:[ \\t]+if[ \\t]+exists[ \\t]+|[ \\t]*)"
                        "<(?:[ \\t]*%s[ \\t]*|\"%s\")>[ \\t\\r]*(.*)$",
                        name, name);

    return g_regex_new(form, G_REGEX_RAW | G_REGEX_DOTALL, 0, NULL);
}

/* @rest: (out) (optional): what stands behind the include in @line, where it has one */
static gboolean
is_include(const GRegex *include, const char *line, char **rest)
{
    g_autoptr(GMatchInfo) match = NULL;
    gboolean found = g_regex_match(include, line, 0, &match);

    if (found && rest)
        *rest = g_match_info_fetch(match, 1);
    return found;
}

char *
profile_inline_rules(const char *text, const char *rules_file, const char *rules)
{
    g_autoptr(GRegex) include = include_of(rules_file);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *rest = NULL;

        if (!is_include(include, *line, &rest))
            continue;
        g_free(*line);
        *line = *rest ? g_strconcat(rules, "\n  ", rest, NULL) : g_strdup(rules);
    }
    return g_strjoinv("\n", lines);
}

guint
profile_inlined_line(const char *text, const char *rules_file)
{
    g_autoptr(GRegex) include = include_of(rules_file);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++)
        if (is_include(include, lines[i], NULL))
            return i + 1;
    return 0;
}

/* What stands in place of TEMPLATE_END. */
static char *
included_end(const char *file)
{
    g_autofree char *include = profile_include_line(file);

    return g_strconcat("\n", include, &TEMPLATE_END[1], NULL);
}

char *
profile_put_include(const char *text, const char *file, const char *what, GError **error)
{
    g_autofree char *end = included_end(file);

    if (profile_inlined_line(text, file) > 0)
        return g_strdup(text);
    if (!strstr(text, TEMPLATE_END)) {
        base_set_error(error, BASE_ERROR_FAILED, _("%s: no line begins with \"}\""), what);
        return NULL;
    }
    return replace_all(text, TEMPLATE_END, end);
}

char *
profile_take_include(const char *text, const char *file)
{
    g_autofree char *end = included_end(file);

    return replace_all(text, end, TEMPLATE_END);
}
