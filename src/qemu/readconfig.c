/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "qemu/readconfig.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "qemu/pairs.h"

static void
section_free(gpointer data)
{
    QemuSection *section = data;

    g_free(section->group);
    g_ptr_array_unref(section->pairs);
    g_free(section);
}

/* [group "id"] or [group] */
static char *
parse_group(const char *line)
{
    gsize len = strcspn(line + 1, " \t]\"");

    return len && strchr(line, ']') ? g_strndup(line + 1, len) : NULL;
}

/* key = "value"; there are no escapes, and a value ends at the next quote. */
static gboolean
parse_pair(const char *line, GPtrArray *pairs)
{
    gsize len = strcspn(line, " \t=");
    g_autofree char *key = g_strndup(line, len);
    g_autofree char *value = NULL;
    const char *at = line + len;
    const char *end;

    at += strspn(at, " \t");
    if (len == 0 || *at != '=')
        return FALSE;
    at++;
    at += strspn(at, " \t");
    end = *at == '"' ? strchr(at + 1, '"') : NULL;
    if (!end)
        return FALSE;
    value = g_strndup(at + 1, (gsize)(end - at - 1));
    qemu_pairs_add(pairs, key, value);
    return TRUE;
}

/* @sections: the last is the one that a pair belongs to */
static gboolean
parse_line(const char *line, guint number, GPtrArray *sections)
{
    QemuSection *section;
    char *group;

    if (*line == '\0' || *line == '#')
        return TRUE;
    if (*line != '[') {
        if (sections->len == 0)
            return FALSE;
        section = g_ptr_array_index(sections, sections->len - 1);
        return section->pairs->len < LIMIT_QEMU_PAIRS && parse_pair(line, section->pairs);
    }
    group = parse_group(line);
    if (!group)
        return FALSE;
    section = g_new0(QemuSection, 1);
    section->line = number;
    section->group = group;
    section->pairs = qemu_pairs_new();
    g_ptr_array_add(sections, section);
    return TRUE;
}

GPtrArray *
qemu_readconfig_parse(const char *text, GError **error)
{
    g_autoptr(GPtrArray) sections = g_ptr_array_new_with_free_func(section_free);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++) {
        if (parse_line(g_strstrip(lines[i]), i + 1, sections))
            continue;
        base_set_error(error, BASE_ERROR_FAILED,
                       _("line %u of the file is nothing that QEMU reads"), i + 1);
        return NULL;
    }
    return g_steal_pointer(&sections);
}
