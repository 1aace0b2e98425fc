/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/confinement.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const words[] = {
    [CONFINEMENT_ENFORCED] = "enforced", [CONFINEMENT_STARTING] = "starting",
    [CONFINEMENT_NONE] = "none",         [CONFINEMENT_UNKNOWN] = "unknown",
    [CONFINEMENT_COMPLAIN] = "complain", [CONFINEMENT_UNCONFINED] = "unconfined",
};

const char *
confinement_word(Confinement confinement)
{
    return words[confinement];
}

static Confinement
label_confinement(const CtlLabel *label, const char *profile)
{
    if (g_str_equal(label->label, LAUNCHER_LABEL) && g_strcmp0(label->mode, "enforce") == 0)
        return CONFINEMENT_STARTING;
    if (profile && !label_has_profile(label->label, profile))
        return CONFINEMENT_UNCONFINED;
    /* "kill" ends who does what is not allowed */
    if (g_strcmp0(label->mode, "enforce") == 0 || g_strcmp0(label->mode, "kill") == 0)
        return CONFINEMENT_ENFORCED;
    if (g_strcmp0(label->mode, "complain") == 0 || g_strcmp0(label->mode, "mixed") == 0)
        return CONFINEMENT_COMPLAIN;
    return CONFINEMENT_UNCONFINED;
}

Confinement
confinement_of(const CtlProcess *process, const char *profile)
{
    Confinement worst = CONFINEMENT_ENFORCED;
    gboolean known = FALSE;

    if (!process)
        return CONFINEMENT_NONE;
    if (process->unlabelled)
        return CONFINEMENT_UNCONFINED;
    for (guint i = 0; i < process->labels->len; i++) {
        const CtlLabel *label = g_ptr_array_index(process->labels, i);

        if (label->pending)
            continue;
        known = TRUE;
        worst = MAX(worst, label_confinement(label, profile));
    }
    if (!known || process->partly_unknown)
        worst = MAX(worst, CONFINEMENT_UNKNOWN);
    return worst;
}

char *
confinement_describe(const CtlProcess *process)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (process->unlabelled)
        return g_strdup(_("none, for AppArmor is not switched on in this kernel"));
    for (guint i = 0; i < process->labels->len; i++) {
        const CtlLabel *label = g_ptr_array_index(process->labels, i);

        g_string_append_printf(text, "%s%s%s", i > 0 ? ", " : "", label->pending ? "-> " : "",
                               label->label);
        if (label->mode)
            g_string_append_printf(text, " (%s)", label->mode);
    }
    if (process->partly_unknown)
        g_string_append(text, text->len > 0 ? ", ?" : "?");
    return g_utf8_make_valid(text->str, (gssize)text->len);
}

static void
index_label(GHashTable *index, const char *label, const CtlProcess *process)
{
    g_auto(GStrv) parts = g_strsplit(label, "//&", -1);

    for (gsize i = 0; parts[i]; i++) {
        char *child = strstr(parts[i], "//");
        GPtrArray *users;

        if (child)
            *child = '\0';
        users = g_hash_table_lookup(index, parts[i]);
        if (!users) {
            users = g_ptr_array_new();
            g_hash_table_insert(index, g_strdup(parts[i]), users);
        }
        if (users->len == 0 || g_ptr_array_index(users, users->len - 1) != process)
            g_ptr_array_add(users, (gpointer)process);
    }
}

GHashTable *
label_index_new(GPtrArray *processes)
{
    GHashTable *index =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);

    for (guint i = 0; i < processes->len; i++) {
        const CtlProcess *process = g_ptr_array_index(processes, i);

        for (guint j = 0; j < process->labels->len; j++) {
            const CtlLabel *label = g_ptr_array_index(process->labels, j);

            index_label(index, label->label, process);
        }
    }
    return index;
}
