/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/lines.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

void
lines_start(Lines *lines, const char *what, const char *text, gsize length)
{
    *lines = (Lines){.what = what, .at = text, .end = text + length};
}

void
lines_clear(Lines *lines)
{
    g_clear_pointer(&lines->group, g_free);
    g_clear_pointer(&lines->key, g_free);
    g_clear_pointer(&lines->value, g_free);
}

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A NUL would hide what follows it, and none of these could be told from what is around them. */
static gboolean
check_bytes(const char *line, gsize length, GError **error)
{
    for (gsize i = 0; i < length; i++) {
        guchar c = (guchar)line[i];

        if (c == '\r' && i + 1 == length)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("the line ends as in DOS: remove the carriage returns"));
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return base_set_error(error, BASE_ERROR_FAILED, _("there is a control character"));
    }
    return TRUE;
}

static LineKind
read_group(Lines *lines, const char *line, GError **error)
{
    gsize length = strlen(line);

    g_clear_pointer(&lines->group, g_free);
    if (line[length - 1] != ']') {
        base_set_error(error, BASE_ERROR_FAILED,
                       _("'%s' is not a group: write [NAME], and nothing after it"), line);
        return LINE_BAD;
    }
    lines->group = g_strndup(line + 1, length - 2);
    return LINE_GROUP;
}

static gboolean
check_comment(const char *value, GError **error)
{
    for (const char *hash = strchr(value, '#'); hash; hash = strchr(hash + 1, '#'))
        if (hash == value || is_blank(hash[-1]))
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s' is not a comment here: write it on a line of its own"),
                                  hash);
    return TRUE;
}

static LineKind
read_key(Lines *lines, const char *line, GError **error)
{
    const char *equals = strchr(line, '=');

    if (!equals || equals == line) {
        base_set_error(error, BASE_ERROR_FAILED,
                       _("'%s' is neither KEY = VALUE nor [GROUP] nor a comment that begins "
                         "with #"),
                       line);
        return LINE_BAD;
    }
    if (!lines->group) {
        base_set_error(error, BASE_ERROR_FAILED, _("'%s' is in no group: write [GROUP] above it"),
                       line);
        return LINE_BAD;
    }
    lines->key = g_strchomp(g_strndup(line, (gsize)(equals - line)));
    lines->value = g_strchug(g_strdup(equals + 1));
    return check_comment(lines->value, error) ? LINE_KEY : LINE_BAD;
}

LineKind
lines_next(Lines *lines, GError **error)
{
    while (lines->at < lines->end) {
        const char *line = lines->at;
        const char *end = memchr(line, '\n', (gsize)(lines->end - line));
        g_autofree char *text = NULL;

        if (!end)
            end = lines->end;
        g_clear_pointer(&lines->key, g_free);
        g_clear_pointer(&lines->value, g_free);
        lines->number++;
        lines->at = end < lines->end ? end + 1 : end;
        if (!check_bytes(line, (gsize)(end - line), error))
            return LINE_BAD;
        text = g_strstrip(g_strndup(line, (gsize)(end - line)));
        if (*text == '[')
            return read_group(lines, text, error);
        if (*text && *text != '#')
            return read_key(lines, text, error);
    }
    return LINE_END;
}

void
lines_prefix(const Lines *lines, GError **error)
{
    if (lines->key)
        g_prefix_error(error, _("%s: line %u: [%s] %s: "), lines->what, lines->number, lines->group,
                       lines->key);
    else if (lines->group)
        g_prefix_error(error, _("%s: line %u: [%s]: "), lines->what, lines->number, lines->group);
    else
        g_prefix_error(error, _("%s: line %u: "), lines->what, lines->number);
}
