/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/guard.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/additions.h"
#include "ctl/descriptions.h"

/* Where distributions have virtiofsd, below /usr and below /usr/local. */
static const char *const folders[] = {"bin",     "sbin",     "lib",        "lib64",
                                      "libexec", "lib/qemu", "lib64/qemu", "libexec/qemu"};

/* What stands in a rule as it is; a place with anything else is for an administrator with a sense for it. */
#define RULE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+-"

char *
guard_path(const CtlConfig *config)
{
    return g_build_filename(config->apparmor_dir, "local", "libvirt-virtiofsd-guard", NULL);
}

static char *
resolve(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = g_strdup(real);

    free(real);
    return copy;
}

/* @known: a set of paths. Adds @path, and what it is a link to; into @allowed where one of the two may run. */
static void
add(GHashTable *known, GHashTable *allowed, const Settings *settings, const char *path)
{
    g_autofree char *real = resolve(path);
    gboolean may = settings_allows_unconfined(settings, path) ||
                   (real && settings_allows_unconfined(settings, real));

    g_hash_table_add(known, g_strdup(path));
    if (may)
        g_hash_table_add(allowed, g_strdup(path));
    if (real && may)
        g_hash_table_add(allowed, g_strdup(real));
    if (real)
        g_hash_table_add(known, g_steal_pointer(&real));
}

static void
add_all(GHashTable *known, GHashTable *allowed, const Settings *settings, GPtrArray *descriptions)
{
    g_autoptr(GPtrArray) binaries = settings_binaries(settings);

    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename("/usr", folders[i], "virtiofsd", NULL);
        g_autofree char *local = g_build_filename("/usr/local", folders[i], "virtiofsd", NULL);

        add(known, allowed, settings, path);
        add(known, allowed, settings, local);
    }
    for (guint i = 0; i < descriptions->len; i++) {
        const Description *description = g_ptr_array_index(descriptions, i);

        if (g_strcmp0(description->type, "fs") == 0 && g_path_is_absolute(description->binary))
            add(known, allowed, settings, description->binary);
    }
    for (guint i = 0; i < binaries->len; i++)
        add(known, allowed, settings, g_ptr_array_index(binaries, i));
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

char *
guard_text(const CtlConfig *config, const Settings *settings, GPtrArray *descriptions,
           GPtrArray *odd)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) allowed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GString *text = g_string_new(ADDITION_MADE " See virt-aa-ctl(8). What libvirtd would run "
                                               "without a profile of the VM, it does not run.\n");
    g_autoptr(GList) paths = NULL;

    add_all(known, allowed, settings, descriptions);
    g_hash_table_remove(known, config->helper.launcher);
    paths = g_list_sort(g_hash_table_get_keys(known), by_text);
    for (GList *at = paths; at; at = at->next) {
        const char *path = at->data;

        if (g_hash_table_contains(allowed, path))
            continue;
        if (path[strspn(path, RULE_CHARACTERS)] == '\0')
            g_string_append_printf(text, "audit deny \"%s\" x,\n", path);
        else if (odd)
            g_ptr_array_add(odd, g_strdup(path));
    }
    return g_string_free(text, FALSE);
}

gboolean
guard_covers(const char *text, const char *wanted)
{
    g_auto(GStrv) rules = g_strsplit(wanted, "\n", -1);

    for (gsize i = 0; rules[i]; i++) {
        if (g_str_has_prefix(rules[i], "audit deny ") && !additions_has(text, rules[i]))
            return FALSE;
    }
    return TRUE;
}
