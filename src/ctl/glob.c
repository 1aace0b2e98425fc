/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/glob.h"

#include <string.h>

/* Variables in the values of variables: the parser's own tunables have three. */
#define DEPTH_MAX 10

GHashTable *
glob_variables_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                 (GDestroyNotify)g_ptr_array_unref);
}

void
glob_variable_add(GHashTable *variables, const char *name, const char *value)
{
    GPtrArray *values = g_hash_table_lookup(variables, name);

    if (!values) {
        values = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(variables, g_strdup(name), values);
    }
    g_ptr_array_add(values, g_strdup(value));
}

void
glob_append_literal(GString *expression, const char *bytes)
{
    g_autofree char *escaped = g_regex_escape_string(bytes, -1);

    g_string_append(expression, escaped);
}

static void
append_byte(GString *expression, char byte)
{
    const char text[] = {byte, '\0'};

    glob_append_literal(expression, text);
}

static gboolean
append(GString *expression, const char *pattern, GHashTable *variables, guint depth);

/* "@{NAME}", of which *@at is the start. A value may end in the slash that the pattern goes on with. */
static gboolean
append_variable(GString *expression, const char **at, GHashTable *variables, guint depth)
{
    const char *end = strchr(*at, '}');
    g_autofree char *name = end ? g_strndup(*at + 2, (gsize)(end - *at) - 2) : NULL;
    GPtrArray *values = name ? g_hash_table_lookup(variables, name) : NULL;

    if (!values || depth == DEPTH_MAX)
        return FALSE;
    g_string_append(expression, "(?:");
    for (guint i = 0; i < values->len; i++) {
        g_autofree char *value = g_strdup(g_ptr_array_index(values, i));

        if (end[1] == '/' && g_str_has_suffix(value, "/"))
            value[strlen(value) - 1] = '\0';
        if (i > 0)
            g_string_append_c(expression, '|');
        if (!append(expression, value, variables, depth + 1))
            return FALSE;
    }
    g_string_append_c(expression, ')');
    *at = end;
    return TRUE;
}

/* One or two stars at *@at. Where nothing else is between two slashes, or after the last, there is a name. */
static void
append_stars(GString *expression, const char **at, gboolean after_slash)
{
    gboolean two = (*at)[1] == '*';
    const char *next = *at + (two ? 2 : 1);
    gboolean alone = after_slash && (*next == '\0' || *next == '/');

    g_string_append(expression, two ? "(?s:.)" : "[^/]");
    g_string_append_c(expression, alone ? '+' : '*');
    *at = next - 1;
}

/* A class of characters, "[…]", of which *@at is the start; it means the same here. */
static void
append_class(GString *expression, const char **at)
{
    const char *end = strchr(*at + 1, ']');

    if (!end) {
        append_byte(expression, '[');
        return;
    }
    g_string_append_len(expression, *at, end - *at + 1);
    *at = end;
}

static gboolean
append(GString *expression, const char *pattern, GHashTable *variables, guint depth)
{
    guint braces = 0;

    for (const char *at = pattern; *at; at++) {
        if (at[0] == '@' && at[1] == '{') {
            if (!append_variable(expression, &at, variables, depth))
                return FALSE;
        } else if (*at == '\\' && at[1]) {
            append_byte(expression, *++at);
        } else if (*at == '*') {
            append_stars(expression, &at, at > pattern && at[-1] == '/');
        } else if (*at == '?') {
            g_string_append(expression, "[^/]");
        } else if (*at == '[') {
            append_class(expression, &at);
        } else if (*at == '{') {
            braces++;
            g_string_append(expression, "(?:");
        } else if (*at == '}' && braces > 0) {
            braces--;
            g_string_append_c(expression, ')');
        } else if (*at == ',' && braces > 0) {
            g_string_append_c(expression, '|');
        } else {
            append_byte(expression, *at);
        }
    }
    return braces == 0;
}

gboolean
glob_append(GString *expression, const char *pattern, GHashTable *variables)
{
    return append(expression, pattern, variables, 0);
}

gboolean
glob_matches(const GString *expression, const char *path)
{
    g_autofree char *whole = g_strdup_printf("\\A(?:%s)\\z", expression->str);
    g_autoptr(GRegex) regex = g_regex_new(whole, G_REGEX_RAW, 0, NULL);

    return regex && g_regex_match(regex, path, 0, NULL);
}
