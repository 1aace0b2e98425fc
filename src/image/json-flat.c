/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "image/json-flat.h"

#include <string.h>

/* Objects and arrays within each other: no block driver's options nest a third as deep. It bounds the
 * recursion. */
#define JSON_DEPTH 32

/* Bytes of a dotted path: several times QEMU's longest. Without it, many members below a long key
 * would take memory by the square of the text's length. */
#define JSON_PATH_BYTES 256

typedef struct {
    const char *at;
    GHashTable *members;
} Parser;

static void
member_free(gpointer data)
{
    JsonMember *member = data;

    g_free(member->text);
    g_free(member);
}

static void
skip_space(Parser *parser)
{
    parser->at += strspn(parser->at, " \t\r\n");
}

static gboolean
skip_char(Parser *parser, char wanted)
{
    skip_space(parser);
    if (*parser->at != wanted)
        return FALSE;
    parser->at++;
    return TRUE;
}

static gboolean
file_member(Parser *parser, const char *path, JsonType type, const char *text)
{
    JsonMember *member;

    if (g_hash_table_contains(parser->members, path))
        return FALSE;
    member = g_new0(JsonMember, 1);
    member->type = type;
    member->text = g_strdup(text);
    g_hash_table_insert(parser->members, g_strdup(path), member);
    return TRUE;
}

/* Files the objects that the dots in @path from @from on stand for, where they are not there yet. */
static gboolean
file_parents(Parser *parser, const char *path, gsize from)
{
    for (const char *dot = strchr(path + from, '.'); dot; dot = strchr(dot + 1, '.')) {
        g_autofree char *parent = g_strndup(path, (gsize)(dot - path));
        const JsonMember *member = g_hash_table_lookup(parser->members, parent);

        if (member ? member->type != JSON_OBJECT : !file_member(parser, parent, JSON_OBJECT, NULL))
            return FALSE;
    }
    return TRUE;
}

static gboolean
parse_hex4(Parser *parser, gunichar *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(*parser->at);

        if (digit < 0)
            return FALSE;
        *unit = *unit << 4 | (gunichar)digit;
        parser->at++;
    }
    return TRUE;
}

/* After "\u". A surrogate without its other half is no character. */
static gboolean
parse_unicode(Parser *parser, GString *out)
{
    gunichar unit, low;

    if (!parse_hex4(parser, &unit) || unit == 0 || (unit & 0xfc00) == 0xdc00)
        return FALSE;
    if ((unit & 0xfc00) == 0xd800) {
        if (parser->at[0] != '\\' || parser->at[1] != 'u')
            return FALSE;
        parser->at += 2;
        if (!parse_hex4(parser, &low) || (low & 0xfc00) != 0xdc00)
            return FALSE;
        unit = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
    }
    g_string_append_unichar(out, unit);
    return TRUE;
}

static char *
parse_string(Parser *parser)
{
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    g_autoptr(GString) out = g_string_new(NULL);

    if (!skip_char(parser, '"'))
        return NULL;
    for (; *parser->at != '"'; parser->at++) {
        const char *escape;

        if ((guchar)*parser->at < 0x20)
            return NULL;
        if (*parser->at != '\\') {
            g_string_append_c(out, *parser->at);
            continue;
        }
        parser->at++;
        if (*parser->at == 'u') {
            parser->at++;
            if (!parse_unicode(parser, out))
                return NULL;
            parser->at--;
            continue;
        }
        escape = *parser->at ? strchr(escapes, *parser->at) : NULL;
        if (!escape)
            return NULL;
        g_string_append_c(out, meanings[escape - escapes]);
    }
    parser->at++;
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static gboolean
skip_digits(Parser *parser)
{
    gsize n = strspn(parser->at, "0123456789");

    parser->at += n;
    return n > 0;
}

static char *
parse_number(Parser *parser)
{
    const char *start = parser->at;

    if (*parser->at == '-')
        parser->at++;
    if (*parser->at == '0')
        parser->at++;
    else if (!skip_digits(parser))
        return NULL;
    if (*parser->at == '.') {
        parser->at++;
        if (!skip_digits(parser))
            return NULL;
    }
    if (*parser->at == 'e' || *parser->at == 'E') {
        parser->at++;
        if (*parser->at == '+' || *parser->at == '-')
            parser->at++;
        if (!skip_digits(parser))
            return NULL;
    }
    return g_strndup(start, (gsize)(parser->at - start));
}

static gboolean
parse_literal(Parser *parser)
{
    static const char *const literals[] = {"true", "false", "null"};

    for (gsize i = 0; i < G_N_ELEMENTS(literals); i++) {
        if (g_str_has_prefix(parser->at, literals[i])) {
            parser->at += strlen(literals[i]);
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean parse_value(Parser *parser, const char *path, guint depth);

/* @path: (nullable): where the object is filed; NULL: it is within an array, and is not */
static gboolean
parse_object(Parser *parser, const char *path, guint depth)
{
    if (skip_char(parser, '}'))
        return TRUE;
    do {
        g_autofree char *key = NULL;
        g_autofree char *member = NULL;

        skip_space(parser);
        key = parse_string(parser);
        if (!key || !skip_char(parser, ':'))
            return FALSE;
        if (path) {
            gsize from = *path ? strlen(path) + 1 : 0;

            member = *path ? g_strdup_printf("%s.%s", path, key) : g_strdup(key);
            if (strlen(member) > JSON_PATH_BYTES || !file_parents(parser, member, from))
                return FALSE;
        }
        if (!parse_value(parser, member, depth))
            return FALSE;
    } while (skip_char(parser, ','));
    return skip_char(parser, '}');
}

static gboolean
parse_array(Parser *parser, guint depth)
{
    if (skip_char(parser, ']'))
        return TRUE;
    do {
        if (!parse_value(parser, NULL, depth))
            return FALSE;
    } while (skip_char(parser, ','));
    return skip_char(parser, ']');
}

static gboolean
parse_value(Parser *parser, const char *path, guint depth)
{
    g_autofree char *text = NULL;
    JsonType type = JSON_LITERAL;

    skip_space(parser);
    if (*parser->at == '{' || *parser->at == '[') {
        type = *parser->at++ == '{' ? JSON_OBJECT : JSON_ARRAY;
        if (depth == JSON_DEPTH || (path && !file_member(parser, path, type, NULL)))
            return FALSE;
        return type == JSON_OBJECT ? parse_object(parser, path, depth + 1)
                                   : parse_array(parser, depth + 1);
    }
    if (*parser->at == '"') {
        type = JSON_STRING;
        text = parse_string(parser);
    } else if (*parser->at == '-' || g_ascii_isdigit(*parser->at)) {
        type = JSON_NUMBER;
        text = parse_number(parser);
    } else if (!parse_literal(parser)) {
        return FALSE;
    }
    if (type != JSON_LITERAL && !text)
        return FALSE;
    return !path || file_member(parser, path, type, text);
}

GHashTable *
json_flatten(const char *text)
{
    g_autoptr(GHashTable) members =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, member_free);
    Parser parser = {text, members};

    if (!g_utf8_validate(text, -1, NULL))
        return NULL;
    if (!skip_char(&parser, '{') || !parse_object(&parser, "", 1))
        return NULL;
    skip_space(&parser);
    return *parser.at == '\0' ? g_steal_pointer(&members) : NULL;
}

const JsonMember *
json_get(GHashTable *members, const char *path, const char *name, JsonType type)
{
    g_autofree char *full = *path ? g_strdup_printf("%s.%s", path, name) : g_strdup(name);
    const JsonMember *member = g_hash_table_lookup(members, full);

    return member && member->type == type ? member : NULL;
}
