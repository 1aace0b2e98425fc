/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/patterns.h"

#include <fnmatch.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define BELOW "/**"

/* ---- what is written ---- */

/* Whether @part ends or begins with what stands between the entries of a list elsewhere. */
static gboolean
has_other_separator(const char *part)
{
    gsize length = strlen(part);

    if (*part == ' ' || *part == '\t')
        return TRUE;
    if (length == 0 || !strchr(" \t,", part[length - 1]))
        return FALSE;
    return length == 1 || part[length - 2] != '\\';
}

static gboolean
check_part(const char *text, const char *part, gboolean last, GError **error)
{
    if (*part == '\0')
        return last ? base_set_error(error, BASE_ERROR_FAILED,
                                     _("'%s' ends in a slash: write DIR, DIR/* for what lies in "
                                       "it, or DIR/** for it and all below it"),
                                     text)
                    : base_set_error(error, BASE_ERROR_FAILED,
                                     _("'%s' has two slashes in a row: write one"), text);
    if (g_str_equal(part, ".") || g_str_equal(part, ".."))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s' has a part '%s': write the path that it leads to"), text,
                              part);
    if (has_other_separator(part))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s': a list is separated by ';'; a blank or comma before a slash "
                                "is written with a backslash before it"),
                              text);
    return TRUE;
}

static gboolean
check_parts(const char *text, GError **error)
{
    g_auto(GStrv) parts = NULL;

    if (*text != '/')
        return base_set_error(error, BASE_ERROR_FAILED, _("'%s' is not an absolute path"), text);
    if (g_str_equal(text, "/"))
        return TRUE;
    parts = g_strsplit(text + 1, "/", -1);
    for (char **part = parts; *part; part++)
        if (!check_part(text, *part, !part[1], error))
            return FALSE;
    return TRUE;
}

/* The end of the bracket expression at @at, its "]"; or NULL. */
static const char *
bracket_end(const char *at)
{
    const char *p = at + 1;

    if (*p == '!' || *p == '^')
        p++;
    if (*p == ']')
        p++;
    for (; *p && *p != ']' && *p != '/'; p++) {
        char kind = p[1];

        if (*p == '\\' && kind) {
            p++;
        } else if (*p == '[' && (kind == ':' || kind == '.' || kind == '=')) {
            const char close[] = {kind, ']', '\0'};
            const char *end = strstr(p + 2, close);

            if (!end)
                return NULL;
            p = end + 1;
        }
    }
    return *p == ']' ? p : NULL;
}

gboolean
patterns_check_brackets(const char *pattern, GError **error)
{
    for (const char *p = pattern; *p; p++) {
        if (*p == '\\' && (!p[1] || p[1] == '/'))
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s' has a backslash with nothing after it"), pattern);
        if (*p == '\\') {
            p++;
        } else if (*p == '[') {
            p = bracket_end(p);
            if (!p)
                return base_set_error(error, BASE_ERROR_FAILED,
                                      _("'%s' has a '[' without its ']'; one that means itself is "
                                        "written '\\['"),
                                      pattern);
        }
    }
    return TRUE;
}

static gboolean
check_stars(const char *pattern, GError **error)
{
    for (const char *p = pattern; *p; p++) {
        if (*p == '\\')
            p++;
        else if (p[0] == '*' && p[1] == '*' && (p[-1] != '/' || p[2] != '\0'))
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s': two stars stand only at the end, after a slash"),
                                  pattern);
    }
    return TRUE;
}

gboolean
patterns_check(const char *pattern, GError **error)
{
    return check_parts(pattern, error) && patterns_check_brackets(pattern, error) &&
           check_stars(pattern, error);
}

gboolean
patterns_check_path(const char *path, GError **error)
{
    return check_parts(path, error);
}

/* ---- what is matched ---- */

/* "/", or parts that are neither empty nor lead back; a slash at the end changes nothing. */
static gboolean
is_resolved(const char *path)
{
    if (*path != '/')
        return FALSE;
    while (*path == '/' && path[1]) {
        gsize length = strcspn(++path, "/");

        if (length == 0 || (length == 1 && *path == '.') ||
            (length == 2 && path[0] == '.' && path[1] == '.'))
            return FALSE;
        path += length;
    }
    return TRUE;
}

gboolean
patterns_name(const char *pattern, const char *path)
{
    g_autofree char *plain = NULL;
    g_autofree char *base = NULL;
    gsize length = strlen(path);

    if (!is_resolved(path))
        return FALSE;
    plain = g_strndup(path, length > 1 && path[length - 1] == '/' ? length - 1 : length);
    if (!g_str_has_suffix(pattern, BELOW))
        return fnmatch(pattern, plain, FNM_PATHNAME | FNM_PERIOD) == 0;
    base = g_strndup(pattern, strlen(pattern) - strlen(BELOW));
    return fnmatch(base, plain, FNM_PATHNAME | FNM_PERIOD | FNM_LEADING_DIR) == 0;
}

char *
patterns_quote(const char *path)
{
    g_autoptr(GString) quoted = g_string_new(NULL);

    for (const char *p = path; *p; p++) {
        /* these are not in the file, or not at the end of an entry; one character is */
        if ((guchar)*p < 0x20 || *p == 0x7f || (*p == ' ' && !p[1])) {
            g_string_append_c(quoted, '?');
            continue;
        }
        if (strchr("*?[]\\;#, ", *p))
            g_string_append_c(quoted, '\\');
        g_string_append_c(quoted, *p);
    }
    return g_string_free(g_steal_pointer(&quoted), FALSE);
}
