/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/modcaps.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define OPTION "--modcaps="
#define COMPAT "modcaps="

/* All of linux/capability.h. */
static const char *const names[] = {
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
};

static const char *
find_name(const char *text)
{
    if (g_ascii_strncasecmp(text, "cap_", strlen("cap_")) == 0)
        text += strlen("cap_");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(names[i], text) == 0)
            return names[i];
    return NULL;
}

/* The changes in @option, each as it is written; an empty list where it has none. */
static char **
split_changes(const char *option)
{
    g_auto(GStrv) parts = NULL;
    g_autoptr(GStrvBuilder) changes = g_strv_builder_new();

    if (g_str_has_prefix(option, OPTION))
        return g_strsplit(option + strlen(OPTION), ":", -1);
    /* "-oA,B", "-o A,B", and what was an argument of its own after "-o" */
    if (g_str_has_prefix(option, "--"))
        return g_strv_builder_end(changes);
    parts = g_strsplit(g_str_has_prefix(option, "-o") ? option + strlen("-o") : option, ",", -1);
    for (char **part = parts; *part; part++) {
        g_auto(GStrv) list = NULL;

        if (!g_str_has_prefix(g_strchug(*part), COMPAT))
            continue;
        list = g_strsplit(*part + strlen(COMPAT), ":", -1);
        g_strv_builder_addv(changes, (const char **)list);
    }
    return g_strv_builder_end(changes);
}

gboolean
modcaps_check(const char *option, GError **error)
{
    g_auto(GStrv) changes = split_changes(option);

    /* the next value of the list would be its own, which is looked at for itself */
    if (g_str_equal(option, "--modcaps"))
        return base_set_error(error, BASE_ERROR_FAILED, _("the list is missing: --modcaps=LIST"));
    for (char **change = changes; *change; change++)
        if ((**change != '+' && **change != '-') || !find_name(*change + 1))
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s' is not + or - and the name of a capability"), *change);
    return TRUE;
}

void
modcaps_apply(const char *option, GPtrArray *capabilities)
{
    g_auto(GStrv) changes = split_changes(option);

    for (char **change = changes; *change; change++) {
        const char *name = find_name(*change + 1);
        guint at;
        gboolean found = g_ptr_array_find_with_equal_func(capabilities, name, g_str_equal, &at);

        if (**change == '+' && !found)
            g_ptr_array_add(capabilities, (char *)name);
        if (**change == '-' && found)
            g_ptr_array_remove_index(capabilities, at);
    }
}
