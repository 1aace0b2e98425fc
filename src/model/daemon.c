/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/daemon.h"

#include <string.h>

#include "model/builder.h"
#include "settings/modcaps.h"

/*
 * It acts as whatever user of the guest a request comes from, on files of any owner and mode; for
 * reading too by dac_override, because it drops dac_read_search unless it opens files by handles
 * (virtiofsd 1.13, seen). A read-only virtiofsd refuses all requests that take the others by itself.
 */
static const char *const serving[] = {"dac_override", "fowner", "setgid", "setuid"};
static const char *const writing[] = {"chown", "fsetid", "mknod", "setfcap"};

gboolean
daemon_is_readonly(GPtrArray *options)
{
    return g_ptr_array_find_with_equal_func(options, "--readonly", g_str_equal, NULL);
}

/* Adds to @to what of @capabilities is not in @without. */
static void
grant_all(GPtrArray *to, GPtrArray *capabilities, GPtrArray *without)
{
    for (guint i = 0; i < capabilities->len; i++) {
        const char *name = g_ptr_array_index(capabilities, i);

        if (!without || !g_ptr_array_find_with_equal_func(without, name, g_str_equal, NULL))
            grant_capability(to, name);
    }
}

void
daemon_capabilities(GPtrArray *options, GPtrArray *base, GPtrArray *writer)
{
    g_autoptr(GPtrArray) always = g_ptr_array_new();
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    for (gsize i = 0; i < G_N_ELEMENTS(serving); i++) {
        g_ptr_array_add(always, (char *)serving[i]);
        g_ptr_array_add(all, (char *)serving[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(writing); i++)
        g_ptr_array_add(all, (char *)writing[i]);
    for (guint i = 0; i < options->len; i++) {
        modcaps_apply(g_ptr_array_index(options, i), always);
        modcaps_apply(g_ptr_array_index(options, i), all);
    }
    grant_all(base, always, NULL);
    grant_all(writer, all, always);
}
