/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/autofd.h"
#include "base/io.h"
#include "base/limits.h"

/*
 * Disks that QEMU reaches by itself, as far as they touch this host: a socket in place of an address, and
 * Ceph's configuration.
 */

/* libvirt's abstraction has them. */
static gboolean
is_common_config(const char *path)
{
    const char *name = path + strlen("/etc/ceph/");

    return g_str_has_prefix(path, "/etc/ceph/") && !strchr(name, '/') &&
           g_str_has_suffix(name, ".conf");
}

/* The value of a line "keyring = …", or NULL. Ceph reads '-' and '_' as blanks, which this name has not. */
static const char *
keyring_value(char *line)
{
    g_strstrip(line);
    if (!g_str_has_prefix(line, "keyring"))
        return NULL;
    line += strlen("keyring");
    line += strspn(line, " \t");
    return *line == '=' ? g_strstrip(line + 1) : NULL;
}

/* Without <auth> QEMU logs in with the key that the configuration names: paths, with a comma between them. */
static gboolean
add_keyrings(Builder *builder, const char *config, GError **error)
{
    g_auto(AutoFd) fd = host_open_regular(builder->host, config);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (fd < 0 || !base_read_fd(fd, LIMIT_FILE_BYTES, config, &text, NULL, NULL))
        return TRUE;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *value = keyring_value(*line);
        g_auto(GStrv) paths = g_strsplit(value ? value : "", ",", -1);

        for (char **path = paths; *path; path++)
            if (*g_strstrip(*path) == '/' && !strchr(*path, '$') &&
                !builder_path(builder, *path, PERM_R, ADD_OPTIONAL, error))
                return FALSE;
    }
    return TRUE;
}

gboolean
model_add_network_source(Builder *builder, const DomainSource *source, GError **error)
{
    for (char **socket = source->sockets; socket && *socket; socket++)
        if (!builder_path(builder, *socket, PERM_R | PERM_W, ADD_OPTIONAL, error))
            return FALSE;
    if (!source->config)
        return TRUE;
    if (!is_common_config(source->config) &&
        !builder_path(builder, source->config, PERM_R, ADD_OPTIONAL, error))
        return FALSE;
    return source->has_auth || add_keyrings(builder, source->config, error);
}
