/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "image/vmdk.h"

#include <string.h>

#define TEXT_MAGIC "# Disk DescriptorFile"

/* Types of extents that have a file; ZERO has none. */
static const char *const file_types[] = {"FLAT", "SPARSE", "VMFS", "VMFSSPARSE", "SESPARSE", NULL};

gboolean
image_is_vmdk_text(const guint8 *bytes, gsize len)
{
    return len >= strlen(TEXT_MAGIC) && memcmp(bytes, TEXT_MAGIC, strlen(TEXT_MAGIC)) == 0;
}

/* The next word at *@at, or NULL. */
static char *
next_word(const char **at)
{
    const char *start = *at + strspn(*at, " \t");

    *at = start + strcspn(start, " \t");
    return *at > start ? g_strndup(start, (gsize)(*at - start)) : NULL;
}

/* What is in quotes at @at, or NULL. */
static char *
quoted(const char *at)
{
    const char *end;

    at += strspn(at, " \t");
    if (*at != '"')
        return NULL;
    end = strchr(at + 1, '"');
    return end && end > at + 1 ? g_strndup(at + 1, (gsize)(end - at - 1)) : NULL;
}

/* QEMU passes over what is not "RW". */
static char *
extent_name(const char *line)
{
    g_autofree char *access = next_word(&line);
    g_autofree char *sectors = next_word(&line);
    g_autofree char *type = next_word(&line);

    if (!type || !g_str_equal(access, "RW") || !g_ascii_isdigit(*sectors) ||
        !g_strv_contains(file_types, type))
        return NULL;
    return quoted(line);
}

GPtrArray *
image_vmdk_extents(const guint8 *bytes, gsize len)
{
    g_autofree char *text = g_strndup((const char *)bytes, len);
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (char **line = lines; *line; line++) {
        char *name = extent_name(*line);

        if (name)
            g_ptr_array_add(names, name);
    }
    return names;
}
