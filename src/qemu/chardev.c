/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "qemu/chardev.h"

#include <string.h>

#include "qemu/pairs.h"

/* Beginnings, the more special first. What follows is a path to its last byte, commas and all, or, with
 * @options, the first value of a list. */
static const struct {
    const char *prefix;
    const char *backend;
    gboolean options;
    gboolean keeps_prefix;
} forms[] = {
    {"file:", "file", FALSE, FALSE},       {"pipe:", "pipe", FALSE, FALSE},
    {"unix:", "socket", TRUE, FALSE},      {"/dev/parport", "parallel", FALSE, TRUE},
    {"/dev/ppi", "parallel", FALSE, TRUE}, {"/dev/", "serial", FALSE, TRUE},
};

GPtrArray *
qemu_chardev_parse(const char *text, GError **error)
{
    g_autoptr(GPtrArray) pairs = NULL;

    /* the monitor and something else, on one device */
    if (g_str_has_prefix(text, "mon:"))
        text += strlen("mon:");
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        const char *rest = text + strlen(forms[i].prefix);

        if (!g_str_has_prefix(text, forms[i].prefix))
            continue;
        pairs = forms[i].options ? qemu_pairs_parse(rest, "path", error) : qemu_pairs_new();
        if (!pairs)
            return NULL;
        if (!forms[i].options)
            qemu_pairs_add(pairs, "path", forms[i].keeps_prefix ? text : rest);
        qemu_pairs_add(pairs, "backend", forms[i].backend);
        return g_steal_pointer(&pairs);
    }
    return qemu_pairs_new();
}
