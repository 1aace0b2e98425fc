/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/pci.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define PCI_DEVICES "/sys/bus/pci/devices"

static const char *const device_files[] = {"config", "device", "reset", "rom", "vendor", NULL};

static gboolean
is_id(const char *text)
{
    return strlen(text) == strlen("0x8086") && g_str_has_prefix(text, "0x") &&
           strspn(text + 2, "0123456789abcdefABCDEF") == 4;
}

static gboolean
check_id(Host *host, const char *device, const char *attribute, GError **error)
{
    g_autofree char *path = g_strdup_printf(PCI_DEVICES "/%s/%s", device, attribute);
    g_autofree char *text = host_read_text(host, path);

    if (!text)
        return base_set_errno_error(error, errno, _("cannot read the %s ID of PCI device %s"),
                                    attribute, device);
    if (!is_id(text))
        return base_set_error(error, BASE_ERROR_FAILED, _("the %s ID of PCI device %s is not one"),
                              attribute, device);
    return TRUE;
}

char **
host_pci_files(Host *host, const PciAddress *address, GError **error)
{
    g_autofree char *device = g_strdup_printf("%04x:%02x:%02x.%u", address->domain, address->bus,
                                              address->slot, address->function);
    g_autofree char *dir = g_strdup_printf(PCI_DEVICES "/%s", device);
    g_autofree char *config = g_strdup_printf("%s/config", dir);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) names = NULL;

    if (!host_exists(host, config)) {
        base_set_errno_error(error, errno, _("cannot find PCI device %s"), device);
        return NULL;
    }
    if (!check_id(host, device, "vendor", error) || !check_id(host, device, "device", error))
        return NULL;
    names = host_list(host, dir);
    if (!names) {
        base_set_errno_error(error, errno, _("cannot list the files of PCI device %s"), device);
        return NULL;
    }

    for (char **name = names; *name; name++)
        if (g_str_has_prefix(*name, "resource") || g_strv_contains(device_files, *name))
            g_ptr_array_add(files, g_strdup_printf("%s/%s", dir, *name));
    g_ptr_array_add(files, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&files), FALSE);
}
