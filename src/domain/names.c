/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/domain.h"

#include <string.h>

#define SHORT_NAME_MAX 20 /* VIR_DOMAIN_SHORT_NAME_MAX */

char *
domain_uuid_canonical(const char *text)
{
    g_autoptr(GString) out = g_string_sized_new(DOMAIN_UUID_LEN);
    guint digits = 0;

    while (g_ascii_isspace(*text))
        text++;
    for (; digits < 32; text++) {
        /* separators stand between bytes only */
        if (digits % 2 == 0 && (*text == '-' || *text == ' '))
            continue;
        if (!g_ascii_isxdigit(*text))
            return NULL;
        if (digits == 8 || digits == 12 || digits == 16 || digits == 20)
            g_string_append_c(out, '-');
        g_string_append_c(out, g_ascii_tolower(*text));
        digits++;
    }
    while (g_ascii_isspace(*text))
        text++;
    return *text ? NULL : g_string_free(g_steal_pointer(&out), FALSE);
}

/* Bytes of @name, valid UTF-8, that its first SHORT_NAME_MAX characters take. */
static gsize
character_cut(const char *name)
{
    const char *end = name;

    for (int i = 0; i < SHORT_NAME_MAX && *end; i++)
        end = g_utf8_next_char(end);
    return (gsize)(end - name);
}

/*
 * virDomainDefGetShortName() counts what mbstowcs() makes of the name: in a UTF-8 locale characters. In
 * locale C, which a service without LANG has, mbstowcs() fails with EILSEQ on any byte above 127, and in
 * one of ISO 8859 it finds as many characters as bytes; either way the name is cut after that many
 * bytes, perhaps in the middle of a character. Which locale libvirtd has, and had when it started the
 * VM, is not to be seen from here: libvirt runs its helper without LANG.
 */
char **
domain_short_names(int id, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    gsize bytes = MIN(strlen(name), SHORT_NAME_MAX);
    gsize characters = g_utf8_validate(name, -1, NULL) ? character_cut(name) : bytes;

    g_ptr_array_add(names, g_strdup_printf("%d-%.*s", id, (int)bytes, name));
    if (characters != bytes)
        g_ptr_array_add(names, g_strdup_printf("%d-%.*s", id, (int)characters, name));
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}
