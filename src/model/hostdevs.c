/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>

#include "host/pci.h"
#include "host/scsi.h"
#include "host/usb.h"

/*
 * Host devices. One that is not there is a warning: libvirtd looks as well, and knows whether the
 * VM may start without it (startupPolicy).
 */

static gboolean
add_usb(Builder *builder, const DomainHostdev *dev, GError **error)
{
    UsbQuery query = {.vendor = dev->usb_vendor,
                      .product = dev->usb_product,
                      .bus = dev->usb_bus,
                      .device = dev->usb_device,
                      .port = dev->usb_port,
                      .address_hint = dev->usb_auto};
    g_autoptr(GError) nonfatal = NULL;
    g_autofree char *node = host_usb_find(builder->host, &query, &nonfatal);

    if (!node) {
        builder_warn(builder, g_strdup(nonfatal->message));
        return TRUE;
    }
    return builder_path(builder, node, PERM_R | PERM_W, ADD_PLAIN, error);
}

static gboolean
add_pci(Builder *builder, const DomainHostdev *dev, GError **error)
{
    PciAddress address = {.domain = dev->pci_domain,
                          .bus = dev->pci_bus,
                          .slot = dev->pci_slot,
                          .function = dev->pci_function};
    g_autoptr(GError) nonfatal = NULL;
    g_auto(GStrv) files = host_pci_files(builder->host, &address, &nonfatal);

    if (!files) {
        builder_warn(builder, g_strdup(nonfatal->message));
        return TRUE;
    }
    for (char **file = files; *file; file++)
        if (!builder_path(builder, *file, PERM_R | PERM_W, ADD_PLAIN, error))
            return FALSE;
    return TRUE;
}

/*
 * QEMU opens the generic node of a SCSI device, and locks it as it locks images. libvirtd grants it so when
 * one is attached (AppArmorSetSecuritySCSILabel()), and forgets those that are there from the start.
 */
static gboolean
add_scsi(Builder *builder, const DomainHostdev *dev, GError **error)
{
    Perms perms = dev->readonly ? PERM_R | PERM_K : PERM_R | PERM_W | PERM_K;
    ScsiAddress address = {
        .bus = dev->scsi_bus, .target = dev->scsi_target, .unit = dev->scsi_unit};
    g_autoptr(GError) nonfatal = NULL;
    g_autofree char *node = NULL;

    if (!dev->scsi_adapter || !host_scsi_adapter(dev->scsi_adapter, &address.host)) {
        builder_warn(builder, g_strdup_printf(_("the adapter '%s' is not called scsi_hostN"),
                                              dev->scsi_adapter ? dev->scsi_adapter : ""));
        return TRUE;
    }
    node = host_scsi_node(builder->host, &address, "scsi_generic", &nonfatal);
    if (!node) {
        builder_warn(builder, g_strdup(nonfatal->message));
        return TRUE;
    }
    return builder_path(builder, node, perms, ADD_OPTIONAL, error);
}

/* Not for writing: QEMU opens a ROM for reading only (pci_add_option_rom()). */
gboolean
model_add_rom(Builder *builder, const char *rom, GError **error)
{
    return !rom || builder_path(builder, rom, PERM_R, ADD_OPTIONAL, error);
}

gboolean
model_add_hostdev(Builder *builder, gconstpointer device, GError **error)
{
    const DomainHostdev *dev = device;

    if (!model_add_rom(builder, dev->rom, error))
        return FALSE;
    switch (dev->type) {
    case DOMAIN_HOSTDEV_USB:
        return add_usb(builder, dev, error);
    case DOMAIN_HOSTDEV_PCI:
        return add_pci(builder, dev, error);
    case DOMAIN_HOSTDEV_SCSI:
        return add_scsi(builder, dev, error);
    case DOMAIN_HOSTDEV_VHOST_SCSI:
        /* a descriptor that libvirtd passes, and AppArmor checks (virSCSIVHostOpenVhostSCSI()) */
        builder_pattern(builder, "/dev/vhost-scsi", "", "", PERM_R | PERM_W);
        return TRUE;
    case DOMAIN_HOSTDEV_MDEV:
    case DOMAIN_HOSTDEV_OTHER:
        return TRUE;
    }
    g_assert_not_reached();
}
