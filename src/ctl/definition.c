/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/definition.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"

void
definition_free(Definition *definition)
{
    if (!definition)
        return;
    g_clear_pointer(&definition->domain, ctl_domain_free);
    g_free(definition->xml);
    g_free(definition->from);
    g_free(definition);
}

static gboolean
read_input(Definition *definition, int fd, const char *from, GError **error)
{
    definition->from = g_strdup(from);
    return base_read_fd(fd, LIMIT_FILE_BYTES, from, &definition->xml, &definition->len, error);
}

/* A link is followed: it is the caller's own file. */
static gboolean
read_file(Definition *definition, const char *path, GError **error)
{
    g_auto(AutoFd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot read %s"), path);
    return read_input(definition, fd, path, error);
}

static gboolean
read_domain(Definition *definition, const char *uri, const char *name, GError **error)
{
    definition->domain = domains_find(uri, name, error);
    if (!definition->domain)
        return FALSE;
    definition->from = g_strdup(definition->domain->name);
    definition->xml = g_strdup(definition->domain->xml);
    definition->len = strlen(definition->xml);
    return TRUE;
}

Definition *
definition_read(const char *uri, const char *what, int input_fd, GError **error)
{
    g_autoptr(Definition) definition = g_new0(Definition, 1);
    g_autoptr(GError) unknown = NULL;
    gboolean ok;

    if (g_str_equal(what, "-")) {
        ok = read_input(definition, input_fd, _("standard input"), error);
    } else if (strchr(what, '/')) {
        ok = read_file(definition, what, error);
    } else {
        ok = read_domain(definition, uri, what, &unknown);
        if (!ok && g_file_test(what, G_FILE_TEST_IS_REGULAR))
            ok = read_file(definition, what, error);
        else if (!ok)
            g_propagate_error(error, g_steal_pointer(&unknown));
    }
    return ok ? g_steal_pointer(&definition) : NULL;
}
