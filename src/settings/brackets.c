/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/brackets.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

static const char *const classes[] = {
    "alnum", "alpha", "blank", "cntrl", "digit", "graph",
    "lower", "print", "punct", "space", "upper", "xdigit",
};

/* Whether a class, "[:NAME:]", begins at @at, or one of its two kin. */
static gboolean
is_class(const char *at)
{
    return at[0] == '[' && (at[1] == ':' || at[1] == '.' || at[1] == '=');
}

const char *
bracket_end(const char *at)
{
    const char *p = at + 1;

    if (*p == '!' || *p == '^')
        p++;
    if (*p == ']')
        p++;
    for (; *p && *p != ']' && *p != '/'; p++) {
        if (*p == '\\' && p[1]) {
            p++;
        } else if (is_class(p)) {
            const char close[] = {p[1], ']', '\0'};
            const char *end = strstr(p + 2, close);

            if (!end)
                return NULL;
            p = end + 1;
        }
    }
    return *p == ']' ? p : NULL;
}

/* The class at *@at, which is behind it then. */
static gboolean
check_class(const char *pattern, const char **at, GError **error)
{
    const char close[] = {(*at)[1], ']', '\0'};
    const char *name = *at + 2;
    const char *end = strstr(name, close);

    *at = end + strlen(close);
    for (gsize i = 0; close[0] == ':' && i < G_N_ELEMENTS(classes); i++)
        if (strlen(classes[i]) == (gsize)(end - name) && g_str_has_prefix(name, classes[i]))
            return TRUE;
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("'%s': there is no class '[%c%.*s%c]'; there are [:alpha:], [:digit:] "
                            "and the others of glob(7)"),
                          pattern, close[0], (int)(end - name), name, close[0]);
}

/* The character at *@at, which is behind it then. */
static gboolean
take_member(const char *pattern, const char **at, guchar *member, GError **error)
{
    if (**at == '\\')
        ++*at;
    *member = (guchar) * (*at)++;
    if (*member < 0x80)
        return TRUE;
    /* patterns match bytes, of which such a character has several */
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("'%s': between '[' and ']' stand characters of ASCII only; write an "
                            "entry for each name"),
                          pattern);
}

gboolean
bracket_check(const char *pattern, const char *at, const char *end, GError **error)
{
    at++;
    if (*at == '!' || *at == '^')
        at++;
    while (at < end) {
        guchar first;
        guchar last;
        gboolean ends_in_class;

        if (is_class(at)) {
            if (!check_class(pattern, &at, error))
                return FALSE;
            continue;
        }
        if (!take_member(pattern, &at, &first, error))
            return FALSE;
        if (*at != '-' || at + 1 == end)
            continue;
        ends_in_class = is_class(++at);
        if (!take_member(pattern, &at, &last, error))
            return FALSE;
        if (ends_in_class || last < first)
            return base_set_error(
                error, BASE_ERROR_FAILED,
                _("'%s': '%c-%c' is no range: the first is to come before the last"), pattern,
                first, last);
    }
    return TRUE;
}
