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
#define TEMP_NAME ".new"

static char *
file_name(const char *socket, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);

    for (const char *p = socket; *p; p++) {
        if (*p == '%' || *p == '/')
            g_string_append_printf(name, "%%%02X", (unsigned)*p);
        else
            g_string_append_c(name, *p);
    }
    if (name->len > NAME_MAX - strlen(TEMP_NAME)) {
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

static char *
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

/* Opens the directory of the sockets' records, below @records. With @make, makes what is missing. */
static int
open_sockets(const char *records, gboolean make)
{
    g_auto(AutoFd) top = -1;

    if (make && mkdir(records, 0700) < 0 && errno != EEXIST)
        return -1;
    top = open(records, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0)
        return -1;
    if (make && mkdirat(top, "sockets", 0700) < 0 && errno != EEXIST)
        return -1;
    return openat(top, "sockets", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

gboolean
record_write(const char *records, const char *socket, const PolicyRecord *record, GError **error)
{
    g_autofree char *name = file_name(socket, error);
    g_autofree char *temp = NULL;
    g_autofree char *text = record_text(record);
    g_auto(AutoFd) dir = -1;
    g_auto(AutoFd) fd = -1;

    if (!name)
        return FALSE;
    dir = open_sockets(records, TRUE);
    if (dir < 0)
        return base_set_errno_error(error, errno, _("cannot use %s/sockets"), records);
    temp = g_strconcat(name, TEMP_NAME, NULL);
    unlinkat(dir, temp, 0);
    fd = FAULT("record")
             ? -1
             : openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot create a record in %s/sockets"),
                                    records);
    if (!base_write_all(fd, temp, text, strlen(text), error))
        return FALSE;
    if (renameat(dir, temp, dir, name) < 0)
        return base_set_errno_error(error, errno, _("cannot create a record in %s/sockets"),
                                    records);
    return TRUE;
}

gboolean
record_remove(const char *records, const char *socket, GError **error)
{
    g_autofree char *name = file_name(socket, error);
    g_auto(AutoFd) dir = -1;

    if (!name)
        return FALSE;
    dir = open_sockets(records, FALSE);
    if (dir < 0 && errno == ENOENT)
        return TRUE;
    if (dir < 0 || (unlinkat(dir, name, 0) < 0 && errno != ENOENT))
        return base_set_errno_error(error, errno, _("cannot remove the record of %s"), socket);
    return TRUE;
}
