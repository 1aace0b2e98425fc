/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/record.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/io.h"

#define HEADER    "virt-aa-virtiofs 1\n"
#define TEMP_NAME ".tmp"

#define RECORD_MODE 0600

char *
record_name(const char *socket, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);

    for (const char *p = socket; *p; p++) {
        if (*p == '%' || *p == '/')
            g_string_append_printf(name, "%%%02X", (unsigned)*p);
        else
            g_string_append_c(name, *p);
    }
    if (name->len > NAME_MAX - strlen(TEMP_NAME) /* the longest beside it */) {
        base_set_error(error, BASE_ERROR_LIMIT, _("%s: the path of the socket is too long"),
                       socket);
        return NULL;
    }
    return g_string_free(g_steal_pointer(&name), FALSE);
}

static void
append_field(GString *out, const char *key, const char *value)
{
    g_string_append_printf(out, "%s=", key);
    for (const char *p = value; *p; p++) {
        unsigned char c = (unsigned char)*p;

        if (c < 0x20 || c == 0x7f || c == '%')
            g_string_append_printf(out, "%%%02X", c);
        else
            g_string_append_c(out, *p);
    }
    g_string_append_c(out, '\n');
}

char *
record_text(const PolicyRecord *record)
{
    GString *out = g_string_new(HEADER);

    append_field(out, "profile", record->profile);
    append_field(out, "domain", record->domain);
    if (record->share) {
        append_field(out, "share", record->share);
        append_field(out, "readonly", record->readonly ? "yes" : "no");
    }
    if (record->binary)
        append_field(out, "binary", record->binary);
    for (guint i = 0; record->options && i < record->options->len; i++)
        append_field(out, "option", g_ptr_array_index(record->options, i));
    return g_string_free(out, FALSE);
}

PolicyDir *
records_open(const char *records, const char *kind, gboolean make, GError **error)
{
    g_autofree char *path = g_build_filename(records, kind, NULL);

    if (make && ((mkdir(records, 0700) < 0 && errno != EEXIST) ||
                 (mkdir(path, 0700) < 0 && errno != EEXIST))) {
        base_set_errno_error(error, errno, _("cannot make %s"), path);
        return NULL;
    }
    return policy_dir_open(path, error);
}

gboolean
record_is_of(const char *text, const char *profile)
{
    g_autofree char *line = g_strdup_printf("\nprofile=%s\n", profile);

    return strstr(text, line) != NULL;
}

gboolean
record_stage(PolicyChange *change, const PolicyDir *dir, const char *name, const char *text,
             GError **error)
{
    g_autofree char *before = NULL;

    policy_read(dir, name, &before, NULL);
    if (g_strcmp0(before, text) == 0)
        return TRUE;
    if (FAULT("record"))
        return base_set_errno_error(error, errno, _("cannot write the record %s/%s"),
                                    policy_dir_path(dir), name);
    return policy_change_write(change, dir, name, text, RECORD_MODE, error);
}
