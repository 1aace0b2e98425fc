/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/lines.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "basic/escape.h"

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
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("there is a control character: remove it"));
    }
    return TRUE;
}

/* Editors put it in front, and it would be a part of the first line. */
static gboolean
check_start(const char *line, gsize length, GError **error)
{
    static const char *const marks[] = {"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"};

    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
        if (length >= strlen(marks[i]) && memcmp(line, marks[i], strlen(marks[i])) == 0)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("the file begins with a byte order mark: save it as UTF-8 "
                                    "without one"));
    return TRUE;
}

/* Nobody could see that what is written is not what it looks like. */
static gboolean
check_visible(const char *text, GError **error)
{
    const char *end = text + strlen(text);

    while (text < end) {
        bool hidden;
        int bytes = (int)escape_next(text, end, &hidden);

        if (hidden && *text != '\t')
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%.*s' is no UTF-8, or cannot be seen: remove it; in a "
                                    "pattern, '?' stands for one byte"),
                                  bytes, text);
        text += bytes;
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
            return base_set_error(
                error, BASE_ERROR_FAILED,
                _("'%s' is not a comment here: write it on a line of its own; a '#' "
                  "that means itself is written '\\#'"),
                hash);
    return TRUE;
}

/* The key of the line @text, for messages and more; NULL: it has none, or is in no group. */
static char *
key_of(const Lines *lines, const char *text)
{
    const char *equals = strchr(text, '=');

    if (!lines->group || !equals || equals == text || *text == '[')
        return NULL;
    return g_strchomp(g_strndup(text, (gsize)(equals - text)));
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
    lines->value = g_strchug(g_strdup(equals + 1));
    return check_comment(lines->value, error) ? LINE_KEY : LINE_BAD;
}

static LineKind
read_line(Lines *lines, const char *text, GError **error)
{
    if (*text == ';' || g_str_has_prefix(text, "//")) {
        base_set_error(error, BASE_ERROR_FAILED, _("a comment begins with '#', and not like '%s'"),
                       text);
        return LINE_BAD;
    }
    lines->key = key_of(lines, text);
    if (!check_visible(text, error))
        return LINE_BAD;
    return *text == '[' ? read_group(lines, text, error) : read_key(lines, text, error);
}

/* The next line as it is in the file; its key and value are not read yet. */
static const char *
take_line(Lines *lines, gsize *length)
{
    const char *line = lines->at;
    const char *end = memchr(line, '\n', (gsize)(lines->end - line));

    if (!end)
        end = lines->end;
    g_clear_pointer(&lines->key, g_free);
    g_clear_pointer(&lines->value, g_free);
    lines->number++;
    lines->at = end < lines->end ? end + 1 : end;
    *length = (gsize)(end - line);
    return line;
}

LineKind
lines_next(Lines *lines, GError **error)
{
    while (lines->at < lines->end) {
        gsize length;
        const char *line = take_line(lines, &length);
        g_autofree char *text = NULL;

        if (lines->number == 1 && !check_start(line, length, error))
            return LINE_BAD;
        text = g_strstrip(g_strndup(line, length));
        if (!check_bytes(line, length, error)) {
            lines->key = key_of(lines, text);
            return LINE_BAD;
        }
        if (*text && *text != '#')
            return read_line(lines, text, error);
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
