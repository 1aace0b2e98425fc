/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/patterns.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "settings/brackets.h"

/* ---- characters ---- */

/* A backslash takes a meaning away. Before a letter or digit it would do nothing, where its writer thinks
 * of "\t" or "\040". */
static gboolean
check_backslash(const char *pattern, const char *at, GError **error)
{
    if (at[1] == '\0' || at[1] == '/')
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s' has a backslash with nothing after it"), pattern);
    if (g_ascii_isalnum(at[1]))
        return base_set_error(
            error, BASE_ERROR_FAILED,
            _("'%s': '\\%c' stands for nothing; a backslash is written '\\\\', and "
              "'?' is any character"),
            pattern, at[1]);
    return TRUE;
}

/* The element of a pattern at *@at, which is behind it then: a character, or a bracket expression. */
static gboolean
take_element(const char *pattern, const char **at, GError **error)
{
    const char *end;

    switch (**at) {
    case '\\':
        if (!check_backslash(pattern, *at, error))
            return FALSE;
        *at += 2;
        return TRUE;
    case '{':
    case '}':
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s': there are no alternatives in braces: write each out; a "
                                "brace that means itself is written '\\%c'"),
                              pattern, **at);
    case '[':
        end = bracket_end(*at);
        if (!end)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s' has a '[' without its ']'; one that means itself is "
                                    "written '\\['"),
                                  pattern);
        if (!bracket_check(pattern, *at, end, error))
            return FALSE;
        *at = end + 1;
        return TRUE;
    default:
        ++*at;
        return TRUE;
    }
}

static gboolean
check_elements(const char *pattern, GError **error)
{
    const char *at = pattern;

    while (*at)
        if (!take_element(pattern, &at, error))
            return FALSE;
    return TRUE;
}

/* The end of the well-formed element at @at. */
static const char *
after_element(const char *at)
{
    take_element(at, &at, NULL);
    return at;
}

/* ---- parts of a path ---- */

/* Whether the unescaped character at @at may be meant to stand between two paths: "/a, /b", "/a:/b". */
static gboolean
may_separate(const char *at)
{
    gunichar character = g_utf8_get_char_validated(at, -1);

    if (character < (gunichar)-2 && g_unichar_isspace(character))
        return TRUE;
    return strchr(",:", *at) && (at[1] == '\0' || at[1] == '/');
}

static gboolean
check_separators(const char *text, GError **error)
{
    for (const char *at = text; *at; at = after_element(at))
        if (may_separate(at))
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s': a list is separated by ';'; a blank, and a comma or "
                                    "colon before a slash, is written with a backslash before it"),
                                  text);
    return TRUE;
}

static gboolean
check_part(const char *text, const char *part, gboolean last, GError **error)
{
    const char *plain = *part == '\\' ? part + 1 : part;

    if (*part == '\0')
        return last ? base_set_error(error, BASE_ERROR_FAILED,
                                     _("'%s' ends in a slash: write DIR, DIR/* for what lies in "
                                       "it, or DIR/** for it and all below it"),
                                     text)
                    : base_set_error(error, BASE_ERROR_FAILED,
                                     _("'%s' has two slashes in a row: write one"), text);
    if (g_str_equal(plain, ".") || g_str_equal(plain, "..") || g_str_equal(plain, ".\\."))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s' has a part '%s': write the path that it leads to"), text,
                              part);
    return TRUE;
}

static gboolean
check_parts(const char *text, GError **error)
{
    g_auto(GStrv) parts = NULL;

    if (g_str_equal(text, "/"))
        return TRUE;
    parts = g_strsplit(text + 1, "/", -1);
    for (char **part = parts; *part; part++)
        if (!check_part(text, *part, !part[1], error))
            return FALSE;
    return TRUE;
}

static gboolean
check_absolute(const char *text, GError **error)
{
    if (*text == '/')
        return TRUE;
    if (*text == '"' || *text == '\'')
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s is in quotation marks: write it without them"), text);
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("'%s' is not an absolute path: write one, which begins with '/'"),
                          text);
}

static gboolean
check_stars(const char *pattern, GError **error)
{
    for (const char *at = pattern; *at; at = after_element(at))
        if (at[0] == '*' && at[1] == '*' && (at[-1] != '/' || at[2] != '\0'))
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s': two stars stand only at the end, after a slash"),
                                  pattern);
    return TRUE;
}

gboolean
patterns_check(const char *pattern, GError **error)
{
    return check_absolute(pattern, error) && check_elements(pattern, error) &&
           check_separators(pattern, error) && check_parts(pattern, error) &&
           check_stars(pattern, error);
}

char *
patterns_read_path(const char *text, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);

    if (g_str_has_suffix(text, "/")) {
        base_set_error(error, BASE_ERROR_FAILED, _("'%s' is a directory: write a file"), text);
        return NULL;
    }
    if (!patterns_check(text, error))
        return NULL;
    for (const char *at = text; *at; at++) {
        if (strchr("*?[", *at)) {
            base_set_error(error, BASE_ERROR_FAILED,
                           _("'%s' is a pattern: write one path; a '%c' that means itself is "
                             "written '\\%c'"),
                           text, *at, *at);
            return NULL;
        }
        if (*at == '\\')
            at++;
        g_string_append_c(path, *at);
    }
    return g_string_free(g_steal_pointer(&path), FALSE);
}

/* ---- names of VMs ---- */

/* Of what a name cannot have in it, or what more than one name is written with. */
static gboolean
check_name_element(const char *pattern, const char *at, GError **error)
{
    if (*at == '/')
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s' has a slash, which is in no name of a VM"), pattern);
    if (*at == ',' || *at == ';')
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s': each VM has a group of its own, or all match one pattern; a "
                                "'%c' that means itself is written '\\%c'"),
                              pattern, *at, *at);
    if (*at == '"' && (at == pattern || at[1] == '\0'))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s is in quotation marks: write it without them"), pattern);
    if (strchr(" \t", *at) && (at == pattern || at[1] == '\0'))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s' has a blank at an end: write [vm NAME]; one that means "
                                "itself is written with a backslash before it"),
                              pattern);
    return TRUE;
}

gboolean
patterns_check_name(const char *pattern, GError **error)
{
    if (!check_elements(pattern, error))
        return FALSE;
    for (const char *at = pattern; *at; at = after_element(at))
        if (!check_name_element(pattern, at, error))
            return FALSE;
    return TRUE;
}
