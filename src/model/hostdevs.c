/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/grants.h"

#include <glib/gi18n-lib.h>

#include "host/pci.h"
#include "host/usb.h"

/*
 * Host devices. One that is not there is a warning: libvirtd looks as well, and knows whether the
 * VM may start without it (startupPolicy).
 */

static gboolean
add_usb(Builder *builder, Origin origin, const DomainHostdev *dev, GError **error)
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
        model_warn(builder, origin, g_strdup(nonfatal->message));
        return TRUE;
    }
    return grant_path(builder, builder->model->grants, origin, node, PERM_R | PERM_W, ADD_PLAIN,
                      error);
}

static gboolean
add_pci(Builder *builder, Origin origin, const DomainHostdev *dev, GError **error)
{
    PciAddress address = {.domain = dev->pci_domain,
                          .bus = dev->pci_bus,
                          .slot = dev->pci_slot,
                          .function = dev->pci_function};
    g_autoptr(GError) nonfatal = NULL;
    g_auto(GStrv) files = host_pci_files(builder->host, &address, &nonfatal);

    if (!files) {
        model_warn(builder, origin, g_strdup(nonfatal->message));
        return TRUE;
    }
    for (char **file = files; *file; file++)
        if (!grant_path(builder, builder->model->grants, origin, *file, PERM_R | PERM_W, ADD_PLAIN,
                        error))
            return FALSE;
    return TRUE;
}

gboolean
model_add_hostdevs(Builder *builder, GError **error)
{
    GPtrArray *hostdevs = builder->domain->hostdevs;

    for (guint i = 0; i < hostdevs->len; i++) {
        const DomainHostdev *dev = g_ptr_array_index(hostdevs, i);
        g_autofree char *element = g_strdup_printf("<%s>", dev->element);
        Origin origin = {element, dev->line};
        gboolean ok = TRUE;

        switch (dev->type) {
        case DOMAIN_HOSTDEV_USB:
            ok = add_usb(builder, origin, dev, error);
            break;
        case DOMAIN_HOSTDEV_PCI:
            ok = add_pci(builder, origin, dev, error);
            break;
        case DOMAIN_HOSTDEV_MDEV:
        case DOMAIN_HOSTDEV_OTHER:
            break;
        }
        if (!ok)
            return FALSE;
    }
    return TRUE;
}
