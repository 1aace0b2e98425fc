/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "model/commandline.h"
#include "qemu/pairs.h"

/* Devices of the host that the guest gets: their files are those of <hostdev>. */

/* [DOMAIN:]BUS:SLOT.FUNCTION, in hexadecimal digits */
static gboolean
parse_pci(const char *text, DomainHostdev *dev)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    guint n = g_strv_length(parts);
    char *dot = n == 2 || n == 3 ? strchr(parts[n - 1], '.') : NULL;
    const char *texts[] = {n == 3 ? parts[0] : "0", NULL, NULL, NULL};
    guint *numbers[] = {&dev->pci_domain, &dev->pci_bus, &dev->pci_slot, &dev->pci_function};
    static const guint greatest[] = {G_MAXUINT, 0xff, 0x1f, 7};

    if (!dot)
        return FALSE;
    *dot = '\0';
    texts[1] = parts[n - 2];
    texts[2] = parts[n - 1];
    texts[3] = dot + 1;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        guint64 number = 0;

        if (!g_ascii_string_to_unsigned(texts[i], 16, 0, greatest[i], &number, NULL))
            return FALSE;
        *numbers[i] = (guint)number;
    }
    return TRUE;
}

gboolean
commandline_pci(CommandLine *line, const char *address, GError **error)
{
    DomainHostdev dev = {.type = DOMAIN_HOSTDEV_PCI, .pci_vfio = TRUE};

    line->builder->commandline_vfio |= !line->pairs || !qemu_pairs_get(line->pairs, "iommufd");
    return !parse_pci(address, &dev) || model_add_hostdev(line->builder, &dev, error);
}

/* A PCI device's has the address as its name; one of another bus has no files but VFIO's. */
gboolean
commandline_vfio(CommandLine *line, const char *dir, GError **error)
{
    g_autofree char *name = g_path_get_basename(dir);

    return commandline_pci(line, name, error);
}

static guint
number_of(GPtrArray *pairs, const char *key)
{
    const char *text = qemu_pairs_get(pairs, key);

    /* what is too large for a number is no device's */
    return text ? (guint)MIN(g_ascii_strtoull(text, NULL, 0), G_MAXUINT) : 0;
}

/* What identifies a device is spread over several keys, of which the first in this order does the work. */
gboolean
commandline_usb(CommandLine *line, const char *key, GError **error)
{
    static const char *const keys[] = {"hostbus", "hostport", "vendorid"};
    GPtrArray *pairs = line->pairs;
    g_autofree char *port = g_strdup(qemu_pairs_get(pairs, "hostport"));
    DomainHostdev dev = {.type = DOMAIN_HOSTDEV_USB,
                         .usb_bus = number_of(pairs, "hostbus"),
                         .usb_device = number_of(pairs, "hostaddr"),
                         .usb_vendor = number_of(pairs, "vendorid"),
                         .usb_product = number_of(pairs, "productid"),
                         .usb_port = port};

    for (gsize i = 0; i < G_N_ELEMENTS(keys) && !g_str_equal(keys[i], key); i++)
        if (qemu_pairs_get(pairs, keys[i]))
            return TRUE;
    return model_add_hostdev(line->builder, &dev, error);
}
