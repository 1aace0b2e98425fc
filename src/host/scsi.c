/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/scsi.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define SCSI_DEVICES   "/sys/bus/scsi/devices"
#define ADAPTER_PREFIX "scsi_host"

gboolean
host_scsi_adapter(const char *name, guint *number)
{
    guint64 value;

    if (!g_str_has_prefix(name, ADAPTER_PREFIX) ||
        !g_ascii_string_to_unsigned(name + strlen(ADAPTER_PREFIX), 10, 0, G_MAXINT, &value, NULL))
        return FALSE;
    *number = (guint)value;
    return TRUE;
}

char *
host_scsi_node(Host *host, const ScsiAddress *address, const char *class, GError **error)
{
    g_autofree char *device = g_strdup_printf("%u:%u:%u:%" G_GUINT64_FORMAT, address->host,
                                              address->bus, address->target, address->unit);
    g_autofree char *dir = g_strdup_printf(SCSI_DEVICES "/%s/%s", device, class);
    g_auto(GStrv) names = host_list(host, dir);

    if (!names) {
        base_set_errno_error(error, errno, _("cannot find SCSI device %s in %s"), device, dir);
        return NULL;
    }
    if (!names[0]) {
        base_set_error(error, BASE_ERROR_NOT_FOUND, _("%s is empty"), dir);
        return NULL;
    }
    return g_strconcat("/dev/", names[0], NULL);
}
