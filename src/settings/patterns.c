/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/patterns.h"

#include <fnmatch.h>
#include <locale.h>
#include <string.h>

#include "basic/escape.h"

#define BELOW "/**"

/* One byte of what a line of text cannot show: control characters, and in bytes all that is not ASCII. */
#define UNSHOWN "[![:print:]]"

static gboolean
match(const char *pattern, const char *text, int flags)
{
    /* of the C locale newlocale() makes none, and always has it */
    locale_t before = uselocale(newlocale(LC_ALL_MASK, "C", NULL));
    gboolean matches = fnmatch(pattern, text, flags) == 0;

    uselocale(before);
    return matches;
}

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

static char *
without_slash(const char *path)
{
    gsize length = strlen(path);

    return g_strndup(path, length > 1 && path[length - 1] == '/' ? length - 1 : length);
}

gboolean
patterns_name(const char *pattern, const char *path)
{
    g_autofree char *plain = NULL;
    g_autofree char *base = NULL;

    if (!is_resolved(path))
        return FALSE;
    plain = without_slash(path);
    if (!g_str_has_suffix(pattern, BELOW))
        return match(pattern, plain, FNM_PATHNAME | FNM_PERIOD);
    base = g_strndup(pattern, strlen(pattern) - strlen(BELOW));
    return match(base, plain, FNM_PATHNAME | FNM_PERIOD | FNM_LEADING_DIR);
}

gboolean
patterns_name_vm(const char *pattern, const char *name)
{
    return match(pattern, name, 0);
}

/* Whether the character at @at, of @length bytes, means something in a pattern or between two. */
static gboolean
has_meaning(const char *at, gsize length)
{
    if (length > 1)
        return g_unichar_isspace(g_utf8_get_char(at));
    return strchr("*?[]{}\\;#, ", *at) || (*at == ':' && (!at[1] || at[1] == '/'));
}

static void
quote_character(GString *quoted, const char *at, gsize length, gboolean hidden)
{
    if (hidden) {
        for (gsize i = 0; i < length; i++)
            g_string_append(quoted, UNSHOWN);
    } else if (*at == ' ' && !at[1]) {
        /* blanks at the end of an entry are none of it, even behind a backslash */
        g_string_append(quoted, "[ ]");
    } else {
        if (has_meaning(at, length))
            g_string_append_c(quoted, '\\');
        g_string_append_len(quoted, at, (gssize)length);
    }
}

char *
patterns_quote(const char *path)
{
    g_autoptr(GString) quoted = g_string_new(NULL);
    g_autofree char *plain = without_slash(path);
    const char *end = plain + strlen(plain);

    if (!is_resolved(path))
        return NULL;
    for (const char *at = plain; at < end;) {
        bool hidden;
        gsize bytes = escape_next(at, end, &hidden);

        quote_character(quoted, at, bytes, hidden);
        at += bytes;
    }
    return g_string_free(g_steal_pointer(&quoted), FALSE);
}
