/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/rules.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

/*
 * In the order of libvirt's rules. "m" stands first where nothing is written, and last where something
 * is or it is executed; the parser does not mind. What is executed keeps its profile, whatever it is.
 */
static void
append_perms(GString *out, Perms perms)
{
    static const struct {
        Perms perm;
        char letter;
    } letters[] = {{PERM_R, 'r'}, {PERM_W, 'w'}, {PERM_A, 'a'}, {PERM_L, 'l'}, {PERM_K, 'k'}};
    gboolean m_last = (perms & (PERM_W | PERM_X)) != 0;

    if (perms & PERM_M && !m_last)
        g_string_append_c(out, 'm');
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++)
        if (perms & letters[i].perm)
            g_string_append_c(out, letters[i].letter);
    if (perms & PERM_M && m_last)
        g_string_append_c(out, 'm');
    if (perms & PERM_X)
        g_string_append(out, "ix");
}

/*
 * Raw: what neither the lexer nor the pattern compiler of apparmor_parser 3.0 to 5.0 looks at. The
 * others are octal, never a backslash and the character itself: "\1" or "\n" is another byte, and a
 * backslash before the closing quote would take the next lines into the path.
 */
gboolean
rules_append_literal(GString *out, const char *bytes, GError **error)
{
    static const char special[] =
        "\"*?[\\]{}"
        "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020"
        "\021\022\023\024\025\026\027\030\031\032\033\034\035\036\037\177";
    gsize before = out->len;

    for (const char *p = bytes; *p;) {
        gsize plain = strcspn(p, special);

        g_string_append_len(out, p, (gssize)plain);
        p += plain;
        if (*p)
            g_string_append_printf(out, "\\%03o", (unsigned char)*p++);
    }
    if (out->len - before > LIMIT_RULE_PATH_BYTES) {
        g_autofree char *shown = g_strescape(bytes, NULL);

        g_string_truncate(out, before);
        return base_set_error(
            error, BASE_ERROR_LIMIT,
            _("the path is too long for a rule, with its characters escaped: %.200s…"), shown);
    }
    return TRUE;
}

static gboolean
append_path(GString *out, const Grant *grant, GError **error)
{
    g_string_append_c(out, '"');
    g_string_append(out, grant->before);
    if (!rules_append_literal(out, grant->literal, error))
        return FALSE;
    g_string_append(out, grant->after);
    g_string_append_c(out, '"');
    return TRUE;
}

static gboolean
append_grant(GString *out, const Grant *grant, GError **error)
{
    g_string_append(out, "  ");
    switch (grant->kind) {
    case GRANT_ALLOW:
        if (!append_path(out, grant, error))
            return FALSE;
        g_string_append_c(out, ' ');
        append_perms(out, grant->perms);
        g_string_append(out, ",\n");
        return TRUE;
    case GRANT_DENY_WRITE:
        g_string_append(out, "deny ");
        if (!append_path(out, grant, error))
            return FALSE;
        g_string_append(out, " w,\n");
        return TRUE;
    case GRANT_NOTE:
        g_string_append_printf(out, "# %s\n", grant->text);
        return TRUE;
    case GRANT_UNIX_PEER:
        g_string_append_printf(out, "unix (send, receive) type=stream peer=(label=%s),\n",
                               grant->text);
        return TRUE;
    case GRANT_CAPABILITY:
        g_string_append_printf(out, "capability %s,\n", grant->text);
        return TRUE;
    }
    g_assert_not_reached();
}

static void
prefix_origin(GError **error, const Grant *grant)
{
    if (grant->element && grant->line)
        g_prefix_error(error, _("line %u: %s: "), grant->line, grant->element);
    else if (grant->element)
        g_prefix_error(error, "%s: ", grant->element);
}

static void
remember_lines(GHashTable *seen, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        g_hash_table_add(seen, g_strdup(*line));
}

gboolean
rules_render(GPtrArray *grants, GString *out, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    remember_lines(seen, out->str);
    for (guint i = 0; i < grants->len; i++) {
        const Grant *grant = g_ptr_array_index(grants, i);
        g_autoptr(GString) line = g_string_new(NULL);

        if (!append_grant(line, grant, error)) {
            prefix_origin(error, grant);
            return FALSE;
        }
        g_string_truncate(line, line->len - 1);
        if (grant->kind != GRANT_NOTE && !g_hash_table_add(seen, g_strdup(line->str)))
            continue;
        g_string_append(out, line->str);
        g_string_append_c(out, '\n');
    }
    return TRUE;
}

char *
rules_append_missing(const char *existing, const char *lines)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) split = g_strsplit(lines, "\n", -1);
    g_autoptr(GString) out = g_string_new(existing);
    gsize before;

    if (out->len > 0 && out->str[out->len - 1] != '\n')
        g_string_append_c(out, '\n');
    before = out->len;
    remember_lines(seen, existing);
    for (char **line = split; *line; line++) {
        if (**line == '\0' || !g_hash_table_add(seen, g_strdup(*line)))
            continue;
        g_string_append(out, *line);
        g_string_append_c(out, '\n');
    }
    return out->len == before ? NULL : g_string_free(g_steal_pointer(&out), FALSE);
}

static int
compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gsize
common_prefix(const char *a, const char *b)
{
    gsize n = 0;

    while (a[n] && a[n] == b[n])
        n++;
    return n;
}

/* By lines, which are a little longer than the paths in them. */
gboolean
rules_check_size(const char *rules, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);
    guint n = g_strv_length(lines);
    const char *before = "";
    guint64 squares = 0;
    guint64 distinct = 0;

    if (n > LIMIT_RULES)
        return base_set_error(error, BASE_ERROR_LIMIT,
                              _("the VM needs %u rules, and no more than %d compile in time"), n,
                              LIMIT_RULES);
    qsort(lines, n, sizeof(*lines), compare_lines);
    for (char **line = lines; *line; line++) {
        gsize len = strlen(*line);

        squares += (guint64)len * len;
        distinct += len - common_prefix(before, *line);
        before = *line;
    }
    if (squares > LIMIT_RULES_SQUARE_BYTES || distinct > LIMIT_RULES_DISTINCT_BYTES)
        return base_set_error(error, BASE_ERROR_LIMIT,
                              _("the VM needs %u rules with paths so long that they do not "
                                "compile in time"),
                              n);
    return TRUE;
}
